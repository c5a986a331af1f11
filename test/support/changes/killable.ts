/** One change of each kind to a store of the sandbox, and how often the store's records show that it was made. */
import type { ChangeRequest } from '../../../src/changes/port.js';
import type { SandboxStore } from '../../../src/sandbox/index.js';
import { itemOf, notesOf, orderOf, shipmentsOf, shippedOrder, stockOf } from './store-parts.js';

export interface Killable {
  readonly request: Pick<ChangeRequest, 'tool' | 'kind' | 'intent'>;
  /** Whether it has to be previewed before, for a token that confirms it. */
  readonly confirmed?: boolean;
  /** Requests that write, when all goes well. */
  readonly writes: number;
  /** What is counted against the daily cap. */
  readonly effects: number;
  /** How often each of its parts was made, as the records show it. */
  made(): readonly number[];
}

export type Prepare = (shop: SandboxStore) => Killable;

/** Those that are killed at every step. */
export const MAIN = {
  update_order: (shop) => {
    const { id } = orderOf(shop);
    const patch = { email: 'new@example.com', order_notes: ['Call before delivery'] };
    return {
      request: { tool: 'update_order', kind: 'order_update', intent: { orderId: id, patch } },
      writes: 1,
      effects: 1,
      made: () => [shop.order(id)?.email === 'new@example.com' ? notesOf(shop, id).length : 0],
    };
  },

  create_order: (shop) => newOrder(shop, { source_id: 'WEB-77' }),

  'create_order without a number': (shop) => newOrder(shop, {}),

  move_orders: (shop) => {
    const folder = shop.folders().at(-1);
    const elsewhere = shop.orders().filter(({ folder_id }) => folder_id !== folder?.id);
    const orderIds = elsewhere.slice(0, 5).map(({ id }) => id);
    const folderId = String(folder?.id);
    const moves = (id: string) =>
      shop.history(id).filter(({ note }) => note === `Order Moved to ${folder?.name} Folder`).length;
    const before = orderIds.map(moves);
    return {
      request: { tool: 'move_orders', kind: 'orders_move', intent: { orderIds, folderId } },
      writes: 1,
      effects: orderIds.length,
      made: () => orderIds.map((id, at) => moves(id) - (before[at] ?? 0)),
    };
  },

  'add_shipments, a batch': (shop) => shipments(shop, ['whole', 'whole', 'whole']),

  'add_shipments, two requests': (shop) => shipments(shop, ['whole', 'whole', 'partial']),
} as const satisfies Readonly<Record<string, Prepare>>;

export type MainChange = keyof typeof MAIN;

