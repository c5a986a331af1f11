/** A call of every tool that writes: what it takes, what it costs, and what Order Desk does of its own accord beside it. */
import type { OrderInput } from '../../../src/sandbox/index.js';
import type { ToolRoom } from './tool-room.js';

export interface WriteRow {
  readonly name: string;
  readonly tool: string;
  /** Requests of the real call, once the folders are known. */
  readonly calls: number;
  /** Makes what the call needs, which may be another change. */
  args(room: ToolRoom): Promise<Record<string, unknown>>;
  /** What Order Desk changes in its records beside what was asked for. */
  readonly besides: readonly RegExp[];
  /** What a real call makes has an id that its dry run could not know. */
  readonly makes?: true;
}

const TOTALS = /^order \d+ (quantity|product|order|weight)_total$/;
const UPDATED = /^(order|inventory) \d+ date_updated$/;
const HISTORY = /^order \d+ order_history\[/;
const WRITER = /^inventory \d+ update_source$/;
const MARK = /odm_change$/;
/** Blank members, totals, dates and ids of a new order or of its parts. */
const ITS_OWN =
  /^order \d+ (?!email$|source|shipping\.(first|last)_name|order_items\[\S+\]\.(code|name|price|quantity))/;
const SHIPMENT_OWN = /^order \d+ order_shipments\[\S+\]\.(?!tracking_number|carrier_code|cost$)/;
const ITEM_OWN = /^order \d+ order_items\[\S+\]\.(id|weight|delivery_type|category_code|fulfillment_method)$/;

let orders = 0;

/** An order of its own for each row. */
export function newOrder(room: ToolRoom, input: OrderInput = {}): string {
  orders += 1;
  const id = String(700_000 + orders);
  const item = (place: number) => ({
    id: `${id}${place}`,
    code: `CODE-${place}`,
    name: `Item ${place}`,
    price: 10,
    quantity: 2,
  });
  room.shop.insertOrder({
    id,
    source_id: `SHOP-${orders}`,
    order_items: [item(1), item(2)],
    shipping: { first_name: 'Ada', last_name: 'Example', phone: '555 0100' },
    ...input,
  });
  return id;
}

const shipped = async (room: ToolRoom): Promise<{ order_id: string; shipment_id: string }> => {
  const order_id = newOrder(room);
  await room.write('add_shipments', {
    shipments: [{ order_id, tracking_number: 'ONE', carrier_code: 'UPS' }],
  });
  return { order_id, shipment_id: room.shop.order(order_id)?.order_shipments[0]?.id ?? '' };
};

const codeAt = (room: ToolRoom, place: number): string => room.shop.inventory()[place]?.code ?? '';

export const WRITE_ROWS: readonly WriteRow[] = [
  {
    name: 'create_order',
    tool: 'create_order',
    calls: 2,
    makes: true,
    async args() {
      return {
        order_items: [{ code: 'TEE', name: 'T-Shirt', price: '24.00', quantity: 2 }],
        source_id: 'PHONE-1042',
        source_name: 'Telephone',
        email: 'ada@example.com',
        shipping: { first_name: 'Ada', last_name: 'Example' },
      };
    },
    besides: [ITS_OWN],
  },
  {
    name: 'create_order without a number',
    tool: 'create_order',
    calls: 1,
    makes: true,
    async args() {
      return { order_items: [{ name: 'T-Shirt' }], shipping: { first_name: 'Ada', last_name: 'Example' } };
    },
    besides: [/^order \d+ source_(id|name)$/, /^order \d+ email$/, ITS_OWN, /\.(code|price)$/],
  },
  {
    name: 'update_order',
    tool: 'update_order',
    calls: 2,
    async args(room) {
      const order_id = newOrder(room);
      const changes = {
        shipping: { phone: '555 0199', company: null },
        checkout_data: { gift: 'yes' },
        order_items: [{ id: `${order_id}1`, quantity: 3 }],
        order_notes: ['Wrap it'],
      };
      return { order_id, changes };
    },
    besides: [TOTALS, UPDATED],
  },
  {
    name: 'move_orders',
    tool: 'move_orders',
    calls: 1,
    async args(room) {
      return { order_ids: [newOrder(room), newOrder(room)], folder: 'Shipped' };
    },
    besides: [UPDATED, HISTORY],
  },
  {
    name: 'add_order_note in the history',
    tool: 'add_order_note',
    calls: 1,
    async args(room) {
      return { order_id: newOrder(room), note: 'Customer called.' };
    },
    besides: [/order_history\[\+0\]\.(source_name|date_added)$/, UPDATED],
  },
  {
    name: 'add_order_note for the staff',
    tool: 'add_order_note',
    calls: 2,
    async args(room) {
      return { order_id: newOrder(room), note: 'Customer called.', as: 'staff_note' };
    },
    besides: [UPDATED],
  },
  {
    name: 'add_shipments',
    tool: 'add_shipments',
    calls: 2,
    makes: true,
    async args(room) {
      const order_id = newOrder(room);
      return { shipments: [{ order_id, tracking_number: 'TWO', carrier_code: 'UPS', cost: '4.50' }] };
    },
    besides: [SHIPMENT_OWN, HISTORY, UPDATED],
  },
  {
    name: 'update_inventory',
    tool: 'update_inventory',
    calls: 3,
    async args(room) {
      const updates = [
        { code: codeAt(room, 0), adjust_stock_by: 5 },
        { code: codeAt(room, 1), set: { location: 'Shelf 9' } },
      ];
      return { updates };
    },
    besides: [UPDATED, WRITER],
  },
  {
    name: 'undo_change of an update',
    tool: 'undo_change',
    calls: 2,
    async args(room) {
      const changes = { shipping: { phone: '555 0198' } };
      const { change_id } = await room.write('update_order', { order_id: newOrder(room), changes });
      return { change_id };
    },
    besides: [UPDATED],
  },
  {
    name: 'undo_change of a move',
    tool: 'undo_change',
    calls: 2,
    async args(room) {
      const { change_id } = await room.write('move_orders', {
        order_ids: [newOrder(room)],
        folder: 'Shipped',
      });
      return { change_id };
    },
    besides: [UPDATED, HISTORY],
  },
  {
    name: 'add_order_item',
    tool: 'add_order_item',
    calls: 2,
    makes: true,
    async args(room) {
      return { order_id: newOrder(room), item: { name: 'Mug', code: 'MUG', price: '5.00', quantity: 1 } };
    },
    besides: [TOTALS, UPDATED, ITEM_OWN, MARK],
  },
  {
    name: 'update_order_item',
    tool: 'update_order_item',
    calls: 2,
    async args(room) {
      const order_id = newOrder(room);
      return { order_id, item_id: `${order_id}2`, changes: { quantity: 7 } };
    },
    besides: [TOTALS, UPDATED],
  },
  {
    name: 'remove_order_item',
    tool: 'remove_order_item',
    calls: 2,
    async args(room) {
      const order_id = newOrder(room);
      return { order_id, item_id: `${order_id}2` };
    },
    besides: [TOTALS, UPDATED],
  },
  {
    name: 'update_shipment',
    tool: 'update_shipment',
    calls: 2,
    async args(room) {
      return { ...(await shipped(room)), changes: { tracking_number: 'THREE' } };
    },
    besides: [UPDATED, HISTORY],
  },
  {
    name: 'delete_shipment',
    tool: 'delete_shipment',
    calls: 2,
    args: shipped,
    // Labels are neither shown nor kept.
    besides: [UPDATED, HISTORY, /label_image$/],
  },
  {
    name: 'create_inventory_item',
    tool: 'create_inventory_item',
    calls: 2,
    makes: true,
    async args() {
      return { item: { name: 'Mug', code: 'MUG-NEW', stock: 4, location: 'Shelf 1' } };
    },
    besides: [/^inventory \d+ (id|price|cost|weight|manufacturer_sku|date_added|date_updated)$/],
  },
  {
    name: 'delete_inventory_item',
    tool: 'delete_inventory_item',
    calls: 2,
    async args(room) {
      return { code: codeAt(room, 2) };
    },
    besides: [],
  },
  {
    name: 'delete_order',
    tool: 'delete_order',
    calls: 2,
    async args(room) {
      return { order_id: newOrder(room) };
    },
    besides: [],
  },
];
