/** `order_by`, `order`, `limit` and `offset` of `GET /orders`. */
import { type Failure, failure } from './envelope.js';
import type { Query } from './filters.js';
import type { SandboxSwitches } from './switches.js';
import type { OrderRecord } from './types.js';

type Key = (order: OrderRecord) => string | number;

const TEXT_FIELDS = [
  'email',
  'shipping_method',
  'payment_type',
  'payment_status',
  'source_name',
  'source_id',
  'fulfillment_name',
  'fulfillment_id',
  'tag_name',
  'date_added',
  'date_updated',
] as const;

const NUMBER_FIELDS = [
  'quantity_total',
  'weight_total',
  'product_total',
  'shipping_total',
  'handling_total',
  'tax_total',
  'discount_total',
  'order_total',
  'processor_balance',
  'refund_total',
  'folder_id',
] as const;

const ADDRESS_FIELDS = [
  'first_name',
  'last_name',
  'company',
  'address1',
  'city',
  'state',
  'postal_code',
  'country',
  'phone',
] as const;

const SORT_KEYS: ReadonlyMap<string, Key> = new Map<string, Key>([
  ...TEXT_FIELDS.map((field): [string, Key] => [field, (order) => order[field].toLowerCase()]),
  ...NUMBER_FIELDS.map((field): [string, Key] => [field, (order) => order[field]]),
  ...ADDRESS_FIELDS.flatMap((field): [string, Key][] => [
    [`shipping_${field}`, (order) => order.shipping[field].toLowerCase()],
    [`customer_${field}`, (order) => order.customer[field].toLowerCase()],
  ]),
  ['id', (order) => Number(order.id)],
  ['customer_id', (order) => order.customer_id],
  ['date_modified', (order) => order.date_updated],
]);

const DOCUMENTED: ReadonlySet<string> = new Set(['date_added', 'shipping_last_name']);

export interface Sorting {
  readonly field: string;
  readonly key: Key;
  readonly descending: boolean;
}

export function orderSorting(query: Query, switches: SandboxSwitches): Sorting | Failure {
  const descending = (query.get('order') ?? 'DESC').toUpperCase() !== 'ASC';
  const byDate: Sorting = { field: 'date_added', key: (order) => order.date_added, descending };
  const field = query.get('order_by');
  if (!field) return byDate;
  const known = switches.sortableFields === 'all' || DOCUMENTED.has(field);
  const key = known ? SORT_KEYS.get(field) : undefined;
  if (key !== undefined) return { field, key, descending };
  return switches.unknownOrderBy === 'error' ? failure(400, 'Invalid order_by field') : byDate;
}

/**
 * Sorts by the key, then by id in the same direction.
 * @param shuffle when given, orders with equal keys come in an order that this number chooses
 */
export function sortOrders(
  orders: readonly OrderRecord[],
  sorting: Sorting,
  shuffle: number | undefined,
): OrderRecord[] {
  const direction = sorting.descending ? -1 : 1;
  const tieOf = (id: number) => (shuffle === undefined ? id : scatter(id, shuffle));
  return orders
    .map((order) => ({ order, key: sorting.key(order), tie: tieOf(Number(order.id)) }))
    .sort((a, b) => direction * (a.key < b.key ? -1 : a.key > b.key ? 1 : a.tie - b.tie))
    .map(({ order }) => order);
}

/** A number that looks unrelated to `id` and changes with `salt`. */
function scatter(id: number, salt: number): number {
  const mixed = Math.imul(id ^ Math.imul(salt + 1, 0x9e3779b1), 0x85ebca6b);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

export interface Paging {
  readonly limit: number;
  readonly offset: number;
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

/** Order Desk API, list orders: limit 50 unless told, at most 500. What is no positive number counts as not given. */
export function paging(query: Query, switches: SandboxSwitches): Paging | Failure {
  const limit = positive(query.get('limit')) ?? DEFAULT_LIMIT;
  if (limit > MAX_LIMIT && switches.excessLimit === 'error') return failure(400, 'The limit is too high');
  return { limit: Math.min(limit, MAX_LIMIT), offset: positive(query.get('offset')) ?? 0 };
}

function positive(text: string | undefined): number | undefined {
  const value = Number.parseInt(text ?? '', 10);
  return value > 0 ? value : undefined;
}
