import { expect } from 'vitest';
import { orderDeskRateLimit, type SandboxSwitches } from '../../../../src/sandbox/index.js';
import { credentials, store } from '../client.js';
import { answers, type Check, finds, type Positions } from './check.js';

const error = { status: 'error' };

const withSpeakingGet =
  (status: number): Check =>
  async (start) => {
    const { get } = await start();
    const headers = { ...credentials(), 'Content-Type': 'application/json' };
    expect((await get('/test', { headers })).status).toBe(status);
  };

const withoutCredentials =
  (status: number): Check =>
  async (start) =>
    expect((await (await start()).get('/test', { headers: {} })).status).toBe(status);

const withUnknownMethod =
  (status: number): Check =>
  async (start) =>
    expect((await (await start()).send('PATCH', '/test')).status).toBe(status);

const historyOfOne =
  (there: boolean): Check =>
  async (start) => {
    const { get, first } = await start();
    first.moveOrder('1', first.folders()[1]?.id ?? 0);
    const { order } = (await get('/orders/1?get_order_history=1')).body;
    expect(Object.hasOwn(order, 'order_history')).toBe(there);
  };

const withoutFolders =
  (json: string): Check =>
  async (start) => {
    const { get, first } = await start();
    first.replaceData({ folders: [], orders: [], history: new Map(), inventory: [] });
    expect((await get('/store')).text).toContain(`"folders":${json}}`);
  };

const timing =
  (member: object): Check =>
  async (start) => {
    const { get } = await start();
    expect((await get('/orders/1')).body).toEqual({
      status: 'success',
      order: expect.any(Object),
      ...member,
    });
    expect((await get('/test')).body).toHaveProperty('execution_time');
  };

const ofOneSecond =
  (same: boolean): Check =>
  async (start) => {
    const { first, ids } = await start();
    for (let n = 100; n < 130; n += 1) {
      first.insertOrder({ id: String(n), date_added: '2026-06-10 10:00:00' });
    }
    const [one, two] = [await ids('limit=500'), await ids('limit=500')];
    expect(JSON.stringify(one) === JSON.stringify(two)).toBe(same);
    expect([...one].sort()).toEqual([...two].sort());
    expect(one.slice(0, 3)).toEqual(['1', '2', '3']);
  };

const afterOthersDrained =
  (status: number): Check =>
  async (start) => {
    const { get, sandbox } = await start({
      stores: [store, { ...store, id: '12' }],
      rateLimit: orderDeskRateLimit,
    });
    sandbox.store('12').drainBucket(20);
    expect((await get('/test')).status).toBe(status);
  };

const waitToldBy =
  (expected: readonly (string | null)[]): Check =>
  async (start) => {
    const { get, first } = await start({ rateLimit: orderDeskRateLimit });
    first.drainBucket(20);
    const { headers } = await get('/test');
    expect([headers.get('x-retry-after'), headers.get('retry-after')]).toEqual(expected);
  };

const all = ['1', '2', '3'];
const zoned = 'search_start_date=2026-06-02T00:00:00-03:00';

export const reading = {
  textFilters: {
    exact: finds('shipping_last_name=hart', ['1', '3']),
    contains: finds('shipping_last_name=hart', all),
  },
  textCase: {
    ignored: finds('shipping_last_name=HART', ['1', '3']),
    significant: finds('shipping_last_name=Hart', ['1']),
  },
  sourceIdFilter: {
    exact: finds('source_id=A-1', ['1']),
    contains: finds('source_id=A-1', ['1', '2']),
  },
  endDate: {
    exclusive: finds('search_end_date=2026-06-02+00:00:00', ['1']),
    inclusive: finds('search_end_date=2026-06-02+00:00:00', ['1', '2']),
  },
  bareEndDate: {
    midnight: finds('search_end_date=2026-06-02', ['1']),
    end_of_day: finds('search_end_date=2026-06-02', ['1', '2']),
  },
  zonedDates: {
    zone_ignored: finds(zoned, ['2', '3']),
    zone_applied: finds(zoned, ['3']),
    malformed: finds(zoned, all),
  },
  malformedDate: {
    ignored: finds('search_start_date=soon', all),
    error: answers('/orders?search_start_date=soon', 400, error),
  },
  sortableFields: {
    all: finds('order_by=order_total', ['1', '3', '2']),
    documented: finds('order_by=order_total', all),
  },
  unknownOrderBy: {
    ignored: finds('order_by=mood', all),
    error: answers('/orders?order_by=mood', 400, error),
  },
  ties: { by_id: ofOneSecond(true), shuffled: ofOneSecond(false) },
  excessLimit: {
    clamped: answers('/orders?limit=501', 200, { limit: 500 }),
    error: answers('/orders?limit=501', 400, error),
  },
  historyOnSingleOrder: { honoured: historyOfOne(true), ignored: historyOfOne(false) },
  inventoryPaging: {
    honoured: answers('/inventory-items?limit=3&offset=2', 200, { records_returned: 3 }),
    ignored: answers('/inventory-items?limit=3&offset=2', 200, { records_returned: 80 }),
  },
  inventoryCodeFilter: {
    exact: answers('/inventory-items?code=MUG', 200, { records_returned: 0 }),
    contains: answers('/inventory-items?code=MUG', 200, { records_returned: 4 }),
  },
  inventoryFilteredTotal: {
    zero: answers('/inventory-items?code=MUG-OAT', 200, { total_records: '0' }),
    exact: answers('/inventory-items?code=MUG-OAT', 200, { total_records: '1' }),
  },
  badCredentials: { 401: withoutCredentials(401), 403: withoutCredentials(403) },
  unknownId: {
    404: answers('/orders/9', 404, error),
    400: answers('/orders/9', 400, error),
    200: answers('/orders/9', 200, { status: 'error', message: 'Order Not Found' }),
  },
  unknownMethod: { 405: withUnknownMethod(405), 404: withUnknownMethod(404) },
  bodyOnGet: { rejected: withSpeakingGet(400), tolerated: withSpeakingGet(200) },
  emptyFolders: { list: withoutFolders('[]'), map: withoutFolders('{}') },
  storeIdType: {
    string: answers('/store', 200, { store: { id: '11' } }),
    number: answers('/store', 200, { store: { id: 11 } }),
  },
  itemPriceType: {
    number: answers('/orders/1', 200, { order: { order_items: [{ price: 5 }] } }),
    string: async (start) => {
      const { get } = await start();
      expect((await get('/orders/1')).body).toMatchObject({ order: { order_items: [{ price: '5.00' }] } });
      expect((await get('/orders/1/order-items/10')).body.order_item.price).toBe('5.00');
    },
  },
  orderTiming: {
    execution_time: timing({ execution_time: expect.stringMatching(/seconds$/) }),
    message: timing({ message: expect.stringMatching(/^Execution took .* seconds$/) }),
    none: timing({}),
  },
  bucketScope: { store: afterOthersDrained(200), account: afterOthersDrained(429) },
  retryAfterHeader: {
    'X-Retry-After': waitToldBy(['1', null]),
    'Retry-After': waitToldBy([null, '1']),
    none: waitToldBy([null, null]),
  },
} satisfies Partial<Positions<keyof SandboxSwitches>>;
