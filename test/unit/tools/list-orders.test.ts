import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROW_FIELDS } from '../../../src/orders/row.js';
import type { StoreRowId } from '../../../src/tenancy/ids.js';
import { aStoreView, gatewayOf, InMemoryStore } from './support/gateway.js';
import { anItem, anOrder, aShipment, aView } from './support/orders.js';
import {
  aCall,
  aPrincipal,
  aStoreEntry,
  call,
  directoryOf,
  NOW,
  toolDeps,
  toolNamed,
} from './support/ports.js';

const at = (index: number): string =>
  new Date(Date.parse('2026-01-10T00:00:00Z') + index * 60_000).toISOString();

function setUp(count: number, view = aStoreView()) {
  const store = new InMemoryStore();
  store.put(
    ...Array.from({ length: count }, (_, index) => anOrder({ id: String(index + 1), addedAt: at(index) })),
  );
  let now = NOW;
  const deps = toolDeps(gatewayOf(store, view), { clock: () => now });
  return {
    store,
    tool: toolNamed('list_orders', deps),
    wait: (ms: number) => {
      now = new Date(now.getTime() + ms);
    },
  };
}

describe('list_orders', () => {
  it('answers with rows, the exact total and a way to go on', async () => {
    const { tool } = setUp(45);
    const { data } = await call(tool, { limit: 20 });
    expect(data).toMatchObject({
      store: 'main',
      time_zone: 'America/Los_Angeles',
      returned: 20,
      limit: 20,
      total: 45,
      total_exact: true,
      trimmed_by: null,
    });
    expect(data.rows[0].id).toBe('45');
    const second = await call(tool, { limit: 5, cursor: data.next_cursor });
    expect(second.data).toMatchObject({ returned: 5, total: 45, total_exact: true });
    const third = await call(tool, { limit: 50, cursor: second.data.next_cursor });
    expect(third.data).toMatchObject({ returned: 20, next_cursor: null, total: 45 });
    const ids = [data, second.data, third.data].flatMap(({ rows }) =>
      rows.map((row: { id: string }) => row.id),
    );
    expect(ids).toEqual(Array.from({ length: 45 }, (_, index) => String(45 - index)));
  });

  it('is empty, and says so, where nothing matches', async () => {
    const { tool } = setUp(0);
    expect((await call(tool, {})).data).toMatchObject({
      rows: [],
      returned: 0,
      total: 0,
      total_exact: true,
      next_cursor: null,
    });
  });

  it('sends each filter as the one that Order Desk knows', async () => {
    const { tool, store } = setUp(0);
    await call(tool, {
      folder: ['new', '2'],
      added_from: '2026-01-01',
      added_to: '2026-01-31',
      modified_from: '2026-01-01T12:00',
      modified_to: '2026-01-02T00:00:00Z',
      source_id: 'A-1',
      source_name: 'Shopify',
      email: 'ada@example.com',
      customer_id: '7',
      first_name: 'Ada',
      last_name: 'Example',
      company: 'Ltd',
      phone: '555',
      address1: 'Street',
      address: 'customer',
    });
    expect(store.queries[0]).toMatchObject({
      folderIds: ['1', '2'],
      addedFrom: new Date('2026-01-01T08:00:00Z'),
      addedTo: new Date('2026-02-01T08:00:00Z'),
      modifiedFrom: new Date('2026-01-01T20:00:00Z'),
      modifiedTo: new Date('2026-01-02T00:00:00Z'),
      sourceId: 'A-1',
      sourceName: 'Shopify',
      email: 'ada@example.com',
      customerId: '7',
      address: {
        of: 'customer',
        firstName: 'Ada',
        lastName: 'Example',
        company: 'Ltd',
        phone: '555',
        address1: 'Street',
      },
    });
  });

  it('sends no filter that was not asked for', async () => {
    const { tool, store } = setUp(0);
    await call(tool, {});
    expect(Object.keys(store.queries[0] ?? {}).toSorted()).toEqual(['limit', 'sort', 'sortBy']);
  });

  it('reads dates as UTC and says so, where the zone of the store is unknown', async () => {
    const { tool, store } = setUp(0, aStoreView({ timeZone: null }));
    const { data } = await call(tool, { added_from: '2026-01-01' });
    expect(store.queries[0]?.addedFrom).toEqual(new Date('2026-01-01T00:00:00Z'));
    expect(data).toMatchObject({ time_zone: 'UTC', remarks: [expect.stringContaining('UTC')] });
  });

  it('gives one page, and says so, when sorted by anything but the date added', async () => {
    const { tool, store } = setUp(30);
    const { data } = await call(tool, { sort_by: 'date_updated', sort: 'asc', limit: 10 });
    expect(store.queries[0]).toMatchObject({ sortBy: 'date_updated', sort: 'asc' });
    expect(data).toMatchObject({
      returned: 10,
      total: 30,
      next_cursor: null,
      remarks: [expect.stringContaining('Only sort_by date_added can be paged')],
    });
  });

  it('asks for more where orders at the excluded end of the range took the places of others', async () => {
    const store = new InMemoryStore({ endIncluded: true, ties: 'stable' });
    store.put(
      anOrder({ id: '1', addedAt: '2026-03-01T00:00:00Z', updatedAt: '2026-03-01T00:00:00Z' }),
      ...['2', '3', '4'].map((id) =>
        anOrder({ id, addedAt: '2026-03-02T00:00:00Z', updatedAt: '2026-03-05T00:00:00Z' }),
      ),
    );
    const tool = toolNamed('list_orders', toolDeps(gatewayOf(store)));
    const { data } = await call(tool, {
      added_to: '2026-03-02T00:00:00Z',
      sort_by: 'date_updated',
      limit: 1,
    });
    expect(data.rows.map(({ id }: { id: string }) => id)).toEqual(['1']);
    expect(data).toMatchObject({ total: 1, total_exact: true });
  });
});

