/**
 * How much of something may be asked for: token buckets by the generic cell rate algorithm (GCRA), places for work
 * that runs at the same time, and the rules for inbound calls made of them. Invariants: in any stretch of t seconds a
 * bucket lets at most burst + rate × t tokens through; trouble with a shared store never refuses or delays a call for
 * long, it makes the limits local; no key holds a secret. This room imports nothing of ours but `errors.ts` and
 * `redis/`. What Order Desk grants each store is another matter: `budget.ts`.
 */

export interface Allowance {
  /** Tokens that may be taken at once after a pause: a whole number from 1. */
  readonly burst: number;
  /** Tokens that come back each second. */
  readonly perSecond: number;
}

export interface Verdict {
  readonly allowed: boolean;
  /**
   * Milliseconds until as many tokens can be taken again if nobody else takes any; 0 when they are there already,
   * `Infinity` for more than the bucket holds.
   */
  readonly retryAfterMs: number;
  /** Whole tokens left. */
  readonly remaining: number;
}

/** `shared`: one bucket for all replicas. `local`: each process counts for itself. */
export type LimiterMode = 'local' | 'shared';

export interface Limiter {
  readonly mode: LimiterMode;
  /**
   * Takes `cost` tokens (a whole number from 1) of the bucket `key`, or none. Never throws.
   * @param key public: a key's kid, a tenant's id or a hash
   */
  take(key: string, allowance: Allowance, cost?: number): Promise<Verdict>;
  close(): Promise<void>;
}
