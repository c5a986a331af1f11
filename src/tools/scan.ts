/**
 * Reading many orders for an answer that Order Desk has no filter for: page by page at background priority, each order
 * looked at once and let go. How far it came is part of every answer.
 */
import { AppError, cancellation, type ErrorCode } from '../errors.js';
import type { CallContext } from '../mcp/catalogue.js';
import type { Sort } from '../orders/keyset.js';
import { ListingContradiction, ListReader, type Place, type Stretch } from './order-pages.js';
import type { Row } from './order-rows.js';
import type { ListedOrder, ListSource, OrderFilters, OrderSource } from './order-source.js';
import { growingSource } from './scan-pages.js';
import { STOPPED, untilStopped } from './scan-stop.js';

export type { Place } from './order-pages.js';

/** What a scan covered: orders added in [from, to) of the range asked for. */
export interface Coverage {
  /** Orders read and looked at, each once. Those that could not be understood are not among them. */
  readonly scanned: number;
  /** Orders that match the API filters from where the scan began, as counted by its first answer. */
  readonly total: number;
  /** Every order of the range was looked at: it was read whole, and all in it could be understood. */
  readonly complete: boolean;
  /** UTC, ISO 8601: the part of the range that was read. A second that was read in part only is outside. */
  readonly from: string;
  readonly to: string;
}

export interface ScanRequest {
  /** With `addedFrom` and `addedTo` set. */
  readonly filters: OrderFilters;
  readonly sort: Sort;
  /** Orders to look at; the scan stops before a second that does not fit, unless it is the first. */
  readonly maxOrders: number;
  /** Where an earlier scan stopped. */
  readonly after?: Place | undefined;
}

export interface ScanDeps {
  readonly source: OrderSource;
  readonly ctx: Pick<CallContext, 'signal' | 'deadlineAt' | 'draining' | 'progress'>;
  /** Milliseconds on the clock of `deadlineAt`. */
  readonly now: () => number;
}

/**
 * Why a scan ended before its range did: the time of the call, `maxOrders`, its reader, the end of the server, or what
 * reading failed with.
 */
export type StoppedBy = 'time' | 'cap' | 'enough' | 'shutdown' | ErrorCode;

interface Stop {
  readonly stoppedBy: StoppedBy | undefined;
  /** Whole seconds until it is worth going on, where an error told. */
  readonly retryAfterS?: number | undefined;
}

/** What stopped it is `undefined` once everything was read. */
export interface Scan extends Stop {
  readonly coverage: Coverage;
  /** Ids of orders in the part that was read that could not be understood; `''` where not even the id can be read. */
  readonly unreadable: readonly string[];
  /** Where to go on; `undefined` once everything was read. */
  readonly after: Place | undefined;
  /** Whether `total` is exact. */
  readonly totalExact: boolean;
}

const SECOND = 1000;
const DAY = 86_400_000;
/** Clocks set back make a range of whole days longer than its days. */
const CLOCK_CHANGE = 3_600_000;
/** Kept of a call's time for making the answer of what was read. */
const RESERVE_MS = 3_000;

/**
 * The range a scan is bounded by.
 * @throws AppError `invalid_argument` for one that is missing or wider than `maxDays`
 */
export function scanRange({ addedFrom, addedTo }: OrderFilters, maxDays: number): void {
  const missing = addedFrom === undefined ? 'added_from' : addedTo === undefined ? 'added_to' : undefined;
  const hint = `Orders are read one by one here: give added_from and added_to, at most ${maxDays} days apart.`;
  if (missing !== undefined) {
    throw new AppError('invalid_argument', `${missing}: is required here.`, { field: missing, hint });
  }
  if (Number(addedTo) - Number(addedFrom) > maxDays * DAY + CLOCK_CHANGE) {
    throw new AppError('invalid_argument', `added_from: must be at most ${maxDays} days before added_to.`, {
      field: 'added_from',
      hint,
    });
  }
}

/** @param skipped how many orders before this one could not be understood */
export type Visit = (order: ListedOrder, skipped: number) => 'go_on' | 'enough';

/**
 * Reads orders by the date they were added in pages that grow from 100 to 500; `visit` says whether to go on. Stops by
 * itself at `maxOrders`. Once anything was read it is kept: the scan then also stops 3 s before the deadline, when the
 * server shuts down, and when the next page cannot be had. Its requests end with it.
 * @throws AppError as the source does, or `shutting_down`, before anything was read; `upstream_malformed` for a listing
 *   that contradicts itself; the reason of the signal, within moments of its end
 */
export function scanOrders(deps: ScanDeps, request: ScanRequest, visit: Visit): Promise<Scan> {
  return new Scanner(deps, request, visit).run();
}

class Scanner {
  readonly #deps: ScanDeps;
  readonly #request: ScanRequest;
  readonly #visit: Visit;
  readonly #source: ListSource;
  readonly #reader: ListReader;
  readonly #requests = new AbortController();
  #scanned = 0;
  readonly #unreadable: string[] = [];
  /** The same, of rows whose place is uncertain: they count once the list is known to go on beyond them. */
  #uncertain: string[] = [];
  #enough = false;
  /** The last order looked at, or passed over. */
  #after: Place | undefined;
  /** The last second of which every order was looked at. */
  #readTo: number | undefined;

  constructor(deps: ScanDeps, request: ScanRequest, visit: Visit) {
    this.#deps = deps;
    this.#request = request;
    this.#visit = visit;
    this.#after = request.after;
    this.#source = growingSource(deps.source, this.#requests.signal);
    this.#reader = new ListReader(this.#source, { ...request, after: request.after });
  }

