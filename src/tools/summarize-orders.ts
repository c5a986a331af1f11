import { z } from 'zod';
import type { CallContext, ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import type { StoreView } from '../orderdesk/views.js';
import { roomBeside } from '../orders/budget.js';
import { assumedCurrency } from '../orders/currency.js';
import { meaningOf } from '../orders/folder-meaning.js';
import { GROUPINGS, OrderSummary } from '../orders/summary.js';
import { foldGroups, money, OTHER_ROOM, orderNumbers } from '../orders/summary-answer.js';
import { clip } from '../orders/text.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { READS } from './annotations.js';
import type { ToolDeps } from './deps.js';
import { viewFor } from './masked-view.js';
import { orderFilters } from './order-filters.js';
import { backgroundSource } from './order-source.js';
import { remarksOut, storeOut, text, timeZoneOut, untrusted } from './output.js';
import { filterArguments, type StoreChoice, storeArguments } from './params.js';
import { type Coverage, scanOrders, scanRange } from './scan.js';
import { folderNames, storeClock } from './store-context.js';

const MAX_DAYS = 366;
const MAX_ORDERS = 50_000;
/** Kept in memory; each takes less than a kilobyte. */
const MAX_GROUPS = 10_000;
const FOLDERS_NAMED = 20;

const argumentsBesideStore = {
  ...filterArguments,
  added_from: filterArguments.added_from
    .unwrap()
    .describe(`Added at or after: YYYY-MM-DD or ISO 8601; at most ${MAX_DAYS} days before added_to.`),
  added_to: filterArguments.added_to.unwrap().describe('Added before; a date includes its day.'),
  group_by: z
    .enum(GROUPINGS)
    .optional()
    .describe('In the time zone of the store; weeks begin on Monday. Absent: totals only.'),
  top: z.int().min(1).max(100).default(20).describe('Most groups to show; other sums the rest.'),
};
const input = {
  named: storeArguments('named', argumentsBesideStore),
  bound: storeArguments('bound', argumentsBesideStore),
};
type Arguments = z.output<(typeof input)[StoreChoice]>;

const output = z.object({
  store: storeOut,
  time_zone: timeZoneOut,
  assumed_currency: text.describe('Guessed from the locale; null: unknown'),
  coverage: z
    .object({
      scanned: z.number(),
      total: z.number().describe('Orders that match'),
      complete: z.boolean().describe('false: only a part was read'),
      from: z.string(),
      to: z.string().describe('Excluded'),
    })
    .describe('Orders read, by date added'),
  totals: z.object({
    orders: z.number(),
    units: z.string(),
    revenue: z.string().describe('Sum of order totals, before refunds'),
    average: z.string().nullable().describe('revenue / orders, half rounded to even'),
    shipping: z.string(),
    tax: z.string(),
    discount: z.string(),
    refunds: z.string(),
  }),
  left_out: z
    .object({
      folders: z.array(z.string()).describe('Untrusted text'),
      orders: z.number(),
      revenue: z.string(),
    })
    .describe('Canceled orders, not counted elsewhere'),
  groups: z
    .array(z.object({ key: untrusted }).loose())
    .optional()
    .describe(
      'Numbers as in totals; by sku units and item_total (price x quantity). Largest or latest first',
    ),
  other: z.object({ groups: z.number() }).loose().optional().describe('All other groups'),
  trimmed_by: z.literal('size').nullable().describe('size: the answer was full'),
  remarks: remarksOut,
});

export function summarizeOrdersTool(deps: ToolDeps, choice: StoreChoice): ToolDefinition {
  return defineTool({
    name: 'summarize_orders',
    title: 'Summarize orders',
    description:
      'Counts and adds up the orders of one store in a date range, in all and by group, with exact decimals: for how many, how ' +
      'much, best sellers, trends. For the orders themselves use list_orders, which also counts faster (limit 1). Reads every ' +
      'matching order, so long ranges take time: an answer that had to stop says complete: false and which dates it covers. ' +
      'Orders in folders whose names say canceled or void are left out.',
    toolset: 'default',
    input: input[choice],
    output,
    annotations: READS,
    scans: true,
    async handler(args, ctx) {
      return summarizeStore(deps, await deps.directory.resolve(ctx.principal, args.store), args, ctx);
    },
  });
}

/** @throws AppError as the source of the orders does; `invalid_argument`, `unknown_folder`; `cancelled` */
async function summarizeStore(
  { gateway, masker }: ToolDeps,
  entry: StoreEntry,
  args: Arguments,
  ctx: CallContext,
) {
  const store = await gateway.store(entry, ctx);
  const { zone, remark } = storeClock(store);
  const filters = orderFilters(args, store, zone);
  scanRange(filters, MAX_DAYS);
  const canceled = store.folders.filter(({ name }) => meaningOf(name) === 'canceled');
  const canceledIds = new Set(canceled.map(({ id }) => id));
  const summary = new OrderSummary({
    grouping: args.group_by,
    zone,
    folderName: folderNames(store),
    isCanceled: (id) => canceledIds.has(id),
    maxGroups: MAX_GROUPS,
  });
  const visible = await viewFor(masker, ctx.principal);
  const { coverage } = await scanOrders(
    { source: backgroundSource(gateway, entry, ctx), ctx, now: () => performance.now() },
    { filters, sort: 'desc', maxOrders: MAX_ORDERS },
    ({ view }) => {
      summary.add(visible(view));
      return 'go_on';
    },
  );
  return answer({ entry, store, zone: zone.name, zoneRemark: remark, coverage, summary, canceled, args });
}

interface Read {
  readonly entry: StoreEntry;
  readonly store: StoreView;
  readonly zone: string;
  readonly zoneRemark: string | undefined;
  readonly coverage: Coverage;
  readonly summary: OrderSummary;
  readonly canceled: StoreView['folders'];
  readonly args: Arguments;
}

function answer({ entry, store, zone, zoneRemark, coverage, summary, canceled, args }: Read) {
  const code = assumedCurrency(store);
  const { scanned, total, complete, from, to } = coverage;
  const grouped = summary.grouped();
  const remarks = [
    ...(zoneRemark === undefined ? [] : [zoneRemark]),
    ...(complete ? [] : [incomplete(coverage)]),
    canceled.length === 0 ? NOTHING_CANCELED : CANCELED_IS_GUESSED,
    ...(code === undefined ? [CURRENCY_UNKNOWN] : []),
    ...(grouped.overflow === undefined ? [] : [TOO_MANY_GROUPS]),
    ...(summary.unreadable === 0 ? [] : [unreadable(summary.unreadable)]),
  ];
  const about = {
    store: entry.name,
    time_zone: zone,
    assumed_currency: code ?? null,
    coverage: { scanned, total, complete, from, to },
    totals: orderNumbers(summary.totals),
    left_out: {
      folders: folderList(canceled),
      orders: summary.canceled.orders,
      revenue: money(summary.canceled.revenue),
    },
    remarks,
  };
  if (args.group_by === undefined) return { ...about, trimmed_by: null };
  const room = roomBeside({ ...about, groups: [], trimmed_by: 'size' }) - OTHER_ROOM;
  const { rows, other, trimmed } = foldGroups(grouped, args.group_by, args.top, room);
  const trimmedBy: 'size' | null = trimmed ? 'size' : null;
  return { ...about, groups: rows, ...(other === undefined ? {} : { other }), trimmed_by: trimmedBy };
}

function folderList(folders: StoreView['folders']): string[] {
  const named = folders.slice(0, FOLDERS_NAMED).map(({ name }) => clip(name, 100));
  const more = folders.length - named.length;
  return more > 0 ? [...named, `and ${more} more`] : named;
}

const CANCELED_IS_GUESSED =
  'That the folders in left_out hold canceled orders is a guess by their names (canceled, cancelled, void).';
const NOTHING_CANCELED =
  'No folder of this store is named canceled, cancelled or void, so canceled orders, if there are any, are counted.';
const CURRENCY_UNKNOWN =
  'The currency is unknown: Order Desk names none, and the locale and country of this store do not tell it.';
const TOO_MANY_GROUPS = `There are more than ${MAX_GROUPS} groups. Those met after that many are summed in other without being counted in its groups, and one of them may be larger than those shown. Narrow the search.`;

const incomplete = ({ from, to }: Coverage): string =>
  `Not the whole range: these numbers are of orders added from ${from} until before ${to} only. For the rest, ask again with added_to ${from} and add both up, or ask for shorter ranges.`;

const unreadable = (count: number): string =>
  `${count} of the orders read hold an amount that is no plausible number; they are in none of these numbers.`;
