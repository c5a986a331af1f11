/**
 * Undo through the whole product: what Order Desk keeps of the touched record is the same after it as before the change, and
 * an undo of the undo brings the change back.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderInput } from '../../../src/sandbox/index.js';
import { AN_ORDER, held } from '../../support/changes/an-order.js';
import { ALL_TOOLSETS, openWritingShop, type WritingShop } from '../../support/changes/writing-shop.js';

const STORE = { id: '951', apiKey: 'sandbox-key-951', name: 'Undone', timeZone: 'UTC', orderCount: 3 };

let shop: WritingShop;
let key: string;
beforeAll(async () => {
  shop = await openWritingShop({ stores: [STORE] });
  await shop.addTenant('undone', [STORE.id]);
  key = await shop.addKey('undone', { toolsets: ALL_TOOLSETS });
});
afterAll(() => shop?.close());

const store = () => shop.sandbox.store(STORE.id);
const insert = (order: OrderInput = {}) => store().insertOrder({ ...AN_ORDER, ...order }).id;

describe('of one order', () => {
  it.each([
    [
      'an address, a whole one and one key of it',
      { shipping: { address1: '9 Ninth Street', city: 'Salem' } },
    ],
    ['a key that was cleared', { checkout_data: { 'Gift Message': null }, order_metadata: { shop: null } }],
    ['keys that are new', { checkout_data: { Ribbon: 'red' }, order_metadata: { added: { deep: [1, 2] } } }],
    ['plain fields', { email: 'new@example.com', shipping_method: 'Air', payment_status: 'Rejected' }],
    ['amounts', { tax_total: '3.10', shipping_total: '0' }],
    [
      'fields of an item and keys of its maps',
      {
        order_items: [
          { id: '70001', quantity: 5, variation_list: { Size: 'Small', Color: null }, metadata: { x: 'y' } },
        ],
      },
    ],
    ['a note and a field at once', { order_notes: ['Rang again'], email: 'both@example.com' }],
  ])('update_order: %s', async (_what, changes) => {
    const order_id = insert();
    const before = held(store(), order_id);
    const change = await shop.write(key, 'update_order', { order_id, changes });
    expect(change).toMatchObject({ outcome: 'applied', undoable: true });
    const after = held(store(), order_id);
    expect(after).not.toEqual(before);

    const undone = await shop.undo(key, change);
    expect(undone).toMatchObject({ outcome: 'applied', undoable: true });
    expect(held(store(), order_id)).toEqual(before);

    const redone = await shop.undo(key, undone);
    expect(redone.outcome).toBe('applied');
    expect(held(store(), order_id)).toEqual(after);
  });

  it.each([
    ['add_order_note', { note: 'Call before delivery', as: 'staff_note' }],
    ['update_order_item', { item_id: '70001', changes: { price: '12.5', variation_list: { Color: null } } }],
  ])('%s', async (tool, args) => {
    const order_id = insert();
    const before = held(store(), order_id);
    const change = await shop.write(key, tool, { order_id, ...args });
    const after = held(store(), order_id);
    expect(after).not.toEqual(before);
    const undone = await shop.undo(key, change);
    expect(held(store(), order_id)).toEqual(before);
    await shop.undo(key, undone);
    expect(held(store(), order_id)).toEqual(after);
  });

  it('add_order_item: the item goes, and comes back under a new id', async () => {
    const order_id = insert();
    const before = held(store(), order_id);
    const item = { name: 'Lid', code: 'LID', price: '1.5', quantity: 2, metadata: { file: 'lid.png' } };
    const change = await shop.write(key, 'add_order_item', { order_id, item });
    const [, , added] = held(store(), order_id).order_items ?? [];
    expect(added).toMatchObject({ name: 'Lid', metadata: { file: 'lid.png' } });
    const undone = await shop.undo(key, change);
    expect(held(store(), order_id)).toEqual(before);
    const redone = await shop.undo(key, undone);
    expect(redone.remarks.join(' ')).toContain('under a new id');
    expect(contents(order_id)).toEqual([...itemsOf(before), withoutMark(added)]);
  });

  it('remove_order_item: the item comes back with all it had, and goes again', async () => {
    const order_id = insert();
    const before = held(store(), order_id);
    const change = await shop.previewed(key, 'remove_order_item', { order_id, item_id: '70001' });
    const after = held(store(), order_id);
    expect(after.order_items).toHaveLength(1);
    const undone = await shop.undo(key, change);
    const [mug, cup] = itemsOf(before);
    expect(contents(order_id)).toEqual([cup, mug]);
    const { order_items: _now, ...rest } = held(store(), order_id);
    const { order_items: _then, ...same } = before;
    expect(rest).toEqual(same);
    await shop.undo(key, undone);
    expect(held(store(), order_id)).toEqual(after);
  });

  it('update_shipment', async () => {
    const order_id = insert();
    await shop.write(key, 'add_shipments', { shipments: [parcel(order_id, 'TRACK-1')] });
    const before = held(store(), order_id);
    const [shipment] = before.order_shipments ?? [];
    const change = await shop.write(key, 'update_shipment', {
      order_id,
      shipment_id: String(shipment?.id),
      changes: { tracking_number: 'TRACK-2', cost: '7.5', tracking_url: 'https://example.com/t/2' },
    });
    const after = held(store(), order_id);
    expect(after).not.toEqual(before);
    const undone = await shop.undo(key, change);
    expect(held(store(), order_id)).toEqual(before);
    await shop.undo(key, undone);
    expect(held(store(), order_id)).toEqual(after);
  });

  it('delete_order: made again under a new id, and says what does not come back', async () => {
    const order_id = insert({ source_id: 'GONE-1' });
    await shop.write(key, 'add_shipments', { shipments: [parcel(order_id, 'TRACK-9')] });
    const before = held(store(), order_id);
    const change = await shop.previewed(key, 'delete_order', { order_id });
    expect(store().order(order_id)).toBeUndefined();
    const undone = await shop.undo(key, change);
    expect(undone.remarks.join(' ')).toMatch(/new id.*history and its shipment cannot be restored/);
    const made = undone.results[0]?.order_id ?? '';
    expect(made).not.toBe(order_id);
    const { id, order_items, order_shipments, order_metadata, date_added, folder_id, ...rest } = held(
      store(),
      made,
    );
    expect(id).toBe(made);
    expect(order_shipments).toEqual([]);
    expect(contents(made)).toEqual(itemsOf(before));
    expect(withoutMark({ id: made, metadata: order_metadata })).toEqual({ metadata: before.order_metadata });
    const { id: _1, order_items: _2, order_shipments: _3, order_metadata: _4, ...was } = before;
    expect({ ...rest, date_added, folder_id }).toEqual(was);
    expect(order_items).toHaveLength(2);
    // It is itself a creation, which is not undone.
    expect(undone.undoable).toBe(false);
    const { code } = await shop.refusal(key, 'undo_change', { change_id: undone.change_id });
    expect(code).toBe('cannot_undo');
  });
});

const parcel = (order_id: string | undefined, tracking_number: string) => ({
  order_id,
  tracking_number,
  carrier_code: 'UPS',
  shipment_method: 'Ground',
});

/** Items without ids and without our marks: one that is made again has a new one. */
const itemsOf = (order: ReturnType<typeof held>): unknown[] => (order.order_items ?? []).map(withoutMark);
const contents = (orderId: string): unknown[] => itemsOf(held(store(), orderId));

function withoutMark(record: object | undefined): unknown {
  const { id: _id, metadata, ...rest }: { id?: unknown; metadata?: unknown } = record ?? {};
  if (typeof metadata !== 'object' || metadata === null) return { ...rest, metadata };
  const { odm_change: _mark, ...others } = { odm_change: undefined, ...metadata };
  return { ...rest, metadata: Array.isArray(metadata) ? metadata : others };
}
