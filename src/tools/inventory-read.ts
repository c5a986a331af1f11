/**
 * Reads a store's inventory. Order Desk filters it by code alone, in what order it comes and whether it comes in pages
 * is not certain, nor whether a code is a filter at all, and its totals are not to be relied on (Order Desk API, inventory
 * items): so a list is read on until a page brings nothing new, each item counts once, and the order is ours: by id. What is
 * kept is one page of matches. A reading that ends early says why, and keeps what it has.
 */
import { AppError, ERROR_TABLE, type ErrorCode } from '../errors.js';
import type { CallContext } from '../mcp/catalogue.js';
import type { InventoryPage, InventoryQuery } from '../orderdesk/port.js';
import type { InventoryView } from '../orderdesk/views.js';
import { plain } from '../orders/plain.js';
import { canBeAsked, inReads } from './inventory-codes.js';
import { compareIds, Lowest } from './inventory-order.js';
import { InventoryPages } from './inventory-pages.js';
import { STOPPED, untilStopped } from './scan-stop.js';

export interface InventoryDeps {
  /** @param urgent whether somebody asked for these very items, and the requests are few */
  list(query: InventoryQuery, urgent: boolean): Promise<InventoryPage>;
  readonly ctx: Pick<CallContext, 'signal' | 'deadlineAt' | 'draining' | 'progress'>;
  /** Milliseconds on the clock of `deadlineAt`. */
  readonly now: () => number;
}

export interface InventoryRequest {
  /** Items with one of these codes, whole, in any case; all items where left out. */
  readonly codes: readonly string[] | undefined;
  readonly matches: (item: InventoryView) => boolean;
  /** Only ids beyond this one are kept; all are counted. */
  readonly after: string | undefined;
  /** How many are kept, from 1. */
  readonly keep: number;
  /** Reading stops after the page that reaches so many items. */
  readonly maxItems: number;
  /** Requests to Order Desk at most, from 1. */
  readonly maxRequests: number;
}

export interface InventoryFound {
  /** Those with the lowest ids, ascending. */
  readonly items: readonly InventoryView[];
  /** Items that match, of those read. */
  readonly total: number;
  /** Items read, each counted once. */
  readonly read: number;
  /** Records that made no sense and were passed over. */
  readonly unreadable: number;
  /** Whether all that were asked for have been read, as far as can be told. */
  readonly complete: boolean;
  /** Why not, in sentences; none when complete. */
  readonly gaps: readonly string[];
  /** Codes that were looked up to the end, as they were asked for, and that no item has. */
  readonly missing: readonly string[];
  /** Codes that no item read has, but one that was not read may have. */
  readonly unknown: readonly string[];
}

const PAGE = 500;
/** Pages of a fixed size have so many items, or a multiple of it. */
const SMALLEST_PAGE = 50;
/** Requests for codes that go before the work of others; what is asked after them can wait. */
const URGENT_REQUESTS = 5;
/** Kept back of the call's time, in milliseconds, for the answer: of the first request, and of those after it. */
const FIRST_RESERVE_MS = 1_000;
const RESERVE_MS = 3_000;

/** What a request may fail with that leaves good what was read before it. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'rate_budget_exhausted',
  'upstream_rate_limited',
  'upstream_timeout',
  'upstream_unavailable',
  'upstream_rejected',
  'upstream_malformed',
  'store_busy',
] satisfies ErrorCode[]);

/** In our own words: Order Desk's may be anybody's. */
export const whyFailed = ({ code, retryAfterS }: AppError): string =>
  `${ERROR_TABLE[code].publicText}${retryAfterS === undefined ? '' : ` It may work again in ${retryAfterS} s.`}`;

/** @throws AppError as the first request does; `upstream_timeout` when it got no answer in time; `shutting_down`, `cancelled` */
export const readInventory = (deps: InventoryDeps, request: InventoryRequest): Promise<InventoryFound> =>
  new Reading(deps, request).run();

class Reading {
  readonly #deps: InventoryDeps;
  readonly #request: InventoryRequest;
  /** The codes as they are compared. */
  readonly #wanted: ReadonlySet<string> | undefined;
  /** Of these, those that an item has, and those that were looked up to the end. */
  readonly #met = new Set<string>();
  readonly #lookedUp = new Set<string>();
  readonly #read = new Set<string>();
  readonly #kept: Lowest;
  readonly #gaps = new Set<string>();
  #gapsSeen = 0;
  #total = 0;
  #unreadable = 0;
  #requests = 0;
  #answers = 0;
  #stopped = false;

  constructor(deps: InventoryDeps, request: InventoryRequest) {
    this.#deps = deps;
    this.#request = request;
    this.#wanted = request.codes === undefined ? undefined : new Set(request.codes.map(plain));
    this.#kept = new Lowest(request.keep);
  }

