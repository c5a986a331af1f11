/** Changing fields of an order: nothing that was not named changes, whatever Order Desk makes of a PUT. */
import { afterEach, describe, expect, it } from 'vitest';
import { orderUpdate } from '../../../src/changes/kinds/order-update.js';
import { orderVersion } from '../../../src/orders/version.js';
import type { SandboxSwitches } from '../../../src/sandbox/index.js';
import { startUpstream } from '../../integration/orderdesk/upstream.js';
import { openRoom, type Room, refusalOf } from '../../support/changes/kinds-orders-room.js';
import { orderDeskOn } from '../../support/order-desk-on.js';

let room: Room;
afterEach(() => room.close());

const open = async (switches: Partial<SandboxSwitches> = {}): Promise<Room> => {
  room = await openRoom(switches);
  return room;
};

const EITHER_WAY: readonly Partial<SandboxSwitches>[] = [
  {},
  { absentOrderItems: 'kept', missingOrderItems: 'kept' },
  { computedTotals: 'as_sent' },
  { sourceIdOnPut: 'changed', dateAddedOnPut: 'settable' },
  { cardOnPut: 'blanked' },
  { overlongData: 'truncated_silently' },
  { itemPriceType: 'string', orderTiming: 'none' },
  { putValidation: 'strict', requiredName: 'full_or_company' },
];

