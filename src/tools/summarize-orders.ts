import { z } from 'zod';
import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import { GROUPINGS } from '../orders/summary.js';
import { READS } from './annotations.js';
import type { ToolDeps } from './deps.js';
import { remarksOut, storeOut, text, timeZoneOut, untrusted } from './output.js';
import { filterArguments, type StoreChoice, severalStoreArguments, stateArguments } from './params.js';
import { answerStores, byStoreOut } from './several-answers.js';
import { MOST_SHOWN, prepareSummary, SHOWN, SUMMARY_DAYS } from './store-summary.js';

const argumentsBesideStore = {
  ...filterArguments,
  added_from: filterArguments.added_from
    .unwrap()
    .describe(`Added at or after: YYYY-MM-DD or ISO 8601; at most ${SUMMARY_DAYS} days before added_to.`),
  added_to: filterArguments.added_to.unwrap().describe('Added before; a date includes its day.'),
  ...stateArguments,
  group_by: z
    .enum(GROUPINGS)
    .optional()
    .describe('In the time zone of the store; weeks begin on Monday. Absent: totals only.'),
  top: z
    .int()
    .min(1)
    .max(MOST_SHOWN)
    .optional()
    .describe(
      `Most groups; absent ${SHOWN.others}, by day, week or month ${SHOWN.periods}. other sums the rest.`,
    ),
};

const output = z.object({
  store: storeOut,
  time_zone: timeZoneOut,
  assumed_currency: text.describe('Guessed from the locale; null: unknown'),
  coverage: z
    .object({
      scanned: z.number(),
      total: z.number(),
      total_exact: z.boolean(),
      complete: z.boolean().describe('false: only a part was read'),
      from: z.string(),
      to: z.string().describe('Excluded'),
    })
    .describe('Orders read, by date added; totals are of those that match'),
  totals: z.object({
    orders: z.number(),
    units: z.string(),
    revenue: z.string().describe('Sum of order totals, before refunds'),
    average: z.string().nullable().describe('revenue / orders'),
    shipping: z.string(),
    tax: z.string(),
    discount: z.string(),
    refunds: z.string(),
  }),
  left_out: z
    .object({
      folders: z.array(z.looseObject({ name: z.string() })).describe('Untrusted text'),
      orders: z.number(),
      revenue: z.string(),
    })
    .describe('Canceled orders, not counted elsewhere; by: owner, or name where guessed'),
  unreadable: z.record(z.string(), z.number()).optional().describe('orders and items not counted'),
  groups: z
    .array(z.object({ key: untrusted }).loose())
    .optional()
    .describe('As totals; by sku units and item_total (price x quantity). Largest or latest first'),
  other: z.object({ groups: z.number() }).loose().optional().describe('All other groups'),
  trimmed_by: z.literal('size').nullable().describe('size: the answer was full'),
  remarks: remarksOut,
});
const outputs = { bound: output, named: output.partial().extend({ by_store: byStoreOut }) };

const SEVERAL = 'Several stores, not with store: a summary of each in by_store, and no sum over them.';

export function summarizeOrdersTool(deps: ToolDeps, choice: StoreChoice): ToolDefinition {
  return defineTool({
    name: 'summarize_orders',
    title: 'Summarize orders',
    description:
      'Counts and adds up the orders of a date range, in all and by group, with exact decimals: for how many, how ' +
      'much, best sellers, trends. For the orders themselves use list_orders, whose total counts faster. Reads ' +
      'every order, so long ranges take time: an answer that had to stop says complete: false and which dates it covers. ' +
      'Orders in folders that mean canceled, by configuration or else by name, are left out unless folder names them.',
    toolset: 'default',
    input: severalStoreArguments(choice, SEVERAL, argumentsBesideStore),
    output: outputs[choice],
    annotations: READS,
    scans: true,
    handler: ({ store, stores, ...args }, ctx) =>
      answerStores(deps, { store, stores }, ctx, (entry, part, count) =>
        prepareSummary(deps, entry, args, part, count),
      ),
  });
}
