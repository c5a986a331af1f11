import { z } from 'zod';
import type { CallContext, ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import type { OrderView } from '../orderdesk/views.js';
import { CHECKS } from '../orders/exceptions/check.js';
import { ExceptionReport, type OrderReference } from '../orders/exceptions/report.js';
import { type FolderStates, folderStates } from '../orders/folder-states.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { READS } from './annotations.js';
import type { ToolDeps } from './deps.js';
import { exceptionAnswer } from './exception-answer.js';
import { findingsCursor } from './exception-cursor.js';
import { DEFAULT_DAYS, MAX_DAYS, rangeOf } from './exception-range.js';
import { inventoryOf, readStock } from './exception-stock.js';
import { viewFor } from './masked-view.js';
import { backgroundSource, type OrderFilters } from './order-source.js';
import { remarksOut, storeOut, timeZoneOut, untrusted } from './output.js';
import { cursorParam, dateParam, limitParam, type StoreChoice, storeArguments } from './params.js';
import { type Scan, scanOrders } from './scan.js';
import type { CursorUse } from './sealed-cursor.js';
import { folderNames, storeClock } from './store-context.js';

const NAME = 'find_exceptions';
/** Of each, a few hundred bytes are kept until the end: its number may come again. */
export const MAX_ORDERS = 10_000;

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
  limit: limitParam.describe('Most orders to return.'),
  cursor: cursorParam,
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
        id: z.string(),
        source_id: untrusted,
        source_name: untrusted,
        folder: untrusted,
        added: z.string(),
        age_days: z.number(),
        reasons: z
          .array(z.object({ check: z.string(), rule: z.string().describe('Quotes hold untrusted text') }))
          .describe('Rules that fired'),
        next: z
          .object({ tool: z.string(), arguments: z.record(z.string(), z.string()) })
          .describe('Shows more; may hold untrusted text'),
      }),
    )
    .describe('Oldest order first'),
  returned: z.number(),
  limit: z.number(),
  orders: z.number().describe('With findings, on all pages'),
  counts: z.record(z.string(), z.number()).describe('Of these, by check'),
  not_done: z
    .array(z.object({ check: z.string(), reason: z.string() }))
    .optional()
    .describe('Not made in full; quotes hold untrusted text'),
  folders: z
    .array(z.object({ name: untrusted, state: z.string(), by: z.enum(['owner', 'name']) }))
    .describe('Those that count as done; by name: guessed'),
  coverage: z
    .object({
      scanned: z.number(),
      total: z.number(),
      complete: z.boolean().describe('false: only a part was read'),
      from: z.string(),
      to: z.string().describe('Excluded'),
    })
    .describe('Orders read, by date added'),
  next_cursor: z.string().nullable().describe('Pass as cursor; null on the last page'),
  trimmed_by: z.literal('size').nullable().describe('size: the answer was full'),
  remarks: remarksOut,
});

export function findExceptionsTool(deps: ToolDeps, choice: StoreChoice): ToolDefinition {
  return defineTool({
    name: NAME,
    title: 'Find orders that need a person',
    description:
      'Finds orders of one store that need a person: unshipped for too long, missing or odd shipping address, payment not ' +
      'captured, an order number twice in a channel, goods to send that are out of stock or not in the inventory, no change ' +
      'for days. Each says which rules fired and which call shows more. Use it for what is wrong today; to search or ' +
      'count by other criteria use list_orders. folders names the closed and canceled ones, which count as done. It reads ' +
      'every order of the range, so it takes time: coverage says what was read. Changes nothing.',
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

/** @throws AppError as the source of the orders does; `invalid_argument`; `invalid_cursor`; `cancelled` */
async function checkStore(deps: ToolDeps, entry: StoreEntry, args: Arguments, ctx: CallContext) {
  const { gateway, sealer, clock } = deps;
  const { store: named, cursor, limit, ...bound } = args;
  const use: CursorUse = { principal: ctx.principal, tool: NAME, store: entry, args: bound };
  const start = cursor === undefined ? undefined : await findingsCursor.open(sealer, use, cursor, clock());
  const asOf = start?.asOf ?? clock().getTime();
  const store = await gateway.store(entry, ctx);
  const { zone, remark } = storeClock(store);
  const folders = folderStates(store.folders, entry.folderStates);
  const report = new ExceptionReport(new Set(args.checks), {
    now: asOf,
    olderThanDays: args.older_than_days,
  });
  const filters = rangeOf(args.added_from, zone, asOf);
  const scan = await look(deps, entry, { filters, folders, report }, ctx);
  const stock = await readStock(inventoryOf(gateway, entry, ctx), report.codes, store.stockFollowsSales);
  return exceptionAnswer({
    entry,
    isNamed: named !== undefined,
    timeZone: zone.name,
    remarks: remark === undefined ? [] : [remark],
    folderName: folderNames(store),
    folders,
    scan,
    report,
    stock,
    asOf,
    checks: args.checks,
    limit,
    after: start?.after,
    cursorAfter: (after) => findingsCursor.seal(sealer, use, { after, asOf }, clock()),
  });
}

interface Look {
  readonly filters: OrderFilters;
  readonly folders: FolderStates;
  readonly report: ExceptionReport;
}

/** Shows every order of the range to the report. The checks see an order as it is, the answer what the caller may see. */
async function look(
  { gateway, masker }: ToolDeps,
  entry: StoreEntry,
  { filters, folders, report }: Look,
  ctx: CallContext,
): Promise<Scan> {
  const visible = await viewFor(masker, ctx.principal);
  return scanOrders(
    { source: backgroundSource(gateway, entry, ctx), ctx, now: () => performance.now() },
    { filters, sort: 'asc', maxOrders: MAX_ORDERS },
    ({ view }) => {
      const shown = visible(view);
      report.look({ view, folder: folders.of(view.folderId) }, referenceTo(shown), shown.items);
      return 'go_on';
    },
  );
}

const referenceTo = ({ id, sourceId, sourceName, folderId, addedAt }: OrderView): OrderReference => ({
  id,
  sourceId,
  sourceName,
  folderId,
  addedAt,
});
