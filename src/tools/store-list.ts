/** The list of one store, read and ready to be shown in as much room as there is. */
import type { CallContext } from '../mcp/catalogue.js';
import { jsonSize, roomBeside } from '../orders/budget.js';
import type { Zone } from '../orders/dates.js';
import type { Sort } from '../orders/keyset.js';
import { fitRows, type OrderRow, orderRow, type RowField } from '../orders/row.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { type Continuation, orderCursor } from './cursor.js';
import type { ToolDeps } from './deps.js';
import { type ListPage, type ListSort, readListed, readScanned, refuseSortedScan } from './list-page.js';
import { type Sight, sightOf } from './masked-view.js';
import { type FilterArguments, orderFilters, orderTest, type ScanArguments } from './order-filters.js';
import { backgroundSource, type ListedOrder, sourceOf } from './order-source.js';
import { unreadableRemark } from './scan-remark.js';
import type { CursorUse } from './sealed-cursor.js';
import type { Prepared, Remarked } from './several-answers.js';
import { sharedPages } from './shared-pages.js';
import { folderNames, storeClock } from './store-context.js';

export const LIST_ORDERS = 'list_orders';

/** What the caller gave, but for which store and where to go on. */
export interface ListArguments extends FilterArguments, ScanArguments {
  readonly sort_by: ListSort;
  readonly sort: Sort;
  readonly limit: number;
  readonly fields: RowField[];
}

export interface ListCall {
  readonly args: ListArguments;
  readonly cursor: string | undefined;
  /** Stores that are asked at the same time, and share an answer. */
  readonly stores: number;
}

export type StoreList = {
  store: string;
  time_zone: string;
  rows: OrderRow[];
  returned: number;
  limit: number;
  total: number | null;
  total_exact: boolean;
  in_range?: number;
  scanned?: number;
  complete?: boolean;
  next_cursor: string | null;
  trimmed_by: string | null;
};

/** @throws AppError as the source of the orders does; `invalid_argument`, `unknown_folder`, `invalid_cursor` */
export async function prepareList(
  deps: ToolDeps,
  entry: StoreEntry,
  { args, cursor, stores }: ListCall,
  ctx: CallContext,
): Promise<Prepared<StoreList>> {
  const { gateway, sealer, masker, clock } = deps;
  const { limit: _limit, ...bound } = args;
  const use = { principal: ctx.principal, tool: LIST_ORDERS, store: entry, args: bound };
  const start = cursor === undefined ? undefined : await orderCursor.open(sealer, use, cursor, clock());
  const store = await gateway.store(entry, ctx);
  const { zone, remark } = storeClock(store);
  const sight = await sightOf(masker, ctx.principal);
  const nameOf = folderNames(store);
  const rowOf = ({ view }: ListedOrder): OrderRow => orderRow(sight.visible(view), nameOf, args.fields);
  const filters = orderFilters(args, store, zone);
  const page = await readList(deps, entry, { args, filters, start, stores, sight, rowOf }, ctx);
  const searchesMasked = sight.masked && args.text !== undefined;
  return prepared(deps, {
    use,
    limit: args.limit,
    zone,
    start,
    page,
    rows: page.orders.map(rowOf),
    remarks: [
      ...(remark === undefined ? [] : [remark]),
      ...(searchesMasked ? [MASKED_TEXT] : []),
      ...page.remarks,
    ],
  });
}

interface Reading {
  readonly args: ListArguments;
  readonly filters: ReturnType<typeof orderFilters>;
  readonly start: Continuation | undefined;
  readonly stores: number;
  readonly sight: Sight;
  readonly rowOf: (order: ListedOrder) => OrderRow;
}

function readList(
  { gateway }: ToolDeps,
  entry: StoreEntry,
  { args, filters, start, stores, sight, rowOf }: Reading,
  ctx: CallContext,
): Promise<ListPage> {
  const { sort, limit, sort_by: sortBy } = args;
  const test = orderTest(args, sight.searchable);
  const request = { filters, sort, limit };
  if (test === undefined) return readListed(sourceOf(gateway, entry, ctx), request, sortBy, start);
  refuseSortedScan(sortBy);
  const scan = {
    ...request,
    test,
    sizeOf: (order: ListedOrder) => jsonSize(rowOf(order)) + 1,
    // Less than a store may get once the others are known, so that nothing is sought in vain.
    room: Math.floor(roomBeside(REST_OF_ANSWER) / stores),
  };
  return readScanned(sharedPages(backgroundSource(gateway, entry, ctx), stores), ctx, scan, start);
}

