/** What an update refuses, and what takes it back. */
import { afterEach, describe, expect, it } from 'vitest';
import { orderUpdate } from '../../../src/changes/kinds/order-update.js';
import { orderVersion } from '../../../src/orders/version.js';
import type { SandboxSwitches } from '../../../src/sandbox/index.js';
import { CHANGE, openRoom, type Room, refusalOf } from '../../support/changes/kinds-orders-room.js';

let room: Room;
afterEach(() => room.close());

const open = async (switches: Partial<SandboxSwitches> = {}): Promise<Room> => {
  room = await openRoom(switches);
  return room;
};

describe('an order that is not as expected', () => {
  it('is not written: the present version, the parts and the values of the named fields are told', async () => {
    const { insert, held, carryOut, around, requests } = await open();
    const { id, order_items: items } = insert();
    const { raw } = await around().reads.order(around().store, id, around().ctx);
    const expectedVersion = orderVersion(raw);
    room.store.changeOrder(id, { email: 'else@shop.example' });
    const before = held(id);
    requests();
    const refusal = await refusalOf(
      carryOut(orderUpdate, {
        orderId: id,
        expectedVersion,
        patch: {
          email: 'mine@shop.example',
          shipping: { city: 'X' },
          order_notes: ['hello'],
          order_items: [{ id: items[0]?.id, quantity: 9 }],
        },
      }),
    );
    expect(refusal).toMatchObject({ code: 'version_conflict', field: 'expected_version' });
    expect(refusal.message).toContain('in customer since it was read');
    expect(refusal.message).not.toContain('else@shop.example');
    const current = refusal.quotation?.data.current_version;
    expect(refusal.quotation).toMatchObject({
      mayNameCustomers: true,
      data: {
        changed_sections: ['customer'],
        fields: {
          email: 'else@shop.example',
          'shipping.city': 'Exampleton',
          [`order_items[${items[0]?.id}].quantity`]: 2,
        },
      },
    });
    expect(held(id)).toEqual(before);
    expect(requests()).toEqual({ 'GET /orders/{id}': 1 });

    if (typeof current !== 'string') throw new Error('no version');
    expect(refusal.message).toContain(current.slice(0, 32));
    expect(refusal.message).not.toContain(current);
    const again = await carryOut(orderUpdate, {
      orderId: id,
      expectedVersion: current,
      patch: { email: 'mine@shop.example' },
    });
    expect(again).toMatchObject({
      lines: [{ outcome: 'applied', fields: [{ before: 'else@shop.example' }] }],
      remarks: [],
    });
  });

  it('is written without an expected version, which is said', async () => {
    const { insert, carryOut } = await open();
    const intent = { orderId: insert().id, patch: { tag_name: 'x' } };
    const dry = await orderUpdate.plan(intent, { ...room.around(), dryRun: true }, new Map());
    expect(dry.remarks).toEqual([
      'No version was expected: whatever stands in these fields would be overwritten, and is shown as before.',
    ]);
    const { remarks } = await carryOut(orderUpdate, intent);
    expect(remarks).toEqual([
      'No version was expected: whatever stood in these fields was overwritten, and is shown as before.',
    ]);
  });

  it('needs no write where all is so already', async () => {
    const { insert, carryOut, requests } = await open();
    const { id } = insert();
    requests();
    const { plan } = await carryOut(orderUpdate, {
      orderId: id,
      patch: { shipping: { city: 'Exampleton' } },
    });
    expect(plan).toMatchObject({ steps: [], lines: [{ outcome: 'already', fields: [] }] });
    expect(requests()).toEqual({ 'GET /orders/{id}': 1 });
  });

  it.each([404, 400, 200] as const)(
    'is told to be missing, however Order Desk says so: %s',
    async (unknownId) => {
      const { carryOut } = await open({ unknownId });
      expect(await refusalOf(carryOut(orderUpdate, { orderId: '999999', patch: {} }))).toMatchObject({
        code: 'not_found',
      });
    },
  );

  it('is not written with arguments that Order Desk would ignore or cut: all are named', async () => {
    const { insert, carryOut } = await open();
    const { id } = insert();
    const refusal = await refusalOf(
      carryOut(orderUpdate, {
        orderId: id,
        patch: {
          order_total: 5,
          checkout_data: { Long: 'x'.repeat(3_600) },
          order_notes: ['y'.repeat(1_801)],
        },
      }),
    );
    expect(refusal).toMatchObject({ code: 'invalid_argument', field: 'changes.order_total' });
    for (const named of ['changes.order_total', 'changes.order_notes.0', 'changes.checkout_data']) {
      expect(refusal.message).toContain(named);
    }
  });
});

