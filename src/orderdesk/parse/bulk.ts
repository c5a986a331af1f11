/** Keeps bulk out of views: print providers put whole images into metadata. `raw` keeps everything. */
import type { JsonRecord } from './json.js';

/** Above what Order Desk itself lets checkout data and order metadata hold, so only real bulk is left out. */
const MAX_CHARACTERS = 4_000;

const omitted = (characters: number): string => `[left out: ${characters} characters]`;

/** A map whose large values are replaced by a note of their size. */
export function withoutBulk(values: JsonRecord): JsonRecord {
  if (Object.values(values).every((value) => sizeOf(value) <= MAX_CHARACTERS)) return values;
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      const size = sizeOf(value);
      return [key, size <= MAX_CHARACTERS ? value : omitted(size)];
    }),
  );
}

/** A map of text; what is structured inside is shown as JSON. */
export function textMap(values: JsonRecord): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      const shown = asText(value);
      return [key, shown.length <= MAX_CHARACTERS ? shown : omitted(shown.length)];
    }),
  );
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null ? JSON.stringify(value).length : 0;
}
