/** Money that was not taken for an order that is not canceled. */
import type { OrderView } from '../../orderdesk/views.js';
import { compare, parseDecimal, ZERO } from '../decimal.js';
import { plain } from '../plain.js';
import { shippedState } from '../shipped.js';
import { daysSince, inDays } from './age.js';
import type { OrderCheck } from './check.js';

/**
 * What the payment states of the Order Desk API mean: the money is the shop's; a state that often ends by itself, and is
 * reported when it does not; one that ends only when somebody acts, and is reported at once; the money went back.
 */
const MEANINGS = {
  Approved: 'taken',
  Captured: 'taken',
  'Partially Refunded': 'taken',
  Pending: 'waiting',
  Authorized: 'waiting',
  Rejected: 'failed',
  Voided: 'failed',
  'Fully Refunded': 'returned',
} as const;

export interface Payment {
  readonly meaning: (typeof MEANINGS)[keyof typeof MEANINGS] | 'unknown';
  /** The status as the API spells it, never as an order does; `null` for none and for one it does not have. */
  readonly status: string | null;
}

const BY_STATUS: ReadonlyMap<string, Payment> = new Map(
  Object.entries(MEANINGS).map(([status, meaning]) => [plain(status), { meaning, status }]),
);

const KEPT: ReadonlySet<Payment['meaning']> = new Set(['taken', 'unknown']);

/** By its status, and by the refund where that is as much as the order costs: the status may not have followed. */
export function paymentOf(view: Pick<OrderView, 'paymentStatus' | 'totals'>): Payment {
  const payment = BY_STATUS.get(plain(view.paymentStatus ?? '')) ?? { meaning: 'unknown', status: null };
  return KEPT.has(payment.meaning) && isRefunded(view) ? { ...payment, meaning: 'returned' } : payment;
}

function isRefunded({ totals }: Pick<OrderView, 'totals'>): boolean {
  const [total, refund] = [parseDecimal(totals.order), parseDecimal(totals.refund)];
  if (total === undefined || refund === undefined) return false;
  return compare(total, ZERO) > 0 && compare(refund, total) >= 0;
}

/** Whether the order costs anything; one whose total cannot be read may. */
export function isDue({ totals }: Pick<OrderView, 'totals'>): boolean {
  const total = parseDecimal(totals.order);
  return total === undefined || compare(total, ZERO) > 0;
}

/** No complaint without a status: Order Desk takes an order that comes without one for captured. */
export const paymentNotCaptured: OrderCheck = ({ view, folder }, { now, olderThanDays }) => {
  const { meaning, status } = paymentOf(view);
  if (folder === 'canceled' || !isDue(view)) return undefined;
  const age = daysSince(view.addedAt, now);
  const sent = shippedState(view) === 'yes' ? ', already shipped' : '';
  if (meaning === 'failed') {
    return `Payment ${status}, not in a canceled folder${sent}; added ${inDays(age)} ago, reported at any age.`;
  }
  if (meaning !== 'waiting' || age < olderThanDays) return undefined;
  return `Payment still ${status} ${inDays(age)} after the order was added${sent}; threshold ${inDays(olderThanDays)}.`;
};
