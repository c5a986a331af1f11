/** list_inventory against a simulated Order Desk, whichever way its inventory list works, set against the records themselves. */
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ToolDefinition } from '../../../src/mcp/catalogue.js';
import type { OrderDesk } from '../../../src/orderdesk/orderdesk.js';
import type { StoreGateway } from '../../../src/orderdesk/port.js';
import {
  type InventoryRecord,
  type Sandbox,
  type SandboxSwitches,
  startSandbox,
} from '../../../src/sandbox/index.js';
import { listInventoryTool } from '../../../src/tools/list-inventory.js';
import { orderDeskOn } from '../../support/order-desk-on.js';
import { aStoreEntry, call, directoryOf, toolDeps } from '../../unit/tools/support/ports.js';

const STORE = { id: '10001', apiKey: 'key-of-10001', name: 'First' };

interface World {
  readonly inventoryPaging: SandboxSwitches['inventoryPaging'];
  readonly codeFilter: SandboxSwitches['inventoryCodeFilter'] | 'ignored';
  readonly inventoryFilteredTotal: SandboxSwitches['inventoryFilteredTotal'];
  /** Items of an answer at most. */
  readonly cap: number;
}

const worlds: readonly World[] = (['ignored', 'honoured'] as const).flatMap((inventoryPaging) =>
  (['exact', 'contains', 'ignored'] as const).flatMap((codeFilter) =>
    [
      { inventoryFilteredTotal: 'zero' as const, cap: 500 },
      { inventoryFilteredTotal: 'exact' as const, cap: 100 },
    ].map((rest) => ({ inventoryPaging, codeFilter, ...rest })),
  ),
);

/** The gateway to an Order Desk that also ignores the filter by code or has smaller pages, as the world has it. */
const reached = (gateway: StoreGateway, { codeFilter, cap, inventoryPaging }: World): StoreGateway => ({
  ...gateway,
  async listInventory(entry, { codes, limit = 500, offset = 0 }, ctx) {
    const filter = codes === undefined || codeFilter === 'ignored' ? {} : { codes };
    const page = await gateway.listInventory(entry, { ...filter, offset, limit: Math.min(limit, cap) }, ctx);
    // Where paging is not known and answers are bounded, they hold the first items again and again.
    return inventoryPaging === 'ignored' && cap < 500 ? { ...page, items: page.items.slice(0, cap) } : page;
  },
});

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

const plainly = (text: string) => text.trim().toLowerCase();

/** What should come, from the definition alone; codes that differ in case come where Order Desk has them come. */
function expected(items: readonly InventoryRecord[], filters: Filters, { codeFilter }: World): string[] {
  const { codes } = filters;
  const isReadWhole = codeFilter === 'ignored' || codes?.some((code) => code.includes(',')) === true;
  const comes = (code: string) =>
    isReadWhole ||
    codes?.some((asked) => (codeFilter === 'contains' ? code.includes(asked) : code === asked)) === true;
  const isOneOf = (code: string) => codes?.some((asked) => plainly(asked) === plainly(code)) === true;
  return items
    .filter(
      (item) =>
        (codes === undefined || (comes(item.code) && isOneOf(item.code))) &&
        (filters.text === undefined ||
          `${item.name}\n${item.code}`.toLowerCase().includes(filters.text.toLowerCase())) &&
        (filters.stock_below === undefined || item.stock < filters.stock_below) &&
        (filters.location === undefined || item.location.toLowerCase() === filters.location.toLowerCase()),
    )
    .map(({ id }) => String(id));
}

describe.each(worlds)('list_inventory, where Order Desk behaves as %j', (world) => {
  const { inventoryPaging, codeFilter, inventoryFilteredTotal } = world;
  let sandbox: Sandbox;
  let orderDesk: OrderDesk;
  let tool: ToolDefinition;

  beforeAll(async () => {
    const switches = {
      inventoryPaging,
      inventoryFilteredTotal,
      ...(codeFilter === 'ignored' ? {} : { inventoryCodeFilter: codeFilter }),
    };
    sandbox = await startSandbox({ stores: [STORE], rateLimit: false, switches });
    orderDesk = orderDeskOn(sandbox, STORE, {
      // The records change from one query to the next.
      ttls: { inventory: 0 },
    });
    const directory = directoryOf(aStoreEntry({ orderDeskId: STORE.id }));
    const deps = toolDeps(reached(orderDesk.gateway, world), { directory });
    tool = listInventoryTool(deps, 'named');
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
        const wanted = expected(inventory, query, world);
        let [cursor, isComplete] = [undefined as string | undefined, true];
        do {
          const { data } = await call(tool, { ...query, ...(cursor === undefined ? {} : { cursor }) });
          expect(validate(data)).toMatchObject({ valid: true });
          isComplete = data.complete;
          // A page of round size that comes again and again may be the first of more.
          const mayBeDoubtful =
            inventoryPaging === 'ignored' && data.items_read >= 50 && data.items_read % 50 === 0;
          if (!mayBeDoubtful) expect(isComplete).toBe(true);
          if (isComplete) expect(data.total).toBe(wanted.length);
          else expect(data.remarks.join(' ')).toContain('Not all was read');
          for (const code of data.not_found ?? []) {
            expect(expected(inventory, { codes: [code] }, { ...world, codeFilter: 'exact' })).toEqual([]);
          }
          ids.push(...data.rows.map((row: { id: string }) => row.id));
          cursor = ids.length > 300 ? undefined : (data.next_cursor ?? undefined);
          if (cursor === undefined && data.next_cursor === null && isComplete) {
            expect(ids).toHaveLength(wanted.length);
          }
        } while (cursor !== undefined);
        if (isComplete) expect(ids).toEqual(wanted.slice(0, ids.length));
        // What is there of a part is right, and each item once.
        else expect(ids).toEqual(wanted.filter((id) => ids.includes(id)));
      }),
      { numRuns: 8 },
    );
  });
});
