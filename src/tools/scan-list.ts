/** The page of a list that is filtered here: orders are read until the page is full, and what was read is counted. */
import { orderKey, type Sort } from '../orders/keyset.js';
import type { OrderTest } from '../orders/scan-filter.js';
import type { Continuation } from './cursor.js';
import type { ListedOrder, OrderFilters } from './order-source.js';
import { type Place, type Scan, type ScanDeps, scanOrders } from './scan.js';

/** Orders that one page looks at; a cursor goes on from there. */
const SCANNED_MOST = 5_000;

export interface ScanListRequest {
  readonly filters: OrderFilters;
  readonly sort: Sort;
  readonly limit: number;
  readonly test: OrderTest;
  /** Characters that an order takes in the answer, of `room` in all: no order is sought that would not fit. */
  readonly sizeOf: (order: ListedOrder) => number;
  readonly room: number;
}

export interface ScanPage
  extends Omit<Continuation, 'after' | 'scanned' | 'unreadable'>,
    Pick<Scan, 'stoppedBy' | 'retryAfterS'> {
  readonly orders: readonly ListedOrder[];
  /** How far the scan was once the first `count` orders had been found; of all of them, once it ended. */
  progressAfter(count: number): Progress;
}

export interface Progress {
  /** Orders looked at, on earlier pages too. */
  readonly scanned: number;
  /** Every order of the range was looked at, on earlier pages too. */
  readonly complete: boolean;
  readonly after: Place | undefined;
  /** Ids of orders of this page that could not be understood. */
  readonly unreadable: readonly string[];
}

/** @throws AppError as `scanOrders` does */
export async function readByScan(
  deps: ScanDeps,
  request: ScanListRequest,
  start: Continuation | undefined,
): Promise<ScanPage> {
  const { limit, test, sizeOf, room, ...range } = request;
  const found: Found[] = [];
  let left = room;
  let scanned = start?.scanned ?? 0;
  let after = start?.after;
  const scan = await scanOrders(deps, { ...range, maxOrders: SCANNED_MOST, after }, (order, skipped) => {
    scanned += 1;
    after = follow(after, order);
    if (!test(order.view)) return 'go_on';
    found.push({ order, at: { scanned, complete: false, after }, skipped });
    left -= sizeOf(order);
    return found.length === limit || left < 0 ? 'enough' : 'go_on';
  });
  const { unreadable } = scan;
  const complete = scan.coverage.complete && (start?.unreadable ?? 0) === 0;
  const end: Progress = { scanned, complete, after: scan.after, unreadable };
  const progressAt = ({ at, skipped }: Found): Progress => ({
    ...at,
    unreadable: unreadable.slice(0, skipped),
  });
  return {
    orders: found.map(({ order }) => order),
    total: start?.total ?? { count: scan.coverage.total, exact: scan.totalExact },
    stoppedBy: scan.stoppedBy,
    retryAfterS: scan.retryAfterS,
    progressAfter(count) {
      const last = count === found.length ? undefined : found[count - 1];
      return last === undefined ? end : progressAt(last);
    },
  };
}

interface Found {
  readonly order: ListedOrder;
  readonly at: Omit<Progress, 'unreadable'>;
  /** How many orders of the page before it could not be understood. */
  readonly skipped: number;
}

/** The place of an order that was read after `before`. */
function follow(before: Place | undefined, order: ListedOrder): Place {
  const key = orderKey(order.view);
  return { ...key, seen: (before?.second === key.second ? before.seen : 0) + 1 };
}
