import { z } from 'zod';
import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import { SETS } from './annotations.js';
import type { ToolDeps } from './deps.js';
import { type StoreChoice, storeArguments } from './params.js';
import { answerFor, expectedVersion, makeChange } from './write-call.js';
import { writeOutput } from './write-output.js';
import { expectedVersionParam, orderIdParam, patch, writeArguments } from './write-params.js';

const NAME = 'update_order';

const CHANGES =
  'email, shipping_method, payment_status, tax_total and the like; shipping, customer, return_address, checkout_data, order_metadata ' +
  'merge by key, null clears one; order_items: patches with the id of an item; order_notes: texts to append.';

export function updateOrderTool(deps: ToolDeps, choice: StoreChoice): ToolDefinition {
  return defineTool({
    name: NAME,
    title: 'Update order',
    description:
      'Changes named fields of one order, keeps all others, and answers what was overwritten and the new version. ' +
      'Use it for addresses, payment, checkout fields and items that are there; for the folder use ' +
      'move_orders, for shipments add_shipments. undo_change restores what was there. Rules on changed details may run. ' +
      'An edit by somebody else is lost only if it falls between our read and write.',
    toolset: 'default',
    input: storeArguments(choice, {
      order_id: orderIdParam,
      changes: patch.describe(CHANGES),
      expected_version: expectedVersionParam,
      ...writeArguments,
    }),
    output: writeOutput.extend({ version: z.string().optional() }),
    annotations: SETS,
    async handler(args, ctx) {
      const store = await deps.directory.resolve(ctx.principal, args.store);
      const intent = {
        orderId: args.order_id,
        patch: args.changes,
        expectedVersion: expectedVersion(args.expected_version, ctx),
      };
      const answer = await makeChange(deps, { tool: NAME, kind: 'order_update', intent, store, args }, ctx);
      return answerFor(deps, answer, args, ctx);
    },
  });
}
