/** The order that is to be made: checked as it was asked for, or as it was before it was deleted. */
import type { JsonRecord } from '../../orderdesk/parse/json.js';
import { WRITER } from '../../orderdesk/parse/marks.js';
import { isRoomForMark, MARK } from '../../orders/merge/caps.js';
import { newOrder } from '../../orders/merge/create.js';
import { asMap } from '../../orders/merge/raw.js';
import type { Surroundings } from '../change-type.js';
import type { Intents } from '../intents.js';
import { accepted } from './order-record-refused.js';

/** Without our mark. @throws AppError `invalid_argument` naming all that Order Desk would refuse or cut */
export function orderToBeMade(intent: Intents['order_create'], around: Surroundings): JsonRecord {
  if (intent.asItWas !== true) {
    return accepted(newOrder(intent.order, { now: around.now(), notesBy: WRITER })).record;
  }
  // All of it was Order Desk's own words, and was no longer than it keeps: it goes back as it came.
  return intent.order;
}

/** The record with our mark; the very record given where that would make its metadata longer than Order Desk keeps. */
export const withMark = (record: JsonRecord, changeId: string): JsonRecord =>
  isRoomForMark(record.order_metadata)
    ? { ...record, order_metadata: { ...asMap(record.order_metadata), [MARK]: changeId } }
    : record;
