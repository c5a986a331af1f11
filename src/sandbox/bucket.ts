/** The leaky bucket that Order Desk keeps: full at the start, refilled steadily, one token a request. */

export interface RateLimit {
  /** Tokens at the start and at most. */
  readonly capacity: number;
  readonly refillPerSecond: number;
}

/** Order Desk API, rate limits: 20 requests at once, then 3 a second. */
export const orderDeskRateLimit: RateLimit = { capacity: 20, refillPerSecond: 3 };

export interface Grant {
  readonly granted: boolean;
  /** Whole tokens left. */
  readonly remaining: number;
  /** Whole seconds until a token is there; 0 when granted. */
  readonly retryAfterSeconds: number;
}

export interface Bucket {
  take(): Grant;
  /** Somebody else's requests: takes up to `tokens` of what is there. */
  drain(tokens: number): void;
  /** Whole tokens left now. */
  remaining(): number;
}

/** @param now milliseconds; whole ones, so that the count stays exact */
export function createBucket(limit: RateLimit, now: () => number): Bucket {
  // Counted in thousandths: one millisecond brings as many of them as one second brings tokens.
  const full = limit.capacity * 1000;
  let level = full;
  let filledAt = now();

  const refill = () => {
    const at = now();
    if (at > filledAt) level = Math.min(full, level + (at - filledAt) * limit.refillPerSecond);
    filledAt = at;
  };

  return {
    take() {
      refill();
      if (level >= 1000) {
        level -= 1000;
        return { granted: true, remaining: Math.floor(level / 1000), retryAfterSeconds: 0 };
      }
      const seconds = (1000 - level) / limit.refillPerSecond / 1000;
      return { granted: false, remaining: 0, retryAfterSeconds: Math.max(1, Math.ceil(seconds)) };
    },
    drain(tokens) {
      refill();
      level = Math.max(0, level - tokens * 1000);
    },
    remaining() {
      refill();
      return Math.floor(level / 1000);
    },
  };
}

/** @param limit `false` for a bucket that is always full */
export function bucketFor(limit: RateLimit | false, now: () => number): Bucket {
  if (limit !== false) return createBucket(limit, now);
  const full = { granted: true, remaining: orderDeskRateLimit.capacity, retryAfterSeconds: 0 };
  return { take: () => full, drain: () => undefined, remaining: () => full.remaining };
}
