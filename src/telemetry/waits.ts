/**
 * Where the time of a call goes: what it spent waiting for others, and what is left, which is ours.
 *
 * A call has an account, which travels with its asynchronous work. Waits that overlap are united, not added: waited is
 * the time in which at least one wait was open, of each kind likewise. So what is ours is never below 0, and the kinds
 * may add up to more than all waiting.
 *
 * - Work without an account (upkeep, the command line) is not measured, and pays for looking that up only.
 * - An account that was opened inside another counts for both. Closing it ends its waits: what a call left behind when it
 *   was answered counts for nobody.
 * - A wait ends when this process comes to see that it is over: a busy event loop makes waits longer, and is shown by
 *   its own measurements.
 *
 * Rooms get `waiting` as an argument, or are wrapped from outside; none of them keeps an account.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * `upstream`: Order Desk, and the pauses that it caused; `budget`: a token of the store's budget, or a place;
 * `postgres`: the database, the embedded one too; `lock`: a write that changes the same.
 */
export const WAIT_KINDS = ['upstream', 'budget', 'redis', 'postgres', 'lock'] as const;

export type WaitKind = (typeof WAIT_KINDS)[number];

/** Of one call, in milliseconds. */
export interface CallTimes {
  readonly totalMs: number;
  /** Without the time in which it waited for anything; from 0 to `totalMs`. */
  readonly ownMs: number;
  readonly waitMs: Readonly<Record<WaitKind, number>>;
}

export interface CallAccount {
  /** Runs work whose waits count for this call. */
  within<T>(work: () => T): T;
  /** Ends all its waits; what comes later does not count. The same times however often it is asked. */
  close(): CallTimes;
}

/** Waits for work on somebody's account, where there is one. Fails as the work does. */
export type Waiting = <T>(on: WaitKind, work: () => Promise<T>) => Promise<T>;

export interface Waits {
  open(): CallAccount;
  /** @returns what ends the wait, once */
  begin(on: WaitKind): () => void;
  readonly waiting: Waiting;
  /** Runs work for which the call at hand does not wait, or which serves others as well. */
  apart<T>(work: () => T): T;
}

/** @param now milliseconds on a clock that never goes back */
export function createWaits(now: () => number = () => performance.now()): Waits {
  const current = new AsyncLocalStorage<Account | undefined>();

  function begin(on: WaitKind): () => void {
    const account = current.getStore();
    if (account === undefined) return nothing;
    account.begin(on, now());
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      account.end(on, now());
    };
  }

  return {
    begin,
    open() {
      const account = new Account(now(), current.getStore());
      return {
        within: (work) => current.run(account, work),
        close: () => account.close(now()),
      };
    },
    waiting(on, work) {
      const end = begin(on);
      if (end === nothing) return work();
      return ending(end, work);
    },
    apart: (work) => current.run(undefined, work),
  };
}

const nothing = (): void => {};

function ending<T>(end: () => void, work: () => Promise<T>): Promise<T> {
  try {
    const result = work();
    // Registered before the caller can wait for the result: the wait is over when he goes on.
    result.then(end, end);
    return result;
  } catch (thrown) {
    end();
    throw thrown;
  }
}

/** The time in which at least one of several things is open. */
class Union {
  open = 0;
  #ms = 0;
  #since = 0;

  begin(at: number): void {
    if (this.open === 0) this.#since = at;
    this.open += 1;
  }

  end(at: number): void {
    this.open -= 1;
    if (this.open === 0) this.#ms += at - this.#since;
  }

  endAll(at: number): number {
    if (this.open > 0) this.#ms += at - this.#since;
    this.open = 0;
    return this.#ms;
  }
}

class Account {
  readonly #parent: Account | undefined;
  readonly #openedAt: number;
  readonly #all = new Union();
  readonly #kinds: Readonly<Record<WaitKind, Union>> = perKind(() => new Union());
  #closed: CallTimes | undefined;

  constructor(openedAt: number, parent: Account | undefined) {
    this.#openedAt = openedAt;
    this.#parent = parent;
  }

  begin(on: WaitKind, at: number): void {
    if (this.#closed !== undefined) return;
    this.#all.begin(at);
    this.#kinds[on].begin(at);
    this.#parent?.begin(on, at);
  }

  end(on: WaitKind, at: number): void {
    if (this.#closed !== undefined) return;
    this.#all.end(at);
    this.#kinds[on].end(at);
    this.#parent?.end(on, at);
  }

  close(at: number): CallTimes {
    if (this.#closed !== undefined) return this.#closed;
    for (const on of WAIT_KINDS) {
      for (let left = this.#kinds[on].open; left > 0; left -= 1) this.#parent?.end(on, at);
    }
    const totalMs = at - this.#openedAt;
    const waitMs = perKind((on) => this.#kinds[on].endAll(at));
    // Sums of fractions may come out a hair above the whole.
    const ownMs = Math.max(0, totalMs - this.#all.endAll(at));
    this.#closed = { totalMs, ownMs, waitMs };
    return this.#closed;
  }
}

const perKind = <T>(make: (on: WaitKind) => T): Record<WaitKind, T> => ({
  upstream: make('upstream'),
  budget: make('budget'),
  redis: make('redis'),
  postgres: make('postgres'),
  lock: make('lock'),
});
