/**
 * Buckets of this process. The least recently used are forgotten first; one that comes back starts low, as a bucket
 * does that was never seen.
 */
import { LRUCache } from 'lru-cache';
import type { Priority, Reservation, Token } from '../budget.js';
import {
  type BucketRules,
  type BucketState,
  free,
  giveBack,
  lower,
  newBucket,
  notice,
  pause,
  refill,
  take,
} from './rules.js';

export const LOCAL_BUDGETS_HELD = 10_000;

export interface Knowledge {
  /** What the bucket holds, in tokens and parts of one. */
  readonly tokens: number;
  /** The rest of its pause, in milliseconds. */
  readonly pauseMs: number;
  /** Tokens handed out here so far. */
  readonly taken: number;
}

/** What is seen of a bucket by looking. */
export interface Glance extends Omit<Knowledge, 'taken'> {
  /** Tokens and parts of one that interactive work could take now. */
  readonly free: number;
}

interface LocalBucket extends BucketState {
  readonly epoch: string;
  taken: number;
}

export class LocalBudgets {
  readonly #rules: BucketRules;
  readonly #now: () => number;
  readonly #buckets: LRUCache<string, LocalBucket>;
  #births = 0;

  /** @param now milliseconds on a clock that never goes back */
  constructor(rules: BucketRules, now: () => number, held = LOCAL_BUDGETS_HELD) {
    this.#rules = rules;
    this.#now = () => Math.floor(now() * 1_000);
    this.#buckets = new LRUCache({ max: held });
  }

  reserve(name: string, priority: Priority): Reservation {
    const now = this.#now();
    const bucket = this.#bucket(name);
    const waitUs = take(bucket, this.#rules, priority, now);
    if (waitUs > 0) return { granted: false, waitMs: Math.ceil(waitUs / 1_000) };
    const left = bucket.level / this.#rules.interval;
    bucket.taken += 1;
    return { granted: true, token: { epoch: bucket.epoch, takenAt: now, left } };
  }

  observe(name: string, token: Token, remaining: number): boolean {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined || bucket.epoch !== token.epoch) return false;
    return notice(bucket, this.#rules, { takenAt: token.takenAt, remaining }, this.#now());
  }

  pause(name: string, ms: number): void {
    pause(this.#bucket(name), this.#rules, Math.ceil(ms * 1_000), this.#now());
  }

  giveBack(name: string, token: Token): void {
    const bucket = this.#buckets.get(name);
    if (bucket?.epoch === token.epoch) giveBack(bucket, this.#rules, this.#now());
  }

  /** Makes a bucket known that holds no more than so many tokens, if it is not known yet. */
  startAt(name: string, tokens: number): void {
    if (this.#buckets.has(name)) return;
    lower(this.#bucket(name), Math.min(this.#rules.start, Math.floor(tokens * this.#rules.interval)));
  }

  /** `undefined` when the bucket is not known. */
  knowledge(name: string): Knowledge | undefined {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) return undefined;
    const now = this.#now();
    refill(bucket, this.#rules, now);
    const pauseMs = Math.max(0, bucket.pausedUntil - now) / 1_000;
    return { tokens: bucket.level / this.#rules.interval, pauseMs, taken: bucket.taken };
  }

  /** Leaves no trace of having been asked. `undefined` when the bucket is not known. */
  peek(name: string): Glance | undefined {
    const bucket = this.#buckets.peek(name);
    if (bucket === undefined) return undefined;
    const copy = { ...bucket, lows: [...bucket.lows] };
    const now = this.#now();
    refill(copy, this.#rules, now);
    const { interval } = this.#rules;
    return {
      tokens: copy.level / interval,
      free: free(copy.level, this.#rules, copy.foreignUntil > now) / interval,
      pauseMs: Math.max(0, copy.pausedUntil - now) / 1_000,
    };
  }

  forget(name: string): void {
    this.#buckets.delete(name);
  }

  clear(): void {
    this.#buckets.clear();
  }

  #bucket(name: string): LocalBucket {
    const held = this.#buckets.get(name);
    if (held !== undefined) return held;
    this.#births += 1;
    const bucket = { ...newBucket(this.#rules.start, this.#now()), epoch: `local:${this.#births}`, taken: 0 };
    this.#buckets.set(name, bucket);
    return bucket;
  }
}
