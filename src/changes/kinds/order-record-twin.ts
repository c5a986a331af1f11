/** An order that is there already: told with its id, whether we find it or Order Desk does. */
import { AppError } from '../../errors.js';
import { type JsonRecord, text } from '../../orderdesk/parse/json.js';
import type { Surroundings } from '../change-type.js';
import { ifReadable } from './order-part.js';
import { bySourceId, isMarked } from './order-record-search.js';

/** What Order Desk calls a shop where none is named. */
const NO_SHOP = 'Order Desk';
/** How Order Desk words it is not known. */
const SAYS_DUPLICATE = /duplicat|already|\bexists\b|HTTP 409/i;
const ID = /^\d{1,19}$/;
const MOST_NAMED = 5;

/** Ids of the orders of this number and this shop. @throws AppError as reads do */
export async function ordersOfNumber(
  around: Surroundings,
  sourceId: string,
  record: JsonRecord,
): Promise<readonly string[]> {
  const wanted = shopOf(record);
  const { found, unreadable } = await bySourceId(around, sourceId);
  return [
    ...found.filter(({ raw }) => shopOf(raw) === wanted).map(({ view }) => view.id),
    // What shop it is of cannot be told; an order too many is worse than one too few.
    ...unreadable.map(({ id }) => id),
  ];
}

/** What a refusal means: that the order is there already, with its id, or what Order Desk says. */
export async function duplicateOf(
  sourceId: string | undefined,
  refusal: AppError,
  around: Surroundings,
): Promise<AppError> {
  const words = `${refusal.message} ${refusal.ownWords}`;
  if (refusal.code !== 'upstream_rejected' || sourceId === undefined || !SAYS_DUPLICATE.test(words)) {
    return refusal;
  }
  const search = await ifReadable(() => bySourceId(around, sourceId));
  const others = (search?.found ?? []).filter(({ raw }) => !isMarked(raw, around.changeId));
  return others.length === 0 ? refusal : duplicate(others.map(({ view }) => view.id));
}

/** By which numbers of orders are kept apart. */
export const shopOf = (order: JsonRecord): string =>
  (text(order, 'source_name', '') ?? NO_SHOP).trim().toLowerCase();

/** The refusal of an order whose number others have already. */
export const duplicate = (ids: readonly string[]): AppError =>
  new AppError('conflict', `${thereAlready(ids)} Nothing was created.`, {
    field: 'source_id',
    hint: 'Use the order that is there, or give the new one another source_id.',
  });

/** A sentence that names the orders which have the number already. */
export function thereAlready(all: readonly string[]): string {
  const ids = all.filter((id) => ID.test(id)).slice(0, MOST_NAMED);
  const named = ids.length === 0 ? '' : `: order ${ids.join(', ')}`;
  return `An order with this source_id is there already${named}.`;
}
