/** Undo of changes of several orders and of the inventory, and what is not undone, through the whole product. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InventoryRecord, OrderInput } from '../../../src/sandbox/index.js';
import { AN_ORDER, held } from '../../support/changes/an-order.js';
import { ALL_TOOLSETS, openWritingShop, type WritingShop } from '../../support/changes/writing-shop.js';

const STORE = { id: '954', apiKey: 'sandbox-key-954', name: 'Undone', timeZone: 'UTC', orderCount: 3 };

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

describe('of several', () => {
  it('move_orders: each goes back to the folder it was in, once that is confirmed', async () => {
    const [first = 0, second = 0, third = 0] = store()
      .folders()
      .map(({ id }) => id);
    const ids = [insert({ folder_id: first }), insert({ folder_id: second }), insert({ folder_id: third })];
    const folders = () => ids.map((id) => store().order(id)?.folder_id);
    const change = await shop.write(key, 'move_orders', { order_ids: ids, folder: String(third) });
    expect(folders()).toEqual([third, third, third]);
    const unconfirmed = await shop.refusal(key, 'undo_change', { change_id: change.change_id });
    expect(unconfirmed.code).toBe('confirmation_required');
    expect(folders()).toEqual([third, third, third]);
    const undone = await shop.undo(key, change);
    expect(undone.remarks.join(' ')).toContain('is not taken back');
    expect(folders()).toEqual([first, second, third]);
    await shop.undo(key, undone);
    expect(folders()).toEqual([third, third, third]);
  });

  it('add_shipments: one and several are deleted again', async () => {
    const ids = [insert(), insert(), insert()];
    const before = ids.map((id) => held(store(), id));
    const one = await shop.write(key, 'add_shipments', { shipments: [parcel(ids[0], 'ONE')] });
    const more = await shop.write(key, 'add_shipments', {
      shipments: [...ids.map((id) => parcel(id, `MORE-${id}`)), parcel(ids[2], 'MORE-2')],
    });
    const counts = () => ids.map((id) => store().order(id)?.order_shipments.length);
    expect(counts()).toEqual([2, 1, 2]);
    const undone = await shop.undo(key, more);
    expect(undone.results.every(({ outcome }) => outcome === 'applied')).toBe(true);
    expect(counts()).toEqual([1, 0, 0]);
    await shop.undo(key, one);
    expect(ids.map((id) => held(store(), id))).toEqual(before);
    // Adding a shipment again would tell the customer again.
    const { code, message } = await shop.refusal(key, 'undo_change', { change_id: undone.change_id });
    expect({ code, message }).toEqual({
      code: 'cannot_undo',
      message: expect.stringContaining('cannot be restored'),
    });
  });
});

describe('of the inventory', () => {
  const kept = (code: string) => {
    const item = store()
      .inventory()
      .find((each) => each.code === code);
    if (item === undefined) return undefined;
    const { date_updated: _updated, update_source: _source, ...rest } = item;
    return structuredClone(rest);
  };
  const create = async (code: string): Promise<void> => {
    const item = {
      name: `Item ${code}`,
      code,
      price: '4.5',
      cost: '2',
      stock: 40,
      location: 'A1',
      variation_list: { Size: 'L' },
    };
    await shop.write(key, 'create_inventory_item', { item });
  };

  it('update_inventory: stock that was set or adjusted, and fields', async () => {
    for (const code of ['INV-1', 'INV-2', 'INV-3']) await create(code);
    const codes = ['INV-1', 'INV-2', 'INV-3'];
    const before = codes.map(kept);
    const change = await shop.write(key, 'update_inventory', {
      updates: [
        { code: 'INV-1', set: { stock: 7, location: 'B2', price: '5' } },
        { code: 'INV-2', adjust_stock_by: -3, expected_stock: '40' },
        { code: 'INV-3', set: { name: 'Renamed', variation_list: { Size: null, Color: 'Red' } } },
      ],
    });
    const after = codes.map(kept);
    expect(after.map((item) => item?.stock)).toEqual([7, 37, 40]);
    const undone = await shop.undo(key, change);
    expect(codes.map(kept)).toEqual(before);
    await shop.undo(key, undone);
    expect(codes.map(kept)).toEqual(after);
  });

  it('delete_inventory_item: made again under a new id, with the stock it had', async () => {
    await create('INV-4');
    const before = kept('INV-4');
    const change = await shop.previewed(key, 'delete_inventory_item', { code: 'INV-4' });
    expect(kept('INV-4')).toBeUndefined();
    const undone = await shop.undo(key, change);
    expect(undone.remarks.join(' ')).toContain('under a new id');
    const after = kept('INV-4');
    expect(after?.id).not.toBe(before?.id);
    expect(contentOf(after)).toEqual(contentOf(before));
  });
});

describe('what cannot be undone', () => {
  it('is refused with the reason, and nothing is sent', async () => {
    const order_id = insert();
    await shop.write(key, 'add_shipments', { shipments: [parcel(order_id, 'LAST')] });
    const shipment_id = String(store().order(order_id)?.order_shipments[0]?.id);
    const order = {
      order_items: [{ name: 'Mug', price: '1' }],
      shipping: { first_name: 'Ada', last_name: 'Miller' },
    };
    const changes = {
      'making of an order': await shop.write(key, 'create_order', order),
      'Making an inventory item': await shop.write(key, 'create_inventory_item', {
        item: { name: 'Made', code: 'MADE-1' },
      }),
      'note in the history': await shop.write(key, 'add_order_note', { order_id, note: 'For good' }),
      'shipment cannot be restored': await shop.previewed(key, 'delete_shipment', { order_id, shipment_id }),
    };
    const sent = structuredClone(shop.sandbox.counters());
    for (const [reason, { change_id, undoable }] of Object.entries(changes)) {
      expect(undoable, reason).toBe(false);
      const refused = await shop.refusal(key, 'undo_change', { change_id });
      expect(refused).toMatchObject({ code: 'cannot_undo', message: expect.stringContaining(reason) });
    }
    expect(shop.sandbox.counters()).toEqual(sent);
  });
});

const parcel = (order_id: string | undefined, tracking_number: string) => ({
  order_id,
  tracking_number,
  carrier_code: 'UPS',
  shipment_method: 'Ground',
});

function contentOf(item: Partial<InventoryRecord> | undefined): unknown {
  const { id: _id, date_added: _added, ...rest } = item ?? {};
  return rest;
}
