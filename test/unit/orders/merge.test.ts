import { describe, expect, it } from 'vitest';
import { CHECKOUT_DATA_CAP, jsonLength, METADATA_CAP, NOTE_CAP } from '../../../src/orders/merge/caps.js';
import { checkedNote, newInventoryItem, newItem, newOrder } from '../../../src/orders/merge/create.js';
import { mergeInventory, mergeItem, mergeOrder, mergeShipment } from '../../../src/orders/merge/order.js';
import type { Raw } from '../../../src/orders/merge/raw.js';
import type { Outcome } from '../../../src/orders/merge/refusal.js';

const NOW = new Date('2026-01-10T12:00:00Z');
const OPTIONS = { now: NOW, notesBy: 'orderdesk-mcp' };

const raw = {
  id: '26211',
  email: 'ada@example.com',
  tax_total: 1.2,
  folder_id: 1,
  shipping: { first_name: 'Ada', city: 'Springfield' },
  checkout_data: { Gift: 'yes' },
  order_metadata: [],
  order_notes: [{ date_added: '2026-01-09 23:12:05', username: 'Rep', content: 'Called' }],
  order_items: [
    { id: '1', name: 'Shirt', price: 5.5, quantity: 1, metadata: { image: 'a.png' }, odd: null },
    { id: 2, name: 'Hat', price: '3.00', quantity: 1, variation_list: [] },
  ],
  not_known_here: { a: [1] },
};

const merge = (patch: Raw, record: Raw = raw) => mergeOrder(record, patch, OPTIONS);

function taken<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome;
  throw new Error(outcome.refusals.map(({ message }) => message).join(' '));
}

const refused = (outcome: Outcome<unknown>) => (outcome.ok ? [] : outcome.refusals);
const fieldsOf = (outcome: Outcome<unknown>) => refused(outcome).map(({ field }) => field);

describe('a merged order', () => {
  it('has the named fields as they were asked for, and names them', () => {
    const { merged, fields } = taken(
      merge({
        email: null,
        shipping: { city: 'Salem', first_name: null },
        checkout_data: { Gift: null },
        order_metadata: { score: 7 },
        order_items: [{ id: '2', quantity: '4', variation_list: { Size: 'L' } }],
      }),
    );
    expect(merged).toEqual({
      ...raw,
      email: '',
      shipping: { first_name: '', city: 'Salem' },
      checkout_data: [],
      order_metadata: { score: 7 },
      order_items: [
        raw.order_items[0],
        { id: 2, name: 'Hat', price: '3.00', quantity: 4, variation_list: { Size: 'L' } },
      ],
    });
    expect(fields).toEqual([
      { path: ['email'], before: 'ada@example.com', after: '' },
      { path: ['shipping', 'first_name'], before: 'Ada', after: '' },
      { path: ['shipping', 'city'], before: 'Springfield', after: 'Salem' },
      { path: ['checkout_data', 'Gift'], before: 'yes' },
      { path: ['order_metadata', 'score'], after: 7 },
      { path: ['order_items', '#2', 'quantity'], before: 1, after: 4 },
      { path: ['order_items', '#2', 'variation_list', 'Size'], after: 'L' },
    ]);
  });

  it('is the very record where all is so already, in whatever way it is written', () => {
    const patch = {
      tax_total: '1.20',
      shipping: { phone: null },
      checkout_data: { Gift: 'yes', other: null },
      order_items: [{ id: '2', price: 3, code: null }],
    };
    expect(taken(merge(patch))).toEqual({ ok: true, merged: raw, fields: [], notesAlreadyThere: [] });
  });

  it('can start from maps and lists as PHP writes them', () => {
    const odd = { ...raw, shipping: [], checkout_data: ['a', 'b'], order_items: { 3: raw.order_items[0] } };
    const patch = {
      shipping: { city: 'Salem' },
      checkout_data: { 1: 'c' },
      order_items: [{ id: '1', price: 6 }],
    };
    expect(taken(merge(patch, odd)).merged).toEqual({
      ...odd,
      shipping: { city: 'Salem' },
      checkout_data: { 0: 'a', 1: 'c' },
      order_items: [{ ...raw.order_items[0], price: 6 }],
    });
  });

  it('has its notes appended in the form of Order Desk', () => {
    const { merged, notesAlreadyThere } = taken(merge({ order_notes: ['Paid', ' Called ', 'Paid'] }));
    expect(merged.order_notes).toEqual([
      ...raw.order_notes,
      { date_added: '2026-01-10 12:00:00', username: 'orderdesk-mcp', content: 'Paid' },
    ]);
    expect(notesAlreadyThere).toEqual([1, 2]);
  });

  it('gets a note again that is a day old', () => {
    const now = new Date('2026-01-10T23:12:05Z');
    const again = taken(mergeOrder(raw, { order_notes: ['Called'] }, { ...OPTIONS, now }));
    expect(again.merged.order_notes).toHaveLength(2);
  });
});

