import { z } from 'zod';
import type { Patch } from '../changes/intents.js';
import type { CallContext, ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import { isPaymentStatus, PAYMENT_STATUSES } from '../orders/scan-filter.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { ADDS } from './annotations.js';
import { defined } from './defined.js';
import type { ToolDeps } from './deps.js';
import { type StoreChoice, storeArguments } from './params.js';
import { findFolders } from './store-context.js';
import { answerFor, makeChange } from './write-call.js';
import { writeOutput } from './write-output.js';
import { amount, someText, writeArguments } from './write-params.js';

const NAME = 'create_order';

/** The members of an address; what else is given is refused where the order is put together. */
const ADDRESS =
  'first_name, last_name, company, address1 to address4, city, state, postal_code, country, phone.';

/** An item as Order Desk names its members. */
export const newItem = z
  .strictObject({
    code: someText(200).optional().describe('SKU'),
    name: someText(500).optional(),
    price: amount.optional().describe('Per unit, "9.90"'),
    quantity: z.int().min(1).max(1_000_000).default(1),
    weight: amount.optional(),
    delivery_type: z.enum(['ship', 'noship', 'download', 'future']).optional(),
    category_code: someText(200).optional().describe('Free text'),
    variation_list: z.record(z.string(), z.string()).optional().describe('Such as Size: L'),
    metadata: z.record(z.string(), z.unknown()).optional().describe('Hidden'),
  })
  .refine((item) => item.code !== undefined || item.name !== undefined, 'needs a code or a name');

const totals = z.strictObject({
  shipping: amount.optional(),
  handling: amount.optional(),
  tax: amount.optional(),
});

const payment = z.strictObject({
  type: someText(100).optional().describe('Such as Visa'),
  status: z
    .string()
    .refine(isPaymentStatus, `must be one of ${PAYMENT_STATUSES.join(', ')}`)
    .optional()
    .describe('Captured unless given'),
});

const texts = z.record(z.string(), z.string()).optional();
const map = z.record(z.string(), z.unknown()).optional();

const input = (choice: StoreChoice) =>
  storeArguments(choice, {
    order_items: z.array(newItem).min(1).max(500).describe('What was ordered.'),
    source_id: someText(200).optional().describe('Order number of the shop, finds duplicates.'),
    source_name: someText(200).optional().describe('Channel, like Shopify.'),
    email: someText(200).optional().describe('E-mail of the customer.'),
    shipping: texts.describe(`${ADDRESS} This or customer has a name or company.`),
    customer: texts.describe('Billing address, likewise.'),
    totals: totals.optional().describe('Amounts beside the items.'),
    payment: payment.optional().describe('How it was paid.'),
    shipping_method: someText(200).optional().describe('As the customer chose it.'),
    checkout_data: map.describe('Fields that staff see.'),
    order_metadata: map.describe('Hidden fields, by name.'),
    folder: someText(200).optional().describe('Folder name or id, else the first.'),
    ...writeArguments,
  });

type Arguments = z.output<ReturnType<typeof input>>;

export function createOrderTool(deps: ToolDeps, choice: StoreChoice): ToolDefinition {
  return defineTool({
    name: NAME,
    title: 'Create order',
    description:
      'Creates an order in one store; rules for new orders run (mail, fulfilment). Use it for orders that no channel ' +
      'imports; to change one use update_order. A duplicate by source_id is refused, naming the order there is. ' +
      'Cannot be undone. At most 500 items.',
    toolset: 'default',
    input: input(choice),
    output: writeOutput,
    annotations: ADDS,
    async handler(args, ctx) {
      const store = await deps.directory.resolve(ctx.principal, args.store);
      const order = await orderOf(deps, store, args, ctx);
      const answer = await makeChange(
        deps,
        { tool: NAME, kind: 'order_create', intent: { order }, store, args },
        ctx,
      );
      return answerFor(deps, answer, args, ctx);
    },
  });
}

/** In Order Desk's own form. */
async function orderOf(
  { gateway }: Pick<ToolDeps, 'gateway'>,
  store: StoreEntry,
  args: Arguments,
  ctx: CallContext,
): Promise<Patch> {
  const { totals: sums, payment: paid, folder } = args;
  const [folderId] = folder === undefined ? [] : findFolders(await gateway.store(store, ctx), folder);
  return defined({
    source_id: args.source_id,
    source_name: args.source_name,
    email: args.email,
    shipping_method: args.shipping_method,
    shipping: args.shipping,
    customer: args.customer,
    shipping_total: sums?.shipping,
    handling_total: sums?.handling,
    tax_total: sums?.tax,
    payment_type: paid?.type,
    payment_status: PAYMENT_STATUSES.find(
      (known) => known.toLowerCase() === paid?.status?.trim().toLowerCase(),
    ),
    checkout_data: args.checkout_data,
    order_metadata: args.order_metadata,
    folder_id: folderId === undefined ? undefined : Number(folderId),
    order_items: args.order_items.map((item) => defined(item)),
  });
}
