/**
 * Pages of orders by key. The place after which a page starts is a second and an id, so that orders which come or go
 * between pages shift nothing. Three things that Order Desk leaves open are settled here:
 * - the order of equal seconds: a second is delivered only once it was read whole, sorted by id;
 * - whether the end of a range is included: taken as excluded until an answer proves otherwise, then asked one second
 *   earlier; what lies outside the range is dropped in either case;
 * - how many orders share a second: more than one answer holds are read until all that were counted have been seen.
 * An order that matches throughout appears exactly once. The one exception is an order whose date added is itself edited.
 */
import { AppError } from '../errors.js';
import type { OrderQuery } from '../orderdesk/port.js';
import { compareKeys, type OrderKey, orderKey, type Sort } from '../orders/keyset.js';
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

export interface ReadPage {
  /** At most `limit`, in listing order. */
  readonly orders: readonly ListedOrder[];
  /** Whether there are orders after the last one. */
  readonly more: boolean;
  /** Orders in the whole list; only the first page counts them. */
  readonly total: Total | undefined;
}

const SECOND = 1000;
/** Rows asked for beyond the page, so that its last second is usually seen to be complete. */
const SLACK = 3;
/** What is spent on one second whose orders do not fit into one answer: orders asked for in all, and requests. */
const SECOND_ORDERS = 20_000;
const SECOND_READS = 200;

/** @throws AppError what the source throws; `upstream_malformed` where its answers contradict the order asked for */
export async function readPage(source: ListSource, request: PageRequest): Promise<ReadPage> {
  const { limit, after } = request;
  const reader = new ListReader(source, request);
  const found: ListedOrder[] = [];
  for (;;) {
    const stretch = await reader.next(limit - found.length + (after?.seen ?? 0) + SLACK);
    found.push(...stretch.orders);
    const total = after === undefined ? reader.total : undefined;
    const isFull = found.length > limit || (found.length === limit && stretch.rest === 'some');
    if (isFull || stretch.rest === 'none') return { orders: found.slice(0, limit), more: isFull, total };
  }
}

/** Whole seconds of a list, read in one go: nothing after them in the list was added before their end. */
export interface Stretch {
  /** In listing order. */
  readonly orders: readonly ListedOrder[];
  /** What is known of the orders after these. */
  readonly rest: 'none' | 'unknown' | 'some';
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
    const page = await this.#list(rows);
    this.#total ??= await this.#count(page);
    const fresh = page.orders.filter((order) => this.#isWanted(order)).sort((a, b) => this.#compare(a, b));
    if (isWhole(page)) return { orders: fresh, rest: 'none' };
    const edge = lastSecond(page);
    this.#mustAdvance(edge);
    const complete = fresh.filter((order) => secondOf(order) !== edge);
    if (complete.length === 0) {
      const orders = await this.#wholeSecond(edge, page.orders);
      this.#finished = edge;
      return { orders, rest: 'unknown' };
    }
    this.#finished = this.#request.sort === 'asc' ? edge - SECOND : edge + SECOND;
    return { orders: complete, rest: complete.length < fresh.length ? 'some' : 'unknown' };
  }

  /** Orders from where reading began to the end of the list, as the first answer counted them; undefined before it. */
  get total(): Total | undefined {
    return this.#total;
  }

  /** One answer from where reading stands; asked again, a second shorter, when it shows that ends are included. */
  async #list(rows: number): Promise<ListedPage> {
    const window = this.#window();
    const page = await this.#source.list({
      ...this.#request.filters,
      ...this.#bounds(window.from, window.to),
      sort: this.#request.sort,
      sortBy: 'date_added',
      limit: Math.min(this.#source.largest, rows),
    });
    const { to } = window;
    if (!isSorted(page, this.#request.sort)) throw new ListingContradiction();
    const overshoots = to !== undefined && page.orders.some((order) => secondOf(order) >= to);
    if (!overshoots || this.#endIncluded) return page;
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
  #isWanted(order: ListedOrder): boolean {
    const { filters, sort, after } = this.#request;
    const key = orderKey(order.view);
    const { from, to } = this.#window();
    if (from !== undefined && key.second < from) return false;
    if (to !== undefined && key.second >= to) return false;
    if (isAtEndOfModified(order, filters)) return false;
    return after === undefined || compareKeys(key, after, sort) > 0;
  }

  #compare(a: ListedOrder, b: ListedOrder): number {
    return compareKeys(orderKey(a.view), orderKey(b.view), this.#request.sort);
  }

  /**
   * Every order of one second. An answer that counts differently from the one before starts the count again. Each pass
   * asks for pages of another size, or from another start: the same question might be answered from a cache.
   * @param known orders that an answer has shown already; one that is gone by now may still be delivered
   */
  async #wholeSecond(second: number, known: readonly ListedOrder[]): Promise<ListedOrder[]> {
    const read = new Map<string, ListedOrder>();
    let [counted, offset, pass] = [Number.POSITIVE_INFINITY, 0, 0];
    let asked = 0;
    for (let reads = 0; read.size < counted; reads += 1) {
      if (reads === SECOND_READS || asked >= SECOND_ORDERS) throw unreadable();
      const { largest } = this.#source;
      const limit = largest - (pass % Math.ceil(largest / 2));
      asked += limit;
      const page = await this.#source.list({
        ...this.#request.filters,
        ...this.#bounds(second, second + SECOND),
        sort: this.#request.sort,
        sortBy: 'date_added',
        limit,
        offset,
      });
      if (page.total !== counted) read.clear();
      counted = page.total;
      for (const order of page.orders) read.set(order.view.id, order);
      offset += page.orders.length;
      if (offset >= counted || page.orders.length === 0) {
        pass += 1;
        offset = Math.floor(pass / Math.ceil(largest / 2));
      }
    }
    for (const order of known) if (!read.has(order.view.id)) read.set(order.view.id, order);
    return [...read.values()]
      .filter((order) => secondOf(order) === second && this.#isWanted(order))
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
  async #count(page: ListedPage): Promise<Total> {
    const { after } = this.#request;
    if (after !== undefined) return { count: Math.max(0, page.total - after.seen), exact: false };
    if (isWhole(page))
      return { count: page.orders.filter((order) => this.#isWanted(order)).length, exact: true };
    const addedEndIsExact = this.#endIncluded || this.#request.sort === 'desc';
    return countList(this.#source, this.#request.filters, page.total, addedEndIsExact);
  }
}

const secondOf = (order: ListedOrder): number => orderKey(order.view).second;

const lastSecond = (page: ListedPage): number => {
  const last = page.orders.at(-1);
  return last === undefined ? 0 : secondOf(last);
};

const isSorted = ({ orders }: ListedPage, sort: Sort): boolean =>
  orders.every((order, index) => {
    const next = orders[index + 1];
    if (next === undefined) return true;
    const step = secondOf(next) - secondOf(order);
    return sort === 'asc' ? step >= 0 : step <= 0;
  });

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
