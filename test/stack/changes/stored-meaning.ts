/** What a member of a patch means for the record that is stored, said apart from the merge. */
import { isDeepStrictEqual } from 'node:util';
import { asList, asMap, isMap, own, type Raw } from '../../../src/orders/merge/raw.js';
import { sameValue } from '../../../src/orders/same-value.js';

const ADDRESSES: ReadonlySet<string> = new Set(['shipping', 'customer', 'return_address']);

/** @param note what a new note has beside its text */
export function isMeant(key: string, before: unknown, value: unknown, after: unknown, note: Raw): boolean {
  if (key === 'order_items') return (asList(value) ?? []).every((patch) => isItemMeant(patch, after, note));
  if (key === 'order_notes') {
    const added = (asList(value) ?? []).map((content) => ({ ...note, content }));
    return isDeepStrictEqual(after, [...(asList(before) ?? []), ...added]);
  }
  if (key === 'discount_list') return isDeepStrictEqual(after, (asList(value) ?? []).map(discountOf));
  if (isMap(value)) return isMapMeant(value, asMap(after) ?? {}, ADDRESSES.has(key));
  return sameValue(after, value);
}

function isItemMeant(patch: unknown, items: unknown, note: Raw): boolean {
  const item = (asList(items) ?? []).find((one) => asMap(one)?.id === asMap(patch)?.id);
  return (
    isMap(item) &&
    isMap(patch) &&
    Object.entries(patch).every(([key, value]) => isMeant(key, undefined, value, item[key], note))
  );
}

function discountOf(discount: unknown): Raw {
  const { name, code, amount } = asMap(discount) ?? {};
  return { name, code: code ?? '', amount: String(amount) };
}

const isMapMeant = (patch: Raw, map: Raw, isAddress: boolean): boolean =>
  Object.entries(patch).every(([key, value]) =>
    value === null && !isAddress
      ? !Object.hasOwn(map, key)
      : Object.hasOwn(map, key) && sameValue(own(map, key), value),
  );
