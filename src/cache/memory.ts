/**
 * The in-process cache: for a single process without Redis. Bounded by bytes; the least recently used entries go
 * first, and one entry may take an eighth of the room at most. Imports nothing of ours but the port.
 */
import { LRUCache } from 'lru-cache';
import type { Cache, Ticket } from './port.js';

const MEBIBYTE = 1024 * 1024;
export const DEFAULT_MEMORY_CACHE_BYTES = 64 * MEBIBYTE;
const DEFAULT_MAX_GENERATIONS = 20_000;

/** A character of a key or ticket takes at most two bytes; the rest is the cost of an entry itself. */
const BYTES_PER_CHARACTER = 2;
const BYTES_PER_ENTRY = 256;

export interface MemoryCacheOptions {
  /** Room for keys and values together, in bytes. */
  readonly maxBytes?: number;
  /** Scopes whose generations are remembered. */
  readonly maxGenerations?: number;
  /** Milliseconds on any clock that never goes back. */
  readonly now?: () => number;
}

export interface MemoryCache extends Cache {
  /** Bytes held, as an upper estimate. */
  readonly bytes: number;
}

interface Entry {
  readonly ticket: Ticket;
  readonly value: Buffer;
}

export function createMemoryCache(options: MemoryCacheOptions = {}): MemoryCache {
  const maxBytes = options.maxBytes ?? DEFAULT_MEMORY_CACHE_BYTES;
  const maxEntryBytes = Math.max(1, Math.floor(maxBytes / 8));
  const now = options.now ?? (() => performance.now());
  const entries = new LRUCache<string, Entry>({
    maxSize: maxBytes,
    sizeCalculation: (entry, key) => sizeOf(key, entry),
    // The library takes a start of 0 for "never expires", so its clock must not begin there.
    perf: { now: () => now() + 1 },
    ttlResolution: 0,
  });
  const generations = new LRUCache<string, number>({
    max: options.maxGenerations ?? DEFAULT_MAX_GENERATIONS,
  });
  // One count for all scopes: a number is never given twice, also not to a scope that was forgotten in between.
  let lastGeneration = 0;

  function generationOf(scope: string): number {
    const known = generations.get(scope);
    if (known !== undefined) return known;
    lastGeneration += 1;
    generations.set(scope, lastGeneration);
    return lastGeneration;
  }

  const presentTicket = (scopes: readonly string[]): Ticket => scopes.map(generationOf).join(' ');

  return {
    get items() {
      return entries.size;
    },
    get bytes() {
      return entries.calculatedSize;
    },
    async lookup(key, scopes) {
      const ticket = presentTicket(scopes);
      const entry = entries.get(key);
      return { value: entry?.ticket === ticket ? entry.value : undefined, ticket };
    },
    async store(key, scopes, ticket, value, ttlMs) {
      if (presentTicket(scopes) !== ticket) return 'stale_generation';
      const entry = { ticket, value };
      // What is there would be older than what does not fit.
      entries.delete(key);
      if (sizeOf(key, entry) > maxEntryBytes) return 'too_large';
      entries.set(key, entry, { ttl: Math.ceil(ttlMs) });
      return 'set';
    },
    async raise(scopes) {
      for (const scope of scopes) generations.delete(scope);
    },
    async close() {
      entries.clear();
      generations.clear();
    },
  };
}

const sizeOf = (key: string, { ticket, value }: Entry): number =>
  (key.length + ticket.length) * BYTES_PER_CHARACTER + value.length + BYTES_PER_ENTRY;
