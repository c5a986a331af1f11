/**
 * Rows that are read on nearly every call. A value is served for a moment without asking; after that the database is
 * asked, once for all who wait; and while the database is away, or too slow with its answer, the last value serves on,
 * up to a bound.
 */
import { setTimeout as sleepFor } from 'node:timers/promises';
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
  /** Rejects when the signal ends; the timers of Node unless told. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
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

interface Question<V> {
  readonly served: Promise<V>;
}

/** After a failed question: callers must not queue behind time-outs one after the other. */
const PAUSE_WHILE_AWAY_MS = 5_000;
/** Who has a last value waits no longer for a new one: a database that hangs holds a question until its time-out. */
const ANSWER_EXPECTED_MS = 1_000;

export class LastKnown<K extends string, V extends object> {
  readonly #options: LastKnownOptions;
  readonly #held: LRUCache<K, Held<V>>;
  readonly #asking = new Map<K, Question<V>>();

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
    return joined(() => asking.served);
  }

  /** The next `get` asks, and an answer that is under way is not kept. */
  forget(key: K): void {
    this.#held.delete(key);
    this.#asking.delete(key);
  }

  #ask(key: K, ask: () => Promise<V>): Promise<V> {
    const askedAt = this.#options.now();
    const answer = ask().then(
      (value) => {
        if (this.#settle(key, question)) {
          this.#held.set(key, { value, askedAt, askAgainAt: askedAt + this.#options.freshMs });
        }
        return value;
      },
      (error: unknown) => {
        this.#settle(key, question);
        const last = isAway(error) ? this.#lastValue(key) : undefined;
        if (last === undefined) throw error;
        return last;
      },
    );
    const question = { served: this.#held.has(key) ? this.#inTime(key, answer) : answer };
    this.#asking.set(key, question);
    return question.served;
  }

  /** Ends the question; false when it was forgotten in the meantime. */
  #settle(key: K, question: Question<V>): boolean {
    return this.#asking.get(key) === question && this.#asking.delete(key);
  }

  /** The answer, or the last value where the answer is late. It is kept all the same when it comes. */
  async #inTime(key: K, answer: Promise<V>): Promise<V> {
    const { sleep = (ms, signal) => sleepFor(ms, undefined, { signal }) } = this.#options;
    const answered = new AbortController();
    const late = sleep(ANSWER_EXPECTED_MS, answered.signal).then(
      () => this.#lastValue(key) ?? answer,
      () => answer,
    );
    try {
      return await Promise.race([answer, late]);
    } finally {
      answered.abort();
    }
  }

  /** While the database is away; `undefined` when there is none that may still serve. */
  #lastValue(key: K): V | undefined {
    const held = this.#held.get(key);
    const now = this.#options.now();
    if (held === undefined || now - held.askedAt > this.#options.staleMaxMs) return undefined;
    held.askAgainAt = now + PAUSE_WHILE_AWAY_MS;
    return held.value;
  }
}

const isAway = (error: unknown): boolean => error instanceof AppError && error.code === 'storage_unavailable';