  async run(): Promise<Scan> {
    try {
      await this.#deps.ctx.progress(0);
      for (;;) {
        const scan = await this.#step();
        if (scan !== undefined) return scan;
      }
    } finally {
      // What is still under way is for nobody, and must not use up what others may ask for.
      this.#requests.abort();
    }
  }

  /** Reads and looks at one page. A call of its own, so that its orders can go before the next page comes. */
  async #step(): Promise<Scan | undefined> {
    const stretch = await this.#next();
    if ('stoppedBy' in stretch) return this.#ended(stretch);
    const all = this.#look(stretch.rows);
    await this.#deps.ctx.progress(this.#read, Math.max(this.#read, this.#reader.total?.count ?? 0));
    if (all && stretch.rest === 'none') return this.#ended({ stoppedBy: undefined });
    if (this.#enough) return this.#ended({ stoppedBy: 'enough' });
    return all ? undefined : this.#ended({ stoppedBy: 'cap' });
  }

  /** A scan that has read nothing yet goes on to its deadline. */
  async #next(): Promise<Stretch | Stop> {
    const { ctx, now } = this.#deps;
    if (ctx.signal.aborted) throw cancellation(ctx.signal);
    const left = this.#read === 0 ? Number.POSITIVE_INFINITY : ctx.deadlineAt - RESERVE_MS - now();
    if (left <= 0 || ctx.draining.aborted) return this.#stopped();
    try {
      const page = this.#reader.next(this.#source.largest);
      const stretch = await untilStopped(page, ctx.signal, left, ctx.draining);
      return stretch === STOPPED ? this.#stopped() : stretch;
    } catch (error) {
      if (this.#read === 0 || ctx.signal.aborted || !leavesTheRest(error)) throw error;
      return { stoppedBy: error.code, retryAfterS: error.retryAfterS };
    }
  }

  #stopped(): Stop {
    if (!this.#deps.ctx.draining.aborted) return { stoppedBy: 'time' };
    if (this.#read === 0) throw new AppError('shutting_down', undefined, { retryAfterS: 1 });
    return { stoppedBy: 'shutdown' };
  }

  /** Orders read for good, understood or not. */
  get #read(): number {
    return this.#scanned + this.#unreadable.length;
  }

  /** Whether all of them were looked at. */
  #look(rows: readonly Row[]): boolean {
    const { maxOrders } = this.#request;
    for (const { second, members } of bySecond(rows)) {
      if (this.#read > 0 && this.#read + members.length > maxOrders) return false;
      for (const [index, row] of members.entries()) {
        if (this.#read >= maxOrders || (this.#enough && row.order !== undefined)) return false;
        this.#take(row);
        if (index === members.length - 1 && row.isKeyed) this.#readTo = second;
      }
    }
    return true;
  }

  #take({ second, id, isKeyed, order }: Row): void {
    if (!isKeyed) {
      this.#uncertain.push(id);
      return;
    }
    this.#passUncertain();
    if (order === undefined) this.#unreadable.push(id);
    else {
      this.#enough = this.#visit(order, this.#unreadable.length) === 'enough';
      this.#scanned += 1;
    }
    const here = this.#after?.second === second ? this.#after.seen : 0;
    this.#after = { second, id, seen: here + 1 };
  }

  #passUncertain(): void {
    this.#unreadable.push(...this.#uncertain);
    this.#uncertain = [];
  }

  #ended(stop: Stop): Scan {
    const isRead = stop.stoppedBy === undefined;
    if (isRead) this.#passUncertain();
    const { count, exact } = this.#reader.total ?? { count: this.#read, exact: false };
    const complete = isRead && this.#unreadable.length === 0;
    return {
      coverage: { scanned: this.#scanned, total: count, complete, ...this.#covered(isRead) },
      unreadable: this.#unreadable,
      after: isRead ? undefined : this.#after,
      totalExact: exact,
      ...stop,
    };
  }

  #covered(isRead: boolean): Pick<Coverage, 'from' | 'to'> {
    const { filters, sort, after } = this.#request;
    const [first, end] = [Number(filters.addedFrom ?? 0), Number(filters.addedTo ?? 0)];
    const read = this.#readTo;
    const iso = (from: number, to: number) => ({ from: toIso(from), to: toIso(to) });
    if (sort === 'asc') {
      const start = after?.second ?? first;
      return iso(start, isRead ? end : read === undefined ? start : read + SECOND);
    }
    const start = after === undefined ? end : after.second + SECOND;
    return iso(isRead ? first : (read ?? start), start);
  }
}

/** Rows in listing order, those of one second together. */
function* bySecond(
  rows: readonly Row[],
): Generator<{ readonly second: number; readonly members: readonly Row[] }> {
  let members: Row[] = [];
  for (const row of rows) {
    const [first] = members;
    if (first !== undefined && first.second !== row.second) {
      yield { second: first.second, members };
      members = [];
    }
    members.push(row);
  }
  const [first] = members;
  if (first !== undefined) yield { second: first.second, members };
}

/** To the second, as Order Desk has it. */
const toIso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** What keeps a page from being read, and says nothing against those before it. */
const leavesTheRest = (error: unknown): error is AppError =>
  error instanceof AppError &&
  !(error instanceof ListingContradiction) &&
  (error.class.source === 'upstream' || error.code === 'storage_unavailable');
