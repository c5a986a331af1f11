/**
 * The limiter that all replicas share. While Redis is away each replica goes on with the buckets as it last saw them,
 * and what it let through by itself is told to Redis with the next question, so neither change gives anybody a burst.
 */
import { RedisTrouble, type SharedRedis } from '../redis/shared-redis.js';
import { type Cells, cellsOf, type Taken, verdictOf } from './gcra.js';
import { TAKE_SCRIPT } from './gcra-script.js';
import { LocalBuckets } from './local-buckets.js';
import type { Limiter } from './port.js';

export interface RedisLimiterOptions {
  readonly shared: SharedRedis;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
  /** Buckets held at most for the time without Redis. */
  readonly held?: number;
  /** Microseconds since the epoch in the place of the clock of Redis. For tests. */
  readonly sharedTime?: () => number;
}

const KEY_PREFIX = 'odm:limit:';

export function createRedisLimiter(options: RedisLimiterOptions): Limiter {
  const { shared, sharedTime } = options;
  const now = options.now ?? (() => performance.now());
  const local = new LocalBuckets(now, options.held);

  async function takeShared(key: string, cells: Cells, cost: number): Promise<Taken> {
    const askedAt = now();
    const fixedTime = sharedTime === undefined ? [] : [sharedTime()];
    const args = [cells.interval, cells.tolerance, cost, local.unsharedLead(key), ...fixedTime];
    const taken = takenOf(await shared.run(TAKE_SCRIPT, [KEY_PREFIX + key], args));
    local.follow(key, taken.lead, now() - askedAt);
    return taken;
  }

  async function takeWherePossible(key: string, cells: Cells, cost: number): Promise<Taken> {
    if (shared.state === 'away') return local.take(key, cells, cost);
    try {
      return await takeShared(key, cells, cost);
    } catch (error) {
      if (!(error instanceof RedisTrouble)) throw error;
      return local.take(key, cells, cost);
    }
  }

  return {
    get mode() {
      return shared.state === 'away' ? 'local' : 'shared';
    },
    async take(key, allowance, cost = 1) {
      const cells = cellsOf(allowance);
      return verdictOf(await takeWherePossible(key, cells, cost), cells, cost);
    },
    async close() {
      local.clear();
    },
  };
}

function takenOf(reply: unknown): Taken {
  const [allowed, lead]: unknown[] = Array.isArray(reply) ? reply : [];
  if (typeof allowed !== 'number' || typeof lead !== 'number') {
    throw new Error('the limiter script gave an answer of another form');
  }
  return { allowed: allowed === 1, lead };
}
