/** The orders that are looked at, by the date they were added. */
import { AppError } from '../errors.js';
import { parseDate, rangeStart, type Zone } from '../orders/dates.js';
import type { OrderFilters } from './order-source.js';

const DAY = 86_400_000;
const SECOND = 1000;
export const DEFAULT_DAYS = 90;
export const MAX_DAYS = 366;

/**
 * Until now, the second that is running included.
 * @param addedFrom a date that was checked, read in `zone`; the last 90 days where it is not given
 * @param now milliseconds since 1970
 * @throws AppError `invalid_argument` for a start that is to come, or more than 366 days ago
 */
export function rangeOf(addedFrom: string | undefined, zone: Zone, now: number): OrderFilters {
  const written = addedFrom === undefined ? undefined : parseDate(addedFrom);
  const second = Math.floor(now / SECOND) * SECOND;
  const to = second + SECOND;
  const from = written === undefined ? second - DEFAULT_DAYS * DAY : rangeStart(written, zone).getTime();
  if (from >= to) {
    throw new AppError('invalid_argument', 'added_from: must be in the past.', {
      field: 'added_from',
      hint: `It is ${new Date(now).toISOString()} (UTC).`,
    });
  }
  // A date is the start of its day, so that the earliest day may be there whole.
  if (second - from > (MAX_DAYS + 1) * DAY) {
    throw new AppError('invalid_argument', `added_from: must be at most ${MAX_DAYS} days ago.`, {
      field: 'added_from',
      hint: `The earliest is ${new Date(second - MAX_DAYS * DAY).toISOString()}.`,
    });
  }
  return { addedFrom: new Date(from), addedTo: new Date(to) };
}