describe('what cannot be merged', () => {
  it.each([
    ...['id', 'order_total', 'quantity_total', 'weight_total', 'product_total', 'discount_total'],
    ...['email_count', 'date_added', 'date_updated', 'order_history', 'order_shipments', 'source_id'],
    ...['folder_id', 'folder', 'folder_name', 'cc_number', 'cc_exp', 'ip_address', 'refund_total'],
    ...['fulfillment_id', 'fulfillment_name', 'tag_color'],
  ])('is %s, with a hint', (name) => {
    const [refusal, ...others] = refused(merge({ [name]: 'x', email: 'new@example.com' }));
    expect(others).toEqual([]);
    expect(refusal).toMatchObject({ field: `changes.${name}`, message: `changes.${name} cannot be set.` });
    expect(refusal?.hint).toBeTruthy();
  });

  it.each([
    ['a field that nobody knows', { nonsense: 1 }, 'changes.nonsense'],
    ['a name that every object has', { toString: 'x' }, 'changes.toString'],
    ['a number for text', { email: 5 }, 'changes.email'],
    ['words for money', { tax_total: 'free' }, 'changes.tax_total'],
    ['money below zero', { tax_total: -1 }, 'changes.tax_total'],
    ['digits that a number would lose', { tax_total: '1.12345678901234567' }, 'changes.tax_total'],
    ['a cleared number', { tax_total: null }, 'changes.tax_total'],
    ['text for a map', { shipping: 'Salem' }, 'changes.shipping'],
    ['a cleared map', { checkout_data: null }, 'changes.checkout_data'],
    ['a part that no address has', { customer: { address3: 'x' } }, 'changes.customer.address3'],
    ['a list in checkout data', { checkout_data: { a: [] } }, 'changes.checkout_data.a'],
    ['our own mark', { order_metadata: { odm_change: 'x' } }, 'changes.order_metadata.odm_change'],
    ['an item that is not there', { order_items: [{ id: '9', price: 1 }] }, 'changes.order_items.0.id'],
    ['an item without an id', { order_items: [{ name: 'New' }] }, 'changes.order_items.0.id'],
    ['an item twice', { order_items: [{ id: '1' }, { id: '1' }] }, 'changes.order_items.1.id'],
    ['half an item', { order_items: [{ id: '1', quantity: 1.5 }] }, 'changes.order_items.0.quantity'],
    ['an item without a name', { order_items: [{ id: '1', name: null }] }, 'changes.order_items.0.name'],
    [
      'a new kind of delivery',
      { order_items: [{ id: '1', delivery_type: 'fly' }] },
      'changes.order_items.0.delivery_type',
    ],
    ['a state of payment that there is not', { payment_status: 'paid' }, 'changes.payment_status'],
    ['a blank note', { order_notes: [' '] }, 'changes.order_notes.0'],
    ['a note that is no text', { order_notes: [{ content: 'x' }] }, 'changes.order_notes.0'],
    [
      'a discount below zero',
      { discount_list: [{ name: 'D', amount: '-1' }] },
      'changes.discount_list.0.amount',
    ],
  ])('is %s', (_what, patch, field) => {
    expect(fieldsOf(merge(patch))).toEqual([field]);
  });

  it("is not the case of a word: Order Desk's own spelling is sent", () => {
    const outcome = merge({ payment_status: ' fully refunded' });
    expect(outcome).toMatchObject({
      ok: true,
      fields: [{ path: ['payment_status'], after: 'Fully Refunded' }],
    });
  });

  it('is told all at once, and the ids of the items that there are', () => {
    const refusals = refused(merge({ id: '1', order_items: [{ id: '9' }], nonsense: 1 }));
    expect(refusals.map(({ field }) => field)).toEqual([
      'changes.id',
      'changes.nonsense',
      'changes.order_items.0.id',
    ]);
    expect(refusals[2]?.hint).toContain('1, 2');
  });
});

describe('what Order Desk would cut', () => {
  const long = (length: number, letter = 'x') => letter.repeat(length);
  /** `{"k":"…"}` */
  const FRAME = 8;

  it('counts JSON as PHP writes it, which escapes more', () => {
    expect(jsonLength({ k: 'xx' })).toBe(FRAME + 2);
    expect(jsonLength({ k: 'ü/' })).toBe(FRAME + 6 + 2);
    expect(jsonLength({ k: '😀' })).toBe(FRAME + 12);
  });

  it('is refused by the character', () => {
    const data = (length: number, letter?: string) =>
      merge({ checkout_data: { Gift: null, k: long(length, letter) } });
    expect(fieldsOf(data(CHECKOUT_DATA_CAP - FRAME))).toEqual([]);
    expect(fieldsOf(data(CHECKOUT_DATA_CAP - FRAME + 1))).toEqual(['changes.checkout_data']);
    expect(fieldsOf(data(600, 'ü'))).toEqual(['changes.checkout_data']);
  });

  it('leaves room for the mark in metadata', () => {
    const mark = `,"odm_change":"00000000-0000-0000-0000-000000000000"`.length;
    const data = (length: number) => merge({ order_metadata: { k: long(length) } });
    expect(fieldsOf(data(METADATA_CAP - FRAME - mark))).toEqual([]);
    expect(fieldsOf(data(METADATA_CAP - FRAME - mark + 1))).toEqual(['changes.order_metadata']);
  });

  it('lets what is too long already become shorter', () => {
    const over = { ...raw, checkout_data: { k: long(4_000), l: 'x' } };
    expect(fieldsOf(merge({ checkout_data: { l: null } }, over))).toEqual([]);
    expect(fieldsOf(merge({ checkout_data: { l: 'xy' } }, over))).toEqual(['changes.checkout_data']);
  });

  it('is a note beyond its cap, by characters and by bytes', () => {
    expect(fieldsOf(merge({ order_notes: [long(NOTE_CAP)] }))).toEqual([]);
    expect(fieldsOf(merge({ order_notes: [long(NOTE_CAP + 1)] }))).toEqual(['changes.order_notes.0']);
    expect(fieldsOf(checkedNote(long(NOTE_CAP / 2 + 1, 'ü')))).toEqual(['note']);
    expect(taken(checkedNote('Moved'))).toMatchObject({ note: 'Moved' });
  });
});

