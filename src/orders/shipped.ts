/** How far an order has been shipped, read from its shipments: Order Desk has no such field. */
import type { OrderView } from '../orderdesk/views.js';
import { openGoods } from './joined.js';

export const SHIPPED_STATES = ['no', 'partly', 'yes', 'not_needed'] as const;
export type ShippedState = (typeof SHIPPED_STATES)[number];

/**
 * A shipment that names no items covers the whole order; one that names some covers those. An order that has nothing to
 * send, no items at all included, needs no shipment.
 */
export function shippedState(order: Pick<OrderView, 'items' | 'shipments'>): ShippedState {
  const isSent = order.shipments.length > 0;
  if (openGoods(order).length === 0) return isSent ? 'yes' : 'not_needed';
  return isSent ? 'partly' : 'no';
}
