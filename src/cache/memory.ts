/**
 * The in-process cache: for a single process without Redis. Bounded by bytes; the least recently used entries go
 * first, and one entry may take an eighth of the room at most. Imports nothing of ours but the port.
 */
import { LRUCache } from 'lru-cache';
import type { Cache } from './port.js';

const MEBIBYTE = 1024 * 1024;
export const DEFAULT_MEMORY_CACHE_BYTES = 64 * MEBIBYTE;

/** A character takes at most two bytes; the rest is the cost of an entry itself. */
const BYTES_PER_CHARACTER = 2;
const BYTES_PER_ENTRY = 256;

export interface MemoryCacheOptions {
  /** Room for keys and values together, in bytes. */
  readonly maxBytes?: number;
  /** Milliseconds on any clock that never goes back. */
  readonly now?: () => number;
}

export interface MemoryCache extends Cache {
  /** Entries held, expired ones included until they are met. */
  readonly items: number;
  /** Bytes held, as an upper estimate. */
  readonly bytes: number;
}

export function createMemoryCache(options: MemoryCacheOptions = {}): MemoryCache {
  const maxBytes = options.maxBytes ?? DEFAULT_MEMORY_CACHE_BYTES;
  const now = options.now ?? (() => performance.now());
  const entries = new LRUCache<string, string>({
    maxSize: maxBytes,
    maxEntrySize: Math.max(1, Math.floor(maxBytes / 8)),
    sizeCalculation: (value, key) => (key.length + value.length) * BYTES_PER_CHARACTER + BYTES_PER_ENTRY,
    // The library takes a start of 0 for "never expires", so its clock must not begin there.
    perf: { now: () => now() + 1 },
    ttlResolution: 0,
  });
  return {
    get items() {
      return entries.size;
    },
    get bytes() {
      return entries.calculatedSize;
    },
    async get(key) {
      return entries.get(key);
    },
    async set(key, value, ttlMs) {
      entries.set(key, value, { ttl: Math.ceil(ttlMs) });
    },
    async close() {
      entries.clear();
    },
  };
}
