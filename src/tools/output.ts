/** Shapes of answers that several tools give, described once. "Untrusted text" was written outside this server. */
import { z } from 'zod';
import { SHIPPED_STATES } from '../orders/shipped.js';

const UNTRUSTED = 'untrusted text';

export const text = z.string().nullable();
export const untrusted = z.string().nullable().describe(UNTRUSTED);
const money = z.string();

export const storeOut = z.string().describe('Its name');
export const timeZoneOut = z.string().describe('Zone of the store; dates in the answer are UTC');
export const remarksOut = z.array(z.string()).optional().describe('What to know about this answer');
export const shippedOut = z.enum(SHIPPED_STATES).describe('Derived from the shipments');

export const addressOut = z
  .object({
    name: text,
    company: text,
    lines: z.array(z.string()),
    city: text,
    state: text,
    postal_code: text,
    country: text,
    phone: text,
  })
  .describe(UNTRUSTED);

export const totalsOut = z
  .record(z.string(), money)
  .describe('product, shipping, handling, tax, discount (positive), order, refund');

export const rowOut = z.object({
  id: z.string(),
  source_id: text.describe(`Order number of the shop or channel, ${UNTRUSTED}`),
  source_name: text.describe('Channel'),
  folder: text,
  added: z.string(),
  name: untrusted.describe(`Recipient, ${UNTRUSTED}`),
  city: untrusted,
  country: untrusted,
  units: z.number(),
  total: money,
  payment_status: text,
  shipped: shippedOut,
  tracking: z.array(z.string()).describe(`At most 3 numbers, ${UNTRUSTED}`),
});