describe('other records merged', () => {
  it('keep what is not named', () => {
    const item = { id: '1', name: 'Shirt', metadata: { image: 'a.png' }, odd: 1 };
    expect(taken(mergeItem(item, { metadata: { print: 'b.png' } })).merged).toEqual({
      ...item,
      metadata: { image: 'a.png', print: 'b.png' },
    });
    const shipment = { id: '437', tracking_number: '1Z', weight: '3.55', label_image: 'xx' };
    expect(taken(mergeShipment(shipment, { weight: 4.2, cost: null })).merged).toEqual({
      ...shipment,
      weight: '4.2',
    });
    const stock = { id: 7, name: 'Gum', code: 'gum', stock: 20, manufacturer_sku: null, metadata: [] };
    expect(taken(mergeInventory(stock, { stock: '18', manufacturer_sku: '' })).merged).toEqual({
      ...stock,
      stock: 18,
    });
  });

  it.each([
    ['the id of an item', mergeItem({ id: '1' }, { id: '2' }), 'changes.id'],
    ['the items of a shipment', mergeShipment({ id: '1' }, { order_items: [] }), 'changes.order_items'],
    ['no tracking number', mergeShipment({ id: '1' }, { tracking_number: '' }), 'changes.tracking_number'],
    ['the date of a shipment', mergeShipment({ id: '1' }, { date_shipped: 'x' }), 'changes.date_shipped'],
    ['no code', mergeInventory({ id: 1, code: 'a' }, { code: null }), 'set.code'],
    ['the dates of an inventory item', mergeInventory({ id: 1 }, { date_added: 'x' }), 'set.date_added'],
  ])('refuse %s', (_what, outcome, field) => {
    expect(fieldsOf(outcome)).toEqual([field]);
  });
});

describe('a new record', () => {
  const order = { shipping: { company: 'Example Ltd' }, order_items: [{ name: 'Shirt', price: '5.50' }] };

  it('is what was asked for, in the types of Order Desk', () => {
    const asked = { ...order, source_id: 'A-1', email: null, order_notes: ['Hello'], folder_id: '7' };
    expect(taken(newOrder(asked, OPTIONS)).record).toEqual({
      shipping: { company: 'Example Ltd' },
      source_id: 'A-1',
      folder_id: 7,
      order_items: [{ name: 'Shirt', price: 5.5 }],
      order_notes: [{ date_added: '2026-01-10 12:00:00', username: 'orderdesk-mcp', content: 'Hello' }],
    });
    expect(taken(newItem({ name: 'Hat', quantity: 2 })).record).toEqual({ name: 'Hat', quantity: 2 });
    expect(taken(newInventoryItem({ name: 'Hat', code: 'hat' })).record).toEqual({
      name: 'Hat',
      code: 'hat',
    });
  });

  it.each([
    ['no items', { ...order, order_items: [] }, 'order_items'],
    ['an item with an id', { ...order, order_items: [{ id: '1', name: 'x' }] }, 'order_items.0.id'],
    ['an item without name and code', { ...order, order_items: [{ price: 1 }] }, 'order_items.0'],
    ['nobody', { ...order, shipping: { city: 'Salem' } }, 'shipping'],
    ['an id', { ...order, id: '1' }, 'id'],
    ['a total', { ...order, order_total: 1 }, 'order_total'],
    ['a shipment', { ...order, order_shipments: [] }, 'order_shipments'],
    ['a date of another form', { ...order, date_added: '2026-01-10T12:00:00Z' }, 'date_added'],
    ['our mark', { ...order, order_metadata: { odm_change: 'x' } }, 'order_metadata.odm_change'],
  ])('is refused with %s', (_what, asked, field) => {
    expect(fieldsOf(newOrder(asked, OPTIONS))).toEqual([field]);
  });

  it('is refused without the names that it must have', () => {
    expect(fieldsOf(newItem({ price: 1 }))).toEqual(['item.name']);
    expect(fieldsOf(newInventoryItem({ name: ' ' }))).toEqual(['item.code', 'item.name']);
  });
});
