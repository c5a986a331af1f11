/** Items of an order patched by their ids: none is added, dropped or moved. */
import { ITEM } from './known.js';
import { asList, idOf, isMap, own, type Raw, without } from './raw.js';
import { mergeRecord } from './record.js';
import { below, type Refusals } from './refusal.js';

/** The items; the very value of before where nothing in it changes. */
export function mergeItems(before: unknown, patches: unknown, at: string, refusals: Refusals): unknown {
  const items = asList(before);
  if (items === undefined) {
    refusals.add(at, 'is no list at Order Desk', 'It can be put right in Order Desk itself.');
    return before;
  }
  if (!Array.isArray(patches)) {
    refusals.add(
      at,
      'is not a list of changes to items',
      'Each has the id of an item and the fields to be set.',
    );
    return before;
  }
  const merged = [...items];
  const seen = new Set<string>();
  for (const [index, patch] of patches.entries()) {
    const place = placeOf(items, patch, seen, below(at, index), refusals);
    const item = place === undefined ? undefined : merged[place];
    if (place === undefined || !isMap(item) || !isMap(patch)) continue;
    merged[place] = mergeRecord(item, without(patch, 'id'), ITEM, below(at, index), refusals);
  }
  return merged.every((item, place) => item === items[place]) ? before : merged;
}

/** Which item a patch is for; `undefined` once that was refused. */
function placeOf(
  items: readonly unknown[],
  patch: unknown,
  seen: Set<string>,
  at: string,
  refusals: Refusals,
): number | undefined {
  const id = idOf(patch);
  const matches = items.flatMap((item, place) => (idOf(item) === id ? [place] : []));
  if (id === undefined) {
    refusals.add(below(at, 'id'), 'must be the id of an item', thereAre(items));
  } else if (matches.length !== 1) {
    refusals.add(below(at, 'id'), 'is not the id of one item of this order', thereAre(items));
  } else if (seen.has(id)) {
    refusals.add(below(at, 'id'), 'names an item twice', 'Put all that changes of an item into one entry.');
  } else {
    seen.add(id);
    return matches[0];
  }
  return undefined;
}

const MOST_NAMED = 50;

function thereAre(items: readonly unknown[]): string {
  const ids = items.flatMap((item) => idOf(item)?.slice(0, 20) ?? []);
  if (ids.length === 0) return 'The order has no items. add_order_item adds one.';
  const more = ids.length > MOST_NAMED ? ` and ${ids.length - MOST_NAMED} more` : '';
  return `Items of the order: ${ids.slice(0, MOST_NAMED).join(', ')}${more}. add_order_item adds one.`;
}

/** Items of a new order: each is known by its name or its code. */
export function readNewItems(value: unknown, at: string, refusals: Refusals): readonly Raw[] {
  if (!Array.isArray(value) || value.length === 0) {
    refusals.add(at, 'must have at least one item', 'An item has a name or a code at least.');
    return [];
  }
  return value.map((item: unknown, index) => {
    const path = below(at, index);
    if (isMap(item) && (item.name ?? item.code) === undefined) {
      refusals.add(path, 'has neither a name nor a code');
    }
    return readItem(item, path, refusals);
  });
}

/** An item to be added to an order that is there, for which Order Desk demands a name. */
export function readNewItem(item: unknown, at: string, refusals: Refusals): Raw {
  if (isMap(item) && own(item, 'name') === undefined) refusals.add(below(at, 'name'), 'is missing');
  return readItem(item, at, refusals);
}

function readItem(item: unknown, at: string, refusals: Refusals): Raw {
  if (isMap(item)) return mergeRecord({}, item, ITEM, at, refusals);
  refusals.add(at, 'is not an item');
  return {};
}
