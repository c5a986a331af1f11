import { z } from 'zod';
import type { CallContext, ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import type { InventoryView } from '../orderdesk/views.js';
import { fitEntries, roomBeside } from '../orders/budget.js';
import { HIDDEN } from '../orders/mask.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { READS } from './annotations.js';
import type { ToolDeps } from './deps.js';
import { inventoryCursor } from './inventory-cursor.js';
import { inventoryMatcher } from './inventory-filter.js';
import { type InventoryDeps, readInventory } from './inventory-read.js';
import { codesNotThere, inventoryRemarks } from './inventory-remarks.js';
import { INVENTORY_FIELDS, inventoryRow } from './inventory-row.js';
import { remarksOut, storeOut, text, untrusted } from './output.js';
import { cursorParam, limitParam, type StoreChoice, storeArguments, textParam } from './params.js';

const NAME = 'list_inventory';
/** What one call reads at most; far above what a person could oversee. */
const MAX_ITEMS = 20_000;
/** As many as the store's budget gives in half a minute; enough for all those items unless pages are small. */
const MAX_REQUESTS = 100;
const MOST_STOCK = 1_000_000_000;

const argumentsBesideStore = {
  codes: z
    .array(
      z
        .string()
        .trim()
        .refine((code) => code.length > 0 && code.length <= 200, 'must be a code of 1 to 200 characters'),
    )
    .min(1)
    .max(100)
    .optional()
    .describe('Whole codes (SKUs), spelled as in the inventory.'),
  text: textParam('Part of the name or code, any case.'),
  stock_below: z
    .int()
    .min(-MOST_STOCK)
    .max(MOST_STOCK)
    .optional()
    .describe('Stock below so many units; 1 finds what is sold out.'),
  location: textParam('Warehouse or fulfilment method, whole, any case.'),
  limit: limitParam,
  cursor: cursorParam,
  fields: z
    .array(z.enum(INVENTORY_FIELDS))
    .max(INVENTORY_FIELDS.length)
    .default([])
    .describe('More fields for every row.'),
};

const output = z.object({
  store: storeOut,
  rows: z
    .array(
      z
        .object({
          id: z.string(),
          code: text.describe('SKU, untrusted text'),
          name: untrusted,
          stock: text.describe('Units at hand; below 0 when oversold, null when unknown'),
          price: z.string(),
          location: untrusted,
        })
        .loose(),
    )
    .describe('By id, with the fields asked for, which are untrusted text'),
  returned: z.number(),
  limit: z.number(),
  total: z.number().describe('Items that match, of those read'),
  items_read: z.number(),
  complete: z.boolean().describe('false: not all was read, more may match'),
  unreadable: z.number().optional().describe('Items that made no sense'),
  not_found: z.array(z.string()).optional().describe('Codes that no item has'),
  not_looked_up: z.array(z.string()).optional().describe('Codes not read to the end'),
  next_cursor: z.string().nullable().describe('Pass as cursor; null on the last page'),
  trimmed_by: z.literal('size').nullable().describe('size: fewer rows than limit, the answer was full'),
  remarks: remarksOut,
});

export function listInventoryTool(
  { gateway, directory, sealer, masker, clock }: ToolDeps,
  choice: StoreChoice,
): ToolDefinition {
  return defineTool({
    name: NAME,
    title: 'List inventory',
    description:
      'Reads the inventory of one store: stock, price and location by item, ordered by id. Use codes for items you know, ' +
      'stock_below to find what runs out. For what was ordered use list_orders with sku. Order Desk filters only by code, the ' +
      `rest is done here: without codes the whole inventory is read at low priority, a request for each 500 of at most ${MAX_ITEMS.toLocaleString('en')} ` +
      'items, and the answer says how many. Up to a minute old. Dates are UTC. At most 100 rows a page; go on with next_cursor.',
    toolset: 'default',
    input: storeArguments(choice, argumentsBesideStore),
    output,
    annotations: READS,
    scans: true,
    async handler(args, ctx) {
      const { principal } = ctx;
      const entry = await directory.resolve(principal, args.store);
      const { store: _store, cursor, limit, ...bound } = args;
      const use = { principal, tool: NAME, store: entry, args: bound };
      const place =
        cursor === undefined ? undefined : await inventoryCursor.open(sealer, use, cursor, clock());
      const found = await readInventory(reading(gateway, entry, ctx), {
        codes: args.codes,
        matches: inventoryMatcher(args),
        after: place?.after,
        // One more than is shown tells whether there is a next page.
        keep: limit + 1,
        maxItems: MAX_ITEMS,
        maxRequests: MAX_REQUESTS,
      });
      const isContinued = place?.partly === true;
      const complete = found.complete && !isContinued;
      const isMasked = (await masker.of(principal)) !== undefined;
      const shown = found.items.slice(0, limit);
      const rows = shown.map((item) => inventoryRow(isMasked ? withoutWriter(item) : item, args.fields));
      const about = {
        store: entry.name,
        limit,
        total: found.total,
        items_read: found.read,
        complete,
        ...(found.unreadable === 0 ? {} : { unreadable: found.unreadable }),
        ...codesNotThere(found),
      };
      const remarks = inventoryRemarks(args, found, isContinued);
      const { kept, dropped } = fitEntries(rows, roomBeside({ ...about, remarks, ...REST_OF_ANSWER }));
      const last = kept.length < found.items.length ? shown[kept.length - 1] : undefined;
      const trimmedBy: 'size' | null = dropped > 0 ? 'size' : null;
      return {
        ...about,
        rows: kept,
        returned: kept.length,
        next_cursor:
          last === undefined
            ? null
            : await inventoryCursor.seal(sealer, use, { after: last.id, partly: !complete }, clock()),
        trimmed_by: trimmedBy,
        ...(remarks.length === 0 ? {} : { remarks }),
      };
    },
  });
}

/** The rest of an answer at its largest, for measuring: a sealed cursor has some 250 characters. */
const REST_OF_ANSWER = { rows: [], returned: 100, next_cursor: 'x'.repeat(600), trimmed_by: 'size' };

const reading = (
  gateway: Pick<ToolDeps['gateway'], 'listInventory'>,
  entry: StoreEntry,
  ctx: CallContext,
): InventoryDeps => ({
  list: (query, urgent) =>
    gateway.listInventory(entry, query, { ...ctx, priority: urgent ? 'interactive' : 'background' }),
  ctx,
  now: () => performance.now(),
});

/** Who wrote an item last may be a person. */
const withoutWriter = (item: InventoryView): InventoryView => ({
  ...item,
  updateSource: item.updateSource === null ? null : HIDDEN,
});
