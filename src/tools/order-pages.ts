/**
 * Pages of orders by key. The place after which a page starts is a second and an id, so that orders which come or go
 * between pages shift nothing. Three things that Order Desk leaves open are settled here:
 * - the order of equal seconds: a second is delivered only once it was read whole, sorted by id;
 * - whether the end of a range is included: taken as excluded until an answer proves otherwise, then asked one second
 *   earlier; what lies outside the range is dropped in either case;
 * - how many orders share a second: more than one answer holds are read until nothing can be missing (crowded-second.ts).
 * An order that matches throughout appears exactly once. The one exception is an order whose date added is itself edited.
 * Records that cannot be understood take part in all of this as rows without an order. One whose date cannot be read may
 * appear in two readings, of which the second goes on from the first, and never in none.
 */
import { AppError } from '../errors.js';
import type { OrderQuery } from '../orderdesk/port.js';
import type { OrderKey, Sort } from '../orders/keyset.js';
import { readCrowdedSecond } from './crowded-second.js';
import { compareRows, isBeyond, isSorted, type Row, rowsOf } from './order-rows.js';
import {
  countList,
  isAtEndOfModified,
  isWhole,
  type ListedOrder,
  type ListedPage,
  type ListSource,
  type OrderFilters,
  type Total,
} from './order-source.js';

/** The place of the last order delivered, and how many orders of its second came up to it. */
export interface Place extends OrderKey {
  readonly seen: number;
}

export interface ListRequest {
  readonly filters: OrderFilters;
  readonly sort: Sort;
  /** The start of the list when absent. */
  readonly after: Place | undefined;
}

export interface PageRequest extends ListRequest {
  readonly limit: number;
}

/** A record that could not be understood, and how many orders of its page come before it. */
export interface Skipped {
  /** `''` where not even the id can be read. */
  readonly id: string;
  readonly before: number;
}

export interface ReadPage {
  /** At most `limit`, in listing order. */
  readonly orders: readonly ListedOrder[];
  /** Those before the last order; on the last page, those after it too. */
  readonly skipped: readonly Skipped[];
  /** Whether there are orders after the last one. */
  readonly more: boolean;
  /** Orders in the whole list; only the first page counts them. */
  readonly total: Total | undefined;
}

const SECOND = 1000;
/** Rows asked for beyond the page, so that its last second is usually seen to be complete. */
const SLACK = 3;

/** @throws AppError what the source throws; `upstream_malformed` where its answers contradict the order asked for */
export async function readPage(source: ListSource, request: PageRequest): Promise<ReadPage> {
  const { limit, after } = request;
  const reader = new ListReader(source, request);
  const orders: ListedOrder[] = [];
  const skipped: Skipped[] = [];
  for (;;) {
    const stretch = await reader.next(Math.max(0, limit - orders.length) + (after?.seen ?? 0) + SLACK);
    for (const { id, order } of stretch.rows) {
      if (order === undefined) skipped.push({ id, before: orders.length });
      else orders.push(order);
    }
    const total = after === undefined ? reader.total : undefined;
    const more = orders.length > limit || (orders.length === limit && stretch.rest === 'some');
    if (more) {
      const before = skipped.filter((each) => each.before < limit);
      return { orders: orders.slice(0, limit), skipped: before, more, total };
    }
    if (stretch.rest === 'none') return { orders, skipped, more, total };
  }
}

/** Whole seconds of a list, read in one go: nothing after them in the list was added before their end. */
export interface Stretch {
  /** In listing order. */
  readonly rows: readonly Row[];
  /** What is known of the orders after these. */
  readonly rest: 'none' | 'unknown' | 'some';
}

interface Answer {
  readonly page: ListedPage;
  readonly rows: readonly Row[];
}

/** Reads a list from its start or a place to its end, each order once, a stretch at a time. */
export class ListReader {
  readonly #source: ListSource;
  readonly #request: ListRequest;
  /** Order Desk was seen to include the end of a range. */
  #endIncluded = false;
  /** Everything up to this second has been read; the start of the list when undefined. */
  #finished: number | undefined;
  #total: Total | undefined;
  /** Ids of rows delivered whose date cannot be read: they may be met again elsewhere. */
  readonly #undated = new Set<string>();

  constructor(source: ListSource, request: ListRequest) {
    this.#source = source;
    this.#request = request;
  }

