/**
 * Reading what a client sends, as leniently as PHP: a field of the wrong type is turned into the right one or blank.
 * This is the boundary at which JSON becomes records.
 */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as it comes back from PHP, in which an empty map is an empty list. All else stays, at any depth. */
export function throughPhp(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(throughPhp);
  if (!isObject(value)) return value;
  const members = Object.entries(value);
  return members.length === 0 ? [] : Object.fromEntries(members.map(([name, it]) => [name, throughPhp(it)]));
}

/** A body that is an object with at least one member; `undefined` for any other. */
export function objectBody(body: unknown): JsonObject | undefined {
  const value = throughPhp(body);
  return isObject(value) ? value : undefined;
}

/** A body that is a list with at least one element; `undefined` for any other. */
export function listBody(body: unknown): readonly unknown[] | undefined {
  const value = throughPhp(body);
  return Array.isArray(value) && value.length > 0 ? value : undefined;
}

type Read<T> = (value: unknown) => T;

/** How to read each field; the value of a field that was not sent is `undefined`. */
export type FieldReaders<T> = { readonly [K in keyof T]: Read<T[K]> };

/** Reads an object with the named fields first, in their order, and then all others as they were sent. */
export function fields<T extends object>(readers: FieldReaders<T>): (source: JsonObject) => T {
  const known: readonly [string, Read<unknown>][] = Object.entries(readers);
  return (source) => {
    const others = Object.entries(source).filter(([name]) => !Object.hasOwn(readers, name));
    const read = known.map(([name, reader]): [string, unknown] => [name, reader(own(source, name))]);
    return Object.fromEntries([...read, ...others]) as T;
  };
}

const own = (source: JsonObject, name: string): unknown =>
  Object.hasOwn(source, name) ? source[name] : undefined;

export const text: Read<string> = (value) =>
  typeof value === 'string' ? value : typeof value === 'number' || value === true ? String(value) : '';

export const textOrNull: Read<string | null> = (value) =>
  value === null || value === undefined ? null : text(value);

export const numberOr =
  (blank: number): Read<number> =>
  (value) => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : blank;
  };

/** An amount as text with two decimals; text that is a number already stays as it is. */
export const amount: Read<string> = (value) =>
  typeof value === 'string' && Number.isFinite(Number(value)) ? value : numberOr(0)(value).toFixed(2);

/** A map, or the empty list that stands for an empty one. */
export const map: Read<JsonObject | readonly never[]> = (value) => (isObject(value) ? value : []);

/** An object's fields, all blank where there is no object. */
export const nested =
  <T>(reader: (source: JsonObject) => T): Read<T> =>
  (value) =>
    reader(isObject(value) ? value : {});

/** The objects of a list; what is no object in it is left out. */
export const list =
  <T>(reader: (source: JsonObject) => T): Read<readonly T[]> =>
  (value) =>
    Array.isArray(value) ? value.filter(isObject).map(reader) : [];
