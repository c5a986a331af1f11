/** The order that is to be made: checked as it was asked for, or as it was before it was deleted. */
import type { JsonRecord } from '../../orderdesk/parse/json.js';
import { WRITER } from '../../orderdesk/parse/marks.js';
import { checkMaps, MARK } from '../../orders/merge/caps.js';
import { newOrder } from '../../orders/merge/create.js';
import { asMap } from '../../orders/merge/raw.js';
import { Refusals } from '../../orders/merge/refusal.js';
import type { Surroundings } from '../change-type.js';
import type { Intents } from '../intents.js';
import { accepted } from './order-record-refused.js';

/** Without our mark. @throws AppError `invalid_argument` naming all that Order Desk would refuse or cut */
export function orderToBeMade(intent: Intents['order_create'], around: Surroundings): JsonRecord {
  if (intent.asItWas !== true) {
    return accepted(newOrder(intent.order, { now: around.now(), notesBy: WRITER })).record;
  }
  // Members that nobody here knows were Order Desk's own words and go back as they came.
  const refusals = new Refusals();
  checkMaps({}, intent.order, '', refusals);
  return accepted(refusals.or({ record: intent.order })).record;
}

export const withMark = (record: JsonRecord, changeId: string): JsonRecord => ({
  ...record,
  order_metadata: { ...asMap(record.order_metadata), [MARK]: changeId },
});
