/** The summary of one store, added up and ready to be shown in as much room as there is. */
import type { CallContext } from '../mcp/catalogue.js';
import type { StoreView } from '../orderdesk/views.js';
import { jsonSize } from '../orders/budget.js';
import { assumedCurrency } from '../orders/currency.js';
import { type FolderReading, folderStates } from '../orders/folder-states.js';
import { isPeriod } from '../orders/group-keys.js';
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
import { sightOf } from './masked-view.js';
import { type FilterArguments, orderFilters, orderTest, type ScanArguments } from './order-filters.js';
import { backgroundSource } from './order-source.js';
import { type Scan, scanOrders, scanRange } from './scan.js';
import type { Prepared, Remarked } from './several-answers.js';
import { sharedPages } from './shared-pages.js';
import { folderNames, storeClock } from './store-context.js';
import { type Found, SUMMED_IN_OTHER, summaryRemarks } from './summary-remarks.js';

/** Days that the range may have. */
export const SUMMARY_DAYS = 366;
export const MAX_ORDERS = 50_000;
/** Groups that an answer shows at most, whatever was asked for: the days of a leap year. */
export const MOST_SHOWN = SUMMARY_DAYS;
/** The same where nothing was asked for: periods make sense side by side. */
export const SHOWN = { periods: 100, others: 20 } as const;
/** Kept in memory for all stores of a call; each takes less than a kilobyte. */
export const MAX_GROUPS = 10_000;
/** In an answer, for all its stores. */
const FOLDERS_NAMED = 20;
const FOLDER_NAME_ROOM = 100;

export interface SummaryArguments extends FilterArguments, Pick<ScanArguments, 'payment_status' | 'shipped'> {
  readonly group_by?: Grouping | undefined;
  readonly top?: number | undefined;
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
    maxGroups: Math.floor(MAX_GROUPS / stores),
  });
  const { visible, searchable } = await sightOf(masker, ctx.principal);
  const test = orderTest(args, searchable);
  const scan = await scanOrders(
    {
      source: sharedPages(backgroundSource(gateway, entry, ctx), stores),
      ctx,
      now: () => performance.now(),
    },
    { filters, sort: 'desc', maxOrders: MAX_ORDERS },
    ({ view }) => {
      if (test === undefined || test(view)) summary.add(visible(view));
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
  const grouping = args.group_by;
  if (grouping === undefined) {
    const whole = saying({ ...about, trimmed_by: null }, remarks);
    return { need: 0, envelope: whole, answer: async () => whole };
  }
  const top = args.top ?? (isPeriod(grouping) ? SHOWN.periods : SHOWN.others);
  const show = (room: number): StoreSummary => {
    const { rows, other, trimmed } = foldGroups(grouped, grouping, top, room);
    return { ...about, groups: rows, ...defined({ other }), trimmed_by: trimmed ? 'size' : null };
  };
  const least: StoreSummary = { ...show(0), trimmed_by: 'size' };
  const otherRoom = least.other === undefined ? 0 : jsonSize({ other: least.other }) + 1;
  return {
    need: Math.max(0, jsonSize(show(Number.POSITIVE_INFINITY)) - jsonSize(least)),
    envelope: saying(least, [...remarks, SUMMED_IN_OTHER]),
    async answer(room) {
      const shown = show(room + otherRoom);
      return saying(shown, shown.other === undefined ? remarks : [...remarks, SUMMED_IN_OTHER]);
    },
  };
}

const saying = (summary: StoreSummary, remarks: readonly string[]): Remarked<StoreSummary> => ({
  ...summary,
  ...defined({ remarks: remarks.length === 0 ? undefined : [...remarks] }),
});

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
