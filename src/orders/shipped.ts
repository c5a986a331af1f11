/** How far an order has been shipped, read from its shipments: Order Desk has no such field. */
import type { ItemView, OrderView } from '../orderdesk/views.js';

export const SHIPPED_STATES = ['no', 'partly', 'yes', 'not_needed'] as const;
export type ShippedState = (typeof SHIPPED_STATES)[number];

const NOT_SHIPPED_GOODS: ReadonlySet<string> = new Set(['noship', 'download']);

/** Neither a download nor a service: it has to be sent. */
export const isGoods = ({ deliveryType }: Pick<ItemView, 'deliveryType'>): boolean =>
  !NOT_SHIPPED_GOODS.has(deliveryType ?? '');

/** A shipment that names no items covers the whole order; one that names some covers those. */
export function shippedState(order: Pick<OrderView, 'items' | 'shipments'>): ShippedState {
  if (order.shipments.some((shipment) => shipment.items.length === 0)) return 'yes';
  const goods = order.items.filter(isGoods);
  if (order.shipments.length === 0) {
    return goods.length === 0 && order.items.length > 0 ? 'not_needed' : 'no';
  }
  return everythingSent(
    goods,
    order.shipments.flatMap((shipment) => shipment.items),
  )
    ? 'yes'
    : 'partly';
}

type Sent = OrderView['shipments'][number]['items'];

function everythingSent(goods: readonly ItemView[], sent: Sent): boolean {
  const byId = sums(sent.filter((line) => line.id !== null).map((line) => [line.id, line.quantity]));
  const byCode = sums(sent.filter((line) => line.id === null).map((line) => [line.code, line.quantity]));
  const needed = sums(
    goods.map((item) => [item.code, Math.max(0, item.quantity - (byId.get(item.id) ?? 0))]),
  );
  return [...needed].every(([code, quantity]) => quantity <= (byCode.get(code) ?? 0));
}

function sums(pairs: readonly (readonly [string | null, number])[]): Map<string | null, number> {
  const totals = new Map<string | null, number>();
  for (const [key, value] of pairs) totals.set(key, (totals.get(key) ?? 0) + value);
  return totals;
}
