/** Nobody and nothing has touched an order that is not done. */
import { daysSince, inDays } from './age.js';
import type { OrderCheck } from './check.js';

/** Order Desk keeps no date of a move, so any change to the order counts as movement. */
export const stuckInFolder: OrderCheck = ({ view, folder }, { now, olderThanDays }) => {
  if (folder !== 'open') return undefined;
  const idle = daysSince(view.updatedAt ?? view.addedAt, now);
  return idle < olderThanDays
    ? undefined
    : `Not modified for ${inDays(idle)}, not in a closed or canceled folder; threshold ${inDays(olderThanDays)}.`;
};
