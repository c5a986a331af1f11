/** What changes are made to, of a store of the sandbox. */
import type { OrderRecord, SandboxStore } from '../../../src/sandbox/index.js';

export function orderOf(shop: SandboxStore, at = 0): OrderRecord {
  const order = shop.orders()[at];
  if (order === undefined) throw new Error(`The store has no order ${at}.`);
  return order;
}

/** An order of two items, and the first of them. */
export function itemOf(shop: SandboxStore): { readonly id: string; readonly itemId: string } {
  const { id } = shop.insertOrder({
    date_added: '2026-01-01 00:00:00',
    order_items: [
      { name: 'Black Shirt', code: 'SHIRT', price: 5, quantity: 2 },
      { name: 'Blue Cap', code: 'CAP', price: 3, quantity: 1 },
    ],
  });
  return { id, itemId: shop.order(id)?.order_items[0]?.id ?? '' };
}

/** An order with one shipment, of the number `1Z-OLD`. */
export function shippedOrder(shop: SandboxStore): { readonly id: string; readonly shipmentId: string } {
  const donor = shop.orders().find(({ order_shipments }) => order_shipments.length > 0);
  const [shipment] = donor?.order_shipments ?? [];
  if (shipment === undefined) throw new Error('No order of the store has a shipment.');
  const { id } = orderOf(shop);
  const own = { ...shipment, id: '880001', order_id: id, tracking_number: '1Z-OLD' };
  shop.changeOrder(id, { order_shipments: [own] });
  return { id, shipmentId: own.id };
}

export function stockOf(shop: SandboxStore, code?: string) {
  const item = shop.inventory().find((each) => code === undefined || each.code === code);
  if (item === undefined) throw new Error('The store has no such inventory item.');
  return item;
}

export const notesOf = (shop: SandboxStore, id: string) =>
  (shop.order(id)?.order_notes ?? []).filter(({ content }) => content === 'Call before delivery');

export const shipmentsOf = (shop: SandboxStore, id: string, trackingNumber: string): number =>
  (shop.order(id)?.order_shipments ?? []).filter(({ tracking_number }) => tracking_number === trackingNumber)
    .length;
