import { z } from 'zod';
import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import { ROW_FIELDS } from '../orders/row.js';
import { READS } from './annotations.js';
import type { ToolDeps } from './deps.js';
import { remarksOut, rowOut, storeOut, timeZoneOut } from './output.js';
import {
  cursorParam,
  filterArguments,
  limitParam,
  type StoreChoice,
  scanArguments,
  severalStoreArguments,
} from './params.js';
import { answerStores, byStoreOut } from './several-answers.js';
import { LIST_ORDERS, prepareList } from './store-list.js';

const SORT_FIELDS = ['date_added', 'date_updated', 'order_total', 'shipping_last_name'] as const;

const argumentsBesideStore = {
  ...filterArguments,
  ...scanArguments,
  sort_by: z.enum(SORT_FIELDS).default('date_added').describe('Only date_added gives more than one page.'),
  sort: z.enum(['asc', 'desc']).default('desc').describe('desc: newest or largest first.'),
  limit: limitParam,
  cursor: cursorParam,
  fields: z
    .array(z.enum(ROW_FIELDS))
    .max(ROW_FIELDS.length)
    .default([])
    .describe('More fields for each row; answers get longer.'),
};

const output = z.object({
  store: storeOut,
  time_zone: timeZoneOut,
  rows: z
    .array(
      rowOut
        .extend({ cut_fields: z.array(z.string()).optional().describe('Left out: the row was too large') })
        .loose(),
    )
    .describe('With the fields asked for, shaped as in get_order; may hold untrusted text'),
  returned: z.number(),
  limit: z.number(),
  total: z.number().nullable().describe('Matches, as of the first page; null with scan filters'),
  total_exact: z.boolean(),
  in_range: z.number().optional().describe('With scan filters: orders passing the others'),
  scanned: z.number().optional().describe('Of them read so far'),
  complete: z.boolean().optional().describe('All were read'),
  next_cursor: z.string().nullable().describe('Pass as cursor; null on the last page'),
  trimmed_by: z.string().nullable().describe('size: the answer was full before limit'),
  remarks: remarksOut,
});

const outputs = { bound: output, named: output.partial().extend({ by_store: byStoreOut }) };

const SEVERAL =
  'Several stores, not with store: answered in by_store, each with its own next_cursor; go on with store and that cursor.';

export function listOrdersTool(deps: ToolDeps, choice: StoreChoice): ToolDefinition {
  return defineTool({
    name: LIST_ORDERS,
    title: 'List orders',
    description:
      'Finds orders, newest first; filters combine with AND. Returns short rows: use get_order for one in full. ' +
      'total is counted, so limit 1 is enough to count. Scan filters (sku, tracking_number, text, min_total, max_total, ' +
      'payment_status, shipped) are unknown to Order Desk: every order that passes the other filters is read. They need ' +
      'added_from and added_to at most 366 days apart, a page scans 5,000 orders at most, and total is null: ' +
      'summarize_orders counts by the last two. ' +
      'Whether other text filters match parts is up to Order Desk. At most 100 rows and 20,000 characters a page; go on ' +
      'with next_cursor.',
    toolset: 'default',
    scans: true,
    input: severalStoreArguments(choice, SEVERAL, argumentsBesideStore),
    output: outputs[choice],
    annotations: READS,
    handler: ({ store, stores, cursor, ...args }, ctx) =>
      answerStores(deps, { store, stores, cursor }, ctx, (entry, part, count) =>
        prepareList(deps, entry, { args, cursor, stores: count }, part),
      ),
  });
}
