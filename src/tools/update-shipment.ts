import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import { SETS } from './annotations.js';
import type { ToolDeps } from './deps.js';
import { type StoreChoice, storeArguments } from './params.js';
import { answerFor, makeChange } from './write-call.js';
import { writeOutput } from './write-output.js';
import { orderIdParam, partId, patch, writeArguments } from './write-params.js';

const NAME = 'update_shipment';

export function updateShipmentTool(deps: ToolDeps, choice: StoreChoice): ToolDefinition {
  return defineTool({
    name: NAME,
    title: 'Update shipment',
    description:
      'Changes named fields of one shipment and keeps all others. Use it for a mistyped tracking number or a cost that was not known; ' +
      'for a new parcel use add_shipments. What was mailed to the customer already stays as it was mailed. The items of a parcel never change. Undo restores what was there.',
    toolset: 'shipments',
    input: storeArguments(choice, {
      order_id: orderIdParam,
      shipment_id: partId.describe('Id of the shipment, from get_order.'),
      changes: patch.describe(
        'tracking_number, carrier_code, shipment_method, tracking_url, weight, cost, status; null clears one.',
      ),
      ...writeArguments,
    }),
    output: writeOutput,
    annotations: SETS,
    async handler(args, ctx) {
      const store = await deps.directory.resolve(ctx.principal, args.store);
      const intent = {
        orderId: args.order_id,
        shipmentId: args.shipment_id,
        patch: args.changes,
      };
      const answer = await makeChange(
        deps,
        { tool: NAME, kind: 'shipment_update', intent, store, args },
        ctx,
      );
      return answerFor(deps, answer, args, ctx);
    },
  });
}
