/** The orders of a list's next page, read in the way that its filters and its order take. */
import { AppError } from '../errors.js';
import type { CallContext } from '../mcp/catalogue.js';
import { orderKey } from '../orders/keyset.js';
import type { Continuation } from './cursor.js';
import { type PageRequest, type Place, readPage } from './order-pages.js';
import type { ListedOrder, OrderSource, Total } from './order-source.js';
import { scanRange } from './scan.js';
import { type Progress, readByScan, type ScanListRequest } from './scan-list.js';
import { shrinkingSource } from './scan-pages.js';
import { stopRemark } from './scan-remark.js';
import { readSorted, type SortedRequest, type SortField } from './sorted-page.js';

/** Days that the range of a scan may have. */
const SCAN_DAYS = 366;

export type ListSort = 'date_added' | SortField;

export interface ListPage {
  readonly orders: readonly ListedOrder[];
  readonly total: Total;
  readonly remarks: readonly string[];
  /** No more were sought, since they would not have fitted. */
  readonly full: boolean;
  /** How far the list is once the first `count` orders were delivered. */
  endAfter(count: number): ListEnd;
}

export interface ListEnd {
  /** Where to go on; `undefined` at the end, and where a list cannot go on. */
  readonly after: Place | undefined;
  /** Ids of orders up to there that could not be understood; `''` where not even the id can be read. */
  readonly unreadable: readonly string[];
  readonly scan?: Pick<Progress, 'scanned' | 'complete'>;
}

export type ListRequest = Omit<PageRequest, 'after'>;

/** A page of what Order Desk itself filters. */
export async function readListed(
  source: OrderSource,
  request: ListRequest,
  sortBy: ListSort,
  start: Continuation | undefined,
): Promise<ListPage> {
  return sortBy === 'date_added'
    ? readByDate(source, request, start)
    : readOnce(source, { ...request, sortBy });
}

async function readByDate(
  source: OrderSource,
  request: ListRequest,
  start: Continuation | undefined,
): Promise<ListPage> {
  const page = await readPage(shrinkingSource(source), { ...request, after: start?.after });
  const total = page.total ?? start?.total;
  if (total === undefined) throw new AppError('internal');
  const { orders, skipped, more } = page;
  return {
    orders,
    total,
    remarks: [],
    full: false,
    endAfter(count) {
      const goesOn = more || count < orders.length;
      return {
        after: goesOn ? placeAfter(orders.slice(0, count), start?.after) : undefined,
        unreadable: skipped.filter(({ before }) => !goesOn || before < count).map(({ id }) => id),
      };
    },
  };
}

async function readOnce(source: OrderSource, request: SortedRequest): Promise<ListPage> {
  const { sorted, orders, unreadable, total } = await readSorted(source, request);
  const remarks = [ONE_PAGE, ...(sorted ? [] : [`Order Desk did not sort by ${request.sortBy}.`])];
  return { orders, total, remarks, full: false, endAfter: () => ({ after: undefined, unreadable }) };
}

/** @throws AppError `invalid_argument` where sort_by cannot be had with scan filters */
export function refuseSortedScan(sortBy: ListSort): void {
  if (sortBy === 'date_added') return;
  throw new AppError('invalid_argument', 'sort_by: must be date_added with scan filters.', {
    field: 'sort_by',
    hint: 'Leave sort_by out, or the scan filters: sku, tracking_number, text, min_total, max_total, payment_status, shipped.',
  });
}

/** A page of what is filtered here. */
export async function readScanned(
  source: OrderSource,
  ctx: CallContext,
  request: ScanListRequest,
  start: Continuation | undefined,
): Promise<ListPage> {
  scanRange(request.filters, SCAN_DAYS);
  const scan = await readByScan({ source, ctx, now: () => performance.now() }, request, start);
  const { orders, total } = scan;
  const stopped = stopRemark(scan);
  const size = orders.reduce((sum, order) => sum + request.sizeOf(order), 0);
  return {
    orders,
    total,
    remarks: stopped === undefined ? [] : [stopped],
    full: size > request.room && orders.length < request.limit,
    endAfter(count) {
      const { after, unreadable, scanned, complete } = scan.progressAfter(count);
      return { after, unreadable, scan: { scanned, complete } };
    },
  };
}

const ONE_PAGE =
  'Only sort_by date_added can be paged: what does not fit into this page takes a narrower search.';

/** After the last of `delivered`, with the orders of its second up to it. */
function placeAfter(delivered: readonly ListedOrder[], start: Place | undefined): Place | undefined {
  const last = delivered.at(-1);
  if (last === undefined) return undefined;
  const key = orderKey(last.view);
  const here = delivered.filter((order) => orderKey(order.view).second === key.second).length;
  return { ...key, seen: here + (start?.second === key.second ? start.seen : 0) };
}
