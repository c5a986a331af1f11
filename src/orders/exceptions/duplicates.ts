/**
 * Orders of one channel that carry the same order number: a second import, a copy made by hand, or an order that was
 * split. Order Desk has no field that tells which (Order Desk API, source_id), so all are reported and the rule says so.
 */
import { compareKeys, orderKey } from '../keyset.js';
import { plain } from '../plain.js';
import { clip } from '../text.js';

export interface Numbered {
  readonly id: string;
  readonly sourceId: string | null;
  readonly sourceName: string | null;
  readonly addedAt: string;
}

/**
 * Each order whose number an earlier one of its channel has, with the rule. The first one of a number is not reported
 * itself: the rule names it. Case and spaces around make no other number; orders without one are never alike.
 */
export function duplicates<O extends Numbered>(
  orders: readonly O[],
): { readonly order: O; readonly rule: string }[] {
  const groups = new Map<string, O[]>();
  for (const order of orders) {
    const number = plain(order.sourceId ?? '');
    if (number === '') continue;
    const key = JSON.stringify([number, plain(order.sourceName ?? '')]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [order]);
    else group.push(order);
  }
  return [...groups.values()].flatMap((group) => (group.length > 1 ? copies(group) : []));
}

function copies<O extends Numbered>(group: readonly O[]): { readonly order: O; readonly rule: string }[] {
  const [first, ...later] = group.toSorted((a, b) => compareKeys(orderKey(a), orderKey(b), 'asc'));
  if (first === undefined) return [];
  const rule =
    `Same source_id and source_name as order ${JSON.stringify(clip(first.id, 40))} added ${first.addedAt}; ` +
    `${group.length} orders of the range share them, threshold 2. ` +
    'A second import, a copy or a split: Order Desk does not tell them apart, their items do.';
  return later.map((order) => ({ order, rule }));
}
