import { z } from 'zod';
import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import type { StoreBudget } from '../orderdesk/port.js';
import { fitEntries, roomBeside } from '../orders/budget.js';
import { clip } from '../orders/text.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { READS } from './annotations.js';
import type { ToolDeps } from './deps.js';
import type { StoreChoice } from './params.js';

const CONNECTION = ['working', 'refused', 'not_verified'] as const;

const budgetOut = z
  .object({
    mode: z.enum(['shared', 'local']).describe('local: this server keeps to its part'),
    available: z.number().describe('Requests a call could send now, an estimate'),
    capacity: z.number(),
    per_second: z.number().describe('Requests that come back'),
    paused_s: z.number().describe('Seconds that Order Desk wants to be left alone'),
  })
  .describe('What is left of the requests to Order Desk');

const output = (choice: StoreChoice) =>
  z.object({
    stores: z.array(
      z.object({
        name: choice === 'named' ? z.string().describe('Pass as store') : z.string(),
        order_desk_id: z.string(),
        default: choice === 'named' ? z.boolean().describe('Used where store is left out') : z.boolean(),
        access: z.enum(['read', 'write']).describe('What this key can do in the store'),
        connection: z
          .enum(CONNECTION)
          .describe('refused: Order Desk rejects the credential, its owner must renew it'),
        last_contact: z.string().nullable().describe('UTC'),
        rate_budget: budgetOut,
      }),
    ),
    omitted: z.number().optional().describe('Stores left out for size; they can be used all the same'),
  });

export function listStoresTool(
  { directory, budgets }: Pick<ToolDeps, 'directory' | 'budgets'>,
  choice: StoreChoice,
): ToolDefinition {
  return defineTool({
    name: 'list_stores',
    title: 'List stores',
    description:
      'Lists the Order Desk stores this key may use, with the default, the state of their connection and what is left of their rate budget. Call it first when ' +
      'you do not know the store, or after an unknown_store error. For folders and time zone of one store use get_store. Asks ' +
      'nothing of Order Desk.',
    toolset: 'default',
    input: z.strictObject({}),
    output: output(choice),
    annotations: READS,
    async handler(_args, { principal }) {
      const stores = await directory.list(principal);
      const access = principal.scope.readOnly ? 'read' : 'write';
      const widest = stores.map((store) => ({ ...storeLine(store, access), rate_budget: WIDEST_BUDGET }));
      const { kept, dropped } = fitEntries(widest, roomBeside({ stores: [], omitted: stores.length }));
      // Only those that are shown are looked at.
      const shown = await Promise.all(
        stores.slice(0, kept.length).map(async (store) => ({
          ...storeLine(store, access),
          rate_budget: budgetLine(await budgets.of(store)),
        })),
      );
      return { stores: shown, ...(dropped === 0 ? {} : { omitted: dropped }) };
    },
  });
}

/** For measuring: no budget takes more characters. */
const WIDEST_BUDGET = {
  mode: 'shared',
  available: 100_000,
  capacity: 100_000,
  per_second: 10_000.99,
  paused_s: 10_000,
} as const;

const budgetLine = ({ mode, tokens, capacity, perSecond, pausedS }: StoreBudget) => ({
  mode,
  available: tokens,
  capacity,
  per_second: Math.round(perSecond * 100) / 100,
  paused_s: pausedS,
});

const storeLine = (store: StoreEntry, access: 'read' | 'write') => ({
  name: clip(store.name, 200),
  order_desk_id: store.orderDeskId,
  default: store.isDefault,
  access,
  connection: connectionOf(store),
  last_contact: store.lastContactAt?.toISOString() ?? null,
});

function connectionOf(store: StoreEntry): (typeof CONNECTION)[number] {
  if (store.refusedAt !== null) return 'refused';
  return store.verifiedAt === null ? 'not_verified' : 'working';
}
