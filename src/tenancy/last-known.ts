/**
 * Rows that are read on nearly every call. A value is served for a moment without asking; after that the database is
 * asked, once for all who wait; and while the database is away the last value serves on, up to a bound.
 */
import { LRUCache } from 'lru-cache';
import { AppError } from '../errors.js';
import type { Clock } from './ids.js';

export interface LastKnownOptions {
  readonly max: number;
  /** Milliseconds in which a value is served without asking. */
  readonly freshMs: number;
  /** Milliseconds in which a value serves while the database is away. */
  readonly staleMaxMs: number;
  readonly now: Clock;
  readonly joined?: Joined | undefined;
}

/** Runs the wait of somebody for a question that another one has put: for measuring. */
export type Joined = <R>(wait: () => Promise<R>) => Promise<R>;

interface Held<V> {
  readonly value: V;
  /** When the question was put, not when it was answered: the value cannot be newer than that. */
  readonly askedAt: number;
  askAgainAt: number;
}

/** After a failed question: callers must not queue behind time-outs one after the other. */
const PAUSE_WHILE_AWAY_MS = 5_000;

export class LastKnown<K extends string, V extends object> {
  readonly #options: LastKnownOptions;
  readonly #held: LRUCache<K, Held<V>>;
  readonly #asking = new Map<K, Promise<V>>();

  constructor(options: LastKnownOptions) {
    this.#options = options;
    this.#held = new LRUCache({ max: options.max });
  }

  /** The value if it may be served without asking. */
  fresh(key: K): V | undefined {
    const held = this.#held.get(key);
    if (held === undefined) return undefined;
    const now = this.#options.now();
    return now >= held.askedAt && now < held.askAgainAt ? held.value : undefined;
  }

  /** @throws AppError `storage_unavailable` when there is no value that may still serve; whatever else `ask` throws */
  async get(key: K, ask: () => Promise<V>): Promise<V> {
    const fresh = this.fresh(key);
    if (fresh !== undefined) return fresh;
    const asking = this.#asking.get(key);
    if (asking === undefined) return this.#ask(key, ask);
    const { joined = (wait) => wait() } = this.#options;
    return joined(() => asking);
  }

  /** The next `get` asks, and an answer that is under way is not kept. */
  forget(key: K): void {
    this.#held.delete(key);
    this.#asking.delete(key);
  }

  #ask(key: K, ask: () => Promise<V>): Promise<V> {
    const askedAt = this.#options.now();
    const asking: Promise<V> = ask().then(
      (value) => {
        if (this.#settle(key, asking)) {
          this.#held.set(key, { value, askedAt, askAgainAt: askedAt + this.#options.freshMs });
        }
        return value;
      },
      (error: unknown) => {
        this.#settle(key, asking);
        return this.#lastValue(key, error);
      },
    );
    this.#asking.set(key, asking);
    return asking;
  }

  /** Ends the question; false when it was forgotten in the meantime. */
  #settle(key: K, asking: Promise<V>): boolean {
    return this.#asking.get(key) === asking && this.#asking.delete(key);
  }

  #lastValue(key: K, error: unknown): V {
    const held = this.#held.get(key);
    if (!(error instanceof AppError) || error.code !== 'storage_unavailable' || held === undefined)
      throw error;
    const now = this.#options.now();
    if (now - held.askedAt > this.#options.staleMaxMs) throw error;
    held.askAgainAt = now + PAUSE_WHILE_AWAY_MS;
    return held.value;
  }
}
