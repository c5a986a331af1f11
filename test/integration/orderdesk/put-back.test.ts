/** Order Desk replaces the whole order with what a PUT carries: what was read has to go back as it came. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryCache } from '../../../src/cache/memory.js';
import { createOrderDesk, type OrderDesk } from '../../../src/orderdesk/orderdesk.js';
import { type OrderRecord, type Sandbox, startSandbox } from '../../../src/sandbox/index.js';
import { Secret } from '../../../src/tenancy/secret.js';
import { storeEntry } from '../../unit/orderdesk/records.js';

const STORE = { id: '401', apiKey: 'key-of-401', name: 'Kept', orderCount: 3 };
const store = storeEntry({ orderDeskId: STORE.id });
const ctx = { signal: new AbortController().signal };

/** Twenty that no version of ours knows, of every type that JSON has. */
const UNKNOWN = {
  x_text: 'Žofie 日本 🧺 "quoted" \\ \u2028 end',
  x_empty_text: '',
  x_blank: '   ',
  x_markup: '<b>&amp;</b>',
  x_number_as_text: '007.50',
  x_date: '2026-02-30 25:61:00',
  x_zero: 0,
  x_whole: 9_007_199_254_740_991,
  x_negative: -17,
  x_fraction: 0.1,
  x_tiny: 5e-324,
  x_large: 1.7976931348623157e308,
  x_true: true,
  x_false: false,
  x_nothing: null,
  x_list: [1, 'two', null, [3, [4]], { five: [5] }],
  x_empty_list: [],
  x_object: {
    deep: { deeper: [{ deepest: null }] },
    '': 'no name',
    constructor: 'a name',
    '10': 'ten',
    '9': 9,
  },
  x_map_with_numbers: { '2': 'b', '1': 'a' },
  x_long: 'long '.repeat(2_000),
};

describe('an order that was read and is put back untouched', () => {
  let sandbox: Sandbox;
  let orderDesk: OrderDesk;

  beforeAll(async () => {
    sandbox = await startSandbox({ stores: [STORE], rateLimit: false });
    orderDesk = createOrderDesk({
      baseUrl: new URL(sandbox.url),
      version: '1.2.3',
      credentials: {
        credential: async ({ orderDeskId }) => ({ storeId: orderDeskId, apiKey: new Secret(STORE.apiKey) }),
        markContact: async () => {},
      },
      cache: createMemoryCache(),
      observe: () => {},
      onContactFailure: (error) => {
        throw error;
      },
    });
  });
  afterAll(async () => {
    await orderDesk.close();
    await sandbox.close();
  });

  function insert(): OrderRecord {
    const [item] = sandbox.store(STORE.id).orders()[0]?.order_items ?? [];
    const order = {
      email: 'wilhelmina@shop.example',
      shipping: { first_name: 'Wilhelmina', last_name: 'Testwick', x_floor: [3], ...UNKNOWN },
      order_items: [{ ...item, id: '900001', x_batch: { lot: 7 } }],
      checkout_data: { 'Gift Message': 'Happy Birthday', x_kept: null },
      order_metadata: { x_score: 0.5, x_flags: [true, false] },
      ...UNKNOWN,
    };
    return sandbox.store(STORE.id).insertOrder(order);
  }

  const held = (id: string) => {
    const order = sandbox.store(STORE.id).order(id);
    if (order === undefined) throw new Error(`order ${id} is gone`);
    const { date_updated: _updated, ...rest } = order;
    return rest;
  };

  it.each([
    ['read from Order Desk', 1],
    ['read from the cache', 2],
  ])('is as it was but for date_updated, %s', async (_from, reads) => {
    const { id } = insert();
    const before = held(id);
    expect(before).toMatchObject(UNKNOWN);
    sandbox.resetCounters();
    let raw: Readonly<Record<string, unknown>> = {};
    for (let read = 0; read < reads; read += 1) ({ raw } = await orderDesk.gateway.getOrder(store, id, ctx));
    expect(raw).toMatchObject(UNKNOWN);
    expect(Object.keys(raw)).toEqual(Object.keys(sandbox.store(STORE.id).order(id) ?? {}));

    const body = JSON.stringify(raw);
    const put = { method: 'PUT', route: '/orders/{id}', ids: [id], body } as const;
    expect(await orderDesk.writes.write(store, put, ctx)).toMatchObject({ outcome: 'applied' });
    expect(held(id)).toEqual(before);
    expect(JSON.stringify(held(id))).toBe(JSON.stringify(before));
    expect(sandbox.counters().requests).toEqual({ 'GET /orders/{id}': 1, 'PUT /orders/{id}': 1 });
  });
});
