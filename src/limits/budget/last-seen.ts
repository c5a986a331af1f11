/**
 * What this process last saw of one bucket in Redis, on its own clock: it outlives the bucket there, which is lost with
 * an eviction or a restart that nobody noticed.
 */
import type { BudgetLimits } from '../budget.js';
import { HEAD_ROOM_TOKENS, START_TOKENS } from './rules.js';

export interface Sight {
  readonly epoch: number;
  readonly tokens: number;
  /** Milliseconds that are left of a pause. */
  readonly pauseMs: number;
}

export class LastSeen {
  readonly #limits: BudgetLimits;
  readonly #now: () => number;
  #epoch = 0;
  /** What the bucket held at `#at`, which is the end of a pause while there is one. */
  #tokens = START_TOKENS;
  #at: number;
  /** What Order Desk said was left, and when. */
  #remaining = START_TOKENS + HEAD_ROOM_TOKENS;
  #saidAt: number;
  #pausedUntil = 0;

  /** @param now milliseconds on a clock that never goes back */
  constructor(limits: BudgetLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
    this.#at = now();
    this.#saidAt = this.#at;
  }

  /** 0 when it was never seen: no bucket has that epoch. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The rest of a pause, in milliseconds. */
  get pauseMs(): number {
    return Math.max(0, this.#pausedUntil - this.#now());
  }

  /** Tokens that a bucket has at most which takes the place of this one; nothing is known of one that was never seen. */
  get tokens(): number | undefined {
    if (this.#epoch === 0) return undefined;
    const said = this.#remaining - HEAD_ROOM_TOKENS + this.#refilledSince(this.#saidAt);
    return Math.max(0, Math.min(this.#held(), said));
  }

  /**
   * Tokens that a bucket starts with which nobody knows any more. Others may have used what came back since Order Desk
   * last spoke, so that this counts for nothing here.
   */
  get startTokens(): number {
    return Math.max(0, Math.min(START_TOKENS, this.#remaining - HEAD_ROOM_TOKENS, this.#held()));
  }

  saw({ epoch, tokens, pauseMs }: Sight): void {
    this.#epoch = epoch;
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#now() + pauseMs);
    // An answer from before a pause that began here meanwhile knows nothing of it.
    this.#tokens = this.pauseMs > 0 ? 0 : tokens;
    this.#at = Math.max(this.#now(), this.#pausedUntil);
  }

  said(remaining: number): void {
    if (this.pauseMs > 0) return;
    this.#remaining = remaining;
    this.#saidAt = this.#now();
  }

  /** Only ever lengthens a pause. Nothing is left then, and nothing comes back before its end. */
  paused(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#now() + ms);
    this.#tokens = 0;
    this.#remaining = 0;
    this.#at = this.#pausedUntil;
    this.#saidAt = this.#pausedUntil;
  }

  #held(): number {
    return Math.min(this.#limits.capacity, this.#tokens + this.#refilledSince(this.#at));
  }

  #refilledSince(time: number): number {
    return (Math.max(0, this.#now() - time) * this.#limits.perSecond) / 1_000;
  }
}
