/** The version of an order: equal while nothing that a person or an integration edits has changed. */
import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical.js';
import { MARK } from './merge/caps.js';
import { asList, isMap, own, type Raw } from './merge/raw.js';

/** Order Desk sets these by itself, or sends them in some replies only. */
const NOT_CONTENT: ReadonlySet<string> = new Set(['date_updated', 'email_count', 'order_history']);

/** Parts of an order that a version tells apart, in the order of their digits. */
const SECTIONS = [
  'shipping address',
  'customer',
  'items',
  'staff notes',
  'checkout_data',
  'order_metadata',
  'shipments',
  'totals',
  'payment',
  'folder',
  'other fields',
] as const;
export type OrderSection = (typeof SECTIONS)[number];

const SECTION_OF: Readonly<Record<string, OrderSection>> = {
  shipping: 'shipping address',
  // Together, so that nobody can try out addresses of mail on the few digits of an address alone.
  customer: 'customer',
  email: 'customer',
  customer_id: 'customer',
  order_items: 'items',
  order_notes: 'staff notes',
  checkout_data: 'checkout_data',
  order_metadata: 'order_metadata',
  order_shipments: 'shipments',
  quantity_total: 'totals',
  weight_total: 'totals',
  product_total: 'totals',
  shipping_total: 'totals',
  handling_total: 'totals',
  tax_total: 'totals',
  discount_total: 'totals',
  order_total: 'totals',
  discount_list: 'totals',
  refund_total: 'payment',
  payment_type: 'payment',
  payment_status: 'payment',
  processor_response: 'payment',
  processor_balance: 'payment',
  cc_number_masked: 'payment',
  cc_exp: 'payment',
  folder_id: 'folder',
};

const WHOLE_DIGITS = 32;
const SECTION_DIGITS = 3;

const VERSION = new RegExp(`^[0-9a-f]{${WHOLE_DIGITS}}(?:-[0-9a-f]{${SECTIONS.length * SECTION_DIGITS}})?$`);

/** Whether the text has the form of a version, with or without the digits of its parts. */
export const isVersion = (text: string): boolean => VERSION.test(text);

/**
 * 32 hexadecimal digits of SHA-256 over the record as Order Desk sent it, less time stamps, counters, history and our
 * marks; and behind a hyphen three more for each part of it, which tell what changed, with one chance in 4,096 to miss it.
 */
export function orderVersion(raw: Raw): string {
  const members = Object.entries(raw)
    .filter(([key, value]) => value !== undefined && !NOT_CONTENT.has(key))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ key, text: `${JSON.stringify(key)}:${canonicalJson(content(key, value))}` }));
  const textOf = (some: typeof members): string => `{${some.map(({ text }) => text).join(',')}}`;
  const parts = SECTIONS.map((section) => textOf(members.filter(({ key }) => sectionOf(key) === section)));
  return `${hash(textOf(members), WHOLE_DIGITS)}-${parts.map((part) => hash(part, SECTION_DIGITS)).join('')}`;
}

const hash = (text: string, digits: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, digits);

const sectionOf = (key: string): OrderSection =>
  Object.hasOwn(SECTION_OF, key) ? (SECTION_OF[key] ?? 'other fields') : 'other fields';

/**
 * The version without the digits of its parts: of a part that says little, they would let somebody who may not see it try
 * out what it says. It is as good for noticing that something changed.
 */
export const wholeVersion = (version: string): string => version.slice(0, WHOLE_DIGITS);

/** Whether both are versions of an order with the same content. */
export const isSameVersion = (a: string, b: string): boolean => wholeVersion(a) === wholeVersion(b);

/** The parts that differ; none where the versions are the same, or where one does not tell its parts. */
export function changedSections(expected: string, current: string): readonly OrderSection[] {
  const hasParts = [expected, current].every((version) => version.length > WHOLE_DIGITS);
  if (isSameVersion(expected, current) || !hasParts) return [];
  return SECTIONS.filter((_section, place) => digitsOf(expected, place) !== digitsOf(current, place));
}

function digitsOf(version: string, place: number): string {
  const start = WHOLE_DIGITS + 1 + place * SECTION_DIGITS;
  return version.slice(start, start + SECTION_DIGITS);
}

function content(key: string, value: unknown): unknown {
  if (key === 'order_metadata') return withoutMark(value);
  // A reply with the gaps of a list closed says the same.
  return key === 'order_items' ? (asList(value) ?? [value]).map(itemWithoutMark) : value;
}

const itemWithoutMark = (item: unknown): unknown =>
  isMap(item) && own(item, 'metadata') !== undefined
    ? { ...item, metadata: withoutMark(item.metadata) }
    : item;

const withoutMark = (map: unknown): unknown => (isMap(map) ? { ...map, [MARK]: undefined } : map);