interface ReadList {
  readonly use: CursorUse;
  readonly limit: number;
  readonly zone: Zone;
  readonly start: Continuation | undefined;
  readonly page: ListPage;
  readonly rows: readonly OrderRow[];
  readonly remarks: readonly string[];
}

function prepared(
  { sealer, clock }: ToolDeps,
  { use, limit, zone, start, page, rows, remarks }: ReadList,
): Prepared<StoreList> {
  const about = {
    store: use.store.name,
    time_zone: zone.name,
    limit,
    ...counted(page),
  };
  const earlier = start?.unreadable ?? 0;
  const skipped = skippedRemarks(page.endAfter(rows.length).unreadable, earlier);
  return {
    need: rows.reduce((sum, row) => sum + jsonSize(row) + 1, 0),
    envelope: {
      ...about,
      ...REST_OF_ANSWER,
      remarks: [...remarks, ...skipped, NOT_ALL, NOTHING_FITS],
    },
    async answer(room, alone): Promise<Remarked<StoreList>> {
      const fitting = fitRows(rows, room);
      const kept = alone || jsonSize(fitting) - 1 <= room ? fitting : [];
      const nothingFits = kept.length === 0 && rows.length > 0;
      const { after, unreadable, scan } = nothingFits
        ? nothingShown(page, start)
        : page.endAfter(kept.length);
      const said = [
        ...remarks,
        ...skippedRemarks(unreadable, earlier),
        ...(nothingFits ? [NOTHING_FITS] : scan !== undefined && after !== undefined ? [NOT_ALL] : []),
      ];
      const scanned = scan?.scanned ?? 0;
      const next = after && { after, total: page.total, scanned, unreadable: earlier + unreadable.length };
      return {
        ...about,
        ...scan,
        rows: kept,
        returned: kept.length,
        next_cursor: next === undefined ? null : await orderCursor.seal(sealer, use, next, clock()),
        trimmed_by: kept.length < rows.length || (page.full && next !== undefined) ? 'size' : null,
        ...(said.length === 0 ? {} : { remarks: said }),
      };
    },
  };
}

/** Order Desk counts what passes its own filters: where each order is looked at, those are not the matches. */
function counted({ total: { count, exact }, endAfter }: ListPage) {
  return endAfter(0).scan === undefined
    ? { total: count, total_exact: exact }
    : { total: null, total_exact: false, in_range: count };
}

/** @param earlier how many could not be understood on the pages before */
function skippedRemarks(unreadable: readonly string[], earlier: number): string[] {
  const skipped = unreadableRemark(unreadable);
  return [
    ...(skipped === undefined ? [] : [skipped]),
    ...(earlier === 0
      ? []
      : [`Orders left out on the pages before, since they could not be understood: ${earlier}.`]),
  ];
}

/** The list goes on from where it began: that place is the caller's own, if there is one. */
function nothingShown(page: ListPage, start: Continuation | undefined): ReturnType<ListPage['endAfter']> {
  const { scan } = page.endAfter(0);
  return {
    after: start?.after,
    unreadable: [],
    ...(scan === undefined ? {} : { scan: { scanned: start?.scanned ?? 0, complete: false } }),
  };
}

const NOT_ALL = 'Not all orders of the date range were looked at yet: go on with next_cursor.';
const NOTHING_FITS = 'No row fitted beside the other stores: ask for this one alone.';
const MASKED_TEXT =
  'This key sees customers masked, so text was not looked for in names, companies, e-mail, phone, streets, notes, checkout ' +
  'fields and other texts that name the customer. The filters email, phone, first_name, sku and so on still work.';

/** The rest of an answer at its largest, for measuring: a sealed cursor has some 250 characters. */
const REST_OF_ANSWER = {
  rows: [],
  returned: 100,
  scanned: 1_000_000,
  complete: false,
  next_cursor: 'x'.repeat(600),
  trimmed_by: 'size',
};
