import { z } from 'zod';
import type { ShipmentLine } from '../changes/intents.js';
import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import { ADDS } from './annotations.js';
import { defined } from './defined.js';
import type { ToolDeps } from './deps.js';
import { type StoreChoice, storeArguments } from './params.js';
import { answerFor, makeChange } from './write-call.js';
import { writeOutput } from './write-output.js';
import { amount, orderId, partId, someText, writeArguments } from './write-params.js';

const NAME = 'add_shipments';
/** Each takes a request of its own. */
const MOST_PARTIAL = 20;

const shippedItem = z
  .strictObject({
    id: partId.optional(),
    code: someText(200).optional(),
    quantity: z.int().min(1).max(1_000_000),
  })
  .refine(({ id, code }) => (id === undefined) !== (code === undefined), 'needs either id or code');

const line = z.strictObject({
  order_id: orderId,
  tracking_number: someText(200).describe('n/a where there is none'),
  carrier_code: someText(100).optional(),
  shipment_method: someText(200).optional().describe('Such as Ground'),
  tracking_url: someText(1_000).optional(),
  cost: amount.optional(),
  weight: amount.optional(),
  items: z.array(shippedItem).min(1).max(200).optional().describe('Of a partial shipment'),
});

type Line = z.output<typeof line>;

export function addShipmentsTool(deps: ToolDeps, choice: StoreChoice): ToolDefinition {
  return defineTool({
    name: NAME,
    title: 'Add shipments',
    description:
      'Adds shipments to orders. Rules on shipments run: they may mail customers and move orders. Use it once ' +
      'parcels are on their way; to see shipments use get_order. Each line succeeds or fails alone; one that is there already ' +
      `is a success. At most 100, ${MOST_PARTIAL} of them partial. Undo deletes what was added.`,
    toolset: 'default',
    input: storeArguments(choice, {
      shipments: z
        .array(line)
        .min(1)
        .max(100)
        .refine(
          (lines) => lines.filter(({ items }) => items !== undefined).length <= MOST_PARTIAL,
          `must have at most ${MOST_PARTIAL} entries with items`,
        )
        .describe('One entry for each parcel.'),
      ...writeArguments,
    }),
    output: writeOutput,
    annotations: ADDS,
    async handler(args, ctx) {
      const store = await deps.directory.resolve(ctx.principal, args.store);
      const intent = { lines: args.shipments.map(shipmentLine) };
      const answer = await makeChange(deps, { tool: NAME, kind: 'shipments_add', intent, store, args }, ctx);
      return answerFor(deps, answer, args, ctx);
    },
  });
}

const shipmentLine = ({ order_id, tracking_number, items, ...fields }: Line): ShipmentLine => ({
  orderId: order_id,
  trackingNumber: tracking_number,
  fields: defined(fields),
  ...(items === undefined ? {} : { items: items.map((item) => defined(item)) }),
});
