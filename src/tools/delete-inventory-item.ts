import { AppError } from '../errors.js';
import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import { SETS } from './annotations.js';
import type { ToolDeps } from './deps.js';
import { type StoreChoice, storeArguments } from './params.js';
import { answerFor, makeChange } from './write-call.js';
import { writeOutput } from './write-output.js';
import { confirmedArguments, partId, someText } from './write-params.js';

const NAME = 'delete_inventory_item';

export function deleteInventoryItemTool(deps: ToolDeps, choice: StoreChoice): ToolDefinition {
  return defineTool({
    name: NAME,
    title: 'Delete inventory item',
    description:
      'Deletes one inventory item, by its code or its id. Use it for a SKU that is sold no more; to set its stock to 0 use ' +
      'update_inventory. At most one a call. Orders that name the code keep it. Undo creates the item again, under a new id.',
    toolset: 'inventory_admin',
    input: storeArguments(choice, {
      code: someText(200).optional().describe('SKU; this or id.'),
      id: partId.optional().describe('Order Desk id, from list_inventory.'),
      ...confirmedArguments,
    }),
    output: writeOutput,
    annotations: SETS,
    async handler(args, ctx) {
      const { code, id } = args;
      if ((code === undefined) === (id === undefined)) {
        throw new AppError('invalid_argument', 'Give either code or id.', { field: 'code' });
      }
      const store = await deps.directory.resolve(ctx.principal, args.store);
      const intent = { code, id };
      const answer = await makeChange(
        deps,
        { tool: NAME, kind: 'inventory_delete', intent, store, args },
        ctx,
      );
      return answerFor(deps, answer, args, ctx);
    },
  });
}
