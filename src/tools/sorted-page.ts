/** The one page of a list sorted by anything but the date added: such a list has no place to go on from. */

import type { Order, OrderPage, UnreadableOrder } from '../orderdesk/port.js';
import type { Sort } from '../orders/keyset.js';
import {
  countList,
  isAtEndOfAdded,
  isAtEndOfModified,
  isWhole,
  type OrderFilters,
  type OrderSource,
  type Total,
} from './order-source.js';

/** What Order Desk is asked to sort by, and how its answer can be checked: it may ignore a field it does not know. */
const SORT_VALUES = {
  date_updated: ({ view }: Order) => Date.parse(view.updatedAt ?? view.addedAt),
  order_total: ({ view }: Order) => Number(view.totals.order),
  shipping_last_name: undefined,
} as const;

export type SortField = keyof typeof SORT_VALUES;

export interface SortedRequest {
  readonly filters: OrderFilters;
  readonly sortBy: SortField;
  readonly sort: Sort;
  readonly limit: number;
}

export interface SortedPage {
  readonly orders: readonly Order[];
  /** Ids of records among them that could not be understood. They take places, and are part of the total. */
  readonly unreadable: readonly string[];
  readonly total: Total;
  /** `false` where the answer shows that Order Desk sorted by something else. */
  readonly sorted: boolean;
}

export async function readSorted(source: OrderSource, request: SortedRequest): Promise<SortedPage> {
  const { filters, limit } = request;
  const { page, wanted } = await filledPage(source, request);
  const shown = wanted.slice(0, limit);
  const orders = shown.filter((record) => 'view' in record);
  const unreadable = shown.flatMap((record) => ('view' in record ? [] : record.id));
  const total = isWhole(page)
    ? { count: wanted.length, exact: true }
    : await countList(source, filters, page.total, false);
  return { orders, unreadable, total, sorted: isSortedBy(orders, request) };
}

/** Orders at the excluded end of a range may have taken the places of others: for each, one more is asked for. */
async function filledPage(source: OrderSource, { filters, limit, ...order }: SortedRequest) {
  for (let rows = limit; ; ) {
    const page = await source.list({ ...filters, ...order, limit: rows });
    const wanted = recordsIn(page).filter((record) => {
      const dates = 'view' in record ? record.view : record;
      return !isAtEndOfAdded(dates, filters) && !isAtEndOfModified(dates, filters);
    });
    const missing = limit - wanted.length;
    if (missing <= 0 || isWhole(page) || rows >= source.largest) return { page, wanted };
    rows = Math.min(source.largest, rows * 2 + missing);
  }
}

/** All of them, as they came. */
function recordsIn({ orders, unreadable }: OrderPage): (Order | UnreadableOrder)[] {
  const records: (Order | UnreadableOrder)[] = [...orders];
  for (const each of unreadable) records.splice(each.index, 0, each);
  return records;
}

function isSortedBy(orders: readonly Order[], { sortBy, sort }: SortedRequest): boolean {
  const sortValue = SORT_VALUES[sortBy];
  if (sortValue === undefined) return true;
  const sign = sort === 'asc' ? 1 : -1;
  const values = orders.map((order) => sign * sortValue(order));
  return values.every((value, index) => value >= (values[index - 1] ?? value));
}
