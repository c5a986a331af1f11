/** Orders whose mark is not there: taken off by somebody else, dropped by Order Desk, or left out where it does not fit. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Patch } from '../../../src/changes/intents.js';
import { orderCreate } from '../../../src/changes/kinds/order-create.js';
import { orderDelete } from '../../../src/changes/kinds/order-delete.js';
import type { SandboxSwitches } from '../../../src/sandbox/index.js';
import { CHANGE, openRoom, type Room, refusalOf } from '../../support/changes/kinds-orders-room.js';
import { intentFor } from '../../support/changes/kinds-parts-room.js';

let room: Room;
afterEach(() => room.close());

const open = async (switches: Partial<SandboxSwitches> = {}): Promise<Room> => {
  room = await openRoom(switches);
  return room;
};

const ORDER: Patch = {
  email: 'ada@shop.example',
  shipping: { first_name: 'Ada', last_name: 'Testwick' },
  order_items: [
    { name: 'Black Shirt', code: 'SHIRT-L', quantity: 2 },
    { name: 'Gift wrap', quantity: 1 },
  ],
};
/** A number that Order Desk keeps in another form. */
const NUMBERED: Patch = { ...ORDER, source_id: 'S-77', source_name: 'Shopify' };

/** Somebody else replaces the metadata of the orders of this customer. */
function takeMarksOff(change: Readonly<Record<string, unknown>> = {}): void {
  for (const { id, email } of room.store.orders()) {
    if (email === 'ada@shop.example') {
      room.store.changeOrder(id, { order_metadata: { shop_number: 9 }, ...change });
    }
  }
}

describe('a new order whose answer was lost and whose mark is gone', () => {
  it.each([
    ['without a number', ORDER, {}],
    ['numbered', NUMBERED, {}],
    ['with a number that is kept in another form', NUMBERED, { source_id: 'SHOP S-77' }],
    ['written in capitals', ORDER, { email: ' Ada@Shop.Example' }],
  ])('is never said not to be there: %s', async (_what, order, change) => {
    const { lose } = await open();
    const verdicts = await lose(orderCreate, { order }, 'reset_after', () => takeMarksOff(change));
    expect(verdicts).toEqual([{ index: 0, found: 'unclear' }]);
  });

  it.each([
    ['another e-mail', { email: 'eve@shop.example' }],
    ['another name', { shipping: { first_name: 'Eve' }, customer: { first_name: 'Eve' } }],
    ['another item', { order_items: [{ name: 'Cap', code: 'CAP', quantity: 2 }] }],
    ['the mark of another change', { order_metadata: { odm_change: 'another' } }],
  ])('is told from an order with %s', async (_what, change) => {
    const { insert, lose } = await open();
    const verdicts = await lose(orderCreate, { order: ORDER }, 'reset', () => {
      insert({
        email: ORDER.email,
        shipping: ORDER.shipping,
        order_items: ORDER.order_items,
        ...change,
      } as Patch);
    });
    expect(verdicts).toEqual([{ index: 0, found: 'not_applied' }]);
  });
});

describe('an order that was deleted', () => {
  /** Deletes the order and says how it would be made again. */
  async function deleted(id: string) {
    const { carryOut } = room;
    const { plan, lines } = await carryOut(orderDelete, { orderId: id });
    const records = JSON.parse(JSON.stringify(plan.records ?? {}));
    const change = { id: CHANGE, kind: 'order_delete', lines, records, sentAt: new Date() } as const;
    return intentFor(orderCreate, orderDelete.inverse(change));
  }

  it('is made again beside its double, which is named', async () => {
    const { insert, carryOut, store } = await open({ duplicateOrders: 'none' });
    const double = insert({ source_id: 'DUP-1' });
    const intent = await deleted(insert({ source_id: 'DUP-1' }).id);
    const { lines, remarks } = await carryOut(orderCreate, intent);
    expect(lines).toMatchObject([{ outcome: 'applied' }]);
    expect(remarks.join(' ')).toContain(`order ${double.id}`);
    expect(store.orders().filter(({ source_id: sourceId }) => sourceId === 'DUP-1')).toHaveLength(2);
  });

  it('is as Order Desk says where that takes no double', async () => {
    const { insert, carryOut } = await open({ duplicateOrders: 'source_id' });
    const double = insert({ source_id: 'DUP-1' });
    const refusal = await refusalOf(carryOut(orderCreate, await deleted(insert({ source_id: 'DUP-1' }).id)));
    expect(refusal.code).toBe('conflict');
    expect(refusal.message).toContain(`order ${double.id}`);
  });

  it.each([
    ['reset_after', 'applied'],
    ['reset', 'not_applied'],
  ] as const)('is told from its double where the answer was lost: %s, %s', async (fault, found) => {
    const { insert, lose } = await open({ duplicateOrders: 'none' });
    const double = insert({ source_id: 'DUP-1' });
    const intent = await deleted(insert({ source_id: 'DUP-1' }).id);
    const [verdict] = await lose(orderCreate, intent, fault);
    expect(verdict?.found).toBe(found);
    expect(verdict?.line?.target.id).not.toBe(double.id);
  });

  const FULL = { order_metadata: { long: 'y'.repeat(1_960) } };

  it('is made again without a mark where there is no room for it', async () => {
    const { insert, carryOut, store } = await open();
    const { lines } = await carryOut(orderCreate, await deleted(insert({ source_id: 'CAP-1', ...FULL }).id));
    expect(store.order(lines[0]?.target.id ?? '')?.order_metadata).toEqual(FULL.order_metadata);
  });

  it.each([
    ['numbered', 'CAP-1', 'reset_after', 'applied'],
    ['numbered', 'CAP-1', 'reset', 'not_applied'],
    ['without a number', '', 'reset_after', 'unclear'],
    ['without a number', '', 'reset', 'unclear'],
  ] as const)(
    'and has no mark is looked for by its number: %s %s, %s, %s',
    async (_what, sourceId, fault, found) => {
      const { insert, lose, store } = await open();
      const intent = await deleted(insert({ source_id: 'CAP-1', ...FULL }).id);
      const before = new Set(store.orders().map(({ id }) => id));
      const order = { ...intent.order, source_id: sourceId };
      const [verdict] = await lose(orderCreate, { ...intent, order }, fault);
      expect(verdict?.found).toBe(found);
      const made = store.orders().find(({ id }) => !before.has(id));
      if (found === 'applied') expect(verdict?.line?.target.id).toBe(made?.id);
    },
  );
});
