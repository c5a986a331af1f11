/** Nothing stands against sending it, and it waits for too long. */
import type { OrderView } from '../../orderdesk/views.js';
import { isForLater } from '../goods.js';
import { openGoods } from '../joined.js';
import { daysSince, inDays } from './age.js';
import type { OrderCheck } from './check.js';
import { isDue, paymentOf } from './payment.js';

/**
 * Order Desk keeps no date of payment, so the wait is counted from when the order was added. An order whose money is
 * missing waits for that, which another check reports; one that has nothing left but goods for a day to come waits for
 * that day, which no field tells.
 */
export const unshippedTooLong: OrderCheck = ({ view, folder }, { now, olderThanDays }) => {
  if (folder !== 'open' || openGoods(view).every(({ item }) => isForLater(item))) return undefined;
  const waiting = daysSince(view.addedAt, now);
  const paid = paidFor(view);
  if (paid === undefined || waiting < olderThanDays) return undefined;
  const state = view.shipments.length === 0 ? 'no shipment' : 'shipped in part only';
  return `Added ${inDays(waiting)} ago, ${paid}, ${state}; threshold ${inDays(olderThanDays)}.`;
};

/** Why the payment lets the order go; `undefined` where it does not. */
function paidFor(view: OrderView): string | undefined {
  const { meaning, status } = paymentOf(view);
  if (meaning === 'taken') return `payment ${status}`;
  if (meaning === 'waiting') return isDue(view) ? undefined : 'nothing to pay';
  if (meaning !== 'unknown') return undefined;
  return view.paymentStatus === null ? 'no payment status' : 'payment status not one of those of Order Desk';
}
