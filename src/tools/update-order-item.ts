import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import { SETS } from './annotations.js';
import type { ToolDeps } from './deps.js';
import { type StoreChoice, storeArguments } from './params.js';
import { answerFor, expectedVersion, makeChange } from './write-call.js';
import { writeOutput } from './write-output.js';
import { expectedVersionParam, orderIdParam, partId, patch, writeArguments } from './write-params.js';

const NAME = 'update_order_item';

export function updateOrderItemTool(deps: ToolDeps, choice: StoreChoice): ToolDefinition {
  return defineTool({
    name: NAME,
    title: 'Update order item',
    description:
      'Changes named fields of one item of an order and keeps all others; Order Desk computes the totals again, and nobody is charged. Use ' +
      'it for one item; for several at once, or other fields of the order, use update_order. The id never changes. Undo restores what was there.',
    toolset: 'items',
    input: storeArguments(choice, {
      order_id: orderIdParam,
      item_id: partId.describe('Id of the item, from get_order.'),
      changes: patch.describe(
        'name, code, price, quantity, weight, delivery_type, category_code; variation_list and metadata merge by key, null clears one.',
      ),
      expected_version: expectedVersionParam,
      ...writeArguments,
    }),
    output: writeOutput,
    annotations: SETS,
    async handler(args, ctx) {
      const store = await deps.directory.resolve(ctx.principal, args.store);
      const intent = {
        orderId: args.order_id,
        itemId: args.item_id,
        patch: args.changes,
        expectedVersion: expectedVersion(args.expected_version, ctx),
      };
      const answer = await makeChange(deps, { tool: NAME, kind: 'item_update', intent, store, args }, ctx);
      return answerFor(deps, answer, args, ctx);
    },
  });
}
