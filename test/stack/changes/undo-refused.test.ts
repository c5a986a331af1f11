/** When an undo is refused, to whom, and what each is told: over HTTP, on the whole product. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderInput } from '../../../src/sandbox/index.js';
import { AN_ORDER, held } from '../../support/changes/an-order.js';
import { ALL_TOOLSETS, openWritingShop, type WritingShop } from '../../support/changes/writing-shop.js';

const STORE = { id: '952', apiKey: 'sandbox-key-952', name: 'Front', timeZone: 'UTC', orderCount: 3 };
const BACK = { id: '953', apiKey: 'sandbox-key-953', name: 'Back', timeZone: 'UTC', orderCount: 3 };
const NO_SUCH_CHANGE = '01890000-0000-7000-8000-000000000000';

let shop: WritingShop;
let key: string;
beforeAll(async () => {
  shop = await openWritingShop({ stores: [STORE, BACK] });
  await shop.addTenant('ours', [STORE.id, BACK.id]);
  await shop.addTenant('theirs', [STORE.id]);
  key = await shop.addKey('ours', { toolsets: ALL_TOOLSETS });
});
afterAll(() => shop?.close());

const store = (id = STORE.id) => shop.sandbox.store(id);
const insert = (order: OrderInput = {}, id = STORE.id) => store(id).insertOrder({ ...AN_ORDER, ...order }).id;

const mailChanged = (order_id: string, by = key) =>
  shop.write(by, 'update_order', { store: STORE.name, order_id, changes: { email: 'ours@example.com' } });

describe('after an edit by somebody else', () => {
  it('to the same field: refused, names the field, and leaves the edit', async () => {
    const order_id = insert();
    const { change_id } = await mailChanged(order_id);
    store().changeOrder(order_id, { email: 'else@example.com' });
    const edited = held(store(), order_id);
    for (const dry_run of [true, false]) {
      const refused = await shop.refusal(key, 'undo_change', { change_id, dry_run });
      expect(refused.code).toBe('cannot_undo');
      expect(refused.message).toMatch(/changed since.*: email\. Nothing was written/);
    }
    expect(held(store(), order_id)).toEqual(edited);
  });

  it('to one of several fields: nothing of it is restored', async () => {
    const order_id = insert();
    const changes = { shipping_method: 'Air', shipping: { city: 'Salem', phone: '555 0111' } };
    const { change_id } = await shop.write(key, 'update_order', { store: STORE.name, order_id, changes });
    const { shipping } = store().order(order_id) ?? {};
    if (shipping === undefined) throw new Error('no address');
    store().changeOrder(order_id, { shipping: { ...shipping, phone: '555 0199' } });
    const edited = held(store(), order_id);
    const { message } = await shop.refusal(key, 'undo_change', { change_id });
    expect(message).toContain(': shipping. Nothing was written');
    expect(held(store(), order_id)).toEqual(edited);
  });

  it('to another field, also of the same map: restores ours, and the edit survives', async () => {
    const order_id = insert();
    const before = held(store(), order_id);
    const change = await shop.write(key, 'update_order', {
      store: STORE.name,
      order_id,
      changes: { email: 'ours@example.com', checkout_data: { 'Gift Message': null } },
    });
    const edit = { tag_name: 'theirs', checkout_data: { Wrap: 'no', Ribbon: 'red' } };
    store().changeOrder(order_id, edit);
    expect((await shop.undo(key, change)).outcome).toBe('applied');
    expect(held(store(), order_id)).toEqual({
      ...before,
      tag_name: 'theirs',
      checkout_data: { 'Gift Message': 'Hello', Wrap: 'no', Ribbon: 'red' },
    });
  });

  it('to a named field of an item that was added, or of a shipment: refused, and both stay', async () => {
    const order_id = insert();
    const item = await shop.write(key, 'add_order_item', {
      store: STORE.name,
      order_id,
      item: { name: 'Lid', price: '1', quantity: 2 },
    });
    const parcel = await shop.write(key, 'add_shipments', {
      store: STORE.name,
      shipments: [{ order_id, tracking_number: 'T-1', carrier_code: 'UPS' }],
    });
    const { order_items = [], order_shipments = [] } = store().order(order_id) ?? {};
    store().changeOrder(order_id, {
      order_items: order_items.map((each) => (each.name === 'Lid' ? { ...each, quantity: 9 } : each)),
      order_shipments: order_shipments.map((each) => ({ ...each, carrier_code: 'USPS' })),
    });
    const edited = held(store(), order_id);
    for (const [{ change_id }, field] of [
      [item, 'quantity'],
      [parcel, 'carrier_code'],
    ] as const) {
      const refused = await shop.refusal(key, 'undo_change', { change_id });
      expect(refused).toMatchObject({ code: 'cannot_undo', message: expect.stringContaining(field) });
    }
    expect(held(store(), order_id)).toEqual(edited);
  });

  it('by a move: the order that was moved on stays, the others go back', async () => {
    const [first = 0, second = 0, third = 0] = store()
      .folders()
      .map(({ id }) => id);
    const ids = [insert({ folder_id: first }), insert({ folder_id: first })];
    const args = { store: STORE.name, order_ids: ids, folder: String(second) };
    const change = await shop.write(key, 'move_orders', args);
    store().moveOrder(ids[0] ?? '', third);
    const undone = await shop.undo(key, change);
    expect(undone.outcome).toBe('partly');
    expect(undone.results.find(({ outcome }) => outcome === 'failed')).toMatchObject({
      order_id: ids[0],
      message: expect.stringContaining('no longer in the folder'),
    });
    expect(ids.map((id) => store().order(id)?.folder_id)).toEqual([third, first]);
  });

  it('of the stock of one item: that line is left, the others are restored', async () => {
    for (const code of ['S-1', 'S-2']) {
      const item = { name: code, code, stock: 10 };
      await shop.write(key, 'create_inventory_item', { store: STORE.name, item });
    }
    const change = await shop.write(key, 'update_inventory', {
      store: STORE.name,
      updates: ['S-1', 'S-2'].map((code) => ({ code, adjust_stock_by: 5 })),
    });
    await shop.write(key, 'update_inventory', {
      store: STORE.name,
      updates: [{ code: 'S-1', adjust_stock_by: -1 }],
    });
    const undone = await shop.undo(key, change);
    expect(undone.outcome).toBe('partly');
    expect(undone.results.find(({ outcome }) => outcome === 'failed')?.message).toContain(
      'changed since (stock)',
    );
    const stock = (code: string) =>
      store()
        .inventory()
        .find((item) => item.code === code)?.stock;
    expect([stock('S-1'), stock('S-2')]).toEqual([14, 10]);
  });
});

describe('a second undo', () => {
  it('is refused, and the first one is named where changes are listed', async () => {
    const order_id = insert();
    const change = await mailChanged(order_id);
    const first = await shop.undo(key, change);
    const restored = held(store(), order_id);
    const { code, message } = await shop.refusal(key, 'undo_change', { change_id: change.change_id });
    expect({ code, message }).toEqual({
      code: 'cannot_undo',
      message: expect.stringContaining('undone already'),
    });
    expect(message).toContain(first.change_id);
    expect(held(store(), order_id)).toEqual(restored);
    const { result } = await shop.call(key, 'list_changes', { store: STORE.name, order_id });
    expect(result?.structuredContent?.rows).toMatchObject([
      { id: first.change_id, undoes: change.change_id, undoable: true },
      { id: change.change_id, undone_by: first.change_id, undoable: false },
    ]);
  });

  it('of two at once, one is made', async () => {
    const order_id = insert();
    const { change_id } = await mailChanged(order_id);
    const replies = await Promise.all([1, 2, 3].map(() => shop.call(key, 'undo_change', { change_id })));
    const codes = replies.map(({ error }) => error?.code);
    expect(codes.filter((code) => code === undefined)).toHaveLength(1);
    for (const code of codes) expect([undefined, 'cannot_undo', 'in_progress']).toContain(code);
    expect(store().order(order_id)?.email).toBe(AN_ORDER.email);
  });
});

describe('a key', () => {
  it.each([
    ['update_order', ['update_order']],
    ['undo_change', ['undo_change']],
  ])('without %s does not restore fields of an order', async (tool, exclude) => {
    const order_id = insert();
    const { change_id } = await mailChanged(order_id);
    const limited = await shop.addKey('ours', { toolsets: ['default', 'destructive'], exclude });
    const reply = await shop.call(limited, 'undo_change', { change_id });
    expect(reply.result?.isError ?? true).toBe(true);
    if (tool === 'update_order')
      expect(reply.error).toMatchObject({ code: 'forbidden', message: expect.stringContaining(tool) });
    expect(store().order(order_id)?.email).toBe('ours@example.com');
  });

  it('needs the tool of the inverse: deleting a shipment is another right than adding one', async () => {
    const order_id = insert();
    const adds = await shop.addKey('ours', { toolsets: ['default'] });
    const { change_id } = await shop.write(adds, 'add_shipments', {
      store: STORE.name,
      shipments: [{ order_id, tracking_number: 'T-2' }],
    });
    const refused = await shop.refusal(adds, 'undo_change', { change_id });
    expect(refused).toMatchObject({ code: 'forbidden', message: expect.stringContaining('delete_shipment') });
    expect(store().order(order_id)?.order_shipments).toHaveLength(1);
  });

  it('undoes what another did only with the destructive toolset, or as an owner', async () => {
    const other = await shop.addKey('ours', {
      toolsets: ['default', 'items', 'shipments', 'inventory_admin'],
    });
    const excluded = await shop.addKey('ours', { toolsets: ALL_TOOLSETS, exclude: ['destructive'] });
    const destructive = await shop.addKey('ours', { toolsets: ['default', 'destructive'] });
    const owner = await shop.addKey('ours', { role: 'owner' });
    for (const may of [destructive, owner]) {
      const order_id = insert();
      const change = await mailChanged(order_id);
      for (const mayNot of [other, excluded]) {
        const { code, message } = await shop.refusal(mayNot, 'undo_change', { change_id: change.change_id });
        expect({ code, message }).toEqual({
          code: 'forbidden',
          message: expect.stringContaining('Another key'),
        });
      }
      expect(store().order(order_id)?.email).toBe('ours@example.com');
      expect((await shop.undo(may, change)).outcome).toBe('applied');
      expect(store().order(order_id)?.email).toBe(AN_ORDER.email);
    }
  });

  it('learns nothing of changes that it may not see: each is as if it did not exist', async () => {
    const order_id = insert();
    const front = await mailChanged(order_id);
    const theirs = await shop.addKey('theirs', { toolsets: ALL_TOOLSETS });
    const back = await shop.addKey('ours', { toolsets: ALL_TOOLSETS, stores: [BACK.name] });
    const mine = await shop.addKey('ours', { toolsets: ALL_TOOLSETS });
    const strangers = [theirs, back];
    const asked = (by: string, change_id: unknown, dry_run: boolean) =>
      shop.refusal(by, 'undo_change', { change_id, dry_run });
    for (const dry_run of [true, false]) {
      const none = await asked(mine, NO_SUCH_CHANGE, dry_run);
      expect(none.code).toBe('not_found');
      for (const stranger of strangers) {
        expect((await asked(stranger, front.change_id, dry_run)).text).toBe(none.text);
        expect((await asked(stranger, NO_SUCH_CHANGE, dry_run)).text).toBe(none.text);
      }
    }
    expect(store().order(order_id)?.email).toBe('ours@example.com');
  });
});
