/** list_inventory against a simulated Order Desk, whichever way its inventory list works, set against the records themselves. */
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryCache } from '../../../src/cache/memory.js';
import type { ToolDefinition } from '../../../src/mcp/catalogue.js';
import { createOrderDesk, type OrderDesk } from '../../../src/orderdesk/orderdesk.js';
import {
  type InventoryRecord,
  type Sandbox,
  type SandboxSwitches,
  startSandbox,
} from '../../../src/sandbox/index.js';
import { Secret } from '../../../src/tenancy/secret.js';
import { aStoreEntry, call, directoryOf, toolDeps, toolNamed } from '../../unit/tools/support/ports.js';

const STORE = { id: '10001', apiKey: 'key-of-10001', name: 'First' };

const worlds: readonly Partial<SandboxSwitches>[] = (['ignored', 'honoured'] as const).flatMap(
  (inventoryPaging) =>
    (['exact', 'contains'] as const).flatMap((inventoryCodeFilter) =>
      (['zero', 'exact'] as const).map((inventoryFilteredTotal) => ({
        inventoryPaging,
        inventoryCodeFilter,
        inventoryFilteredTotal,
      })),
    ),
);

const codes = fc.oneof(
  fc.constantFrom('A', 'AB', 'ABC', 'a', 'A B', 'A,B', 'Ü-1', 'A&B=1', '50%'),
  fc.integer({ min: 0, max: 40 }).map((number) => `SKU-${number}`),
);
const locations = fc.constantFrom('', 'Aisle 3', 'AISLE 3', 'Aisle 33', 'Printful');

const records = fc
  .tuple(
    fc.array(
      fc.record({
        code: codes,
        name: fc.constantFrom('Shirt', 'black SHIRT', 'Mug', ''),
        stock: fc.oneof(fc.integer({ min: -5, max: 12 }), fc.constantFrom(0.5, 4.5, 1_000_000)),
        location: locations,
      }),
      { maxLength: 40 },
    ),
    // Around the sizes at which a list is cut into pages.
    fc.constantFrom(0, 1, 10, 45, 470, 500, 1_050),
  )
  .map(([drawn, more]): InventoryRecord[] =>
    [
      ...drawn,
      ...Array.from({ length: more }, (_, at) => ({
        code: `MORE-${at}`,
        name: at % 7 === 0 ? 'Shirt' : 'Poster',
        stock: at % 13,
        location: at % 5 === 0 ? 'Aisle 3' : '',
      })),
    ].map((item, at) => ({
      // From 8 to 1,100 and more: by number they come in another order than by text.
      id: 8 + at,
      ...item,
      price: 2,
      cost: 1.4,
      weight: 0.2,
      update_source: 'Manual',
      manufacturer_sku: null,
      metadata: [],
      variation_list: [],
      date_added: '2026-01-01 00:00:00',
      date_updated: '2026-01-01 00:00:00',
    })),
  );

const queries = fc.record(
  {
    codes: fc.array(fc.oneof(codes, fc.constant('MORE-1')), { minLength: 1, maxLength: 60 }),
    text: fc.constantFrom('shirt', 'SKU-1', 'a', 'more-10', 'nothing'),
    stock_below: fc.integer({ min: -3, max: 8 }),
    location: fc.constantFrom('aisle 3', 'Printful'),
    limit: fc.integer({ min: 1, max: 100 }),
  },
  { requiredKeys: [] },
);

interface Filters {
  readonly codes?: readonly string[];
  readonly text?: string;
  readonly stock_below?: number;
  readonly location?: string;
}

/** What should come, from the definition alone. */
const expected = (items: readonly InventoryRecord[], filters: Filters): string[] =>
  items
    .filter(
      (item) =>
        (filters.codes === undefined || filters.codes.includes(item.code)) &&
        (filters.text === undefined ||
          `${item.name}\n${item.code}`.toLowerCase().includes(filters.text.toLowerCase())) &&
        (filters.stock_below === undefined || item.stock < filters.stock_below) &&
        (filters.location === undefined || item.location.toLowerCase() === filters.location.toLowerCase()),
    )
    .map(({ id }) => String(id));

describe.each(worlds)('list_inventory, where Order Desk behaves as %j', (switches) => {
  let sandbox: Sandbox;
  let orderDesk: OrderDesk;
  let tool: ToolDefinition;

  beforeAll(async () => {
    sandbox = await startSandbox({ stores: [STORE], rateLimit: false, switches });
    orderDesk = createOrderDesk({
      baseUrl: new URL(sandbox.url),
      version: '1.2.3',
      credentials: {
        credential: async () => ({ storeId: STORE.id, apiKey: new Secret(STORE.apiKey) }),
        markContact: async () => {},
      },
      cache: createMemoryCache(),
      // The records change from one query to the next.
      ttls: { inventory: 0 },
      observe: () => {},
      onContactFailure: (error) => {
        throw error;
      },
    });
    const directory = directoryOf(aStoreEntry({ orderDeskId: STORE.id }));
    tool = toolNamed('list_inventory', toolDeps(orderDesk.gateway, { directory }));
  });

  afterAll(async () => {
    await orderDesk.close();
    await sandbox.close();
  });

  it('equals a search by hand in any inventory, with any filters and page size', async () => {
    const validate = new AjvJsonSchemaValidator().getValidator(tool.outputSchema ?? {});
    const store = sandbox.store(STORE.id);
    const folders = store.folders();
    await fc.assert(
      fc.asyncProperty(records, queries, async (inventory, query) => {
        store.replaceData({ folders, orders: [], history: new Map(), inventory });
        const ids: string[] = [];
        const wanted = expected(inventory, query);
        let cursor: string | undefined;
        do {
          const { data } = await call(tool, { ...query, ...(cursor === undefined ? {} : { cursor }) });
          expect(validate(data)).toMatchObject({ valid: true });
          // Five hundred that come again and again may be the first of more.
          const isDoubtful =
            data.items_read === 500 && inventory.length === 500 && switches.inventoryPaging === 'ignored';
          expect(data).toMatchObject({ total: wanted.length, complete: !isDoubtful });
          ids.push(...data.rows.map((row: { id: string }) => row.id));
          cursor = ids.length > 300 ? undefined : (data.next_cursor ?? undefined);
          if (cursor === undefined && data.next_cursor === null) expect(ids).toHaveLength(wanted.length);
        } while (cursor !== undefined);
        expect(ids).toEqual(wanted.slice(0, ids.length));
      }),
      { numRuns: 12 },
    );
  });
});
