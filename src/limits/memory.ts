/** The limiter of one process: for a server without Redis, and what Redis falls back to. */
import { cellsOf, verdictOf } from './gcra.js';
import { LocalBuckets } from './local-buckets.js';
import type { Limiter } from './port.js';

export interface MemoryLimiterOptions {
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
  /** Buckets held at most. */
  readonly held?: number;
}

export function createMemoryLimiter(options: MemoryLimiterOptions = {}): Limiter {
  const buckets = new LocalBuckets(options.now ?? (() => performance.now()), options.held);
  return {
    mode: 'local',
    async take(key, allowance, cost = 1) {
      const cells = cellsOf(allowance);
      return verdictOf(buckets.take(key, cells, cost), cells, cost);
    },
    async close() {
      buckets.clear();
    },
  };
}
