/**
 * The limiter that all replicas share. While Redis is away each replica goes on with the buckets as it last saw them,
 * and what it let through by itself is told to Redis with the next question, so neither change gives anybody a burst.
 */
import type { Redis } from 'ioredis';
import { type Cells, cellsOf, type Taken, verdictOf } from './gcra.js';
import { TAKE_SCRIPT, TAKE_SCRIPT_SHA } from './gcra-script.js';
import { LocalBuckets } from './local-buckets.js';
import type { Limiter, LimiterMode } from './port.js';
import { SharedHealth } from './shared-health.js';

export interface RedisLimiterOptions {
  /**
   * A client with a command time-out and without an offline queue, so that trouble shows at once. Whoever made it
   * closes it.
   */
  readonly redis: Redis;
  /** Told when the limits become local (with the reason) and when they are shared again. */
  readonly onMode: (mode: LimiterMode, reason: unknown) => void;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
  /** Milliseconds between questions whether Redis is back. */
  readonly retryMs?: number;
  /** Buckets held at most for the time without Redis. */
  readonly held?: number;
  /** Microseconds since the epoch in the place of the clock of Redis. For tests. */
  readonly sharedTime?: () => number;
}

const KEY_PREFIX = 'odm:limit:';
const RETRY_MS = 1_000;

export function createRedisLimiter(options: RedisLimiterOptions): Limiter {
  const { redis, sharedTime } = options;
  const now = options.now ?? (() => performance.now());
  const local = new LocalBuckets(now, options.held);
  const health = new SharedHealth({
    ask: () => redis.ping(),
    retryMs: options.retryMs ?? RETRY_MS,
    onMode: options.onMode,
  });

  async function takeShared(key: string, cells: Cells, cost: number): Promise<Taken> {
    const askedAt = now();
    const fixedTime = sharedTime === undefined ? [] : [sharedTime()];
    const args = [cells.interval, cells.tolerance, cost, local.unsharedLead(key), ...fixedTime];
    const taken = takenOf(await runScript(redis, KEY_PREFIX + key, args));
    local.follow(key, taken.lead, now() - askedAt);
    return taken;
  }

  async function takeWherePossible(key: string, cells: Cells, cost: number): Promise<Taken> {
    if (health.mode === 'local') return local.take(key, cells, cost);
    try {
      const taken = await takeShared(key, cells, cost);
      health.succeeded();
      return taken;
    } catch (error) {
      // Whatever Redis has to say instead of an answer, the call is judged here.
      health.failed(error);
      return local.take(key, cells, cost);
    }
  }

  return {
    get mode() {
      return health.mode;
    },
    async take(key, allowance, cost = 1) {
      const cells = cellsOf(allowance);
      return verdictOf(await takeWherePossible(key, cells, cost), cells, cost);
    },
    async close() {
      health.close();
      local.clear();
    },
  };
}

/** Redis keeps scripts until it restarts; the first call after that carries the text again. */
async function runScript(redis: Redis, key: string, args: readonly number[]): Promise<unknown> {
  try {
    return await redis.evalsha(TAKE_SCRIPT_SHA, 1, key, ...args);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return redis.eval(TAKE_SCRIPT, 1, key, ...args);
  }
}

function takenOf(reply: unknown): Taken {
  const [allowed, lead]: unknown[] = Array.isArray(reply) ? reply : [];
  if (typeof allowed !== 'number' || typeof lead !== 'number') {
    throw new Error('the limiter script gave an answer of another form');
  }
  return { allowed: allowed === 1, lead };
}
