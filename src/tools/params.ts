/** Parameters that several tools take, worded once. */
import { z } from 'zod';
import { parseDate } from '../orders/dates.js';
import { parseDecimal } from '../orders/decimal.js';
import { isPaymentStatus, PAYMENT_STATUSES } from '../orders/scan-filter.js';
import { SHIPPED_STATES } from '../orders/shipped.js';

/**
 * Blank text is refused: Order Desk ignores an empty filter and would answer with everything. The bounds stand in the
 * refusal alone: in a dozen filters they would be a good part of a definition.
 */
const filterText = z
  .string()
  .trim()
  .refine((text) => text.length > 0, 'must not be empty')
  .refine((text) => text.length <= 200, 'must have at most 200 characters');

const storeParam = filterText
  .optional()
  .describe('Store name or Order Desk id, see list_stores. Optional with one store or a default.');

/** Whether a caller names the store, or is bound to one and cannot. */
export type StoreChoice = 'named' | 'bound';

/**
 * The arguments of a tool that works on one store. A bound caller has no `store`: to it the name is an unknown argument,
 * and handlers find it left out.
 */
export function storeArguments<Shape extends z.ZodRawShape>(
  choice: StoreChoice,
  shape: Shape,
): z.ZodObject<Shape & { store: typeof storeParam }, z.core.$strict>;
export function storeArguments(choice: StoreChoice, shape: z.ZodRawShape): z.ZodObject {
  return z.strictObject(choice === 'bound' ? shape : { store: storeParam, ...shape });
}

/** Stores that one call may ask. */
const MOST_STORES = 10;

const storesParam = (means: string) => z.array(filterText).min(1).max(MOST_STORES).optional().describe(means);

/**
 * The arguments of a tool that works on one store or on several.
 * @param means how several stores are answered
 */
export function severalStoreArguments<Shape extends z.ZodRawShape>(
  choice: StoreChoice,
  means: string,
  shape: Shape,
): z.ZodObject<Shape & { store: typeof storeParam; stores: ReturnType<typeof storesParam> }, z.core.$strict>;
export function severalStoreArguments(choice: StoreChoice, means: string, shape: z.ZodRawShape): z.ZodObject {
  return z.strictObject(
    choice === 'bound' ? shape : { store: storeParam, stores: storesParam(means), ...shape },
  );
}

const DATE =
  'must be a date such as 2026-01-31, 2026-01-31T14:00 (time zone of the store) or 2026-01-31T14:00:00Z';

/** @param means what the bound does, without a full stop */
export const dateParam = (means: string) =>
  z
    .string({ error: ({ input }) => (input === undefined ? 'is required' : DATE) })
    .refine((text) => parseDate(text) !== undefined, DATE)
    .optional()
    .describe(means);

/** A filter by a text. */
export const textParam = (means: string) => filterText.optional().describe(means);

const AMOUNT = 'must be a decimal as text, such as "49.90"';

/** An amount as text: a JSON number would not hold every amount exactly. */
const amountParam = (means: string) =>
  z
    .string(AMOUNT)
    .trim()
    .refine((text) => parseDecimal(text) !== undefined, AMOUNT)
    .optional()
    .describe(means);

const folderParam = z
  .union([filterText, z.array(filterText).min(1).max(50)], {
    error: 'must be a folder name or id as text, or a list of 1 to 50 of them',
  })
  .optional()
  .describe('Folder name or id, or several; see get_store.');

export const limitParam = z.int().min(1).max(100).default(20).describe('Most rows to return.');

export const cursorParam = z
  .string()
  .optional()
  .describe('next_cursor of the page before, with the same other arguments. Good for an hour.');

/** The filters that Order Desk itself applies to a list of orders. */
export const filterArguments = {
  folder: folderParam,
  added_from: dateParam(
    'Added at or after: YYYY-MM-DD or ISO 8601; without offset in the time zone of the store.',
  ),
  added_to: dateParam('Added before this time; a date without time includes that whole day.'),
  modified_from: dateParam('Last modified at or after.'),
  modified_to: dateParam('Last modified before; a date includes its day.'),
  source_id: textParam('Order number of the shop or channel.'),
  source_name: textParam('Channel, such as Shopify or Amazon.'),
  email: textParam('E-mail of the customer, also for keys that see it masked.'),
  customer_id: textParam('Customer id of the shop.'),
  first_name: textParam('First name, in the address chosen by address.'),
  last_name: textParam('Last name, likewise.'),
  company: textParam('Company, likewise.'),
  phone: textParam('Phone, likewise.'),
  address1: textParam('First address line, likewise.'),
  address: z
    .enum(['shipping', 'customer'])
    .default('shipping')
    .describe('Whose name, company, phone and address1 the filters mean.'),
};

/** Refused where no order can have it: the whole range would be read for nothing. */
const paymentParam = filterText
  .refine(isPaymentStatus, `must be one of ${PAYMENT_STATUSES.join(', ')}`)
  .optional()
  .describe('Payment status, such as Captured.');

/** Of the filters that are applied here, those that a summary takes too. */
export const stateArguments = {
  payment_status: paymentParam,
  shipped: z.enum(SHIPPED_STATES).optional().describe('How far it was shipped.'),
};

/** The filters that are applied here, to every order that passes the others. */
export const scanArguments = {
  sku: textParam('SKU of an item, whole.'),
  tracking_number: textParam('Tracking number, whole.'),
  text: textParam('Part of any name, address, e-mail, number, item, note or checkout field.'),
  min_total: amountParam('Least total, such as "49.90".'),
  max_total: amountParam('Largest total.'),
  ...stateArguments,
  shipped: stateArguments.shipped.describe('How far it was shipped, canceled or not.'),
};
