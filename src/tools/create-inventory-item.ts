import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import { ADDS } from './annotations.js';
import type { ToolDeps } from './deps.js';
import { type StoreChoice, storeArguments } from './params.js';
import { answerFor, makeChange } from './write-call.js';
import { writeOutput } from './write-output.js';
import { patch, writeArguments } from './write-params.js';

const NAME = 'create_inventory_item';

export function createInventoryItemTool(deps: ToolDeps, choice: StoreChoice): ToolDefinition {
  return defineTool({
    name: NAME,
    title: 'Create inventory item',
    description:
      'Creates one inventory item. Use it for a SKU that list_inventory does not find; to change one use update_inventory. ' +
      'The code must be the one that orders arrive with. At most one a call. No undo; delete_inventory_item deletes it.',
    toolset: 'inventory_admin',
    input: storeArguments(choice, {
      item: patch.describe(
        'name and code; also price, cost, weight, stock, location, manufacturer_sku, variation_list, metadata.',
      ),
      ...writeArguments,
    }),
    output: writeOutput,
    annotations: ADDS,
    async handler(args, ctx) {
      const store = await deps.directory.resolve(ctx.principal, args.store);
      const intent = { item: args.item };
      const answer = await makeChange(
        deps,
        { tool: NAME, kind: 'inventory_create', intent, store, args },
        ctx,
      );
      return answerFor(deps, answer, args, ctx);
    },
  });
}
