import { z } from 'zod';
import type { ChangeState } from '../changes/port.js';
import type { CallContext, ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import type { StoreGateway } from '../orderdesk/port.js';
import { fitEntries, roomBeside } from '../orders/budget.js';
import { parseDate, rangeStart, UTC } from '../orders/dates.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { READS } from './annotations.js';
import { showEntries } from './change-rows.js';
import type { ToolDeps } from './deps.js';
import { text } from './output.js';
import { cursorParam, dateParam, limitParam, type StoreChoice, textParam } from './params.js';
import { sealedCursor } from './sealed-cursor.js';
import { storeClock } from './store-context.js';
import { orderId } from './write-params.js';
import { changeSightOf } from './write-sight.js';

const NAME = 'list_changes';

const STATES = [
  'claimed',
  'pending',
  'applied',
  'failed',
  'unknown',
] as const satisfies readonly ChangeState[];

const own = {
  order_id: orderId.optional().describe('Changes of this order alone, by its Order Desk id.'),
  key: textParam('Name or kid of the API key that made them.').refine(
    (name) => name === undefined || !CONTROL.test(name),
    'must not hold control characters',
  ),
  since: dateParam('Made at or after; without offset in the zone of the store, of several in UTC.'),
  status: z.enum(STATES).optional().describe('claimed: not sent; pending: not settled.'),
  limit: limitParam,
  cursor: cursorParam,
};

/** No key has such a name, and no database takes it as one. */
const CONTROL = /\p{Cc}/u;

const store = textParam('One store. All that this key may use unless given.');

/** Unlike elsewhere, no store means all of them. */
function argumentsFor(choice: StoreChoice): z.ZodObject<typeof own & { store: typeof store }, z.core.$strict>;
function argumentsFor(choice: StoreChoice): z.ZodObject {
  return z.strictObject(choice === 'bound' ? own : { store, ...own });
}

const output = z.object({
  rows: z
    .array(z.record(z.string(), z.unknown()))
    .describe(
      'id, at (UTC), store, key, kid, client (as it claims), tool, status, outcome, results, undoable, undoes, undone_by. Untrusted text',
    ),
  returned: z.number(),
  next_cursor: text,
});

const cursors = sealedCursor<{ readonly after: string }>(z.strictObject({ after: z.string() }));

export function listChangesTool(deps: ToolDeps, choice: StoreChoice): ToolDefinition {
  return defineTool({
    name: NAME,
    title: 'List changes',
    description:
      'Lists what was changed through this server, latest first: who, when, before and after, outcome, whether undo_change can take it ' +
      'back. Use it to review, or to learn what became of a write that ended unknown. For what others changed use get_order with its ' +
      'history. Details are kept for 30 days, rows for 400; at most 100 a page.',
    toolset: 'default',
    input: argumentsFor(choice),
    output,
    annotations: READS,
    async handler(args, ctx) {
      const { directory, changes, sealer, masker, clock } = deps;
      const { principal } = ctx;
      const stores =
        args.store === undefined
          ? await directory.list(principal)
          : [await directory.resolve(principal, args.store)];
      const [first] = stores;
      if (first === undefined) return { rows: [], returned: 0, next_cursor: null };
      const { cursor, limit, store: _store, ...filters } = args;
      const bound = { ...filters, stores: stores.map(({ rowId }) => rowId) };
      const use = { principal, tool: NAME, store: first, args: bound };
      const after =
        cursor === undefined ? undefined : (await cursors.open(sealer, use, cursor, clock())).after;
      const page = await changes.list(principal, {
        orderId: args.order_id,
        key: args.key,
        since: await sinceOf(args.since, stores, deps.gateway, ctx),
        state: args.status,
        stores,
        limit,
        after,
      });
      const sight = await changeSightOf(masker, principal);
      const room = roomBeside(REST_OF_ANSWER);
      const rows = showEntries(page.entries, sight, room, args.order_id);
      const { kept } = fitEntries(rows, room);
      const last = page.entries[kept.length - 1];
      const goesOn = last !== undefined && (kept.length < page.entries.length || page.hasMore);
      const isGone = page.entries.slice(0, kept.length).some(({ lines }) => lines === null);
      return {
        rows: kept,
        returned: kept.length,
        next_cursor: goesOn ? await cursors.seal(sealer, use, { after: last.id }, clock()) : null,
        ...(isGone ? { remarks: [GONE] } : {}),
      };
    },
  });
}

/** A date without an offset has a meaning of its own only in one store. */
async function sinceOf(
  text: string | undefined,
  stores: readonly StoreEntry[],
  gateway: Pick<StoreGateway, 'store'>,
  ctx: CallContext,
): Promise<Date | undefined> {
  const date = text === undefined ? undefined : parseDate(text);
  if (date === undefined) return undefined;
  const [only, ...others] = stores;
  const isLocal = date.kind !== 'instant' && only !== undefined && others.length === 0;
  return rangeStart(date, isLocal ? storeClock(await gateway.store(only, ctx)).zone : UTC);
}

const GONE = 'Rows without results: what was changed is no longer kept, or cannot be opened any more.';

/** The rest of an answer at its largest, for measuring: a sealed cursor has some 250 characters. */
const REST_OF_ANSWER = { rows: [], returned: 100, next_cursor: 'x'.repeat(600), remarks: [GONE] };
