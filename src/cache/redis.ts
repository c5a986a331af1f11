/**
 * The cache that all replicas share. There is no copy in the process: a write on one replica is seen by all at once.
 * Every look-up and store is one round trip; whatever is wrong with Redis ends as a miss.
 */
import { randomBytes } from 'node:crypto';
import { RedisTrouble, type SharedRedis } from '../redis/shared-redis.js';
import { OwedRaises } from './owed-raises.js';
import type { Cache, Found, Stored } from './port.js';
import { LOOKUP_SCRIPT, STORE_SCRIPT } from './redis-scripts.js';

export interface RedisCacheOptions {
  readonly shared: SharedRedis;
  /** Larger values are not stored: their transfer would look like a Redis that hangs, for all who share the connection. */
  readonly maxValueBytes?: number;
  /** A token that is never given twice; always of the same length. */
  readonly newGeneration?: () => string;
}

const MEBIBYTE = 1024 * 1024;
const ENTRY_PREFIX = 'odm:cache:';
const GENERATION_PREFIX = 'odm:gen:';
/** Every entry belongs to it as well, so that all can be let go of at once. */
const EVERYTHING = 'everything';
/** Longer than a read takes from its look-up to its store. An entry keeps its generations for so long beyond its own life. */
const GENERATION_LIFE_MS = 120_000;
/** After so many time-outs in a row Redis counts as away. */
const RAISE_ATTEMPTS = 3;

const NOTHING: Found = { value: undefined, ticket: undefined };

export function createRedisCache(options: RedisCacheOptions): Cache {
  const { shared, maxValueBytes = MEBIBYTE } = options;
  const newGeneration = options.newGeneration ?? (() => randomBytes(16).toString('base64url'));
  const owed = new OwedRaises(EVERYTHING);
  let closed = false;

  /** @returns whether nothing is owed any more of what was owed at the call */
  async function settle(): Promise<boolean> {
    if (owed.size === 0) return true;
    if (shared.state === 'away') return false;
    const batch = owed.batch();
    // Without a token a scope has no entry, and the next look-up gives it a new one. That works in a full Redis, too.
    const keys = Array.from(batch.keys(), generationKey);
    const deleted = await unlessTrouble(() => shared.ask((redis) => redis.del(...keys)));
    if (deleted === undefined) return false;
    owed.done(batch);
    return true;
  }

  shared.onChange((state) => {
    if (state === 'there' && !closed) void settle();
  });

  return {
    items: 0,
    async lookup(key, scopes) {
      if (closed || !(await settle())) return NOTHING;
      const keys = keysOf(key, scopes);
      const args = [newGeneration(), GENERATION_LIFE_MS];
      const reply = await unlessTrouble(() => shared.runForBytes(LOOKUP_SCRIPT, keys, args));
      return reply === undefined ? NOTHING : foundIn(reply);
    },
    async store(key, scopes, ticket, value, ttlMs) {
      if (value.length > maxValueBytes) return 'too_large';
      if (closed || !(await settle())) return 'unavailable';
      const life = Math.ceil(ttlMs);
      const args = [ticket, value, life, life + GENERATION_LIFE_MS];
      const reply = await unlessTrouble(() => shared.run(STORE_SCRIPT, keysOf(key, scopes), args));
      return storedBy(reply);
    },
    async raise(scopes) {
      if (closed) return;
      owed.add(scopes);
      for (let attempt = 1; attempt <= RAISE_ATTEMPTS; attempt += 1) if (await settle()) return;
    },
    async close() {
      closed = true;
      owed.clear();
    },
  };
}

async function unlessTrouble<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof RedisTrouble)) throw error;
    return undefined;
  }
}

const generationKey = (scope: string): string => GENERATION_PREFIX + scope;

const keysOf = (key: string, scopes: readonly string[]): string[] => [
  ENTRY_PREFIX + key,
  generationKey(EVERYTHING),
  ...scopes.map(generationKey),
];

function foundIn(reply: unknown): Found {
  const [value, ticket]: unknown[] = Array.isArray(reply) ? reply : [];
  if (ticket === null) return NOTHING;
  if (!Buffer.isBuffer(ticket)) throw new Error('the cache script gave an answer of another form');
  return { value: Buffer.isBuffer(value) ? value : undefined, ticket: ticket.toString('latin1') };
}

function storedBy(reply: unknown): Stored {
  if (reply === 1) return 'set';
  return reply === 0 ? 'stale_generation' : 'unavailable';
}
