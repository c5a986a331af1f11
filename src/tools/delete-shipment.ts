import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import { SETS } from './annotations.js';
import type { ToolDeps } from './deps.js';
import { type StoreChoice, storeArguments } from './params.js';
import { answerFor, makeChange } from './write-call.js';
import { writeOutput } from './write-output.js';
import { confirmedArguments, orderIdParam, partId } from './write-params.js';

const NAME = 'delete_shipment';

export function deleteShipmentTool(deps: ToolDeps, choice: StoreChoice): ToolDefinition {
  return defineTool({
    name: NAME,
    title: 'Delete shipment',
    description:
      'Deletes one shipment of an order. Use it for one that was entered by mistake; to correct it use update_shipment. At most one a call. The label is not ' +
      'canceled, and what was mailed to the customer stays. add_shipments can add it again, and rules run again then.',
    toolset: 'shipments',
    input: storeArguments(choice, {
      order_id: orderIdParam,
      shipment_id: partId.describe('Id of the shipment, from get_order.'),
      ...confirmedArguments,
    }),
    output: writeOutput,
    annotations: SETS,
    async handler(args, ctx) {
      const store = await deps.directory.resolve(ctx.principal, args.store);
      const intent = { shipments: [{ orderId: args.order_id, shipmentId: args.shipment_id }] };
      const answer = await makeChange(
        deps,
        { tool: NAME, kind: 'shipments_delete', intent, store, args },
        ctx,
      );
      return answerFor(deps, answer, args, ctx);
    },
  });
}
