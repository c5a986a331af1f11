import { z } from 'zod';
import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import { fitEntries, roomBeside } from '../orders/budget.js';
import { clip } from '../orders/text.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { READS } from './annotations.js';
import type { ToolDeps } from './deps.js';
import type { StoreChoice } from './params.js';

const CONNECTION = ['working', 'refused', 'not_verified'] as const;

const output = (choice: StoreChoice) =>
  z.object({
    stores: z.array(
      z.object({
        name: choice === 'named' ? z.string().describe('Pass as store') : z.string(),
        order_desk_id: z.string(),
        default: choice === 'named' ? z.boolean().describe('Used where store is left out') : z.boolean(),
        access: z.literal('read').describe('What this server can do in the store'),
        connection: z
          .enum(CONNECTION)
          .describe('refused: Order Desk rejects the credential, its owner must renew it'),
        last_contact: z.string().nullable().describe('UTC'),
      }),
    ),
    omitted: z.number().optional().describe('Stores left out for size; they can be used all the same'),
  });

export function listStoresTool(
  { directory }: Pick<ToolDeps, 'directory'>,
  choice: StoreChoice,
): ToolDefinition {
  return defineTool({
    name: 'list_stores',
    title: 'List stores',
    description:
      'Lists the Order Desk stores this key may use, with the default and the state of their connection. Call it first when ' +
      'you do not know the store, or after an unknown_store error. For folders and time zone of one store use get_store. Asks ' +
      'nothing of Order Desk.',
    toolset: 'default',
    input: z.strictObject({}),
    output: output(choice),
    annotations: READS,
    async handler(_args, { principal }) {
      const stores = (await directory.list(principal)).map(storeLine);
      const { kept, dropped } = fitEntries(stores, roomBeside({ stores: [], omitted: stores.length }));
      return { stores: kept, ...(dropped === 0 ? {} : { omitted: dropped }) };
    },
  });
}

const storeLine = (store: StoreEntry) => ({
  name: clip(store.name, 200),
  order_desk_id: store.orderDeskId,
  default: store.isDefault,
  access: 'read' as const,
  connection: connectionOf(store),
  last_contact: store.lastContactAt?.toISOString() ?? null,
});

function connectionOf(store: StoreEntry): (typeof CONNECTION)[number] {
  if (store.refusedAt !== null) return 'refused';
  return store.verifiedAt === null ? 'not_verified' : 'working';
}
