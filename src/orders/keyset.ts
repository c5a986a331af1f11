/**
 * The place of an order in a list sorted by date added. Order Desk sorts by whole seconds and leaves the order of equal
 * seconds open, so the id decides among them: every order has one place, and a page can go on from the last one.
 */
import type { OrderView } from '../orderdesk/views.js';

export type Sort = 'asc' | 'desc';

export interface OrderKey {
  /** The second the order was added, in milliseconds since 1970, UTC. */
  readonly second: number;
  readonly id: string;
}

const SECOND = 1000;

export const orderKey = (view: Pick<OrderView, 'id' | 'addedAt'>): OrderKey => ({
  second: Math.floor(Date.parse(view.addedAt) / SECOND) * SECOND,
  id: view.id,
});

/** Negative when `a` comes first in a list sorted in this direction. */
export function compareKeys(a: OrderKey, b: OrderKey, sort: Sort): number {
  const ascending = a.second - b.second || compareIds(a.id, b.id);
  return sort === 'asc' ? ascending : -ascending;
}

/** Order Desk's ids are whole numbers written as text. */
const compareIds = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
