import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import { CHANGES } from './annotations.js';
import type { ToolDeps } from './deps.js';
import { type StoreChoice, storeArguments } from './params.js';
import { answerFor, expectedVersion, makeChange } from './write-call.js';
import { writeOutput } from './write-output.js';
import { confirmedArguments, expectedVersionParam, orderIdParam } from './write-params.js';

const NAME = 'delete_order';

export function deleteOrderTool(deps: ToolDeps, choice: StoreChoice): ToolDefinition {
  return defineTool({
    name: NAME,
    title: 'Delete order',
    description:
      'Deletes one order at Order Desk for good, with its history and shipments; it has to be confirmed. Use it for tests and doubles only; ' +
      'to put an order away use move_orders. All that it was is kept for 30 days: undo makes it again under a new id, and rules for new orders run.',
    toolset: 'destructive',
    input: storeArguments(choice, {
      order_id: orderIdParam,
      expected_version: expectedVersionParam,
      ...confirmedArguments,
    }),
    output: writeOutput,
    annotations: CHANGES,
    async handler(args, ctx) {
      const store = await deps.directory.resolve(ctx.principal, args.store);
      const intent = { orderId: args.order_id, expectedVersion: expectedVersion(args.expected_version, ctx) };
      const answer = await makeChange(deps, { tool: NAME, kind: 'order_delete', intent, store, args }, ctx);
      return answerFor(deps, answer, args, ctx);
    },
  });
}
