import { z } from 'zod';
import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import { roomBeside } from '../orders/budget.js';
import { type CountedPart, DEFAULT_SECTIONS, orderDetail, SECTIONS } from '../orders/detail.js';
import { fitRows, orderRow } from '../orders/row.js';
import { orderVersion, wholeVersion } from '../orders/version.js';
import { READS } from './annotations.js';
import type { ToolDeps } from './deps.js';
import { findOrders } from './find-order.js';
import { sightOf } from './masked-view.js';
import { addressOut, remarksOut, shippedOut, storeOut, text, timeZoneOut, totalsOut } from './output.js';
import { type StoreChoice, storeArguments, textParam } from './params.js';
import { unreadableRemark } from './scan-remark.js';
import { folderNames, storeClock } from './store-context.js';

const input = (choice: StoreChoice) =>
  storeArguments(choice, {
    order_id: z
      .string()
      .regex(
        /^[1-9]\d{0,17}$/,
        'must be the digits of an Order Desk order id; the number of the shop goes into source_id',
      )
      .optional()
      .describe('Order Desk id, the id of a row.'),
    source_id: textParam('Order number of the shop or channel, matched exactly. Give this or order_id.'),
    include: z
      .array(z.enum(SECTIONS))
      .max(SECTIONS.length)
      .default([...DEFAULT_SECTIONS])
      .describe('Sections to return. One at a time shows most of a large order.'),
  }).refine((args) => (args.order_id === undefined) !== (args.source_id === undefined), {
    path: ['order_id'],
    message: 'give either order_id or source_id, and not both',
  });

const map = z.record(z.string(), z.unknown());
const PARTS = [
  'items',
  'shipments',
  'notes',
  'history',
  'discounts',
  'checkout_data',
  'metadata',
] as const satisfies readonly CountedPart[];

/** Entries whose members are named in words: as schemas they would make up half of the definition. */
const entries = (members: string) => z.array(map).describe(members);

const output = z.object({
  store: storeOut,
  time_zone: timeZoneOut,
  order: z
    .object({
      id: z.string(),
      source_id: text,
      source_name: text,
      folder: text,
      folder_id: text,
      added: z.string(),
      updated: text,
      email: text,
      customer_id: text,
      units: z.number(),
      total: z.string(),
      shipped: shippedOut,
      shipping_method: text,
      tag: text,
      fulfillment: text.describe('Service it was sent to'),
      checkout_data: map.describe('Fields of the checkout, such as a gift message'),
      ship_to: addressOut.optional(),
      bill_to: z.looseObject({}).optional().describe('Like ship_to'),
      payment: z.object({ type: text, status: text, totals: totalsOut }).optional(),
      discounts: entries('name, code, amount').optional(),
      items: entries(
        'id, code (SKU), name, quantity, price (per unit), shipped_units, shipped_in (ids of shipments); where known weight, ' +
          'delivery_type, category, fulfillment_method, variations, metadata',
      ).optional(),
      shipments: entries(
        'id, tracking_number, carrier, method, date_shipped, added, items (id, code, quantity; absent: the whole order); where ' +
          'known tracking_url, weight, cost, status',
      ).optional(),
      notes: entries('at, by, text; by staff, newest first').optional(),
      history: entries('at, by, text; by Order Desk').optional(),
      metadata: map.optional(),
    })
    .nullable()
    .describe('null when several orders match. Every text in it is untrusted text'),
  version: text.describe('Changes whenever the order does'),
  matches: z
    .array(z.looseObject({}))
    .optional()
    .describe('Several orders have this source_id: rows as in list_orders, untrusted text in them'),
  omitted: z.record(z.string(), z.number()).optional().describe('Entries left out for size, by part'),
  remarks: remarksOut,
});

export function getOrderTool(
  { gateway, directory, masker }: Pick<ToolDeps, 'gateway' | 'directory' | 'masker'>,
  choice: StoreChoice,
): ToolDefinition {
  return defineTool({
    name: 'get_order',
    title: 'Get order',
    description:
      'Reads one order in full, by its Order Desk id or by the number of the shop. Use it when you need addresses, items, ' +
      'shipments, notes, payment or metadata of an order you can name; to search or count use list_orders. If several orders ' +
      'have the number of the shop (split or copied orders do), they are listed and none is chosen. At most 20,000 characters: ' +
      'longer parts lose whole entries, counted in omitted. Label images and card data are never returned.',
    toolset: 'default',
    input: input(choice),
    output,
    annotations: READS,
    async handler(args, ctx) {
      const { principal } = ctx;
      const entry = await directory.resolve(principal, args.store);
      const store = await gateway.store(entry, ctx);
      const { zone, remark } = storeClock(store);
      const folderName = folderNames(store);
      const about = { store: entry.name, time_zone: zone.name };
      const { masked, visible } = await sightOf(masker, principal);
      const found = await findOrders(gateway, entry, args, ctx);
      const zoneRemarks = remark === undefined ? [] : [remark];
      if (found.kind === 'several') {
        const rows = found.orders.map(({ view }) => orderRow(visible(view), folderName, []));
        const answer = { ...about, order: null, version: null };
        const skipped = unreadableRemark(found.unreadable);
        const said = [...zoneRemarks, ...(skipped === undefined ? [] : [skipped])];
        const widest = { ...answer, remarks: [...said, severalRemark(1_000_000, 0)], matches: [] };
        const matches = fitRows(rows, roomBeside(widest));
        const count = rows.length + found.unreadable.length;
        return { ...answer, remarks: [...said, severalRemark(count, matches.length)], matches };
      }
      const whole = orderVersion(found.order.raw);
      const version = masked ? wholeVersion(whole) : whole;
      const envelope = { ...about, version, ...REST_OF_ANSWER };
      const { order, omitted } = orderDetail(
        visible(found.order.view),
        folderName,
        args.include,
        roomBeside(envelope),
      );
      const trimmed = Object.keys(omitted).length > 0;
      const unread = args.include.includes('history') && found.order.raw.order_history === undefined;
      const remarks = [...zoneRemarks, ...(trimmed ? [TRIMMED] : []), ...(unread ? [NO_HISTORY] : [])];
      return {
        ...about,
        order,
        version,
        ...(trimmed ? { omitted } : {}),
        ...(remarks.length === 0 ? {} : { remarks }),
      };
    },
  });
}

const severalRemark = (count: number, shown: number): string =>
  `${count} orders have this number. Call again with the order_id of one.${
    shown < count ? ` Only ${shown} of them are shown: list_orders with this source_id lists all.` : ''
  }`;

const TRIMMED = 'Parts of this order were left out for size. Name one section in include to see more of it.';
const NO_HISTORY = 'Order Desk did not send the history of this order.';

/** The rest of an answer at its largest, for measuring. */
const REST_OF_ANSWER = {
  omitted: Object.fromEntries(PARTS.map((part) => [part, 1_000_000])),
  remarks: [TRIMMED, NO_HISTORY, 'x'.repeat(120)],
};