  /**
   * @param rows to ask for; fewer are returned when the last second of the answer might not be whole, more when one second
   *   holds more
   * @throws AppError as `readPage`
   */
  async next(rows: number): Promise<Stretch> {
    const { page, rows: all } = await this.#list(rows);
    this.#total ??= await this.#count(page, all);
    const { sort } = this.#request;
    const fresh = all.filter((row) => this.#isWanted(row)).sort((a, b) => this.#compare(a, b));
    if (isWhole(page)) return { rows: this.#delivered(fresh), rest: 'none' };
    const edge = all.at(-1)?.second ?? 0;
    this.#mustAdvance(edge);
    const complete = fresh.filter(({ second }) => second !== edge);
    if (complete.length === 0) {
      const whole = await this.#wholeSecond(edge, all);
      this.#finished = edge;
      return { rows: this.#delivered(whole), rest: 'unknown' };
    }
    this.#finished = sort === 'asc' ? edge - SECOND : edge + SECOND;
    const isMore = fresh.some(({ second, order }) => second === edge && order !== undefined);
    return { rows: this.#delivered(complete), rest: isMore ? 'some' : 'unknown' };
  }

  /** Orders from where reading began to the end of the list, as the first answer counted them; undefined before it. */
  get total(): Total | undefined {
    return this.#total;
  }

  /** One answer from where reading stands; asked again, a second shorter, when it shows that ends are included. */
  async #list(rows: number): Promise<Answer> {
    const window = this.#window();
    const page = await this.#source.list({
      ...this.#request.filters,
      ...this.#bounds(window.from, window.to),
      sort: this.#request.sort,
      sortBy: 'date_added',
      limit: Math.min(this.#source.largest, rows),
    });
    const { from, to } = window;
    const first = this.#request.sort === 'asc' ? from : to && to - SECOND;
    const answer = { page, rows: rowsOf(page, first ?? 0) };
    if (!isSorted(answer.rows, this.#request.sort)) throw new ListingContradiction();
    const overshoots = to !== undefined && answer.rows.some(({ second }) => second >= to);
    if (!overshoots || this.#endIncluded) return answer;
    this.#endIncluded = true;
    return this.#list(rows);
  }

  /** The seconds still to be read, `to` excluded. The second of the place itself is read again. */
  #window(): { from: number | undefined; to: number | undefined } {
    const { filters, sort, after } = this.#request;
    const from = filters.addedFrom?.getTime();
    const to = filters.addedTo?.getTime();
    if (sort === 'asc') {
      return { from: this.#finished === undefined ? (after?.second ?? from) : this.#finished + SECOND, to };
    }
    const place = after === undefined ? to : after.second + SECOND;
    return { from, to: this.#finished ?? place };
  }

  #bounds(from: number | undefined, to: number | undefined): Pick<OrderQuery, 'addedFrom' | 'addedTo'> {
    return {
      ...(from === undefined ? {} : { addedFrom: new Date(from) }),
      ...(to === undefined ? {} : { addedTo: new Date(this.#endIncluded ? to - SECOND : to) }),
    };
  }

  /** Inside the range to the second, after the place, and not read before. */
  #isWanted(row: Row): boolean {
    const { filters, sort, after } = this.#request;
    const { from, to } = this.#window();
    if (from !== undefined && row.second < from) return false;
    if (to !== undefined && row.second >= to) return false;
    if (isAtEndOfModified(row, filters) || this.#undated.has(row.id)) return false;
    return after === undefined || isBeyond(row, after, sort);
  }

  #delivered(rows: readonly Row[]): readonly Row[] {
    for (const { id, isDated } of rows) if (!isDated && id !== '') this.#undated.add(id);
    return rows;
  }

  #compare(a: Row, b: Row): number {
    return compareRows(a, b, this.#request.sort);
  }

  /**
   * Every order of one second.
   * @param known rows that an answer has shown already; one that is gone by now may still be delivered
   */
  async #wholeSecond(second: number, known: readonly Row[]): Promise<Row[]> {
    const { filters, sort } = this.#request;
    const query = { ...filters, ...this.#bounds(second, second + SECOND), sort, sortBy: 'date_added' };
    const read = await readCrowdedSecond(this.#source, query, second);
    if (read === undefined) throw unreadable();
    const ids = new Set(read.map(({ id }) => id));
    return [...read, ...known.filter(({ id }) => id !== '' && !ids.has(id))]
      .filter((row) => row.second === second && this.#isWanted(row))
      .sort((a, b) => this.#compare(a, b));
  }

  /** Each round must end a later second than the one before, else Order Desk did not sort as it was asked to. */
  #mustAdvance(edge: number): void {
    const { sort, after } = this.#request;
    const last = this.#finished ?? after?.second;
    if (last === undefined) return;
    const step = sort === 'asc' ? edge - last : last - edge;
    if (step < 0 || (step === 0 && this.#finished !== undefined)) throw new ListingContradiction();
  }

  /** How many orders the list has, from its first answer; after a place, that is only about right. */
  async #count(page: ListedPage, rows: readonly Row[]): Promise<Total> {
    const { after } = this.#request;
    if (after !== undefined) return { count: Math.max(0, page.total - after.seen), exact: false };
    if (isWhole(page)) return { count: rows.filter((row) => this.#isWanted(row)).length, exact: true };
    const addedEndIsExact = this.#endIncluded || this.#request.sort === 'desc';
    return countList(this.#source, this.#request.filters, page.total, addedEndIsExact);
  }
}

const UNSTABLE = 'Order Desk did not list these orders in a stable order.';
const NARROW = { hint: 'Narrow the search, for example by folder or by a shorter date range.' };

/** An answer is out of order or goes back: what was listed before it may lack orders too. */
export class ListingContradiction extends AppError {
  constructor() {
    super('upstream_malformed', UNSTABLE, NARROW);
  }
}

/** One second could not be read whole; those before it were. */
const unreadable = (): AppError => new AppError('upstream_malformed', UNSTABLE, NARROW);