  async run(): Promise<InventoryFound> {
    const { codes } = this.#request;
    // A code that cannot be asked for means reading everything, and then once is enough.
    const isRead = codes?.every(canBeAsked) === true && (await this.#readByCodes(new Set(codes)));
    if (!isRead) await this.#readAll(codes ?? []);
    return this.#found();
  }

  async #readAll(codes: readonly string[]): Promise<void> {
    // It reads again, in the background, what reading by codes may have met.
    this.#gaps.clear();
    this.#unreadable = 0;
    if ((await this.#readList({})) === 'whole') this.#foundAll(codes);
  }

  /** @returns false when Order Desk does not go by the codes */
  async #readByCodes(codes: ReadonlySet<string>): Promise<boolean> {
    for (const part of inReads(codes)) {
      const end = await this.#readList({ codes: part });
      if (end === 'unfiltered') return false;
      if (end === 'whole') this.#foundAll(part);
      if (this.#stopped) break;
    }
    return true;
  }

  async #readList(query: InventoryQuery): Promise<'whole' | 'partly' | 'unfiltered'> {
    const pages = new InventoryPages();
    const { maxItems } = this.#request;
    const gapsBefore = this.#gapsSeen;
    for (;;) {
      if (this.#read.size >= maxItems) {
        this.#stop(`One call reads at most ${maxItems.toLocaleString('en')} items.`);
        return 'partly';
      }
      const limit = Math.min(PAGE, maxItems - this.#read.size + pages.overlap);
      const page = await this.#ask({ ...query, limit, offset: pages.offset });
      if (page === undefined) return 'partly';
      const { hasNew, isAllAgain, joins } = pages.add(page);
      for (const { view } of page.items) this.#visit(view);
      if (hasNew) await this.#deps.ctx.progress(this.#read.size);
      if (this.#isUnfiltered(query, page)) return 'unfiltered';
      if (isAllAgain) this.#endOnRepeat(page.items.length + page.unreadable);
      else {
        this.#passOver(page.unreadable);
        if (!joins) this.#gap('Its pages did not join: items may have moved or gone while they were read.');
      }
      // A short page proves nothing: pages may be smaller than was asked for. But codes are unique.
      if (!hasNew || this.#hasMet(query.codes)) return this.#gapsSeen === gapsBefore ? 'whole' : 'partly';
    }
  }

  /** @returns undefined when there is no more to be had now */
  async #ask(query: InventoryQuery): Promise<InventoryPage | undefined> {
    const { list, ctx, now } = this.#deps;
    const isFirst = this.#answers === 0;
    if (this.#requests >= this.#request.maxRequests) {
      this.#stop(`One call makes at most ${this.#request.maxRequests} requests to Order Desk for this.`);
      return undefined;
    }
    if (isFirst && ctx.draining.aborted) throw new AppError('shutting_down');
    this.#requests += 1;
    const urgent = query.codes !== undefined && this.#requests <= URGENT_REQUESTS;
    const left = ctx.deadlineAt - (isFirst ? FIRST_RESERVE_MS : RESERVE_MS) - now();
    try {
      const page = await untilStopped(
        list(query, urgent),
        ctx.signal,
        left,
        isFirst ? undefined : ctx.draining,
      );
      if (page !== STOPPED) {
        this.#answers += 1;
        return page;
      }
    } catch (error) {
      const canGoOn = error instanceof AppError && PASSING.has(error.code) && !ctx.signal.aborted;
      if (isFirst || !canGoOn) throw error;
      this.#stop(whyFailed(error));
      return undefined;
    }
    // An answer of nothing would help nobody.
    if (isFirst) throw new AppError('upstream_timeout');
    this.#stop(ctx.draining.aborted ? 'The server is shutting down.' : 'The time of this call was over.');
    return undefined;
  }

  #visit(item: InventoryView): void {
    if (this.#read.has(item.id)) return;
    this.#read.add(item.id);
    if (this.#wanted !== undefined) {
      const code = item.code === null ? undefined : plain(item.code);
      if (code === undefined || !this.#wanted.has(code)) return;
      this.#met.add(code);
    }
    const { matches, after } = this.#request;
    if (!matches(item)) return;
    this.#total += 1;
    if (after === undefined || compareIds(item.id, after) > 0) this.#kept.add(item);
  }

  /** The page that came again is all there is where paging is not known; where only `offset` is, it may be the first of more. */
  #endOnRepeat(size: number): void {
    if (size >= SMALLEST_PAGE && size % SMALLEST_PAGE === 0) {
      this.#gap(`Order Desk sent the same ${size} items again and may have more.`);
    }
  }

  /** Whether there are items that hold none of the codes asked for, not even as a part, and more could follow them. */
  #isUnfiltered({ codes }: InventoryQuery, { items }: InventoryPage): boolean {
    const asked = codes?.map(plain);
    if (asked === undefined || (items.length < SMALLEST_PAGE && this.#hasMet(codes))) return false;
    return items.some(({ view }) => {
      const code = plain(view.code ?? '');
      return !asked.some((part) => code.includes(part));
    });
  }

  /** Whether each of these codes is of an item that was read; without codes there is no such end. */
  #hasMet(codes: readonly string[] | undefined): boolean {
    return codes?.every((code) => this.#met.has(plain(code))) === true;
  }

  #foundAll(codes: readonly string[]): void {
    for (const code of codes) this.#lookedUp.add(plain(code));
  }

  #passOver(count: number): void {
    this.#unreadable += count;
    if (count > 0) this.#gap('Some items could not be understood.');
  }

  #gap(reason: string): void {
    this.#gaps.add(reason);
    this.#gapsSeen += 1;
  }

  #stop(reason: string): void {
    this.#stopped = true;
    this.#gap(reason);
  }

  #found(): InventoryFound {
    const open = new Map<string, string>();
    for (const code of this.#request.codes ?? [])
      if (!this.#met.has(plain(code))) open.set(plain(code), code);
    const isLookedUp = ([code]: readonly [string, string]) => this.#lookedUp.has(code);
    const asked = ([, code]: readonly [string, string]) => code;
    return {
      items: this.#kept.items(),
      total: this.#total,
      read: this.#read.size,
      unreadable: this.#unreadable,
      complete: this.#gaps.size === 0,
      gaps: [...this.#gaps],
      missing: [...open].filter(isLookedUp).map(asked),
      unknown: [...open].filter((entry) => !isLookedUp(entry)).map(asked),
    };
  }
}
