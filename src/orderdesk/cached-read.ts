/**
 * Reads through the cache, fetched once for all who ask at the same time. What is cached is the record as Order Desk
 * sent it, and the view is parsed anew on every hit: the two can never disagree, an entry takes half the room, and
 * writing it half the time. A hit costs about 10 microseconds an order more than reading a stored view back would.
 *
 * Everyone looks into the cache for himself and shares only the fetching, with those who hold the same ticket: who
 * comes after a write has another ticket than who came before it, and so never waits for an answer that the write has
 * overtaken. Without tickets (cache switched off or in trouble) `forget` does that within this process.
 *
 * Whatever the cache or its cipher do, a read is answered as if they were not there.
 */
import type { Cache, Ticket } from '../cache/port.js';
import { type Joined, SingleFlight } from '../cache/single-flight.js';
import { untilAborted } from '../cache/until-aborted.js';
import { AppError, cancellation, type ErrorCode } from '../errors.js';
import type { CacheOperation } from '../telemetry/port.js';
import type { CacheCipher } from '../tenancy/cache-cipher.js';
import type { TenantId } from '../tenancy/ids.js';
import type { CacheKey } from './cache-key.js';
import { isRecord, type JsonRecord } from './parse/json.js';
import type { CallContext } from './port.js';

/** Raised when the form of what is cached changes: entries of another version are misses. */
const SCHEMA_VERSION = 1;

/**
 * Milliseconds that an answer waits at most until it is kept, so that who asks again at once finds it. As long as a
 * command may take at Redis.
 */
const LONGEST_KEEPING_MS = 100;

/** What a fetch ends with that had too little time; with more of it another may succeed. */
const WANT_OF_TIME: readonly ErrorCode[] = ['upstream_timeout', 'rate_budget_exhausted'];

export interface CachedReadOptions<T> {
  readonly cache: Cache;
  /** For entries that leave the process, and their names. */
  readonly cipher: CacheCipher | undefined;
  /** Life of an entry in milliseconds; 0 switches the cache off. */
  readonly ttlMs: number;
  /** Milliseconds since 1970; entries may come from another process. */
  readonly now: () => number;
  /** May reject when the signal ends. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Runs the wait of a caller for a fetch that another one has begun. */
  readonly joined?: Joined;
  /** Told what became of a look-up or a store: for the metrics. A value too large to be kept is told by nothing. */
  readonly observe?: (operation: CacheOperation) => void;
  /** Parses a record from Order Desk, or from the cache. @throws AppError `upstream_malformed` */
  readonly parse: (record: JsonRecord) => T;
}

/** Where a record is kept, for whom, and what it depends on. */
export interface CachePlace {
  readonly tenantId: TenantId;
  readonly key: CacheKey;
  readonly scopes: readonly string[];
}

/** Who waits for a read. Only callers of the same priority share a fetch. */
export type Reader = Pick<CallContext, 'signal' | 'deadlineAt' | 'priority'>;

export interface CachedRead<T> {
  /** @param fetch gets a signal that ends when nobody waits for the record any more */
  read(place: CachePlace, reader: Reader, fetch: (signal: AbortSignal) => Promise<JsonRecord>): Promise<T>;
  /** Nobody joins what is being fetched under these scopes; to be called once they are raised. */
  forget(scopes: readonly string[]): void;
}

/** Where and under what ticket an answer may be kept. */
interface Slot {
  readonly name: string;
  readonly ticket: Ticket;
}

interface Hit<T> {
  readonly value: T | undefined;
  /** `undefined` when the cache is switched off or in trouble. */
  readonly slot: Slot | undefined;
}

const NOTHING = { value: undefined, slot: undefined };

