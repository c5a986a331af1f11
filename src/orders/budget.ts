/** Making an answer fit: whole entries are left out and counted, JSON is never cut. Sizes are characters of JSON. */
import { jsonText } from '../json-text.js';

/** Characters that the text of an answer may have in all. */
export const TEXT_BUDGET = 20_000;

/** Kept back for the data markers around the JSON. */
const MARKERS = 80;

export const jsonSize = (value: unknown): number => jsonText(value)?.length ?? 0;

/** What is left for entries beside `envelope`, the answer without them. */
export const roomBeside = (envelope: unknown): number => TEXT_BUDGET - MARKERS - jsonSize(envelope);

export interface Fitted<T> {
  readonly kept: T[];
  readonly dropped: number;
}

/** The longest run of leading entries that fits into `room`. */
export function fitEntries<T>(entries: readonly T[], room: number): Fitted<T> {
  let left = room;
  let count = 0;
  for (const entry of entries) {
    left -= jsonSize(entry) + 1;
    if (left < 0) break;
    count += 1;
  }
  return { kept: entries.slice(0, count), dropped: entries.length - count };
}

/** Divides `room`: who needs less than an equal share gets its need, and the rest is divided among the others. */
export function shareRoom(needs: readonly number[], room: number): number[] {
  const shares = needs.map(() => 0);
  const smallestFirst = needs.map((need, index) => ({ need, index })).sort((a, b) => a.need - b.need);
  let left = Math.max(0, room);
  smallestFirst.forEach(({ need, index }, done) => {
    const share = Math.min(need, Math.floor(left / (needs.length - done)));
    shares[index] = share;
    left -= share;
  });
  return shares;
}
