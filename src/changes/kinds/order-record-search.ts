/** Looking for an order that may have been made: by the number of the shop, or by the mark that it carries. */
import { isRecord, type JsonRecord } from '../../orderdesk/parse/json.js';
import type { Order, OrderQuery, UnreadableOrder } from '../../orderdesk/port.js';
import { MARK } from '../../orders/merge/caps.js';
import type { Surroundings } from '../change-type.js';

/** The most that Order Desk gives at once. */
const PAGE = 500;
/** More orders than 2,000 in half an hour are not looked through. */
const PAGES = 4;
/** Clocks differ, and Order Desk takes its time. */
const AROUND_MS = 15 * 60_000;
const SECOND_MS = 1000;

export interface Search {
  readonly found: readonly Order[];
  readonly unreadable: readonly UnreadableOrder[];
  /** Whether every order that the search covers was seen and understood. */
  readonly isComplete: boolean;
}

type Wanted = Omit<OrderQuery, 'limit' | 'offset' | 'sort' | 'sortBy'>;

/** All orders that match the filters, oldest first. @throws AppError as reads do */
async function search({ reads, store, ctx }: Surroundings, wanted: Wanted): Promise<Search> {
  const seen = new Map<string, Order>();
  const unreadable: UnreadableOrder[] = [];
  const totals = new Set<number>();
  let isEnd = false;
  for (let page = 0; page < PAGES && !isEnd; page += 1) {
    const place = { limit: PAGE, offset: page * PAGE, sortBy: 'date_added', sort: 'asc' } as const;
    const answer = await reads.orders(store, { ...wanted, ...place }, ctx);
    for (const order of answer.orders) seen.set(order.view.id, order);
    unreadable.push(...answer.unreadable);
    totals.add(answer.total);
    isEnd = place.offset + PAGE >= answer.total || answer.orders.length + answer.unreadable.length === 0;
  }
  // With two totals, an order may have slipped from one page to the other.
  const isWhole = isEnd && totals.size === 1 && totals.has(seen.size);
  return { found: [...seen.values()], unreadable, isComplete: isWhole && unreadable.length === 0 };
}

/** Orders of this number of the shop, whatever else Order Desk's filter lets through. @throws AppError as reads do */
export async function bySourceId(around: Surroundings, sourceId: string): Promise<Search> {
  const { found, unreadable, isComplete } = await search(around, { sourceId });
  const wanted = sourceId.trim();
  return {
    found: found.filter(({ view }) => view.sourceId?.trim() === wanted),
    unreadable: unreadable.filter((order) => order.sourceId?.trim() === wanted),
    isComplete,
  };
}

/**
 * Orders made around a time that carry the mark of this change.
 * @param dated the date that the order was given, where it was: it may be found there instead
 * @throws AppError as reads do
 */
async function byMark(around: Surroundings, sentAt: Date, dated: Date | undefined): Promise<Search> {
  const between = async (from: number, to: number): Promise<Search> => {
    const all = await search(around, { addedFrom: new Date(from), addedTo: new Date(to) });
    return { ...all, found: all.found.filter(({ raw }) => isMarked(raw, around.changeId)) };
  };
  const sent = sentAt.getTime();
  const recent = await between(sent - AROUND_MS, sent + AROUND_MS);
  if (dated === undefined || recent.found.length > 0) return recent;
  const then = await between(dated.getTime() - SECOND_MS, dated.getTime() + 2 * SECOND_MS);
  return { ...then, isComplete: recent.isComplete && then.isComplete };
}

export interface Sought {
  readonly sourceId: string | undefined;
  /** The date that the order was given. */
  readonly dated: Date | undefined;
}

/**
 * The order that a change may have made, and others of its number. Where the number alone does not lead to it, the mark
 * does: Order Desk may keep the number in another form than it was sent.
 * @throws AppError as reads do
 */
export async function seek(around: Surroundings, { sourceId, dated }: Sought, sentAt: Date): Promise<Search> {
  if (sourceId === undefined) return byMark(around, sentAt, dated);
  const numbered = await bySourceId(around, sourceId);
  if (numbered.found.some(({ raw }) => isMarked(raw, around.changeId))) return numbered;
  const marked = await byMark(around, sentAt, dated);
  return {
    found: [...numbered.found, ...marked.found],
    unreadable: [...numbered.unreadable, ...marked.unreadable],
    isComplete: numbered.isComplete && marked.isComplete,
  };
}

export const isMarked = (raw: JsonRecord, changeId: string): boolean =>
  isRecord(raw.order_metadata) && raw.order_metadata[MARK] === changeId;
