/** Filters that Order Desk has no counterpart for, as a question to each order that was read. */
import type { OrderView } from '../orderdesk/views.js';
import { compare, type Decimal, parseDecimal } from './decimal.js';
import { plain } from './plain.js';
import { type ShippedState, shippedState } from './shipped.js';

/** Order Desk's own words (Order Desk API, order). */
export const PAYMENT_STATUSES = [
  'Approved',
  'Authorized',
  'Captured',
  'Fully Refunded',
  'Partially Refunded',
  'Pending',
  'Rejected',
  'Voided',
] as const;

/** In any case. */
export const isPaymentStatus = (text: string): boolean =>
  PAYMENT_STATUSES.some((status) => plain(status) === plain(text));

export interface ScanFilters {
  /** Code of an item, whole, in any case. */
  readonly sku?: string | undefined;
  /** Whole, in any case, with or without spaces. */
  readonly trackingNumber?: string | undefined;
  /** Part of any text that people wrote or read in the order, in any case. */
  readonly text?: string | undefined;
  /** Decimals as text, both included. */
  readonly minTotal?: string | undefined;
  readonly maxTotal?: string | undefined;
  readonly paymentStatus?: string | undefined;
  readonly shipped?: ShippedState | undefined;
}

export type OrderTest = (order: OrderView) => boolean;

/**
 * Whether an order passes all the filters that are given; `undefined` where none is.
 * @param searchable the part of an order that `text` may be looked for in; all of it unless given
 */
export function scanTest(
  filters: ScanFilters,
  searchable: (order: OrderView) => OrderView = (order) => order,
): OrderTest | undefined {
  const tests = [
    given(filters.sku, bySku),
    given(filters.trackingNumber, byTracking),
    given(filters.minTotal, (min) => byTotal(min, (order) => order >= 0)),
    given(filters.maxTotal, (max) => byTotal(max, (order) => order <= 0)),
    given(filters.paymentStatus, byPayment),
    given(
      filters.shipped,
      (state): OrderTest =>
        (order) =>
          shippedState(order) === state,
    ),
    // Last, for it costs most.
    given(filters.text, (text) => {
      const test = byText(text);
      return (order) => test(searchable(order));
    }),
  ].filter((test) => test !== undefined);
  return tests.length === 0 ? undefined : (order) => tests.every((test) => test(order));
}

const given = <T>(value: T | undefined, test: (value: T) => OrderTest): OrderTest | undefined =>
  value === undefined ? undefined : test(value);

function bySku(sku: string): OrderTest {
  const wanted = plain(sku);
  return ({ items }) => items.some(({ code }) => code !== null && plain(code) === wanted);
}

function byTracking(number: string): OrderTest {
  const wanted = withoutSpaces(number);
  return ({ shipments }) =>
    shipments.some(({ trackingNumber }) => withoutSpaces(trackingNumber ?? '') === wanted);
}

function byText(text: string): OrderTest {
  const wanted = plain(text);
  return (order) => textsOf(order).some((each) => each !== null && plain(each).includes(wanted));
}

/** An amount that cannot be read is neither above nor below anything. */
function byTotal(bound: string, holds: (order: number) => boolean): OrderTest {
  const limit = parseDecimal(bound);
  return ({ totals }) => {
    const total: Decimal | undefined = parseDecimal(totals.order);
    return total !== undefined && limit !== undefined && holds(compare(total, limit));
  };
}

function byPayment(status: string): OrderTest {
  const wanted = plain(status);
  return ({ paymentStatus }) => paymentStatus !== null && plain(paymentStatus) === wanted;
}

const withoutSpaces = (text: string): string => plain(text).replaceAll(/\s/g, '');

function textsOf(order: OrderView): (string | null)[] {
  return [
    order.id,
    order.sourceId,
    order.email,
    order.customerId,
    order.shippingMethod,
    order.tag,
    ...textsOfAddress(order.shipping),
    ...textsOfAddress(order.customer),
    ...order.items.flatMap(({ name, code, variations }) => [name, code, ...Object.values(variations)]),
    ...order.discounts.flatMap(({ name, code }) => [name, code]),
    ...order.shipments.map(({ trackingNumber }) => trackingNumber),
    ...order.notes.map(({ text }) => text),
    ...Object.values(order.checkoutData),
  ];
}

function textsOfAddress(address: OrderView['shipping']): (string | null)[] {
  const { firstName, lastName, company, lines, city, state, postalCode, country, phone } = address;
  const name = [firstName, lastName].filter((part) => part !== null).join(' ');
  return [name, company, ...lines, city, state, postalCode, country, phone];
}
