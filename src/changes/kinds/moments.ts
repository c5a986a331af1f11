/** Dates that Order Desk writes, held against the moment at which a change was sent. */
import { instant } from '../../orderdesk/parse/date.js';
import type { JsonRecord } from '../../orderdesk/parse/json.js';

/** By so much the clocks of Order Desk and of this server differ at most, in milliseconds. */
const SKEW_MS = 2 * 60_000;

/** `unsure`: within what clocks differ by, or the date cannot be read. */
export type Moment = 'before' | 'unsure' | 'after';

/** @param key of a date in UTC, as Order Desk writes it */
export function momentOf(record: JsonRecord, key: string, sentAt: Date): Moment {
  const date = instant(record, key);
  const sinceMs = date === null ? 0 : Date.parse(date) - sentAt.getTime();
  if (sinceMs < -SKEW_MS) return 'before';
  return sinceMs > SKEW_MS ? 'after' : 'unsure';
}
