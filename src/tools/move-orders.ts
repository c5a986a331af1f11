import { z } from 'zod';
import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import { clip } from '../orders/text.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { CHANGES } from './annotations.js';
import type { ToolDeps } from './deps.js';
import { type StoreChoice, storeArguments } from './params.js';
import { findFolders, folderNames } from './store-context.js';
import { answerFor, makeChange } from './write-call.js';
import { writeOutput } from './write-output.js';
import { confirmedArguments, orderId, someText } from './write-params.js';

const NAME = 'move_orders';

const output = writeOutput.extend({
  folder: z
    .record(z.string(), z.string())
    .describe('id, name, note by the owner of the store on what its rules do'),
});

export function moveOrdersTool(deps: ToolDeps, choice: StoreChoice): ToolDefinition {
  return defineTool({
    name: NAME,
    title: 'Move orders',
    description:
      'Moves orders into a folder, which is their state. The rules of that folder run: they may mail customers or start ' +
      'fulfilment, and no undo takes that back. Use it with dry_run first and read the note on the folder. For folders use get_store; to change fields use ' +
      'update_order. Answers the folder each was in. At most 500 orders.',
    toolset: 'default',
    input: storeArguments(choice, {
      order_ids: z.array(orderId).min(1).max(500).describe('Ids of rows.'),
      folder: someText(200).describe('Folder name or id.'),
      ...confirmedArguments,
    }),
    output,
    annotations: CHANGES,
    async handler(args, ctx) {
      const store = await deps.directory.resolve(ctx.principal, args.store);
      const view = await deps.gateway.store(store, ctx);
      const [folderId = ''] = findFolders(view, args.folder);
      const intent = { orderIds: [...new Set(args.order_ids)], folderId };
      const answer = await makeChange(deps, { tool: NAME, kind: 'orders_move', intent, store, args }, ctx);
      const nameOf = folderNames(view);
      const folder = {
        id: folderId,
        name: clip(nameOf(folderId) ?? '', 200),
        ...noteOn(store, folderId),
      };
      return { ...(await answerFor(deps, answer, args, ctx, { folder }, nameOf)), folder };
    },
  });
}

function noteOn({ folderNotes }: StoreEntry, folderId: string): { readonly note?: string } {
  const note = Object.hasOwn(folderNotes, folderId) ? folderNotes[folderId] : undefined;
  return note === undefined ? {} : { note: clip(note, 500) };
}
