/**
 * Reads a store's inventory. Order Desk filters it by code alone, in what order it comes and whether it comes in pages
 * is not certain, and its totals are not to be relied on (Order Desk API, inventory items): so a list is read on until
 * it brings nothing new, each item counts once, and the order is ours: by id. What is kept is one page of matches.
 */
import type { CallContext } from '../mcp/catalogue.js';
import type { InventoryPage, InventoryQuery } from '../orderdesk/port.js';
import type { InventoryView } from '../orderdesk/views.js';
import { STOPPED, untilStopped } from './scan-stop.js';

export interface InventoryDeps {
  /** @param urgent whether somebody asked for these very items */
  list(query: InventoryQuery, urgent: boolean): Promise<InventoryPage>;
  readonly ctx: Pick<CallContext, 'signal' | 'deadlineAt' | 'progress'>;
  /** Milliseconds on the clock of `deadlineAt`. */
  readonly now: () => number;
}

export interface InventoryRequest {
  /** Items with one of these codes, whole; all items where left out. */
  readonly codes: readonly string[] | undefined;
  readonly matches: (item: InventoryView) => boolean;
  /** Only ids beyond this one are kept; all are counted. */
  readonly after: string | undefined;
  /** How many are kept, from 1. */
  readonly keep: number;
  /** Reading stops after the page that reaches so many items. */
  readonly maxItems: number;
}

export interface InventoryFound {
  /** Those with the lowest ids, ascending. */
  readonly items: readonly InventoryView[];
  /** Items that match, of those read. */
  readonly total: number;
  /** Items read, each counted once. */
  readonly read: number;
  /** Whether all that were asked for have been read, as far as can be told. */
  readonly complete: boolean;
  /** Codes that were asked for and that none of the items read has. */
  readonly missing: readonly string[];
}

const PAGE = 500;
/** Nobody knows of a page size below it: a shorter page of the many asked for is the last. */
const SMALLEST_PAGE = 50;
/** Codes stand in the address of a request, whose length is bounded. */
const CODES_A_READ = 50;
const ADDRESS_ROOM = 2_000;
/** Kept back of the call's time, in milliseconds, for the answer. */
const RESERVE_MS = 3_000;

/** Order Desk takes codes as one text with commas between them. */
export const canBeAsked = (code: string): boolean => !code.includes(',');

/** @throws AppError as `list` does, `cancelled` */
export async function readInventory(
  deps: InventoryDeps,
  { codes, matches, after, keep, maxItems }: InventoryRequest,
): Promise<InventoryFound> {
  const { ctx, now } = deps;
  const wanted = codes === undefined ? undefined : new Set(codes);
  const missing = new Set(wanted);
  const read = new Set<string>();
  const kept = new Lowest(keep);
  let total = 0;

  function visit(item: InventoryView): void {
    if (read.has(item.id)) return;
    read.add(item.id);
    if (wanted !== undefined && (item.code === null || !wanted.has(item.code))) return;
    if (item.code !== null) missing.delete(item.code);
    if (!matches(item)) return;
    total += 1;
    if (after === undefined || compareIds(item.id, after) > 0) kept.add(item);
  }

  function ask(query: InventoryQuery) {
    // One page at least: an answer of nothing would help nobody.
    const left = read.size === 0 ? Number.POSITIVE_INFINITY : ctx.deadlineAt - RESERVE_MS - now();
    return untilStopped(deps.list(query, query.codes !== undefined), ctx.signal, left);
  }

  /** @returns whether its end was seen */
  async function readList(query: InventoryQuery): Promise<boolean> {
    const known = new Set<string>();
    for (let offset = 0; ; ) {
      const page = await ask({ ...query, limit: PAGE, offset });
      if (page === STOPPED) return false;
      const { items } = page;
      const before = known.size;
      for (const { view } of items) {
        known.add(view.id);
        visit(view);
      }
      await ctx.progress(read.size);
      // The same full page again: where `offset` alone is ignored, there may be more behind it.
      if (known.size === before) return items.length !== PAGE;
      if (items.length < SMALLEST_PAGE) return true;
      if (read.size >= maxItems) return false;
      offset += items.length;
    }
  }

  let complete = true;
  for (const query of queriesFor(wanted)) {
    complete = complete && (await readList(query));
  }
  return { items: kept.items(), total, read: read.size, complete, missing: [...missing] };
}

/** A code that cannot be asked for means reading everything, and then once is enough. */
function queriesFor(codes: ReadonlySet<string> | undefined): readonly InventoryQuery[] {
  if (codes === undefined || ![...codes].every(canBeAsked)) return [{}];
  const groups: string[][] = [];
  let room = 0;
  for (const code of codes) {
    const size = new URLSearchParams({ code }).toString().length;
    const group = groups.at(-1);
    if (group !== undefined && group.length < CODES_A_READ && size <= room) {
      group.push(code);
      room -= size;
    } else {
      groups.push([code]);
      room = ADDRESS_ROOM - size;
    }
  }
  return groups.map((group) => ({ codes: group }));
}

/** The items with the lowest ids, of any number that pass by. */
class Lowest {
  readonly #most: number;
  #items: InventoryView[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add(item: InventoryView): void {
    this.#items.push(item);
    if (this.#items.length >= 4 * this.#most) this.#items = this.items();
  }

  items(): InventoryView[] {
    return this.#items.toSorted((a, b) => compareIds(a.id, b.id)).slice(0, this.#most);
  }
}

/** By number where they are numbers, which may be beyond what a JavaScript number holds. */
export const compareIds = (a: string, b: string): number =>
  a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
