/** Reading and rebuilding records as Order Desk sends them: an empty map may be `[]`, a list with gaps a map from places. */

export type Raw = Readonly<Record<string, unknown>>;

export const isMap = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === '';

/** A member of the record's own: `toString` and the like are none. */
export const own = (map: Raw, key: string): unknown => (Object.hasOwn(map, key) ? map[key] : undefined);

/** A map; a list is one by position, and what is absent an empty one. `undefined` for anything else. */
export function asMap(value: unknown): Raw | undefined {
  if (isMap(value)) return value;
  if (Array.isArray(value)) return Object.fromEntries(value.entries());
  return isAbsent(value) ? {} : undefined;
}

const PLACE = /^\d+$/;

/** A list, also one with gaps; what is absent is an empty one. `undefined` for anything else. */
export function asList(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (isMap(value)) {
    return Object.keys(value).every((key) => PLACE.test(key)) ? Object.values(value) : undefined;
  }
  return isAbsent(value) ? [] : undefined;
}

/** As PHP writes a map. */
export const asPhpMap = (map: Raw): Raw | readonly never[] => (Object.keys(map).length === 0 ? [] : map);

export const without = (map: Raw, key: string): Raw =>
  Object.fromEntries(Object.entries(map).filter(([other]) => other !== key));

/** The id of an entry of a list as text: Order Desk writes some as numbers. `undefined` where there is none. */
export function idOf(entry: unknown): string | undefined {
  const id = isMap(entry) ? own(entry, 'id') : undefined;
  return (typeof id === 'string' && id !== '') || typeof id === 'number' ? String(id) : undefined;
}
