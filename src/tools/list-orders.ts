import { z } from 'zod';
import { AppError } from '../errors.js';
import type { CallContext, ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import type { Order } from '../orderdesk/port.js';
import { jsonSize, roomBeside } from '../orders/budget.js';
import { orderKey } from '../orders/keyset.js';
import { fitRows, type OrderRow, orderRow, ROW_FIELDS } from '../orders/row.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { READS } from './annotations.js';
import { type Continuation, openCursor, sealCursor } from './cursor.js';
import type { ToolDeps } from './deps.js';
import { viewFor } from './masked-view.js';
import { orderFilters, orderTest } from './order-filters.js';
import { type PageRequest, type Place, readPage } from './order-pages.js';
import { backgroundSource, type OrderSource, sourceOf, type Total } from './order-source.js';
import { remarksOut, rowOut, storeOut, timeZoneOut } from './output.js';
import {
  cursorParam,
  filterArguments,
  limitParam,
  type StoreChoice,
  scanArguments,
  storeArguments,
} from './params.js';
import { scanRange } from './scan.js';
import { type Progress, readByScan, type ScanListRequest } from './scan-list.js';
import { readSorted, type SortedRequest } from './sorted-page.js';
import { folderNames, storeClock } from './store-context.js';

const NAME = 'list_orders';
const SORT_FIELDS = ['date_added', 'date_updated', 'order_total', 'shipping_last_name'] as const;
/** Days that the range of a scan may have. */
const SCAN_DAYS = 366;

const argumentsBesideStore = {
  ...filterArguments,
  ...scanArguments,
  sort_by: z.enum(SORT_FIELDS).default('date_added').describe('Only date_added gives more than one page.'),
  sort: z.enum(['asc', 'desc']).default('desc').describe('desc: newest or largest first.'),
  limit: limitParam,
  cursor: cursorParam,
  fields: z
    .array(z.enum(ROW_FIELDS))
    .max(ROW_FIELDS.length)
    .default([])
    .describe('More fields for each row; answers get longer.'),
};

const output = z.object({
  store: storeOut,
  time_zone: timeZoneOut,
  rows: z
    .array(
      rowOut
        .extend({ cut_fields: z.array(z.string()).optional().describe('Left out: the row was too large') })
        .loose(),
    )
    .describe('With the fields asked for, shaped as in get_order; may hold untrusted text'),
  returned: z.number(),
  limit: z.number(),
  total: z.number().describe('Matches without scan filters, counted for the first page'),
  total_exact: z.boolean(),
  scanned: z.number().optional().describe('With scan filters: orders read so far'),
  complete: z.boolean().optional().describe('All were read'),
  next_cursor: z.string().nullable().describe('Pass as cursor; null on the last page'),
  trimmed_by: z.string().nullable().describe('size: the answer was full before limit'),
  remarks: remarksOut,
});

type Arguments = z.output<z.ZodObject<typeof argumentsBesideStore>>;

export function listOrdersTool(deps: ToolDeps, choice: StoreChoice): ToolDefinition {
  const { gateway, directory, sealer, masker, clock } = deps;
  return defineTool({
    name: NAME,
    title: 'List orders',
    description:
      'Finds orders of one store, newest first; filters combine with AND. Returns short rows: use get_order for one in full. ' +
      'total is counted, so limit 1 is enough to count. Scan filters (sku, tracking_number, text, min_total, max_total, ' +
      'payment_status, shipped) are unknown to Order Desk: every order that passes the other filters is read. They need ' +
      'added_from and added_to at most 366 days apart, a page scans 5,000 orders at most, and total counts without them. ' +
      'Whether other text filters match parts is up to Order Desk. At most 100 rows and 20,000 characters a page; go on ' +
      'with next_cursor.',
    toolset: 'default',
    scans: true,
    input: storeArguments(choice, argumentsBesideStore),
    output,
    annotations: READS,
    async handler(args, ctx) {
      const { principal } = ctx;
      const entry = await directory.resolve(principal, args.store);
      const { store: _store, cursor, limit, ...bound } = args;
      const use = { principal, tool: NAME, store: entry, args: bound };
      const start = cursor === undefined ? undefined : await openCursor(sealer, use, cursor, clock());
      const store = await gateway.store(entry, ctx);
      const { zone, remark } = storeClock(store);
      const folderName = folderNames(store);
      const visible = await viewFor(masker, principal);
      const rowOf = ({ view }: Order): OrderRow => orderRow(visible(view), folderName, args.fields);
      const test = orderTest(args);
      const request = { filters: orderFilters(args, store, zone), sort: args.sort, limit };
      const page =
        test === undefined
          ? await readListed(sourceOf(gateway, entry, ctx), request, args.sort_by, start)
          : await readScanned(deps, entry, ctx, args, start, {
              ...request,
              test: (view) => test(visible(view)),
              sizeOf: (order) => jsonSize(rowOf(order)) + 1,
              room: roomBeside(REST_OF_ANSWER),
            });
      const about = {
        store: entry.name,
        time_zone: zone.name,
        limit,
        total: page.total.count,
        total_exact: page.total.exact,
      };
      const rows = page.orders.map(rowOf);
      const remarks = [...(remark === undefined ? [] : [remark]), ...page.remarks];
      const kept = fitRows(rows, roomBeside({ ...about, remarks, ...REST_OF_ANSWER }));
      const { after, scan } = page.endAfter(kept.length);
      const said = scan?.complete === false ? [...remarks, NOT_ALL] : remarks;
      const next = after && { after, total: page.total, scanned: scan?.scanned ?? 0 };
      return {
        ...about,
        ...scan,
        rows: kept,
        returned: kept.length,
        next_cursor: next === undefined ? null : await sealCursor(sealer, use, next, clock()),
        trimmed_by: kept.length < rows.length ? 'size' : null,
        ...(said.length === 0 ? {} : { remarks: said }),
      };
    },
  });
}
const NOT_ALL = 'Not all orders of the date range were looked at yet: go on with next_cursor.';

/** The rest of an answer at its largest, for measuring: a sealed cursor has some 250 characters. */
const REST_OF_ANSWER = {
  rows: [],
  returned: 100,
  scanned: 1_000_000,
  complete: false,
  next_cursor: 'x'.repeat(600),
  trimmed_by: 'size',
  more_remarks: NOT_ALL,
};

interface Page {
  readonly orders: readonly Order[];
  readonly total: Total;
  readonly remarks: readonly string[];
  /** How far the list is once the first `count` orders were delivered. */
  endAfter(count: number): End;
}

interface End {
  /** Where to go on; `undefined` at the end, and where a list cannot go on. */
  readonly after: Place | undefined;
  readonly scan?: Pick<Progress, 'scanned' | 'complete'>;
}

type ListRequest = Omit<PageRequest, 'after'>;

async function readListed(
  source: OrderSource,
  request: ListRequest,
  sortBy: Arguments['sort_by'],
  start: Continuation | undefined,
): Promise<Page> {
  return sortBy === 'date_added'
    ? readByDate(source, request, start)
    : readOnce(source, { ...request, sortBy });
}

async function readByDate(
  source: OrderSource,
  request: ListRequest,
  start: Continuation | undefined,
): Promise<Page> {
  const page = await readPage(source, { ...request, after: start?.after });
  const total = page.total ?? start?.total;
  if (total === undefined) throw new AppError('internal');
  const { orders, more } = page;
  return {
    orders,
    total,
    remarks: [],
    endAfter: (count) => ({
      after: more || count < orders.length ? placeAfter(orders.slice(0, count), start?.after) : undefined,
    }),
  };
}

async function readOnce(source: OrderSource, request: SortedRequest): Promise<Page> {
  const { sorted, orders, total } = await readSorted(source, request);
  const remarks = [ONE_PAGE, ...(sorted ? [] : [`Order Desk did not sort by ${request.sortBy}.`])];
  return { orders, total, remarks, endAfter: () => ({ after: undefined }) };
}

async function readScanned(
  { gateway }: Pick<ToolDeps, 'gateway'>,
  entry: StoreEntry,
  ctx: CallContext,
  { sort_by: sortBy }: Pick<Arguments, 'sort_by'>,
  start: Continuation | undefined,
  request: ScanListRequest,
): Promise<Page> {
  scanRange(request.filters, SCAN_DAYS);
  if (sortBy !== 'date_added') {
    throw new AppError('invalid_argument', 'sort_by: must be date_added with scan filters.', {
      field: 'sort_by',
    });
  }
  const source = backgroundSource(gateway, entry, ctx);
  const scan = await readByScan({ source, ctx, now: () => performance.now() }, request, start);
  return {
    orders: scan.orders,
    total: scan.total,
    remarks: [],
    endAfter: (count) => {
      const { after, scanned, complete } = scan.progressAfter(count);
      return { after, scan: { scanned, complete } };
    },
  };
}

const ONE_PAGE =
  'Only sort_by date_added can be paged: what does not fit into this page takes a narrower search.';

/** After the last of `delivered`, with the orders of its second up to it. */
function placeAfter(delivered: readonly Order[], start: Place | undefined): Place | undefined {
  const last = delivered.at(-1);
  if (last === undefined) return undefined;
  const key = orderKey(last.view);
  const here = delivered.filter((order) => orderKey(order.view).second === key.second).length;
  return { ...key, seen: here + (start?.second === key.second ? start.seen : 0) };
}
