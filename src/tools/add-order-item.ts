import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import { ADDS } from './annotations.js';
import type { ToolDeps } from './deps.js';
import { type StoreChoice, storeArguments } from './params.js';
import { answerFor, makeChange } from './write-call.js';
import { writeOutput } from './write-output.js';
import { orderIdParam, patch, writeArguments } from './write-params.js';

const NAME = 'add_order_item';

export function addOrderItemTool(deps: ToolDeps, choice: StoreChoice): ToolDefinition {
  return defineTool({
    name: NAME,
    title: 'Add order item',
    description:
      'Adds one item to an order that is there; Order Desk computes the totals again, and nobody is charged. Use it for what the customer ' +
      'orders besides; to change an item that is there use update_order_item. Rules on changed details may run. At most one item a call. Undo removes it.',
    toolset: 'items',
    input: storeArguments(choice, {
      order_id: orderIdParam,
      item: patch.describe(
        'name; also code, price, quantity, weight, delivery_type, category_code, variation_list, metadata.',
      ),
      ...writeArguments,
    }),
    output: writeOutput,
    annotations: ADDS,
    async handler(args, ctx) {
      const store = await deps.directory.resolve(ctx.principal, args.store);
      const intent = { orderId: args.order_id, item: args.item };
      const answer = await makeChange(deps, { tool: NAME, kind: 'item_add', intent, store, args }, ctx);
      return answerFor(deps, answer, args, ctx);
    },
  });
}
