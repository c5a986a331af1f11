import { expect } from 'vitest';
import type { SandboxSwitches } from '../../../../src/sandbox/index.js';
import { folderAt, type Given, newOrder, newShipment } from '../writing.js';
import { type Check, type Positions, replies } from './check.js';

/** Order 1 is fetched, changed and put; then this is what became of it. */
const afterPut =
  (change: object, expected: object, more?: (given: Given) => Promise<void> | void): Check =>
  async (start) => {
    const it = await start();
    const { order } = (await it.get('/orders/1')).body;
    const put = await it.send('PUT', '/orders/1', { ...order, ...change });
    expect([put.status, put.body.status]).toEqual([200, 'success']);
    expect((await it.get('/orders/1')).body.order).toMatchObject(expected);
    await more?.(it);
  };

const putWithout =
  (field: string, expected: object): Check =>
  async (start) => {
    const { get, send } = await start();
    const { order } = (await get('/orders/1')).body;
    const { [field]: _left, ...rest } = order;
    await send('PUT', '/orders/1', rest);
    expect((await get('/orders/1')).body.order).toMatchObject(expected);
  };

const ruleCounts =
  (expected: object): ((given: Given) => void) =>
  ({ sandbox }) =>
    expect(sandbox.counters().rulesFired).toEqual(expected);

const movedByPut =
  (rules: object): Check =>
  async (start) => {
    const it = await start();
    const { order } = (await it.get('/orders/1')).body;
    const folder_id = folderAt(it.first, 2);
    await it.send('PUT', '/orders/1', { ...order, folder_id });
    expect(it.first.order('1')?.folder_id).toBe(folder_id);
    ruleCounts(rules)(it);
    await it.send('PUT', '/orders/1', { ...order, folder_id });
    ruleCounts(rules)(it);
  };

const createdTwice =
  (second: object, status: number, naming: boolean): Check =>
  async (start) => {
    const { send, first } = await start();
    const made = (await send('POST', '/orders', newOrder)).body.order.id;
    const again = await send('POST', '/orders', { ...newOrder, ...second });
    expect([again.status, again.body.status]).toEqual([status, status === 201 ? 'success' : 'error']);
    if (naming) expect(again.body.message).toContain(made);
    expect(first.orders()).toHaveLength(status === 201 ? 5 : 4);
  };

const withCard =
  (expected: object): Check =>
  async (start) => {
    const { send, get } = await start();
    const card = { cc_number: '4111111111114242', cc_exp: '02/2028' };
    const { order } = (await send('POST', '/orders', { ...newOrder, ...card })).body;
    expect(order).toMatchObject({ cc_number_masked: 'xxxxxxxxxxxx4242', cc_exp: '02/2028' });
    expect(order).not.toHaveProperty('cc_number');
    await send('PUT', `/orders/${order.id}`, order);
    expect((await get(`/orders/${order.id}`)).body.order).toMatchObject(expected);
  };

const longData =
  (refused: boolean): Check =>
  async (start) => {
    const { send, get } = await start();
    const { order } = (await send('POST', '/orders', { ...newOrder, order_metadata: { kept: 1 } })).body;
    // {"a":""} are 8 characters beside the text.
    const fits = {
      ...order,
      checkout_data: { a: 'x'.repeat(3492) },
      order_metadata: { a: 'x'.repeat(1992) },
    };
    expect((await send('PUT', `/orders/${order.id}`, fits)).status).toBe(200);
    for (const [name, longer] of [
      ['checkout_data', 3493],
      ['order_metadata', 1993],
    ] as const) {
      const put = await send('PUT', `/orders/${order.id}`, { ...fits, [name]: { a: 'x'.repeat(longer) } });
      expect(put.status).toBe(refused ? 400 : 200);
      if (refused) expect(put.body.message).toContain(name);
      expect((await get(`/orders/${order.id}`)).body.order[name]).toEqual(refused ? fits[name] : []);
    }
  };

