/** Parameters that tools which write take, worded once. */
import { z } from 'zod';
import { parseDecimal } from '../orders/decimal.js';
import { isVersion } from '../orders/version.js';

/**
 * A JSON boolean and nothing else: `"yes"` is refused, since a preview that is taken for the real call does harm.
 */
const dryRun = z.boolean().default(false).describe('Shows what would happen, and does nothing.');

const idempotencyKey = z
  .string()
  .refine((text) => text.length > 0 && text.length <= 200, 'must have 1 to 200 characters')
  .optional()
  .describe('Your text: the same call with it is made once in 72 hours.');

const confirmationToken = z
  .string()
  .refine((text) => text.length > 0 && text.length <= 2_000, 'must be the one that a dry run answered')
  .optional()
  .describe('From the dry run.');

/** Of a write that nobody has to confirm. */
export const writeArguments = { dry_run: dryRun, idempotency_key: idempotencyKey };

/** Of a write that some keys have to confirm. */
export const confirmedArguments = { ...writeArguments, confirmation_token: confirmationToken };

const ORDER_ID = /^[1-9]\d{0,17}$/;

/** An order's id at Order Desk, as an entry of a list or of an object. */
export const orderId = z
  .string()
  .refine(
    (text) => ORDER_ID.test(text),
    'must be the digits of an Order Desk order id; get_order finds it by the number of the shop',
  );

export const orderIdParam = orderId.describe('Order Desk id, the id of a row.');

/** Of items, shipments and inventory items. */
export const partId = z.string().refine((text) => ORDER_ID.test(text), 'must be the digits of an id');

/** Text that is there: blank text would clear a field without saying so. @param most characters */
export const someText = (most: number) =>
  z
    .string()
    .trim()
    .refine((text) => text.length > 0 && text.length <= most, `must have 1 to ${most} characters`);

const AMOUNT = 'must be a decimal of at most 24 characters, such as "49.90"';

/** Text from here on: as text every amount is exact, and answers show those of Order Desk as the numbers that they are. */
export const amount = z
  .union([z.string(), z.number()], AMOUNT)
  .transform((given) => String(given).trim())
  .refine((text) => parseDecimal(text) !== undefined, AMOUNT);

/** Members of a record in Order Desk's own names. Which of them can be set is judged where they are merged. */
export const patch = z
  .record(z.string(), z.unknown())
  .refine((members) => Object.keys(members).length > 0, 'must name what to change');

export const expectedVersionParam = z
  .string()
  .refine(isVersion, 'must be the version that get_order or a write answered')
  .optional()
  .describe('version as you read it: refused if it changed since.');

/** Issues for entries that are the same as an earlier one. @param keyOf `undefined` for an entry without */
export function refuseTwice<Entry>(keyOf: (entry: Entry) => string | undefined) {
  return ({ value, issues }: z.core.ParsePayload<Entry[]>): void => {
    const seen = new Map<string, number>();
    for (const [index, entry] of value.entries()) {
      const key = keyOf(entry);
      if (key === undefined) continue;
      const earlier = seen.get(key);
      if (earlier === undefined) seen.set(key, index);
      else {
        const message = `must not name what entry ${earlier} names already`;
        issues.push({ code: 'custom', path: [index], message, input: value });
      }
    }
  };
}