describe('a staff note', () => {
  it('is appended once in 24 hours, and taken back by an undo that leaves other notes alone', async () => {
    const { insert, held, carryOut } = await open();
    const { id } = insert();
    const before = held(id);
    const patch = { order_notes: ['Call her back'] };
    const { lines, remarks } = await carryOut(orderUpdate, { orderId: id, patch });
    expect(remarks).toEqual([]);
    expect(held(id).order_notes).toMatchObject([
      { content: 'Called back' },
      { username: 'orderdesk-mcp', content: 'Call her back' },
    ]);
    expect((await carryOut(orderUpdate, { orderId: id, patch })).lines).toMatchObject([
      { outcome: 'already', message: expect.stringContaining('24 hours already') },
    ]);
    room.store.changeOrder(id, {
      order_notes: [
        ...held(id).order_notes,
        { date_added: '2026-02-01 00:00:00', username: 'Rep', content: 'Mine' },
      ],
    });
    const undo = orderUpdate.inverse({
      id: CHANGE,
      kind: 'order_update',
      lines,
      records: {},
      sentAt: new Date(),
    });
    if (undo.kind !== 'order_update' || !('orderId' in undo.intent)) throw new Error('another kind');
    await carryOut(orderUpdate, { orderId: id, fields: lines[0]?.fields ?? [] });
    expect(held(id)).toEqual({
      ...before,
      order_notes: [
        ...before.order_notes,
        { date_added: '2026-02-01 00:00:00', username: 'Rep', content: 'Mine' },
      ],
    });
  });
});

describe('an undo', () => {
  it('restores the touched fields and no other, also after an edit to another field', async () => {
    const { insert, held, carryOut } = await open();
    const { id, order_items: items } = insert();
    const before = held(id);
    const { lines } = await carryOut(orderUpdate, {
      orderId: id,
      patch: {
        shipping: { city: 'Newtown' },
        checkout_data: { Floor: null, Bell: 'T' },
        order_items: [{ id: items[0]?.id, quantity: 5 }],
      },
    });
    room.store.changeOrder(id, { email: 'else@shop.example' });
    const undone = await carryOut(orderUpdate, { orderId: id, fields: lines[0]?.fields ?? [] });
    expect(held(id)).toEqual({ ...before, email: 'else@shop.example' });
    // An undo is a change like any other, so it can be undone.
    await carryOut(orderUpdate, { orderId: id, fields: undone.lines[0]?.fields ?? [] });
    expect(held(id)).toMatchObject({ shipping: { city: 'Newtown' }, checkout_data: { Bell: 'T' } });
  });

  it('is refused once somebody changed the same field, by its name', async () => {
    const { insert, held, carryOut, requests } = await open();
    const { id } = insert();
    const { lines } = await carryOut(orderUpdate, { orderId: id, patch: { email: 'ada@shop.example' } });
    room.store.changeOrder(id, { email: 'else@shop.example' });
    const before = held(id);
    requests();
    const refusal = await refusalOf(carryOut(orderUpdate, { orderId: id, fields: lines[0]?.fields ?? [] }));
    expect(refusal).toMatchObject({
      code: 'cannot_undo',
      quotation: { data: { fields: { email: 'else@shop.example' } }, mayNameCustomers: true },
    });
    expect(refusal.message).toContain(': email.');
    expect(refusal.message).not.toContain('else@');
    expect(held(id)).toEqual(before);
    expect(requests()).toEqual({ 'GET /orders/{id}': 1 });
  });
});
