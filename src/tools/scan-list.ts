/** The page of a list that is filtered here: orders are read until the page is full, and what was read is counted. */
import { orderKey, type Sort } from '../orders/keyset.js';
import type { OrderTest } from '../orders/scan-filter.js';
import type { Continuation } from './cursor.js';
import type { ListedOrder, OrderFilters } from './order-source.js';
import { type Place, type Scan, type ScanDeps, scanOrders } from './scan.js';

/** Orders that one page looks at; a cursor goes on from there. */
export const SCANNED_MOST = 5_000;

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
  extends Omit<Continuation, 'after' | 'scanned'>,
    Pick<Scan, 'stoppedBy' | 'retryAfterS'> {
  readonly orders: readonly ListedOrder[];
  /** How far the scan was once the first `count` orders had been found; of all of them, once it ended. */
  progressAfter(count: number): Progress;
}

export interface Progress {
  /** Orders looked at, on earlier pages too. */
  readonly scanned: number;
  /** The whole range was looked at. */
  readonly complete: boolean;
  readonly after: Place | undefined;
}

/** @throws AppError as `scanOrders` does */
export async function readByScan(
  deps: ScanDeps,
  request: ScanListRequest,
  start: Continuation | undefined,
): Promise<ScanPage> {
  const { limit, test, sizeOf, room, ...range } = request;
  const found: { readonly order: ListedOrder; readonly at: Progress }[] = [];
  let left = room;
  let scanned = start?.scanned ?? 0;
  let after = start?.after;
  const scan = await scanOrders(deps, { ...range, maxOrders: SCANNED_MOST, after }, (order) => {
    scanned += 1;
    after = follow(after, order);
    if (!test(order.view)) return 'go_on';
    found.push({ order, at: { scanned, complete: false, after } });
    left -= sizeOf(order);
    return found.length === limit || left < 0 ? 'enough' : 'go_on';
  });
  const end: Progress = { scanned, complete: scan.coverage.complete, after: scan.after };
  return {
    orders: found.map(({ order }) => order),
    total: start?.total ?? { count: scan.coverage.total, exact: scan.totalExact },
    stoppedBy: scan.stoppedBy,
    retryAfterS: scan.retryAfterS,
    progressAfter: (count) => (count === found.length ? end : (found[count - 1]?.at ?? end)),
  };
}

/** The place of an order that was read after `before`. */
function follow(before: Place | undefined, order: ListedOrder): Place {
  const key = orderKey(order.view);
  return { ...key, seen: (before?.second === key.second ? before.seen : 0) + 1 };
}
