/** Text of any length made to fit an answer. Lengths are those of the JSON encoding, where one character can become six. */
import { jsonText } from '../json-text.js';

const ELLIPSIS = '…';

/** At most `room` characters of JSON (without the quotes); a shortened text ends in an ellipsis. */
export function clip(text: string, room: number): string {
  // No character takes less than one: what is longer than the room need not be encoded to know.
  if (text.length * 6 <= room || (text.length <= room && encoded(text) <= room)) return text;
  let [low, high] = [0, Math.min(text.length, room)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (encoded(text.slice(0, middle)) <= room - ELLIPSIS.length) low = middle;
    else high = middle - 1;
  }
  return `${text.slice(0, splitsPair(text, low) ? low - 1 : low)}${ELLIPSIS}`;
}

export const clipOrNull = (text: string | null, room: number): string | null =>
  text === null ? null : clip(text, room);

const encoded = (text: string): number => jsonSize(text) - 2;

const jsonSize = (value: unknown): number => jsonText(value)?.length ?? 0;

const splitsPair = (text: string, at: number): boolean => {
  const last = text.charCodeAt(at - 1);
  return last >= 0xd800 && last <= 0xdbff;
};

/** A JSON value no larger than `room`: what is larger becomes the shortened text of its JSON. */
export function clipValue(value: unknown, room: number): unknown {
  if (typeof value === 'string') return clip(value, room);
  return jsonSize(value) <= room ? value : clip(JSON.stringify(value), room);
}

/** The entries of a map with bounded keys, which stay different from each other; each is made when it is asked for. */
export function* boundedEntries<V>(
  entries: readonly (readonly [string, V])[],
  room: number,
  clipEntry: (value: V) => V,
): Generator<[string, V]> {
  const counts = new Map<string, number>();
  for (const [key, value] of entries) {
    const short = clip(key, room);
    const count = (counts.get(short) ?? 0) + 1;
    counts.set(short, count);
    yield [count === 1 ? short : `${clip(key, room - 8)} ${count}`, clipEntry(value)];
  }
}

/** A map whose keys, values and whole are bounded; what did not fit is counted under an ellipsis. */
export function clipMap<V>(
  map: Readonly<Record<string, V>>,
  room: number,
  clipEntry: (value: V, room: number) => V,
): Record<string, V | string> {
  const entries = Object.entries(map);
  const kept: [string, V | string][] = [];
  let left = room;
  for (const entry of boundedEntries(entries, 100, (value) => clipEntry(value, 2_000))) {
    left -= jsonSize(entry);
    if (left < 0) break;
    kept.push(entry);
  }
  const missing = entries.length - kept.length;
  if (missing > 0) kept.push([ELLIPSIS, `${missing} more`]);
  return Object.fromEntries(kept);
}
