import { z } from 'zod';
import { AppError } from '../errors.js';
import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import type { Order } from '../orderdesk/port.js';
import { roomBeside } from '../orders/budget.js';
import { orderKey } from '../orders/keyset.js';
import { fitRows, orderRow, ROW_FIELDS } from '../orders/row.js';
import { READS } from './annotations.js';
import { type Continuation, openCursor, sealCursor } from './cursor.js';
import type { ToolDeps } from './deps.js';
import { viewFor } from './masked-view.js';
import { orderFilters } from './order-filters.js';
import { type PageRequest, type Place, readPage } from './order-pages.js';
import type { OrderSource, Total } from './order-source.js';
import { remarksOut, rowOut, storeOut, timeZoneOut } from './output.js';
import {
  cursorParam,
  dateParam,
  folderParam,
  limitParam,
  type StoreChoice,
  storeArguments,
  textParam,
} from './params.js';
import { readSorted, type SortedRequest } from './sorted-page.js';
import { folderNames, storeClock } from './store-context.js';

const NAME = 'list_orders';
/** Orders that Order Desk returns at most in one answer (Order Desk API, orders, limit). */
const LARGEST_PAGE = 500;

const argumentsBesideStore = {
  folder: folderParam,
  added_from: dateParam(
    'Added at or after: YYYY-MM-DD or ISO 8601; without offset in the time zone of the store.',
  ),
  added_to: dateParam('Added before this time; a date without time includes that whole day.'),
  modified_from: dateParam('Last modified at or after.'),
  modified_to: dateParam('Last modified before; a date includes its day.'),
  source_id: textParam('Order number of the shop or channel.'),
  source_name: textParam('Channel, such as Shopify or Amazon.'),
  email: textParam('E-mail of the customer.'),
  customer_id: textParam('Customer id of the shop.'),
  first_name: textParam('First name, in the address chosen by address.'),
  last_name: textParam('Last name, likewise.'),
  company: textParam('Company, likewise.'),
  phone: textParam('Phone, likewise.'),
  address1: textParam('First address line, likewise.'),
  address: z
    .enum(['shipping', 'customer'])
    .default('shipping')
    .describe('Which address the name, company, phone and address1 filters look at.'),
  sort_by: z
    .enum(['date_added', 'date_updated', 'order_total', 'shipping_last_name'])
    .default('date_added')
    .describe('Only date_added can be paged; any other gives one page.'),
  sort: z.enum(['asc', 'desc']).default('desc').describe('desc: newest or largest first.'),
  limit: limitParam,
  cursor: cursorParam,
  fields: z
    .array(z.enum(ROW_FIELDS))
    .max(ROW_FIELDS.length)
    .default([])
    .describe('More fields for every row. Each makes answers longer.'),
};

const output = z.object({
  store: storeOut,
  time_zone: timeZoneOut,
  rows: z
    .array(
      rowOut
        .extend({
          cut_fields: z.array(z.string()).optional().describe('Left out: this order alone is too large'),
        })
        .loose(),
    )
    .describe('With the fields asked for, shaped as in get_order; those from customers hold untrusted text'),
  returned: z.number(),
  limit: z.number(),
  total: z.number().describe('Orders that match, counted for the first page'),
  total_exact: z.boolean(),
  next_cursor: z.string().nullable().describe('Pass as cursor; null on the last page'),
  trimmed_by: z
    .literal('size')
    .nullable()
    .describe('size: fewer rows than limit because the answer was full'),
  remarks: remarksOut,
});

export function listOrdersTool(
  { gateway, directory, sealer, masker, clock }: ToolDeps,
  choice: StoreChoice,
): ToolDefinition {
  return defineTool({
    name: NAME,
    title: 'List orders',
    description:
      'Finds orders of one store by folder, dates, channel, order number, customer or address, newest first; filters combine ' +
      'with AND. Returns short rows; total counts all matches, so limit 1 is enough to count. Use get_order for one order in ' +
      'full. Order Desk cannot filter by SKU, tracking number, amount, payment or shipping state: narrow by date and read the ' +
      'rows. Whether its text filters match whole values or parts is up to Order Desk. At most 100 rows and 20,000 characters ' +
      'a page; go on with next_cursor. Paging never repeats an order nor skips one that keeps matching.',
    toolset: 'default',
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
      const filters = orderFilters(args, store, zone);
      const source: OrderSource = {
        largest: LARGEST_PAGE,
        list: (query) => gateway.listOrders(entry, query, ctx),
      };
      const request = { filters, sort: args.sort, limit };
      const page =
        args.sort_by === 'date_added'
          ? await readByDate(source, request, start)
          : await readOnce(source, { ...request, sortBy: args.sort_by });
      const folderName = folderNames(store);
      const visible = await viewFor(masker, principal);
      const rows = page.orders.map(({ view }) => orderRow(visible(view), folderName, args.fields));
      const about = {
        store: entry.name,
        time_zone: zone.name,
        limit,
        total: page.total.count,
        total_exact: page.total.exact,
      };
      const remarks = [...(remark === undefined ? [] : [remark]), ...page.remarks];
      const kept = fitRows(rows, roomBeside({ ...about, remarks, ...REST_OF_ANSWER }));
      const trimmedBy: 'size' | null = kept.length < rows.length ? 'size' : null;
      const after = page.more || trimmedBy !== null ? page.placeAfter(kept.length) : undefined;
      return {
        ...about,
        rows: kept,
        returned: kept.length,
        next_cursor:
          after === undefined ? null : await sealCursor(sealer, use, { after, total: page.total }, clock()),
        trimmed_by: trimmedBy,
        ...(remarks.length === 0 ? {} : { remarks }),
      };
    },
  });
}

/** The rest of an answer at its largest, for measuring: a sealed cursor has some 250 characters. */
const REST_OF_ANSWER = { rows: [], returned: 100, next_cursor: 'x'.repeat(600), trimmed_by: 'size' };

interface Page {
  readonly orders: readonly Order[];
  readonly more: boolean;
  readonly total: Total;
  readonly remarks: readonly string[];
  /** Where to go on once the first `count` orders were delivered; `undefined` where a list cannot go on. */
  placeAfter(count: number): Place | undefined;
}

async function readByDate(
  source: OrderSource,
  request: Omit<PageRequest, 'after'>,
  start: Continuation | undefined,
): Promise<Page> {
  const page = await readPage(source, { ...request, after: start?.after });
  const total = page.total ?? start?.total;
  if (total === undefined) throw new AppError('internal');
  return {
    ...page,
    total,
    remarks: [],
    placeAfter: (count) => placeAfter(page.orders.slice(0, count), start?.after),
  };
}

async function readOnce(source: OrderSource, request: SortedRequest): Promise<Page> {
  const { sorted, ...page } = await readSorted(source, request);
  const remarks = [ONE_PAGE, ...(sorted ? [] : [`Order Desk did not sort by ${request.sortBy}.`])];
  return { ...page, remarks, placeAfter: () => undefined };
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
