import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import { SETS } from './annotations.js';
import type { ToolDeps } from './deps.js';
import { type StoreChoice, storeArguments } from './params.js';
import { answerFor, expectedVersion, makeChange } from './write-call.js';
import { writeOutput } from './write-output.js';
import { confirmedArguments, expectedVersionParam, orderIdParam, partId } from './write-params.js';

const NAME = 'remove_order_item';

export function removeOrderItemTool(deps: ToolDeps, choice: StoreChoice): ToolDefinition {
  return defineTool({
    name: NAME,
    title: 'Remove order item',
    description:
      'Removes one item from an order; Order Desk computes the totals again, and nobody is paid back. Use it for what was ordered by mistake; ' +
      'to lower a quantity use update_order_item. At most one item a call. Undo adds it again, under a new id.',
    toolset: 'items',
    input: storeArguments(choice, {
      order_id: orderIdParam,
      item_id: partId.describe('Id of the item, from get_order.'),
      expected_version: expectedVersionParam,
      ...confirmedArguments,
    }),
    output: writeOutput,
    annotations: SETS,
    async handler(args, ctx) {
      const store = await deps.directory.resolve(ctx.principal, args.store);
      const intent = {
        orderId: args.order_id,
        itemId: args.item_id,
        expectedVersion: expectedVersion(args.expected_version, ctx),
      };
      const answer = await makeChange(deps, { tool: NAME, kind: 'item_remove', intent, store, args }, ctx);
      return answerFor(deps, answer, args, ctx);
    },
  });
}
