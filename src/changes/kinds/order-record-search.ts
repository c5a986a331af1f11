/** Looking for an order that may have been made: by the number of the shop, by the mark that it carries, or by its likeness. */
import { isRecord, type JsonRecord } from '../../orderdesk/parse/json.js';
import type { Order, OrderQuery, UnreadableOrder } from '../../orderdesk/port.js';
import { MARK } from '../../orders/merge/caps.js';
import type { Surroundings } from '../change-type.js';
import { isAlike } from './order-record-alike.js';

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

/** Orders made around a time that carry the mark of this change, or none and are like it. @throws AppError as reads do */
async function byMark(around: Surroundings, { dated, likeness }: Sought, sentAt: Date): Promise<Search> {
  const between = async (from: number, to: number): Promise<Search> => {
    const all = await search(around, { addedFrom: new Date(from), addedTo: new Date(to) });
    const isSought = (raw: JsonRecord) => isMarked(raw, around.changeId) || isAlike(raw, likeness);
    return { ...all, found: all.found.filter(({ raw }) => isSought(raw)) };
  };
  const sent = sentAt.getTime();
  const recent = await between(sent - AROUND_MS, sent + AROUND_MS);
  if (dated === undefined || recent.found.some(({ raw }) => isMarked(raw, around.changeId))) return recent;
  const then = await between(dated.getTime() - SECOND_MS, dated.getTime() + 2 * SECOND_MS);
  return joined(recent, then);
}

const joined = (one: Search, other: Search): Search => ({
  found: [...one.found, ...other.found],
  unreadable: [...one.unreadable, ...other.unreadable],
  isComplete: one.isComplete && other.isComplete,
});

export interface Sought {
  readonly sourceId: string | undefined;
  /** The date that the order was given: it may be found there instead. */
  readonly dated: Date | undefined;
  readonly likeness: string;
}

/**
 * The order that a change may have made, and others of its number. Where the number alone does not lead to it, the mark
 * does: Order Desk may keep the number in another form than it was sent. An order that is found twice is named twice.
 * @throws AppError as reads do
 */
export async function seek(around: Surroundings, sought: Sought, sentAt: Date): Promise<Search> {
  if (sought.sourceId === undefined) return byMark(around, sought, sentAt);
  const numbered = await bySourceId(around, sought.sourceId);
  if (numbered.found.some(({ raw }) => isMarked(raw, around.changeId))) return numbered;
  return joined(numbered, await byMark(around, sought, sentAt));
}

export const isMarked = (raw: JsonRecord, changeId: string): boolean =>
  isRecord(raw.order_metadata) && raw.order_metadata[MARK] === changeId;
