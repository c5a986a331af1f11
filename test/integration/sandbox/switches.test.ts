import { afterEach, describe, expect, it } from 'vitest';
import { orderDeskRateLimit, type Sandbox, type SandboxSwitches } from '../../../src/sandbox/index.js';
import { credentials, open, store } from './client.js';

let running: Sandbox[] = [];
afterEach(async () => {
  await Promise.all(running.map((sandbox) => sandbox.close()));
  running = [];
});

/** Three orders whose every difference is stated. */
async function small(switches: Partial<SandboxSwitches>, options: Parameters<typeof open>[0] = {}) {
  const opened = await open({ switches, stores: [{ ...store, orderCount: 0 }], ...options });
  running.push(opened.sandbox);
  const { first, get } = opened;
  const add = (id: string, day: string, last_name: string, source_id: string, price: number) =>
    first.insertOrder({
      id,
      source_id,
      date_added: `${day} 00:00:00`,
      shipping: { last_name },
      order_items: [{ id: `${id}0`, name: 'Mug', code: 'MUG', price }],
    });
  add('1', '2026-06-01', 'Hart', 'A-1', 5);
  add('2', '2026-06-02', 'Hartwell', 'A-12', 7);
  add('3', '2026-06-03', 'hart', 'B-3', 6);
  const ids = async (query: string): Promise<string[]> =>
    (await get(`/orders?order=ASC&${query}`)).body.orders.map(({ id }: { id: string }) => id);
  return { ...opened, ids };
}

/** What a question gets for each of two positions of a switch. */
const POSITIONS: readonly [string, Partial<SandboxSwitches>, string, string[]][] = [
  ['text filters: exact', { textFilters: 'exact' }, 'shipping_last_name=hart', ['1', '3']],
  ['text filters: contains', { textFilters: 'contains' }, 'shipping_last_name=hart', ['1', '2', '3']],
  ['case ignored', { textCase: 'ignored' }, 'shipping_last_name=HART', ['1', '3']],
  ['case significant', { textCase: 'significant' }, 'shipping_last_name=Hart', ['1']],
  ['source_id: exact', { sourceIdFilter: 'exact' }, 'source_id=A-1', ['1']],
  ['source_id: contains', { sourceIdFilter: 'contains' }, 'source_id=A-1', ['1', '2']],
  ['end date: exclusive', { endDate: 'exclusive' }, 'search_end_date=2026-06-02+00:00:00', ['1']],
  ['end date: inclusive', { endDate: 'inclusive' }, 'search_end_date=2026-06-02+00:00:00', ['1', '2']],
  ['bare end date: midnight', { bareEndDate: 'midnight' }, 'search_end_date=2026-06-02', ['1']],
  ['bare end date: end of day', { bareEndDate: 'end_of_day' }, 'search_end_date=2026-06-02', ['1', '2']],
  [
    'a zone that is ignored',
    { zonedDates: 'zone_ignored' },
    'search_start_date=2026-06-02T00:00:00-03:00',
    ['2', '3'],
  ],
  [
    'a zone that is applied',
    { zonedDates: 'zone_applied' },
    'search_start_date=2026-06-02T00:00:00-03:00',
    ['3'],
  ],
  [
    'a zone that is not understood',
    { zonedDates: 'malformed' },
    'search_start_date=2026-06-02T00:00:00Z',
    ['1', '2', '3'],
  ],
  ['a malformed date: ignored', { malformedDate: 'ignored' }, 'search_start_date=soon', ['1', '2', '3']],
  ['order_by: all fields', { sortableFields: 'all' }, 'order_by=order_total', ['1', '3', '2']],
  ['order_by: documented fields', { sortableFields: 'documented' }, 'order_by=order_total', ['1', '2', '3']],
  ['an unknown order_by: ignored', { unknownOrderBy: 'ignored' }, 'order_by=mood', ['1', '2', '3']],
];

/** The same for paths whose whole answer is looked at. */
const ANSWERS: readonly [string, Partial<SandboxSwitches>, string, number, object][] = [
  [
    'a malformed date: error',
    { malformedDate: 'error' },
    '/orders?search_start_date=soon',
    400,
    { status: 'error' },
  ],
  [
    'an unknown order_by: error',
    { unknownOrderBy: 'error' },
    '/orders?order_by=mood',
    400,
    { status: 'error' },
  ],
  ['a limit too high: clamped', { excessLimit: 'clamped' }, '/orders?limit=501', 200, { limit: 500 }],
  ['a limit too high: error', { excessLimit: 'error' }, '/orders?limit=501', 400, { status: 'error' }],
  [
    'inventory paging: honoured',
    { inventoryPaging: 'honoured' },
    '/inventory-items?limit=3&offset=2',
    200,
    { records_returned: 3 },
  ],
  [
    'inventory paging: ignored',
    { inventoryPaging: 'ignored' },
    '/inventory-items?limit=3&offset=2',
    200,
    { records_returned: 80 },
  ],
  [
    'inventory code: exact',
    { inventoryCodeFilter: 'exact' },
    '/inventory-items?code=MUG',
    200,
    { records_returned: 0 },
  ],
  [
    'inventory code: contains',
    { inventoryCodeFilter: 'contains' },
    '/inventory-items?code=MUG',
    200,
    { records_returned: 4 },
  ],
  [
    'inventory total: zero',
    { inventoryFilteredTotal: 'zero' },
    '/inventory-items?code=MUG-OAT',
    200,
    { total_records: '0' },
  ],
  [
    'inventory total: exact',
    { inventoryFilteredTotal: 'exact' },
    '/inventory-items?code=MUG-OAT',
    200,
    { total_records: '1' },
  ],
  ['an unknown id: 404', { unknownId: 404 }, '/orders/9', 404, { status: 'error' }],
  ['an unknown id: 400', { unknownId: 400 }, '/orders/9', 400, { status: 'error' }],
  [
    'an unknown id: 200',
    { unknownId: 200 },
    '/orders/9',
    200,
    { status: 'error', message: 'Order Not Found' },
  ],
  ['store.id: string', { storeIdType: 'string' }, '/store', 200, { store: { id: '11' } }],
  ['store.id: number', { storeIdType: 'number' }, '/store', 200, { store: { id: 11 } }],
  [
    'item price: number',
    { itemPriceType: 'number' },
    '/orders/1',
    200,
    { order: { order_items: [{ price: 5 }] } },
  ],
  [
    'item price: string',
    { itemPriceType: 'string' },
    '/orders/1',
    200,
    { order: { order_items: [{ price: '5.00' }] } },
  ],
  [
    'item price alone: string',
    { itemPriceType: 'string' },
    '/orders/1/order-items/10',
    200,
    { order_item: { price: '5.00' } },
  ],
];

