/** Money that was not taken for an order that is not canceled. */
import type { OrderView } from '../../orderdesk/views.js';
import { shippedState } from '../shipped.js';
import { daysSince, inDays } from './age.js';
import type { OrderCheck } from './check.js';

/** The payment states of the Order Desk API in which the money is the shop's. */
const PAID: ReadonlySet<string> = new Set(['Approved', 'Captured', 'Partially Refunded']);
/** States that often end by themselves, and are reported when they do not. */
const WAITING: ReadonlySet<string> = new Set(['Pending', 'Authorized']);
/** States that end only when somebody acts, and are reported at once. */
const FAILED: ReadonlySet<string> = new Set(['Rejected', 'Voided']);

export const isPaid = ({ paymentStatus }: Pick<OrderView, 'paymentStatus'>): boolean =>
  paymentStatus !== null && PAID.has(paymentStatus);

export const paymentNotCaptured: OrderCheck = ({ view, folder }, { now, olderThanDays }) => {
  const { paymentStatus: status } = view;
  if (folder === 'canceled' || status === null) return undefined;
  const age = daysSince(view.addedAt, now);
  const sent = shippedState(view) === 'yes' ? ', already shipped' : '';
  if (FAILED.has(status)) {
    return `Payment ${status}, not in a canceled folder${sent}; added ${inDays(age)} ago, reported at any age.`;
  }
  if (!WAITING.has(status) || age < olderThanDays) return undefined;
  return `Payment still ${status} ${inDays(age)} after the order was added${sent}; threshold ${inDays(olderThanDays)}.`;
};
