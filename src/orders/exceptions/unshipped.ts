/** Nothing stands against sending it, and it waits for too long. */
import type { OrderView } from '../../orderdesk/views.js';
import { isForLater } from '../goods.js';
import { openGoods } from '../joined.js';
import { daysSince, inDays } from './age.js';
import type { Circumstances, OrderCheck, Subject } from './check.js';
import { isDue, type Payment, paymentOf } from './payment.js';

/**
 * Money that is promised lets an order go, for many shops take it on shipment. An order whose payment is Pending waits
 * for that, which another check reports.
 */
export const unshippedTooLong: OrderCheck = (subject, when) => {
  const paid = paidFor(subject.view);
  const waiting = paid === undefined ? undefined : daysUnsent(subject, when);
  if (waiting === undefined) return undefined;
  const state = subject.view.shipments.length === 0 ? 'no shipment' : 'shipped in part only';
  return `Added ${inDays(waiting)} ago, ${paid}, ${state}; threshold ${inDays(when.olderThanDays)}.`;
};

/** Whether it would be reported if its payment were not Pending; `payment_not_captured` reports all of these. */
export const waitsForPayment = (subject: Subject, when: Circumstances): boolean =>
  isPending(paymentOf(subject.view)) && isDue(subject.view) && daysUnsent(subject, when) !== undefined;

/**
 * Days since it was added, for Order Desk keeps no date of payment; `undefined` where they are below the threshold, or
 * nothing is to be sent now: goods for a day to come wait for that day, which no field tells.
 */
function daysUnsent({ view, folder }: Subject, { now, olderThanDays }: Circumstances): number | undefined {
  const days = daysSince(view.addedAt, now);
  if (folder !== 'open' || days < olderThanDays) return undefined;
  return openGoods(view).every(({ item }) => isForLater(item)) ? undefined : days;
}

const isPending = ({ meaning, status }: Payment): boolean => meaning === 'waiting' && status !== 'Authorized';

/** Why the payment lets the order go; `undefined` where it does not. */
function paidFor(view: OrderView): string | undefined {
  const payment = paymentOf(view);
  const { meaning, status } = payment;
  if (meaning === 'taken') return `payment ${status}`;
  if (meaning === 'waiting' && !isDue(view)) return 'nothing to pay';
  if (meaning === 'waiting') return isPending(payment) ? undefined : `payment ${status}, not captured yet`;
  if (meaning !== 'unknown') return undefined;
  return view.paymentStatus === null ? 'no payment status' : 'payment status not one of those of Order Desk';
}