describe('every open question is a switch', () => {
  it.each(POSITIONS)('%s', async (_name, switches, query, expected) => {
    const { ids } = await small(switches);
    expect(await ids(query)).toEqual(expected);
  });

  it.each(ANSWERS)('%s', async (_name, switches, path, status, body) => {
    const { get } = await small(switches);
    const seen = await get(path);
    expect(seen.status).toBe(status);
    expect(seen.body).toMatchObject(body);
  });

  it.each([401, 403] as const)('bad credentials: %i', async (status) => {
    const { get } = await small({ badCredentials: status });
    expect((await get('/test', { headers: {} })).status).toBe(status);
  });

  it.each([404, 405] as const)('an unknown method: %i', async (status) => {
    const { get } = await small({ unknownMethod: status });
    expect((await get('/test', { method: 'PATCH' })).status).toBe(status);
  });

  it.each([
    ['rejected', 400],
    ['tolerated', 200],
  ] as const)('a body on GET: %s', async (bodyOnGet, status) => {
    const { get } = await small({ bodyOnGet });
    const headers = { ...credentials(), 'Content-Type': 'application/json' };
    expect((await get('/test', { headers })).status).toBe(status);
  });

  it.each([
    ['honoured', true],
    ['ignored', false],
  ] as const)('history on a single order: %s', async (historyOnSingleOrder, there) => {
    const { get, first } = await small({ historyOnSingleOrder });
    first.moveOrder('1', first.folders()[1]?.id ?? 0);
    const { order } = (await get('/orders/1?get_order_history=1')).body;
    expect(Object.hasOwn(order, 'order_history')).toBe(there);
  });

  it.each([
    ['list', '[]'],
    ['map', '{}'],
  ] as const)('folders of a store without any: %s', async (emptyFolders, json) => {
    const { get, first } = await small({ emptyFolders });
    first.replaceData({ folders: [], orders: [], history: new Map(), inventory: [] });
    expect((await get('/store')).text).toContain(`"folders":${json}}`);
  });

  it.each([
    ['execution_time', { execution_time: expect.stringMatching(/seconds$/) }],
    ['message', { message: expect.stringMatching(/^Execution took .* seconds$/) }],
    ['none', {}],
  ] as const)('timing of answers about orders: %s', async (orderTiming, member) => {
    const { get } = await small({ orderTiming });
    const { body } = await get('/orders/1');
    expect(body).toEqual({ status: 'success', order: expect.any(Object), ...member });
    expect((await get('/test')).body).toHaveProperty('execution_time');
  });

  it('ties: by id, or another order with every request', async () => {
    const sameSecond = async (ties: SandboxSwitches['ties']) => {
      const { first, ids } = await small({ ties });
      for (let n = 100; n < 130; n += 1)
        first.insertOrder({ id: String(n), date_added: '2026-06-10 10:00:00' });
      return [await ids('limit=500'), await ids('limit=500')] as const;
    };
    const [one, two] = await sameSecond('by_id');
    expect(one).toEqual(two);
    const [three, four] = await sameSecond('shuffled');
    expect(three).not.toEqual(four);
    expect([...three].sort()).toEqual([...one].sort());
    expect(three.slice(0, 3)).toEqual(['1', '2', '3']);
  });

  it.each([
    ['store', 200],
    ['account', 429],
  ] as const)('the bucket belongs to the %s', async (bucketScope, status) => {
    const stores = [store, { ...store, id: '12' }];
    const { get, sandbox } = await open({ switches: { bucketScope }, stores, rateLimit: orderDeskRateLimit });
    running.push(sandbox);
    sandbox.store('12').drainBucket(20);
    expect((await get('/test')).status).toBe(status);
  });

  it.each([
    ['X-Retry-After', ['1', null]],
    ['Retry-After', [null, '1']],
    ['none', [null, null]],
  ] as const)('the wait of a 429 is told by: %s', async (retryAfterHeader, expected) => {
    const { get, first } = await small({ retryAfterHeader }, { rateLimit: orderDeskRateLimit });
    first.drainBucket(20);
    const { headers } = await get('/test');
    expect([headers.get('x-retry-after'), headers.get('retry-after')]).toEqual(expected);
  });
});
