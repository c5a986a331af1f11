/** The summary of one store, added up and ready to be shown in as much room as there is. */
import type { CallContext } from '../mcp/catalogue.js';
import type { StoreView } from '../orderdesk/views.js';
import { jsonSize } from '../orders/budget.js';
import { assumedCurrency } from '../orders/currency.js';
import { type FolderReading, folderStates } from '../orders/folder-states.js';
import { type Grouping, OrderSummary } from '../orders/summary.js';
import {
  foldGroups,
  type GroupRow,
  money,
  type OrderNumbers,
  type OtherRow,
  orderNumbers,
} from '../orders/summary-answer.js';
import { clip } from '../orders/text.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { defined } from './defined.js';
import type { ToolDeps } from './deps.js';
import { viewFor } from './masked-view.js';
import { type FilterArguments, orderFilters } from './order-filters.js';
import { backgroundSource } from './order-source.js';
import { type Scan, scanOrders, scanRange } from './scan.js';
import type { Prepared, Remarked } from './several-answers.js';
import { sharedPages } from './shared-pages.js';
import { folderNames, storeClock } from './store-context.js';
import { type Found, summaryRemarks } from './summary-remarks.js';

/** Days that the range may have. */
export const SUMMARY_DAYS = 366;
const MAX_ORDERS = 50_000;
/** Kept in memory; each takes less than a kilobyte. */
export const MAX_GROUPS = 10_000;
/** In an answer, for all its stores. */
const FOLDERS_NAMED = 20;
const FOLDER_NAME_ROOM = 100;

export interface SummaryArguments extends FilterArguments {
  readonly group_by?: Grouping | undefined;
  readonly top: number;
}

export type StoreSummary = {
  store: string;
  time_zone: string;
  assumed_currency: string | null;
  coverage: {
    scanned: number;
    total: number;
    total_exact: boolean;
    complete: boolean;
    from: string;
    to: string;
  };
  totals: OrderNumbers;
  left_out: {
    folders: { name: string; by: FolderReading['by'] }[];
    more_folders?: number;
    orders: number;
    revenue: string;
  };
  unreadable?: { orders: number; items: number };
  groups?: GroupRow[];
  other?: OtherRow;
  trimmed_by: 'size' | null;
};

/**
 * @param stores how many are asked at the same time, and share an answer
 * @throws AppError as the source of the orders does; `invalid_argument`, `unknown_folder`; `cancelled`
 */
export async function prepareSummary(
  { gateway, masker }: ToolDeps,
  entry: StoreEntry,
  args: SummaryArguments,
  ctx: CallContext,
  stores: number,
): Promise<Prepared<StoreSummary>> {
  const store = await gateway.store(entry, ctx);
  const { zone, remark } = storeClock(store);
  const filters = orderFilters(args, store, zone);
  scanRange(filters, SUMMARY_DAYS);
  const states = folderStates(store.folders, entry.folderStates);
  const asked = filters.folderIds && new Set(filters.folderIds);
  const canceled = states.all.filter(({ state }) => state === 'canceled');
  const summary = new OrderSummary({
    grouping: args.group_by,
    zone,
    folderName: folderNames(store),
    isCanceled: (id) => asked?.has(id) !== true && states.of(id) === 'canceled',
    maxGroups: MAX_GROUPS,
  });
  const visible = await viewFor(masker, ctx.principal);
  const scan = await scanOrders(
    {
      source: sharedPages(backgroundSource(gateway, entry, ctx), stores),
      ctx,
      now: () => performance.now(),
    },
    { filters, sort: 'desc', maxOrders: MAX_ORDERS },
    ({ view }) => {
      summary.add(visible(view));
      return 'go_on';
    },
  );
  const folders = { canceled, asked };
  return prepared({
    entry,
    store,
    zone: zone.name,
    zoneRemark: remark,
    scan,
    summary,
    folders,
    args,
    stores,
  });
}

interface Read {
  readonly entry: StoreEntry;
  readonly store: StoreView;
  readonly zone: string;
  readonly zoneRemark: string | undefined;
  readonly scan: Scan;
  readonly summary: OrderSummary;
  readonly folders: Found['folders'];
  readonly args: SummaryArguments;
  readonly stores: number;
}

function prepared(read: Read): Prepared<StoreSummary> {
  const { scan, summary, args } = read;
  const about = aboutStore(read);
  const grouped = summary.grouped();
  const remarks = summaryRemarks({
    ...read,
    currency: about.assumed_currency,
    overflows: grouped.overflow !== undefined,
    unreadable: about.unreadable,
    scan,
  });
  const base = { ...about, ...defined({ remarks: remarks.length === 0 ? undefined : remarks }) };
  const grouping = args.group_by;
  if (grouping === undefined) {
    return {
      need: 0,
      envelope: { ...base, trimmed_by: null },
      answer: async () => ({ ...base, trimmed_by: null }),
    };
  }
  const show = (room: number): Remarked<StoreSummary> => {
    const { rows, other, trimmed } = foldGroups(grouped, grouping, args.top, room);
    return { ...base, groups: rows, ...defined({ other }), trimmed_by: trimmed ? 'size' : null };
  };
  const least: Remarked<StoreSummary> = { ...show(0), trimmed_by: 'size' };
  const otherRoom = least.other === undefined ? 0 : jsonSize({ other: least.other }) + 1;
  return {
    need: Math.max(0, jsonSize(show(Number.POSITIVE_INFINITY)) - jsonSize(least)),
    envelope: least,
    answer: async (room) => show(room + otherRoom),
  };
}

function aboutStore({ entry, store, zone, scan, summary, folders, stores }: Read) {
  const { scanned, total, complete, from, to } = scan.coverage;
  const { unreadable: orders, unreadableItems: items } = summary;
  return {
    store: entry.name,
    time_zone: zone,
    assumed_currency: assumedCurrency(store) ?? null,
    coverage: { scanned, total, total_exact: scan.totalExact, complete, from, to },
    totals: orderNumbers(summary.totals),
    left_out: {
      ...namedFolders(folders, stores),
      orders: summary.canceled.orders,
      revenue: money(summary.canceled.revenue),
    },
    ...defined({ unreadable: orders + items === 0 ? undefined : { orders, items } }),
  };
}

/** Folders whose orders do not count: none of those that were asked for, nor one that was not looked into. */
function namedFolders({ canceled, asked }: Found['folders'], stores: number) {
  const left = asked === undefined ? canceled : [];
  const named = left.slice(0, Math.max(1, Math.floor(FOLDERS_NAMED / stores)));
  const more = left.length - named.length;
  return {
    folders: named.map(({ name, by }) => ({ name: clip(name, FOLDER_NAME_ROOM), by })),
    ...defined({ more_folders: more > 0 ? more : undefined }),
  };
}
