import { z } from 'zod';
import type { StockLine } from '../changes/intents.js';
import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import { CHANGES } from './annotations.js';
import type { ToolDeps } from './deps.js';
import { type StoreChoice, storeArguments } from './params.js';
import { answerFor, makeChange } from './write-call.js';
import { writeOutput } from './write-output.js';
import { amount, confirmedArguments, partId, patch, refuseTwice, someText } from './write-params.js';

const NAME = 'update_inventory';
const MOST_UNITS = 1_000_000_000;

const update = z
  .strictObject({
    code: someText(200).optional().describe('SKU; this or id'),
    id: partId.optional(),
    set: patch
      .optional()
      .describe('name, price, cost, weight, stock, location, manufacturer_sku, variation_list, metadata'),
    adjust_stock_by: z
      .int()
      .min(-MOST_UNITS)
      .max(MOST_UNITS)
      .refine((units) => units !== 0, 'must not be 0')
      .optional()
      .describe('Units, below 0 to take away; this or set'),
    expected_stock: amount.optional().describe('Refused if the stock is another'),
  })
  .refine(({ code, id }) => (code === undefined) !== (id === undefined), 'needs either code or id')
  .refine(
    ({ set, adjust_stock_by: by }) => (set === undefined) !== (by === undefined),
    'needs either set or adjust_stock_by',
  );

type Update = z.output<typeof update>;

/** Order Desk takes no notice of case and spaces around a code. */
const itemOf = ({ code, id }: Update): string | undefined =>
  code === undefined ? id && `id ${id}` : `code ${code.toLowerCase()}`;

export function updateInventoryTool(deps: ToolDeps, choice: StoreChoice): ToolDefinition {
  return defineTool({
    name: NAME,
    title: 'Update inventory',
    description:
      'Changes inventory items: sets fields, or moves stock up or down. Use it for counts, deliveries and prices; to read stock use ' +
      'list_inventory. Each line succeeds or fails alone. The stock is replaced: a sale that Order Desk subtracts between our read and write is ' +
      'lost, and the answer says how long that was; expected_stock refuses a stock that moved before. At most 100 lines.',
    toolset: 'default',
    input: storeArguments(choice, {
      updates: z
        .array(update)
        .min(1)
        .max(100)
        .check(refuseTwice(itemOf))
        .describe('One entry for each item.'),
      ...confirmedArguments,
    }),
    output: writeOutput,
    annotations: CHANGES,
    async handler(args, ctx) {
      const store = await deps.directory.resolve(ctx.principal, args.store);
      const intent = { lines: args.updates.map(stockLine) };
      const answer = await makeChange(
        deps,
        { tool: NAME, kind: 'inventory_update', intent, store, args },
        ctx,
      );
      return answerFor(deps, answer, args, ctx);
    },
  });
}

const stockLine = (given: Update): StockLine => ({
  code: given.code,
  id: given.id,
  set: given.set,
  adjustStockBy: given.adjust_stock_by,
  expectedStock: given.expected_stock,
});
