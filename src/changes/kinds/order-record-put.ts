/** The whole order as it is sent back: Order Desk blanks what a PUT leaves out. */
import type { JsonRecord } from '../../orderdesk/parse/json.js';
import { diffFields } from '../../orders/field-changes.js';
import type { FieldChange, FieldPath } from '../port.js';

/** Whatever stands for the digits that Order Desk does not tell. */
const MASKED_CARD = /^\D*(\d{4})$/;

/**
 * As it came, read-only fields and shipments included. The history is no part of it, and the digits of a card that Order
 * Desk shows go back by the name under which it takes them: whether it keeps them otherwise is not known.
 */
export function orderBody(merged: JsonRecord): string {
  const { order_history: _history, ...order } = merged;
  const masked = order.cc_number_masked;
  const digits = typeof masked === 'string' ? MASKED_CARD.exec(masked)?.[1] : undefined;
  return JSON.stringify(digits === undefined ? order : { ...order, cc_number: digits });
}

/** Changes with every write, or is no part of the order. */
const OF_NO_INTEREST: ReadonlySet<string> = new Set([
  'date_updated',
  'email_count',
  'order_history',
  'cc_number',
]);

const COMPUTED: ReadonlySet<string> = new Set([
  'quantity_total',
  'weight_total',
  'product_total',
  'discount_total',
  'order_total',
]);

const CHARGES: ReadonlySet<string> = new Set([
  'shipping_total',
  'handling_total',
  'tax_total',
  'discount_list',
]);
const PRICES: ReadonlySet<string> = new Set(['price', 'quantity', 'weight']);

/** Whether one of the paths leads to the other, or on from it. */
const isAlong = (a: FieldPath, b: FieldPath): boolean =>
  a.every((step, depth) => depth >= b.length || b[depth] === step);

/** Whether totals follow from the field. */
export const movesTotals = ({ path }: FieldChange): boolean =>
  CHARGES.has(path[0] ?? '') || (path[0] === 'order_items' && (path.length < 3 || PRICES.has(path[2] ?? '')));

/**
 * What Order Desk did beside what it was told, as sentences.
 * @param sent the order as it was sent
 * @param reply the order as it is now
 */
export function besidesOf(
  fields: readonly FieldChange[],
  sent: JsonRecord,
  reply: JsonRecord,
): readonly string[] {
  const others = diffFields(sent, reply)
    .filter(({ path }) => !fields.some((field) => isAlong(field.path, path)))
    .map(({ path }) => path[0] ?? '')
    .filter((name) => !OF_NO_INTEREST.has(name));
  const names = [...new Set(others)];
  const isComputed = names.some((name) => COMPUTED.has(name));
  return [
    ...(names.length === 0 ? [] : [`Order Desk changed besides: ${names.join(', ')}.`]),
    ...(fields.some(movesTotals) && !isComputed
      ? ['Order Desk left the totals of the order as they were: look whether they are right.']
      : []),
  ];
}
