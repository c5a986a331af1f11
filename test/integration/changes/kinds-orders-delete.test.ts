/** Deleting an order, and making it again from what was kept. */
import { afterEach, describe, expect, it } from 'vitest';
import { orderCreate } from '../../../src/changes/kinds/order-create.js';
import { orderDelete } from '../../../src/changes/kinds/order-delete.js';
import { orderVersion } from '../../../src/orders/version.js';
import type { SandboxSwitches } from '../../../src/sandbox/index.js';
import { CHANGE, openRoom, type Room, refusalOf } from '../../support/changes/kinds-orders-room.js';

const EMPTY = ['""', 'null', '[]', '{}'];

let room: Room;
afterEach(() => room.close());

const open = async (switches: Partial<SandboxSwitches> = {}): Promise<Room> => {
  room = await openRoom(switches);
  return room;
};

const read = async (id: string) =>
  (await room.around().reads.order(room.around().store, id, room.around().ctx)).raw;

describe('an order that is deleted', () => {
  it('is gone after two requests; all that it was is kept', async () => {
    const { insert, store, carryOut, requests } = await open();
    const { id } = insert();
    const raw = await read(id);
    requests();
    const { plan, lines } = await carryOut(orderDelete, { orderId: id });
    expect(requests()).toEqual({ 'GET /orders/{id}': 1, 'DELETE /orders/{id}': 1 });
    expect(orderDelete.calls({ orderId: id })).toBe(2);
    expect(store.order(id)).toBeUndefined();
    expect(plan.records).toEqual({ [id]: raw });
    expect(plan.version).toBe(orderVersion(raw));
    expect(plan.seen).toEqual([plan.version]);
    expect(lines).toMatchObject([{ target: { id }, outcome: 'applied' }]);
    expect(new Map(lines[0]?.fields.map(({ path, before }) => [path[0], before]))).toEqual(
      new Map(Object.entries(raw).filter(([, value]) => !EMPTY.includes(JSON.stringify(value)))),
    );
    expect(Object.values(raw)).toContain('');
    expect(lines[0]?.fields.every((field) => !('after' in field))).toBe(true);
  });

  it('is not deleted where it is not as expected', async () => {
    const { insert, store, carryOut } = await open();
    const { id } = insert();
    const expectedVersion = orderVersion(await read(id));
    store.changeOrder(id, { tag_name: 'else' });
    expect(await refusalOf(carryOut(orderDelete, { orderId: id, expectedVersion }))).toMatchObject({
      code: 'version_conflict',
    });
    expect(store.order(id)).toBeDefined();
    const version = orderVersion(await read(id));
    await carryOut(orderDelete, { orderId: id, expectedVersion: version });
    expect(store.order(id)).toBeUndefined();
  });

  it('says beforehand what cannot come back', async () => {
    const { insert, store, around } = await open();
    const shipments = store
      .orders()
      .flatMap((order) => order.order_shipments)
      .slice(0, 2);
    expect(shipments).toHaveLength(2);
    const remarksOf = async (id: string) =>
      (await orderDelete.plan({ orderId: id }, around(), new Map())).remarks.at(-1);
    expect(await remarksOf(insert().id)).toBe('Its history cannot be restored.');
    expect(await remarksOf(insert({ order_shipments: shipments.slice(0, 1) }).id)).toBe(
      'Its history and its shipment cannot be restored.',
    );
    expect(await remarksOf(insert({ order_shipments: shipments }).id)).toBe(
      'Its history and its 2 shipments cannot be restored.',
    );
    expect(orderDelete.confirm).toBe('always');
  });
});

describe('a deleted order that is made again', () => {
  it.each([{}, { computedTotals: 'as_sent' }] as const)(
    'is what it was under a new id: %o',
    async (switches) => {
      const { insert, held, store, carryOut, around } = await open(switches);
      const shipments = store.orders().flatMap((order) => order.order_shipments);
      const { id } = insert({
        order_shipments: shipments,
        order_metadata: { odm_change: 'an earlier change', shop: 7 },
        folder_id: store.folders()[1]?.id ?? 0,
      });
      const before = held(id);
      const { plan, lines } = await carryOut(orderDelete, { orderId: id });
      expect(JSON.stringify(lines)).not.toContain('odm_change');
      const kept = JSON.parse(JSON.stringify({ lines, records: plan.records }));
      const undo = orderDelete.inverse({ id: CHANGE, kind: 'order_delete', sentAt: new Date(), ...kept });
      if (undo.kind !== 'order_create' || !('order' in undo.intent)) throw new Error('another kind');
      expect(undo.remarks.join(' ')).toContain('cannot be restored');

      const made = await carryOut(
        orderCreate,
        { order: undo.intent.order, asItWas: true },
        around('the undo'),
      );
      const newId = made.lines[0]?.target.id ?? '';
      expect(newId).not.toBe(id);
      expect(made.lines[0]?.message).toBeUndefined();
      const after = held(newId);
      const withoutIds = (order: typeof before) => order.order_items.map(({ id: _id, ...item }) => item);
      expect(after).toEqual({
        ...before,
        id: newId,
        order_items: after.order_items,
        order_shipments: [],
        order_metadata: { shop: 7, odm_change: 'the undo' },
      });
      expect(withoutIds(after)).toEqual(withoutIds(before));
    },
  );

  it('cannot be made again once its record is not kept any more', () => {
    const line = { target: { kind: 'order', id: '1' }, outcome: 'applied', fields: [] } as const;
    const change = {
      id: CHANGE,
      kind: 'order_delete',
      lines: [line],
      records: {},
      sentAt: new Date(),
    } as const;
    expect(() => orderDelete.inverse(change)).toThrow('not kept any more');
  });
});
