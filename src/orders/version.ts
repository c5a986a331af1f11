/** The version of an order: equal while nothing that a person or an integration edits has changed. */
import { fingerprint } from './canonical.js';

type Raw = Readonly<Record<string, unknown>>;

/** Order Desk sets these by itself, or sends them in some replies only. */
const NOT_CONTENT: ReadonlySet<string> = new Set(['date_updated', 'email_count', 'order_history']);

/** The mark that this server leaves in metadata to find its own writes again. */
const MARK = 'odm_change';

/** 32 hexadecimal digits over the record as Order Desk sent it, less time stamps, counters, history and our marks. */
export function orderVersion(raw: Raw): string {
  return fingerprint(
    mapEntries(raw, (key, value) => {
      if (NOT_CONTENT.has(key)) return undefined;
      if (key === 'order_metadata') return withoutMark(value);
      if (key === 'order_items') return listOf(value).map(itemWithoutMark);
      return value;
    }),
  );
}

/** PHP writes a list with gaps as a map from places; a reply with the gaps closed says the same. */
const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : isMap(value) ? Object.values(value) : [value];

const itemWithoutMark = (item: unknown): unknown =>
  isMap(item) ? mapEntries(item, (key, value) => (key === 'metadata' ? withoutMark(value) : value)) : item;

const withoutMark = (map: unknown): unknown =>
  isMap(map) ? mapEntries(map, (key, value) => (key === MARK ? undefined : value)) : map;

const mapEntries = (map: Raw, change: (key: string, value: unknown) => unknown): Raw =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(key, value)]));

const isMap = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
