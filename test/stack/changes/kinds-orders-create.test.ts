/** Making orders: one for each call, whatever Order Desk says of duplicates and whatever becomes of its answer. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Patch } from '../../../src/changes/intents.js';
import { orderCreate } from '../../../src/changes/kinds/order-create.js';
import type { SandboxSwitches } from '../../../src/sandbox/index.js';
import { CHANGE, openRoom, type Room, refusalOf } from '../../support/changes/kinds-orders-room.js';

let room: Room;
afterEach(() => room.close());

const open = async (switches: Partial<SandboxSwitches> = {}): Promise<Room> => {
  room = await openRoom(switches);
  return room;
};

const ORDER: Patch = {
  email: 'ada@shop.example',
  shipping: { first_name: 'Ada', last_name: 'Testwick', city: 'Exampleton' },
  order_items: [{ name: 'Black Shirt', code: 'SHIRT-L', price: 5.5, quantity: 2 }],
  order_metadata: { shop_number: 7 },
  order_notes: ['First order'],
};
const NUMBERED: Patch = { ...ORDER, source_id: 'S-77', source_name: 'Shopify' };

const EITHER_WAY: readonly Partial<SandboxSwitches>[] = [
  {},
  { requiredName: 'full_or_company' },
  { createdOrderRules: 'none', computedTotals: 'as_sent' },
  { invalidRequest: 200, itemPriceType: 'string' },
];

describe('a new order', () => {
  it.each(EITHER_WAY)('is made by one request and named by its id: %o', async (switches) => {
    const { store, carryOut, requests } = await open(switches);
    requests();
    const { lines, plan, order } = await carryOut(orderCreate, { order: ORDER });
    expect(requests()).toEqual({ 'POST /orders': 1 });
    expect(orderCreate.calls({ order: ORDER })).toBe(1);
    const id = lines[0]?.target.id ?? '';
    expect(store.order(id)).toMatchObject({
      shipping: { first_name: 'Ada', last_name: 'Testwick' },
      order_metadata: { shop_number: 7, odm_change: CHANGE },
      order_notes: [{ content: 'First order', username: 'orderdesk-mcp' }],
      order_items: [{ code: 'SHIRT-L', quantity: 2 }],
    });
    expect(order).toMatchObject({ id });
    expect(lines).toEqual([{ ...plan.lines[0], target: { kind: 'order', id, name: id } }]);
    expect(JSON.stringify(lines)).not.toContain('odm_change');
    expect(orderCreate.locks({ order: ORDER })).toEqual([]);
  });

  it('with a number of the shop is looked for first; two shops may use the same number', async () => {
    const { insert, carryOut, requests } = await open();
    insert({ source_id: 'S-77', source_name: 'Etsy' });
    requests();
    const { lines } = await carryOut(orderCreate, { order: NUMBERED });
    expect(lines).toMatchObject([{ outcome: 'applied', target: { name: 'S-77' } }]);
    expect(requests()).toEqual({ 'GET /orders': 1, 'POST /orders': 1 });
    expect(orderCreate.calls({ order: NUMBERED })).toBe(2);
    expect(orderCreate.locks({ order: NUMBERED })[0]).toMatch(/^source:[0-9a-f]{64}$/);
  });

  it('is refused with all that Order Desk would refuse or cut, and nothing is sent', async () => {
    const { carryOut, requests } = await open();
    requests();
    const order = { order_items: [], order_total: 5, order_metadata: { long: 'x'.repeat(1_960) } };
    const refusal = await refusalOf(carryOut(orderCreate, { order }));
    expect(refusal.code).toBe('invalid_argument');
    for (const named of ['order_items', 'order_total', 'order_metadata', 'shipping']) {
      expect(refusal.message).toContain(named);
    }
    expect(requests()).toEqual({});
  });

  it('cannot be undone: deleting it is another matter', () => {
    expect(orderCreate.undoable).toBe(false);
    const change = { id: CHANGE, kind: 'order_create', lines: [], records: {}, sentAt: new Date() } as const;
    expect(() => orderCreate.inverse(change)).toThrow('cannot be undone');
  });

  it('has the fields that Order Desk changed shown as they are, and named', async () => {
    const { around } = await open();
    const { steps } = await orderCreate.plan({ order: ORDER }, around(), new Map());
    const [step] = steps;
    if (step === undefined) throw new Error('no step');
    const order = { ...ORDER, id: '5', source_id: '5', email: '', order_notes: [{ content: 'First order' }] };
    const { lines } = await orderCreate.read(step, { order }, around());
    expect(lines[0]?.target).toEqual({ kind: 'order', id: '5', name: '5' });
    expect(lines[0]?.message).toContain('email, order_notes');
    expect(lines[0]?.fields.find(({ path }) => path[0] === 'email')).toEqual({ path: ['email'], after: '' });
  });

  it.each([ORDER, NUMBERED])('is found where the answer does not hold it', async (wanted) => {
    const { store, carryOut, around } = await open();
    const { plan, lines } = await carryOut(orderCreate, { order: wanted });
    const [step] = plan.steps;
    if (step === undefined) throw new Error('no step');
    const found = await orderCreate.read(step, { status: 'success' }, around());
    expect(found.lines).toEqual(lines);
    store.removeOrder(lines[0]?.target.id ?? '');
    const lost = await orderCreate.read(step, { status: 'success' }, around());
    expect(lost.lines).toMatchObject([
      { outcome: 'applied', target: { id: null }, message: expect.any(String) },
    ]);
  });
});

describe('an order that is there already', () => {
  it.each(['source_id_and_name', 'source_id', 'none'] as const)(
    'is reported with its id, whatever Order Desk itself would do: %s',
    async (duplicateOrders) => {
      const { insert, store, carryOut, requests } = await open({ duplicateOrders });
      const { id } = insert({ source_id: 'S-77', source_name: 'Shopify' });
      const before = store.orders().length;
      requests();
      const refusal = await refusalOf(carryOut(orderCreate, { order: NUMBERED }));
      expect(refusal).toMatchObject({ code: 'conflict', field: 'source_id' });
      expect(refusal.message).toContain(`order ${id}.`);
      expect(store.orders()).toHaveLength(before);
      expect(requests()).toEqual({ 'GET /orders': 1 });
    },
  );

  it.each([400, 409, 200] as const)(
    'is reported so where only Order Desk knew it: %s',
    async (duplicateOrderStatus) => {
      const { insert, carryOut } = await open({ duplicateOrders: 'source_id', duplicateOrderStatus });
      const { id } = insert({ source_id: 'S-77', source_name: 'Etsy' });
      const refusal = await refusalOf(carryOut(orderCreate, { order: NUMBERED }));
      expect(refusal.code).toBe('conflict');
      expect(refusal.message).toContain(`order ${id}.`);
    },
  );

  it('is not blamed for another refusal', async () => {
    const { insert, carryOut } = await open();
    insert({ source_id: 'S-77', source_name: 'Etsy' });
    const order = { ...NUMBERED, folder_id: 999_999 };
    expect(await refusalOf(carryOut(orderCreate, { order }))).toMatchObject({ code: 'upstream_rejected' });
  });
});

describe('a new order whose answer was lost', () => {
  const DATED: Patch = { ...ORDER, date_added: '2025-03-01 10:00:00' };

  it.each([
    ['numbered', NUMBERED],
    ['without a number', ORDER],
    ['dated long ago', DATED],
  ])('is found by its mark, %s', async (_what, order) => {
    const { store, lose } = await open();
    const before = store.orders().length;
    const [verdict] = await lose(orderCreate, { order }, 'reset_after');
    expect(store.orders()).toHaveLength(before + 1);
    const made = store.orders().find(({ order_metadata: map }) => JSON.stringify(map).includes(CHANGE));
    expect(verdict).toMatchObject({
      found: 'applied',
      line: { outcome: 'applied', target: { id: made?.id } },
    });
    await room.close();

    const { lose: loseAgain, store: other } = await open();
    expect(await loseAgain(orderCreate, { order }, 'reset')).toEqual([{ index: 0, found: 'not_applied' }]);
    expect(other.orders()).toHaveLength(before);
  });

  it('is not taken for that of somebody else, whose number it has', async () => {
    const { insert, lose } = await open();
    const verdicts = await lose(orderCreate, { order: NUMBERED }, 'reset', () => {
      insert({ source_id: 'S-77', source_name: 'Shopify' });
    });
    expect(verdicts).toEqual([{ index: 0, found: 'unclear' }]);
  });

  it('is told from an order of the same number in another shop, or of a longer number', async () => {
    const { insert, lose } = await open({ sourceIdFilter: 'contains' });
    insert({ source_id: 'S-77', source_name: 'Etsy' });
    insert({ source_id: 'S-771', source_name: 'Shopify' });
    expect(await lose(orderCreate, { order: NUMBERED }, 'reset')).toEqual([
      { index: 0, found: 'not_applied' },
    ]);
  });

  it('is found among more orders than one page holds', async () => {
    const { insert, store, lose, requests } = await open();
    requests();
    const [verdict] = await lose(orderCreate, { order: ORDER }, 'reset_after', () => {
      const date_added = store.orders().at(-1)?.date_added ?? '';
      for (let count = 0; count < 600; count += 1) insert({ source_id: `M-${count}`, date_added });
      const own = store.orders().find(({ order_metadata: map }) => JSON.stringify(map).includes(CHANGE));
      if (own !== undefined) {
        store.removeOrder(own.id);
        store.insertOrder({ ...own, id: String(Number(store.orders().at(-1)?.id) + 1) });
      }
    });
    expect(verdict).toMatchObject({ found: 'applied' });
    expect(requests()).toMatchObject({ 'GET /orders': 2 });
  });

  it('cannot be told where more orders came than are looked through', async () => {
    const { insert, lose } = await open();
    const verdicts = await lose(orderCreate, { order: ORDER }, 'reset', () => {
      for (let count = 0; count < 2_001; count += 1) insert({ source_id: `M-${count}`, order_items: [] });
    });
    expect(verdicts).toEqual([{ index: 0, found: 'unclear' }]);
  });
});
