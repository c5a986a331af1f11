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
import { isTooLarge } from './scan-pages.js';

/** What Order Desk is asked to sort by, and how its answer can be checked: it may ignore a field it does not know. */
const SORT_VALUES = {
  date_updated: ({ view }: Order) => Date.parse(view.updatedAt ?? view.addedAt),
  order_total: ({ view }: Order) => Number(view.totals.order),
  shipping_last_name: undefined,
} as const;

/** Rows asked for at least: the order of fewer says little about what they were sorted by. */
const LEAST_CHECKED = 25;

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
  /** `false` where the answer shows that Order Desk sorted by something else, and it is not whole, to be sorted here. */
  readonly sorted: boolean;
}

export async function readSorted(source: OrderSource, request: SortedRequest): Promise<SortedPage> {
  const { filters, limit } = request;
  const answer = await filledPage(source, request);
  const sorted = isSortedBy(answer.orders, request);
  const page = isWhole(answer) && !sorted ? sortedHere(answer, request) : answer;
  const wanted = wantedOf(page, filters);
  const shown = wanted.slice(0, limit);
  const orders = shown.filter((record) => 'view' in record);
  const unreadable = shown.flatMap((record) => ('view' in record ? [] : record.id));
  const total = isWhole(page)
    ? { count: wanted.length, exact: true }
    : await countList(source, filters, page.total, false);
  return { orders, unreadable, total, sorted: sorted || isWhole(page) };
}

/** Orders at the excluded end of a range may have taken the places of others: for each, one more is asked for. */
async function filledPage(
  source: OrderSource,
  { filters, limit, ...order }: SortedRequest,
): Promise<OrderPage> {
  let rows = Math.max(limit, LEAST_CHECKED);
  let most = source.largest;
  for (;;) {
    const list = (asked: number) => source.list({ ...filters, ...order, limit: asked });
    const page = await list(rows).catch((error: unknown) => {
      if (rows === limit || !isTooLarge(error)) throw error;
      // More than the page itself is not tried again: what is missing stays missing.
      most = limit;
      rows = limit;
      return list(limit);
    });
    const missing = limit - wantedOf(page, filters).length;
    if (missing <= 0 || isWhole(page) || rows >= most) return page;
    rows = Math.min(most, rows * 2 + missing);
  }
}

const wantedOf = (page: OrderPage, filters: OrderFilters): (Order | UnreadableOrder)[] =>
  recordsIn(page).filter((record) => {
    const dates = 'view' in record ? record.view : record;
    return !isAtEndOfAdded(dates, filters) && !isAtEndOfModified(dates, filters);
  });

/** All of them, as they came. */
function recordsIn({ orders, unreadable }: OrderPage): (Order | UnreadableOrder)[] {
  const records: (Order | UnreadableOrder)[] = [...orders];
  for (const each of unreadable) records.splice(each.index, 0, each);
  return records;
}

function isSortedBy(orders: readonly Order[], request: SortedRequest): boolean {
  const compare = comparison(request);
  return orders.every((order, index) => compare(orders[index - 1] ?? order, order) <= 0);
}

/** Records that could not be understood keep their places: nobody knows where they belong. */
const sortedHere = (page: OrderPage, request: SortedRequest): OrderPage => ({
  ...page,
  orders: page.orders.toSorted(comparison(request)),
});

function comparison({ sortBy, sort }: SortedRequest): (a: Order, b: Order) => number {
  const sortValue = SORT_VALUES[sortBy];
  const sign = sort === 'asc' ? 1 : -1;
  return (a, b) => (sortValue === undefined ? 0 : sign * (sortValue(a) - sortValue(b)));
}
