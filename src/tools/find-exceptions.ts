import { z } from 'zod';
import { AppError } from '../errors.js';
import type { CallContext, ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import type { OrderView, StoreView } from '../orderdesk/views.js';
import { fitEntries, roomBeside } from '../orders/budget.js';
import { parseDate, rangeStart, type Zone } from '../orders/dates.js';
import { CHECKS, type Check } from '../orders/exceptions/check.js';
import { folderState } from '../orders/exceptions/folder-state.js';
import { ExceptionReport, type OrderReference } from '../orders/exceptions/report.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { READS } from './annotations.js';
import type { ToolDeps } from './deps.js';
import { folderRemark, incompleteRemark, moreRemark } from './exception-remarks.js';
import { countsOf, findingRow } from './exception-rows.js';
import { inventoryOf, readStock, type StockRead } from './exception-stock.js';
import { viewFor } from './masked-view.js';
import { backgroundSource, type OrderFilters } from './order-source.js';
import { remarksOut, storeOut, text, timeZoneOut, untrusted } from './output.js';
import { dateParam, limitParam, type StoreChoice, storeArguments } from './params.js';
import { type Coverage, scanOrders } from './scan.js';
import { folderNames, storeClock } from './store-context.js';

const DAY = 86_400_000;
const SECOND = 1000;
const DEFAULT_DAYS = 90;
const MAX_DAYS = 366;
/** Of each, a few hundred bytes are kept until the end: its number may come again. */
const MAX_ORDERS = 10_000;

const argumentsBesideStore = {
  checks: z
    .array(z.enum(CHECKS))
    .min(1)
    .max(CHECKS.length)
    .default([...CHECKS])
    .describe('Which checks to make; all unless given.'),
  older_than_days: z
    .int()
    .min(0)
    .max(365)
    .default(3)
    .describe(
      'Report what has waited at least this many days: shipping, Pending or Authorized payments, stuck.',
    ),
  added_from: dateParam(
    `Look at orders added since: YYYY-MM-DD or ISO 8601, at most ${MAX_DAYS} days back; ${DEFAULT_DAYS} days unless given.`,
  ),
  limit: limitParam.describe('Most findings to return.'),
};
const input = {
  named: storeArguments('named', argumentsBesideStore),
  bound: storeArguments('bound', argumentsBesideStore),
};
type Arguments = z.output<(typeof input)[StoreChoice]>;

const output = z.object({
  store: storeOut,
  time_zone: timeZoneOut,
  findings: z
    .array(
      z.object({
        check: z.string(),
        rule: z.string().describe('Why, with the figures; item codes in it are untrusted text'),
        id: z.string(),
        source_id: untrusted,
        folder: text,
        added: z.string(),
        age_days: z.number(),
        next: z
          .object({ tool: z.string(), arguments: z.record(z.string(), z.string()) })
          .describe('The call that shows more; a source_id in it is untrusted text'),
      }),
    )
    .describe('The order added first comes first'),
  returned: z.number(),
  limit: z.number(),
  counts: z.record(z.string(), z.number()).describe('All findings in the orders scanned, by check'),
  not_done: z
    .array(z.object({ check: z.string(), reason: z.string() }))
    .optional()
    .describe('Checks that could not be made'),
  coverage: z
    .object({
      scanned: z.number(),
      total: z.number(),
      complete: z.boolean().describe('false: only a part was read'),
      from: z.string(),
      to: z.string().describe('Excluded'),
    })
    .describe('Orders read, by date added'),
  trimmed_by: z.literal('size').nullable().describe('size: the answer was full'),
  remarks: remarksOut,
});

export function findExceptionsTool(deps: ToolDeps, choice: StoreChoice): ToolDefinition {
  return defineTool({
    name: 'find_exceptions',
    title: 'Find orders that need a person',
    description:
      'Finds orders of one store that need a person: paid and unshipped for too long, missing or odd shipping address, payment ' +
      'not captured, an order number twice in a channel, goods to send that are out of stock or not in the inventory, no change ' +
      'for days. Each finding says which rule fired and which call shows more. Use it for what is wrong today; to search or ' +
      'count by other criteria use list_orders. Closed and canceled folders are guessed by name, and named. It reads every order ' +
      'of the range, so it takes time: coverage says what was read. Changes nothing.',
    toolset: 'default',
    input: input[choice],
    output,
    annotations: READS,
    scans: true,
    async handler(args, ctx) {
      return checkStore(deps, await deps.directory.resolve(ctx.principal, args.store), args, ctx);
    },
  });
}

/** @throws AppError as the source of the orders does; `invalid_argument`; `cancelled` */
async function checkStore(deps: ToolDeps, entry: StoreEntry, args: Arguments, ctx: CallContext) {
  const { gateway, masker, clock } = deps;
  const now = clock().getTime();
  const store = await gateway.store(entry, ctx);
  const { zone, remark } = storeClock(store);
  const filters = rangeOf(args.added_from, zone, now);
  const nameOf = folderNames(store);
  const visible = await viewFor(masker, ctx.principal);
  const checks = new Set(args.checks);
  const report = new ExceptionReport(checks, { now, olderThanDays: args.older_than_days });
  const { coverage } = await scanOrders(
    { source: backgroundSource(gateway, entry, ctx), ctx, now: () => performance.now() },
    { filters, sort: 'asc', maxOrders: MAX_ORDERS },
    ({ view }) => {
      const folder = folderState(view.folderId === null ? null : nameOf(view.folderId));
      report.look({ view, folder }, referenceTo(visible(view)));
      return 'go_on';
    },
  );
  const stock = await readStock(inventoryOf(gateway, entry, ctx), report.codes, ctx.signal);
  return answer({ entry, store, zone: zone.name, zoneRemark: remark, coverage, report, stock, now, args });
}

/** Until now, the second that is running included. */
function rangeOf(addedFrom: string | undefined, zone: Zone, now: number): OrderFilters {
  const written = addedFrom === undefined ? undefined : parseDate(addedFrom);
  const second = Math.floor(now / SECOND) * SECOND;
  const to = second + SECOND;
  const from = written === undefined ? second - DEFAULT_DAYS * DAY : rangeStart(written, zone).getTime();
  if (from >= to) {
    throw new AppError('invalid_argument', 'added_from: must be in the past.', {
      field: 'added_from',
      hint: `It is ${new Date(now).toISOString()} (UTC).`,
    });
  }
  // A date is the start of its day, so that the earliest day may be there whole.
  if (second - from > (MAX_DAYS + 1) * DAY) {
    throw new AppError('invalid_argument', `added_from: must be at most ${MAX_DAYS} days ago.`, {
      field: 'added_from',
      hint: `The earliest is ${new Date(second - MAX_DAYS * DAY).toISOString()}.`,
    });
  }
  return { addedFrom: new Date(from), addedTo: new Date(to) };
}

const referenceTo = ({ id, sourceId, sourceName, folderId, addedAt }: OrderView): OrderReference => ({
  id,
  sourceId,
  sourceName,
  folderId,
  addedAt,
});

interface Read {
  readonly entry: StoreEntry;
  readonly store: StoreView;
  readonly zone: string;
  readonly zoneRemark: string | undefined;
  readonly coverage: Coverage;
  readonly report: ExceptionReport;
  readonly stock: StockRead;
  readonly now: number;
  readonly args: Arguments;
}

function answer({ entry, store, zone, zoneRemark, coverage, report, stock, now, args }: Read) {
  const { scanned, total, complete, from, to } = coverage;
  const found = report.findings(stock.stock);
  const notDone: { check: Check; reason: string }[] =
    stock.gap === undefined ? [] : [{ check: 'item_without_stock', reason: stock.gap }];
  const stockUnknown = stock.gap !== undefined && stock.stock.size === 0;
  const made = args.checks.filter((check) => !(stockUnknown && check === 'item_without_stock'));
  const about = {
    store: entry.name,
    time_zone: zone,
    limit: args.limit,
    counts: countsOf(found, made),
    ...(notDone.length === 0 ? {} : { not_done: notDone }),
    coverage: { scanned, total, complete, from, to },
  };
  const remarks = [
    ...(zoneRemark === undefined ? [] : [zoneRemark]),
    ...(complete ? [] : [incompleteRemark(coverage)]),
    folderRemark(store),
  ];
  const nameOf = folderNames(store);
  const storeNamed = args.store === undefined ? undefined : entry.name;
  const rows = found.slice(0, args.limit).map((finding) => findingRow(finding, nameOf, now, storeNamed));
  const room = roomBeside({ ...about, remarks: [...remarks, MORE_AT_MOST], ...REST_OF_ANSWER });
  const { kept, dropped } = fitEntries(rows, room);
  const hidden = found.length - kept.length;
  const trimmedBy: 'size' | null = dropped > 0 ? 'size' : null;
  return {
    ...about,
    findings: kept,
    returned: kept.length,
    trimmed_by: trimmedBy,
    remarks: hidden === 0 ? remarks : [...remarks, moreRemark(hidden, kept.at(-1)?.added)],
  };
}

/** The rest of an answer at its largest, for measuring. */
const REST_OF_ANSWER = { findings: [], returned: 100, trimmed_by: 'size' };
const MORE_AT_MOST = moreRemark(1_000_000, '2026-01-01T00:00:00.000Z');
