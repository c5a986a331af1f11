import type { OrderSource } from './order-source.js';

/** Orders that all scans of a call together hold at once. */
const HELD_AT_ONCE = 1_000;
/** No page gets smaller than this: each costs a request. */
const SMALLEST = 100;

/** Pages small enough for as many stores to be scanned at the same time. */
export function sharedPages(source: OrderSource, stores: number): OrderSource {
  const largest = Math.max(SMALLEST, Math.floor(HELD_AT_ONCE / stores));
  return { ...source, largest: Math.min(source.largest, largest) };
}