export function cachedRead<T>(options: CachedReadOptions<T>): CachedRead<T> {
  const { cache, cipher, ttlMs, now, parse, observe } = options;
  const flights = new SingleFlight<T>({
    isForWantOfTime,
    ...(options.joined === undefined ? {} : { joined: options.joined }),
  });

  async function lookup(place: CachePlace): Promise<Hit<T>> {
    if (ttlMs <= 0) return NOTHING;
    const hit = await found(place).catch(() => NOTHING);
    if (hit.slot === undefined) observe?.('error');
    else observe?.(hit.value === undefined ? 'miss' : 'hit');
    return hit;
  }

  async function found(place: CachePlace): Promise<Hit<T>> {
    const name = await nameOf(place);
    if (name === undefined) return NOTHING;
    const { value: bytes, ticket } = await cache.lookup(name, place.scopes);
    if (ticket === undefined) return NOTHING;
    const value = bytes === undefined ? undefined : await opened(place.tenantId, name, bytes);
    return { value, slot: { name, ticket } };
  }

  /** The key of the entry, unless it cannot be named now. */
  async function nameOf({ tenantId, key: { kind, asked } }: CachePlace): Promise<string | undefined> {
    const hidden = cipher === undefined ? asked : await cipher.name(tenantId, [kind, asked]);
    return hidden && `${kind}:${hidden}`;
  }

  async function opened(tenantId: TenantId, name: string, bytes: Buffer): Promise<T | undefined> {
    const entry = cipher === undefined ? bytes : await cipher.open(tenantId, [name], bytes);
    const record = entry === undefined ? undefined : openEntry(entry, now() - ttlMs);
    return record === undefined ? undefined : parseEntry(record, parse);
  }

  async function keep({ tenantId, scopes }: CachePlace, { name, ticket }: Slot, record: JsonRecord) {
    const entry = Buffer.from(JSON.stringify({ v: SCHEMA_VERSION, at: now(), value: record }));
    const bytes = cipher === undefined ? entry : await cipher.seal(tenantId, [name], entry);
    return bytes === undefined ? 'unavailable' : cache.store(name, scopes, ticket, bytes, ttlMs);
  }

  /** Resolves when the record is kept or cannot be, and in any case before long: the answer is there. */
  async function keepSoon(place: CachePlace, slot: Slot, record: JsonRecord): Promise<void> {
    const keeping = keep(place, slot, record)
      .catch(() => 'unavailable' as const)
      .then((stored) => {
        if (stored !== 'too_large') observe?.(stored === 'unavailable' ? 'error' : stored);
      });
    const waiting = new AbortController();
    const enough = options.sleep(LONGEST_KEEPING_MS, waiting.signal).catch(() => undefined);
    await Promise.race([keeping, enough]);
    waiting.abort();
  }

  return {
    async read(place, { signal, deadlineAt, priority = 'interactive' }, fetch) {
      if (signal.aborted) throw cancellation(signal);
      const { value: cached, slot } = await untilAborted(lookup(place), signal);
      if (cached !== undefined) return cached;
      const fetched = async (shared: AbortSignal): Promise<T> => {
        const record = await fetch(shared);
        const value = parse(record);
        if (slot !== undefined) await keepSoon(place, slot, record);
        return value;
      };
      const { kind, asked } = place.key;
      const flight = `${kind}:${asked} ${priority} ${slot?.ticket ?? ''}`;
      return flights.run(flight, signal, fetched, { scopes: place.scopes, deadlineAt });
    },
    forget: (scopes) => flights.forget(scopes),
  };
}

const isForWantOfTime = (error: unknown): boolean =>
  error instanceof AppError && WANT_OF_TIME.includes(error.code);

/** The record of an entry, or undefined for one that is corrupt, of another version or made before `oldest`. */
function openEntry(entry: Buffer, oldest: number): JsonRecord | undefined {
  let read: unknown;
  try {
    read = JSON.parse(entry.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (!isRecord(read) || read.v !== SCHEMA_VERSION || !isRecord(read.value)) return undefined;
  return typeof read.at === 'number' && read.at > oldest ? read.value : undefined;
}

function parseEntry<T>(record: JsonRecord, parse: (record: JsonRecord) => T): T | undefined {
  try {
    return parse(record);
  } catch (error) {
    if (error instanceof AppError && error.code === 'upstream_malformed') return undefined;
    throw error;
  }
}