const fullHistory =
  (status: number, expected: object): Check =>
  async (start) => {
    const { send, first, get } = await start();
    const entry = { source_name: 'Order Desk', note: 'n', date_added: '2026-06-01 00:00:00' };
    first.replaceData({
      folders: first.folders(),
      inventory: first.inventory(),
      orders: first.orders(),
      history: new Map([['1', Array.from({ length: 249 }, () => entry)]]),
    });
    expect((await send('POST', '/orders/1/order-history', { note: 'the last' })).status).toBe(200);
    const over = await send('POST', '/orders/1/order-history', { note: 'one too many' });
    expect(over.status).toBe(status);
    expect(over.body).toMatchObject(expected);
    const kept = (await get('/orders?source_id=A-1&get_order_history=1')).body.orders[0].order_history;
    expect([kept.length, kept.at(-1).note]).toEqual([250, 'the last']);
  };

const dateAfterNote =
  (date_updated: string): Check =>
  async (start) => {
    const { send, first } = await start();
    await send('POST', '/orders/1/order-history', { note: 'n' });
    expect(first.order('1')?.date_updated).toBe(date_updated);
  };

const ruleOfCreation =
  (rules: object): Check =>
  async (start) => {
    const it = await start();
    await it.send('POST', '/orders', newOrder);
    ruleCounts(rules)(it);
  };

const unknownFolder =
  (status: number): Check =>
  async (start) => {
    const { send, first } = await start();
    const move = { order_id_list: [1], destination_folder_id: 1 };
    for (const [method, path, body] of [
      ['POST', '/move-orders', move],
      ['POST', '/orders', { ...newOrder, folder_id: 1 }],
      ['PUT', '/orders/1', { ...newOrder, folder_id: 1 }],
    ] as const) {
      const seen = await send(method, path, body);
      expect([path, seen.status, seen.body.status]).toEqual([path, status, 'error']);
    }
    expect(first.orders().every(({ folder_id }) => folder_id === folderAt(first, 0))).toBe(true);
  };

const shippedOn =
  (date_shipped: string): Check =>
  async (start) => {
    const { send, first } = await start();
    await send('POST', '/orders/1/shipments', { ...newShipment, date_shipped: '2026-05-01' });
    expect(first.order('1')?.order_shipments[0]).toMatchObject({ date_shipped });
  };

const partOfItem =
  (expected: object): Check =>
  async (start) => {
    const { send, get } = await start();
    await send('PUT', '/orders/1/order-items/10', { name: 'Cup' });
    expect((await get('/orders/1/order-items/10')).body.order_item).toMatchObject(expected);
  };

const item = { id: '10', name: 'Mug', price: 5 };
const other = [{ name: 'Card', price: 1 }];
const nameless = { ...newOrder, shipping: { first_name: 'Ann' } };
const bare = { order_items: [] };

export const ordersPositions: Positions<
  Extract<
    keyof SandboxSwitches,
    | 'invalidRequest'
    | 'errorsMember'
    | 'unknownFolder'
    | 'requiredName'
    | 'duplicateOrders'
    | 'duplicateOrderStatus'
    | 'createdOrderRules'
    | 'editRules'
    | 'putValidation'
    | 'absentOrderItems'
    | 'missingOrderItems'
    | 'putFolderRules'
    | 'computedTotals'
    | 'sourceIdOnPut'
    | 'dateAddedOnPut'
    | 'cardOnPut'
    | 'overlongData'
    | 'historyCap'
    | 'historyDate'
    | 'itemPut'
    | 'dateShipped'
  >