describe('what list_orders refuses', () => {
  it.each([
    [{ limit: 0 }, 'invalid_argument', 'limit: must be at least 1.'],
    [{ limit: 101 }, 'invalid_argument', 'limit: must be at most 100.'],
    [{ limit: 1.5 }, 'invalid_argument', 'limit: must be a whole number.'],
    [{ limit: '20' }, 'invalid_argument', 'limit: must be a number.'],
    [{ colour: 'red' }, 'invalid_argument', 'Unknown argument: colour.'],
    [{ email: '  ' }, 'invalid_argument', 'email: must not be empty.'],
    [{ email: null }, 'invalid_argument', 'email: must be text.'],
    [{ email: 'x'.repeat(201) }, 'invalid_argument', 'email: must have at most 200 characters.'],
    [{ sort: 'newest' }, 'invalid_argument', 'sort: must be one of asc, desc.'],
    [
      { sort_by: 'name' },
      'invalid_argument',
      'sort_by: must be one of date_added, date_updated, order_total, shipping_last_name.',
    ],
    [
      { fields: ['email', 'ssn'] },
      'invalid_argument',
      expect.stringMatching(/^fields\.1: must be one of updated, /),
    ],
    [
      { folder: 7 },
      'invalid_argument',
      'folder: must be a folder name or id as text, or a list of 1 to 50 of them.',
    ],
    [
      { added_from: 'last week' },
      'invalid_argument',
      expect.stringMatching(/^added_from: must be a date such as /),
    ],
    [
      { added_from: '2026-02-01', added_to: '2026-01-31' },
      'invalid_argument',
      'added_from: must be before added_to.',
    ],
    [
      { modified_from: '2026-02-01T10:00', modified_to: '2026-02-01T10:00' },
      'invalid_argument',
      'modified_from: must be before modified_to.',
    ],
    [{ folder: [] }, 'invalid_argument', 'folder: must not be empty.'],
    [{ folder: 'Nowhere' }, 'unknown_folder', 'No such folder in this store.'],
    [{ cursor: 'nonsense' }, 'invalid_cursor', 'The cursor is not valid here. Start again without one.'],
    ['text', 'invalid_argument', 'arguments: must be an object.'],
  ])('%j', async (args, code, message) => {
    const { tool, store } = setUp(1);
    await expect(call(tool, args)).rejects.toMatchObject({ code, message });
    expect(store.queries).toEqual([]);
  });

  it('names the folders there are, the arguments it takes, and everything wrong at once', async () => {
    const { tool } = setUp(1);
    await expect(call(tool, { folder: 'Nowhere' })).rejects.toMatchObject({
      field: 'folder',
      quotation: {
        data: {
          folders: [
            { id: '1', name: 'New' },
            { id: '2', name: 'Closed' },
          ],
        },
      },
    });
    await expect(call(tool, { folder: ['New', 'Nowhere'] })).rejects.toMatchObject({ field: 'folder.1' });
    await expect(call(tool, { barcode: 'A', limit: 0 })).rejects.toMatchObject({
      field: 'limit',
      hint: expect.stringMatching(
        /Also: Unknown argument: barcode\. It takes: store, stores, folder, added_from/,
      ),
    });
  });

  it('a folder name that two folders share, unless its case tells them apart', async () => {
    const folders = [
      { id: '1', name: 'Hold' },
      { id: '2', name: 'hold' },
      { id: '3', name: 'Twin' },
      { id: '4', name: 'Twin' },
    ];
    const { tool, store } = setUp(0, aStoreView({ folders }));
    await call(tool, { folder: 'hold' });
    expect(store.queries[0]?.folderIds).toEqual(['2']);
    await expect(call(tool, { folder: 'Twin' })).rejects.toMatchObject({
      code: 'invalid_argument',
      quotation: {
        data: {
          folders: [
            { id: '3', name: 'Twin' },
            { id: '4', name: 'Twin' },
          ],
        },
      },
    });
  });
});

