/** Paid for, still to be sent, and waiting for too long. */
import { shippedState } from '../shipped.js';
import { daysSince, inDays } from './age.js';
import type { OrderCheck } from './check.js';
import { isPaid } from './payment.js';

/** Order Desk keeps no date of payment, so the wait is counted from when the order was added. */
export const unshippedTooLong: OrderCheck = ({ view, folder }, { now, olderThanDays }) => {
  if (folder !== 'open' || !isPaid(view)) return undefined;
  const shipped = shippedState(view);
  if (shipped !== 'no' && shipped !== 'partly') return undefined;
  const waiting = daysSince(view.addedAt, now);
  if (waiting < olderThanDays) return undefined;
  const state = shipped === 'no' ? 'no shipment' : 'shipped in part only';
  return `Added ${inDays(waiting)} ago, payment ${view.paymentStatus}, ${state}; threshold ${inDays(olderThanDays)}.`;
};