describe('an order of which one part is changed', () => {
  it.each(EITHER_WAY)('keeps everything else: %o', async (switches) => {
    const { insert, held, carryOut, requests } = await open(switches);
    const { id, order_items: items } = insert();
    const before = held(id);
    const [shirt, cap] = items;
    requests();

    const { lines, order } = await carryOut(orderUpdate, {
      orderId: id,
      patch: {
        email: 'ada@shop.example',
        shipping: { city: 'Newtown', phone: '555-0199' },
        checkout_data: { Floor: null, Bell: 'Testwick' },
        order_items: [{ id: cap?.id, name: 'Blue Cap', metadata: { print: 'b' } }],
      },
    });

    expect(held(id)).toEqual({
      ...before,
      email: 'ada@shop.example',
      shipping: { ...before.shipping, city: 'Newtown', phone: '555-0199' },
      checkout_data: { 'Gift Message': 'Happy Birthday', Bell: 'Testwick' },
      order_items: [shirt, { ...cap, name: 'Blue Cap', metadata: { print: 'b' } }],
    });
    expect(requests()).toEqual({ 'GET /orders/{id}': 1, 'PUT /orders/{id}': 1 });
    expect(orderUpdate.calls({ orderId: id, patch: {} })).toBe(2);
    expect(lines).toEqual([
      {
        target: { kind: 'order', id },
        outcome: 'applied',
        fields: [
          { path: ['email'], before: 'wilhelmina@shop.example', after: 'ada@shop.example' },
          { path: ['shipping', 'city'], before: 'Exampleton', after: 'Newtown' },
          { path: ['shipping', 'phone'], before: '', after: '555-0199' },
          { path: ['checkout_data', 'Floor'], before: '3' },
          { path: ['checkout_data', 'Bell'], after: 'Testwick' },
          { path: ['order_items', `#${cap?.id}`, 'name'], before: 'Red Cap', after: 'Blue Cap' },
          { path: ['order_items', `#${cap?.id}`, 'metadata', 'print'], after: 'b' },
        ],
      },
    ]);
    const { raw } = await room.around().reads.order(room.around().store, id, room.around().ctx);
    expect(orderVersion(order ?? {})).toBe(orderVersion(raw));
  });

  it('keeps its shipments and its history, and its items where two share a code', async () => {
    const { insert, held, store, carryOut } = await open();
    const { id } = insert({
      order_items: [
        { name: 'Cap', code: 'CAP', quantity: 1 },
        { name: 'Cap', code: 'CAP', quantity: 1 },
      ],
      order_shipments: store.orders().flatMap((order) => order.order_shipments),
    });
    store.moveOrder(id, store.folders()[1]?.id ?? 0);
    const before = held(id);
    const history = store.history(id);
    expect(history).toHaveLength(1);
    await carryOut(orderUpdate, { orderId: id, patch: { tag_name: 'info' } });
    expect(held(id)).toEqual({ ...before, tag_name: 'info' });
    expect(store.history(id)).toEqual(history);
  });

  it('survives the next change of another part, each being read afresh', async () => {
    const { insert, held, carryOut } = await open();
    const { id } = insert();
    await carryOut(orderUpdate, { orderId: id, patch: { shipping: { city: 'One' } } });
    await carryOut(orderUpdate, { orderId: id, patch: { shipping: { state: 'CA' }, tag_name: 'info' } });
    expect(held(id)).toMatchObject({ shipping: { city: 'One', state: 'CA' }, tag_name: 'info' });
  });

  it('is refused by the path of a number that would come back changed, and nothing is sent', async () => {
    const { insert, store, around } = await open();
    const { id } = insert();
    const text = JSON.stringify({ status: 'success', order: store.order(id) });
    const upstream = await startUpstream((_request, response) => {
      response.end(text.replace('7000000001', '18446744073709551617'));
    });
    const orderDesk = orderDeskOn(room.sandbox, store, { baseUrl: upstream.url });
    try {
      const surroundings = { ...around(), reads: orderDesk.fresh };
      const intent = { orderId: id, patch: { tag_name: 'x' } };
      expect(await refusalOf(orderUpdate.plan(intent, surroundings, new Map()))).toMatchObject({
        code: 'upstream_malformed',
        field: 'order.order_metadata.shopify_order_id',
      });
      expect(upstream.asked.map(({ method }) => method)).toEqual(['GET']);
    } finally {
      await orderDesk.close();
      await upstream.close();
    }
  });

  it('says what Order Desk computed besides, and where it computed nothing', async () => {
    const patchOf = (items: readonly { readonly id: string }[]) => ({
      order_items: [{ id: items[0]?.id, quantity: 4 }],
    });
    const { insert, carryOut } = await open();
    const { id, order_items: items } = insert();
    const { remarks } = await carryOut(orderUpdate, { orderId: id, patch: patchOf(items) });
    expect(remarks).toContain(
      'Order Desk changed besides: quantity_total, weight_total, product_total, order_total.',
    );
    await room.close();

    const sent = await open({ computedTotals: 'as_sent' });
    const other = sent.insert();
    const kept = await sent.carryOut(orderUpdate, { orderId: other.id, patch: patchOf(other.order_items) });
    expect(kept.remarks).toContain(
      'Order Desk left the totals of the order as they were: look whether they are right.',
    );
  });

  it('says which field Order Desk did not take, and shows what it holds instead', async () => {
    const { insert, store, carryOut, around } = await open();
    const { id } = insert();
    const surroundings = around();
    const plan = await orderUpdate.plan(
      { orderId: id, patch: { email: 'new@shop.example' } },
      surroundings,
      new Map(),
    );
    const [step] = plan.steps;
    if (step === undefined) throw new Error('no step');
    const stubborn = { ...store.order(id), shipping_method: 'Other' };
    const answered = await orderUpdate.read(step, { status: 'success', order: stubborn }, surroundings);
    expect(answered.lines).toMatchObject([
      {
        outcome: 'applied',
        fields: [{ path: ['email'], before: 'wilhelmina@shop.example', after: 'wilhelmina@shop.example' }],
        message: 'Order Desk did not take this as it was sent: email. The fields show what it holds now.',
      },
    ]);
    expect(answered.remarks).toEqual(['Order Desk changed besides: shipping_method.']);
    await expect(carryOut(orderUpdate, { orderId: id, patch: {} })).resolves.toMatchObject({
      lines: [{ outcome: 'already' }],
    });
  });

  it('is read once where the answer does not hold it', async () => {
    const { insert, around, requests } = await open();
    const { id } = insert();
    const plan = await orderUpdate.plan({ orderId: id, patch: { tag_name: 'x' } }, around(), new Map());
    const [step] = plan.steps;
    if (step === undefined) throw new Error('no step');
    room.store.changeOrder(id, { tag_name: 'x' });
    requests();
    const answered = await orderUpdate.read(step, { status: 'success' }, around());
    expect(answered.order).toMatchObject({ id, tag_name: 'x' });
    expect(requests()).toEqual({ 'GET /orders/{id}': 1 });
    room.store.removeOrder(id);
    expect(await orderUpdate.read(step, { status: 'success' }, around())).toEqual({ lines: plan.lines });
  });
});