/** Of every other kind. */
export const OTHERS = {
  add_order_note: (shop) => {
    const { id } = orderOf(shop);
    const note = 'Customer called';
    return {
      request: { tool: 'add_order_note', kind: 'note_add', intent: { orderId: id, note } },
      writes: 1,
      effects: 1,
      made: () => [shop.history(id).filter((entry) => entry.note.includes(note)).length],
    };
  },

  'add_order_note, for the staff': (shop) => {
    const { id } = orderOf(shop);
    const intent = { orderId: id, patch: { order_notes: ['Call before delivery'] } };
    return {
      request: { tool: 'add_order_note', kind: 'order_update', intent },
      writes: 1,
      effects: 1,
      made: () => [notesOf(shop, id).length],
    };
  },

  add_order_item: (shop) => {
    const { id } = orderOf(shop);
    const item = { name: 'Green Scarf', code: 'SCARF', price: 5, quantity: 1 };
    return {
      request: { tool: 'add_order_item', kind: 'item_add', intent: { orderId: id, item } },
      writes: 1,
      effects: 1,
      made: () => [(shop.order(id)?.order_items ?? []).filter(({ code }) => code === 'SCARF').length],
    };
  },

  update_order_item: (shop) => {
    const { id, itemId } = itemOf(shop);
    const intent = { orderId: id, itemId, patch: { quantity: 41 } };
    return {
      request: { tool: 'update_order_item', kind: 'item_update', intent },
      writes: 1,
      effects: 1,
      made: () => [shop.order(id)?.order_items.filter(({ quantity }) => quantity === 41).length ?? 0],
    };
  },

  remove_order_item: (shop) => {
    const { id, itemId } = itemOf(shop);
    return {
      request: { tool: 'remove_order_item', kind: 'item_remove', intent: { orderId: id, itemId } },
      writes: 1,
      effects: 1,
      made: () => [shop.order(id)?.order_items.some((item) => item.id === itemId) === true ? 0 : 1],
    };
  },

  update_shipment: (shop) => {
    const { id, shipmentId } = shippedOrder(shop);
    const intent = { orderId: id, shipmentId, patch: { tracking_number: '1Z-NEW' } };
    return {
      request: { tool: 'update_shipment', kind: 'shipment_update', intent },
      writes: 1,
      effects: 1,
      made: () => [shipmentsOf(shop, id, '1Z-NEW')],
    };
  },

  delete_shipment: (shop) => {
    const { id, shipmentId } = shippedOrder(shop);
    const intent = { shipments: [{ orderId: id, shipmentId }] };
    return {
      request: { tool: 'delete_shipment', kind: 'shipments_delete', intent },
      confirmed: true,
      writes: 1,
      effects: 1,
      made: () => [1 - shipmentsOf(shop, id, '1Z-OLD')],
    };
  },

  update_inventory: (shop) => {
    const item = stockOf(shop);
    const intent = { lines: [{ code: item.code, adjustStockBy: -2 }] };
    return {
      request: { tool: 'update_inventory', kind: 'inventory_update', intent },
      writes: 1,
      effects: 1,
      made: () => [(item.stock - stockOf(shop, item.code).stock) / 2],
    };
  },

  create_inventory_item: (shop) => {
    const intent = { item: { code: 'NEW-1', name: 'Grey Hat', price: 9, stock: 3 } };
    return {
      request: { tool: 'create_inventory_item', kind: 'inventory_create', intent },
      writes: 1,
      effects: 1,
      made: () => [shop.inventory().filter(({ code }) => code === 'NEW-1').length],
    };
  },

  delete_inventory_item: (shop) => {
    const { code } = stockOf(shop);
    return {
      request: { tool: 'delete_inventory_item', kind: 'inventory_delete', intent: { code } },
      confirmed: true,
      writes: 1,
      effects: 1,
      made: () => [shop.inventory().some((item) => item.code === code) ? 0 : 1],
    };
  },

  delete_order: (shop) => {
    const { id } = orderOf(shop);
    return {
      request: { tool: 'delete_order', kind: 'order_delete', intent: { orderId: id } },
      confirmed: true,
      writes: 1,
      effects: 1,
      made: () => [shop.order(id) === undefined ? 1 : 0],
    };
  },
} as const satisfies Readonly<Record<string, Prepare>>;

export type OtherChange = keyof typeof OTHERS;

function newOrder(shop: SandboxStore, numbered: { readonly source_id?: string }): Killable {
  const order = {
    ...numbered,
    email: 'wilhelmina@shop.example',
    shipping: { first_name: 'Wilhelmina', last_name: 'Testwick', country: 'US' },
    order_items: [{ name: 'Black Shirt', code: 'SHIRT-L', price: 5.5, quantity: 2 }],
  };
  return {
    request: { tool: 'create_order', kind: 'order_create', intent: { order } },
    writes: 1,
    effects: 1,
    made: () => [shop.orders().filter(({ email }) => email === order.email).length],
  };
}

function shipments(shop: SandboxStore, parts: readonly ('whole' | 'partial')[]): Killable {
  const orders = parts.map((part, at) => ({ part, order: orderOf(shop, at), trackingNumber: `1Z-${at}` }));
  const lines = orders.map(({ part, order, trackingNumber }) => ({
    orderId: order.id,
    trackingNumber,
    fields: { carrier_code: 'UPS' },
    ...(part === 'whole' ? {} : { items: [{ id: order.order_items[0]?.id ?? '', quantity: 1 }] }),
  }));
  return {
    request: { tool: 'add_shipments', kind: 'shipments_add', intent: { lines } },
    writes: 1 + parts.filter((part) => part === 'partial').length,
    effects: lines.length,
    made: () => lines.map(({ orderId, trackingNumber }) => shipmentsOf(shop, orderId, trackingNumber)),
  };
}
