/**
 * The records of an answer as a list by date added has them, those that could not be understood among them: they take
 * places, and a list goes on beside them. One whose date cannot be read stands between two others, and so was added not
 * before the first and not after the second: it goes with the one that comes before it.
 */
import { compareKeys, type OrderKey, orderKey, type Sort } from '../orders/keyset.js';
import type { ListedOrder, ListedPage } from './order-source.js';

export interface Row extends OrderKey {
  /** Its second is its own. */
  readonly isDated: boolean;
  /** All of its key is. Other rows come first in their second. */
  readonly isKeyed: boolean;
  readonly updatedAt: string | null;
  /** `undefined` for what could not be understood. */
  readonly order: ListedOrder | undefined;
}

interface Dated {
  readonly id: string;
  readonly addedAt: string | null;
  readonly updatedAt: string | null;
  readonly order: ListedOrder | undefined;
}

/**
 * As they came.
 * @param otherwise the second of records among which no date can be read, in milliseconds since 1970
 * @param before the second of the record that comes before the first, where it is known
 */
export function rowsOf({ orders, unreadable }: ListedPage, otherwise: number, before?: number): Row[] {
  const records: Dated[] = orders.map((order) => ({
    id: order.view.id,
    addedAt: order.view.addedAt,
    updatedAt: order.view.updatedAt,
    order,
  }));
  for (const { index, ...each } of unreadable) records.splice(index, 0, { ...each, order: undefined });
  const [first] = records.flatMap(({ addedAt }) => addedAt ?? []);
  let second = before ?? (first === undefined ? otherwise : secondOf(first));
  return records.map(({ id, addedAt, updatedAt, order }) => {
    if (addedAt !== null) second = secondOf(addedAt);
    const isDated = addedAt !== null;
    return { second, id, isDated, isKeyed: isDated && id !== '', updatedAt, order };
  });
}

const secondOf = (addedAt: string): number => orderKey({ id: '', addedAt }).second;

export function compareRows(a: Row, b: Row, sort: Sort): number {
  if (a.second !== b.second || a.isKeyed === b.isKeyed) return compareKeys(a, b, sort);
  return a.isKeyed ? 1 : -1;
}

/** Whether a row comes after the place of an order, or may. */
export function isBeyond(row: Row, place: OrderKey, sort: Sort): boolean {
  if (row.isKeyed || row.second !== place.second) return compareKeys(row, place, sort) > 0;
  return !row.isDated;
}

/** By seconds; their order within one is open. */
export const isSorted = (rows: readonly Row[], sort: Sort): boolean =>
  rows.every(({ second }, index) => {
    const step = (rows[index + 1]?.second ?? second) - second;
    return sort === 'asc' ? step >= 0 : step <= 0;
  });