describe('a cursor', () => {
  const cursorOf = async (set: ReturnType<typeof setUp>, args: object): Promise<string> =>
    (await call(set.tool, { limit: 2, ...args })).data.next_cursor;

  it('is good for an hour, counted anew from every page', async () => {
    const set = setUp(10);
    const first = await cursorOf(set, {});
    set.wait(59 * 60_000);
    const second = await cursorOf(set, { cursor: first });
    set.wait(59 * 60_000);
    expect((await call(set.tool, { cursor: second })).data.returned).toBe(6);
    set.wait(60_000);
    await expect(call(set.tool, { cursor: second })).rejects.toMatchObject({ code: 'invalid_cursor' });
  });

  it('is refused in the same words with another key, tenant, store or argument, and when altered', async () => {
    const set = setUp(10);
    const cursor = await cursorOf(set, { source_name: 'Shopify' });
    const elsewhere = toolNamed(
      'list_orders',
      toolDeps(gatewayOf(set.store), {
        directory: directoryOf(aStoreEntry({ rowId: 'row-2' as StoreRowId })),
      }),
    );
    const args = { source_name: 'Shopify', cursor };
    const failures = await Promise.all(
      [
        call(set.tool, args, aCall(aPrincipal({ keyId: 'key-2' }))),
        call(set.tool, args, aCall(aPrincipal({ tenantId: 'tenant-2' }))),
        call(elsewhere, args),
        call(set.tool, { ...args, source_name: 'Etsy' }),
        call(set.tool, { ...args, sort: 'asc' }),
        call(set.tool, { ...args, fields: ['email'] }),
        call(set.tool, { cursor }),
        call(set.tool, { ...args, cursor: `x${cursor}` }),
      ].map((attempt) =>
        attempt.then(
          () => undefined,
          (error: unknown) => error,
        ),
      ),
    );
    const words = failures.map((error) =>
      error instanceof Error ? { ...error, text: error.message } : error,
    );
    expect(words[0]).toMatchObject({ code: 'invalid_cursor' });
    expect(new Set(words.map((each) => JSON.stringify(each))).size).toBe(1);
    expect((await call(set.tool, { ...args, store: 'main' })).data.returned).toBe(8);
  });
});

describe('the size of an answer', () => {
  it('never passes 20,000 characters, never cuts JSON, and the list still comes whole', async () => {
    const text = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.string({ unit: 'binary', minLength: 400, maxLength: 3000 }),
    );
    const order = fc.record({
      notes: fc.array(fc.record({ at: fc.constant(null), by: text, text }), { maxLength: 6 }),
      checkoutData: fc.dictionary(text, text, { maxKeys: 4 }),
      sourceName: text,
      items: fc.nat(60).map((count) => Array.from({ length: count }, () => anItem())),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(order, { maxLength: 12 }),
        fc.subarray([...ROW_FIELDS]),
        fc.integer({ min: 1, max: 100 }),
        async (changes, fields, limit) => {
          const { tool, store } = setUp(0);
          store.put(
            ...changes.map((change, index) =>
              anOrder({ ...change, id: String(index + 1), addedAt: at(index) }),
            ),
          );
          const ids: string[] = [];
          let cursor: string | undefined;
          do {
            const { data, text: block } = await call(tool, { fields, limit, ...(cursor ? { cursor } : {}) });
            expect(block.length).toBeLessThanOrEqual(20_000);
            expect(JSON.parse(block.split('\n').slice(1, -1).join('\n'))).toEqual(data);
            expect(data.trimmed_by).toBe(
              data.returned < Math.min(limit, changes.length - ids.length) ? 'size' : null,
            );
            expect(data.rows.length).toBe(data.returned);
            ids.push(...data.rows.map((row: { id: string }) => row.id));
            cursor = data.next_cursor ?? undefined;
          } while (cursor !== undefined);
          expect(ids).toEqual(changes.map((_, index) => String(changes.length - index)));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is at most 4,000 tokens for a default page', async () => {
    const { tool, store } = setUp(0);
    store.put(
      ...Array.from({ length: 40 }, (_, index) =>
        anOrder({ id: String(100_000 + index), addedAt: at(index), shipments: [aShipment()] }),
      ),
    );
    const { text } = await call(tool, {});
    expect(text.length / 4).toBeLessThan(4000);
  });
});

describe('the output schema', () => {
  it('holds for every answer', async () => {
    const { tool, store } = setUp(3);
    store.put(anOrder({ ...aView({ shipments: [aShipment()] }), id: '99', sourceId: null, folderId: null }));
    const validate = new AjvJsonSchemaValidator().getValidator(tool.outputSchema ?? {});
    for (const args of [
      {},
      { limit: 1 },
      { fields: [...ROW_FIELDS] },
      { sort_by: 'order_total', limit: 1 },
    ]) {
      const { data } = await call(tool, args);
      expect(validate(data)).toMatchObject({ valid: true });
    }
  });
});