> = {
  invalidRequest: {
    400: replies('POST', '/orders', bare, 400, { status: 'error' }),
    200: replies('POST', '/orders', bare, 200, { status: 'error', message: expect.any(String) }),
  },
  errorsMember: {
    none: async (start) => {
      const { body } = await (await start()).send('POST', '/orders', bare);
      expect(Object.keys(body).sort()).toEqual(['execution_time', 'message', 'status']);
    },
    listed: replies('POST', '/orders', bare, 400, {
      errors: ['At least one order item is required', 'A name or a company is required'],
    }),
  },
  unknownFolder: { 400: unknownFolder(400), 200: unknownFolder(200) },
  requiredName: {
    any_part: replies('POST', '/orders', nameless, 201, { status: 'success' }),
    full_or_company: async (start) => {
      const { send } = await start();
      expect((await send('POST', '/orders', nameless)).status).toBe(400);
      expect((await send('POST', '/orders', { ...nameless, customer: { company: 'Co' } })).status).toBe(201);
      expect((await send('POST', '/orders', { ...newOrder, source_id: 'N-2' })).status).toBe(201);
    },
  },
  duplicateOrders: {
    source_id_and_name: async (start) => {
      await createdTwice({}, 400, true)(start);
      await createdTwice({ source_name: 'Other' }, 201, false)(start);
    },
    source_id: createdTwice({ source_name: 'Other' }, 400, true),
    none: createdTwice({}, 201, false),
  },
  duplicateOrderStatus: {
    400: createdTwice({}, 400, true),
    409: createdTwice({}, 409, true),
    200: createdTwice({}, 200, true),
  },
  createdOrderRules: { order_imported: ruleOfCreation({ order_imported: 1 }), none: ruleOfCreation({}) },
  editRules: {
    silent: afterPut({ email: 'b@example.com', customer: { city: 'X' } }, {}, ruleCounts({})),
    fired: afterPut({ customer: { city: 'X' } }, {}, async (it) => {
      ruleCounts({ order_details_changed: 1, address_changed: 1 })(it);
      await it.send('POST', '/orders/1/order-items', { name: 'Card' });
      ruleCounts({ order_details_changed: 2, address_changed: 1 })(it);
    }),
  },
  putValidation: {
    lenient: replies('PUT', '/orders/1', { email: 'a@example.com' }, 200, {
      order: { order_items: [], shipping: { last_name: '' } },
    }),
    strict: replies('PUT', '/orders/1', { email: 'a@example.com' }, 400, { status: 'error' }),
  },
  absentOrderItems: {
    removed: putWithout('order_items', { order_items: [], order_total: 0 }),
    kept: putWithout('order_items', { order_items: [item], order_total: 5 }),
  },
  missingOrderItems: {
    removed: afterPut({ order_items: other }, { order_items: [{ name: 'Card' }], order_total: 1 }),
    kept: afterPut({ order_items: other }, { order_items: [{ name: 'Card' }, item], order_total: 6 }),
  },
  putFolderRules: { fired: movedByPut({ folder_changed: 1 }), silent: movedByPut({}) },
  computedTotals: {
    computed: afterPut({ order_total: 99, quantity_total: 9 }, { order_total: 5, quantity_total: 1 }),
    as_sent: afterPut({ order_total: 99, quantity_total: 9 }, { order_total: 99, quantity_total: 9 }),
  },
  sourceIdOnPut: {
    kept: afterPut({ source_id: 'Z' }, { source_id: 'A-1' }),
    changed: afterPut({ source_id: 'Z' }, { source_id: 'Z' }),
  },
  dateAddedOnPut: {
    kept: afterPut({ date_added: '2026-01-02' }, { date_added: '2026-06-01 00:00:00' }),
    settable: afterPut({ date_added: '2026-01-02' }, { date_added: '2026-01-02 00:00:00' }),
  },
  cardOnPut: {
    kept: withCard({ cc_number_masked: 'xxxxxxxxxxxx4242', cc_exp: '02/2028' }),
    blanked: withCard({ cc_number_masked: '', cc_exp: '' }),
  },
  overlongData: { refused: longData(true), truncated_silently: longData(false) },
  historyCap: {
    refused: fullHistory(400, { status: 'error', message: expect.stringContaining('250') }),
    dropped: fullHistory(200, { status: 'success' }),
  },
  historyDate: { set: dateAfterNote('2026-06-30 12:00:00'), kept: dateAfterNote('2026-06-01 00:00:00') },
  itemPut: {
    replaced: partOfItem({ name: 'Cup', code: '', price: 0, quantity: 1 }),
    merged: partOfItem({ name: 'Cup', code: 'MUG', price: 5 }),
  },
  dateShipped: { ignored: shippedOn('2026-06-30'), honoured: shippedOn('2026-05-01') },
};
