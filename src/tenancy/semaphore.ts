/** Bounds work that is dear: so many at once, so many waiting, the rest sent away at once. */
import { AppError } from '../errors.js';

export interface SemaphoreLimits {
  readonly inFlight: number;
  readonly queue: number;
  /** Seconds that a caller who was sent away is told to wait. */
  readonly retryAfterS: number;
}

export class Semaphore {
  readonly #limits: SemaphoreLimits;
  readonly #waiting: (() => void)[] = [];
  #inFlight = 0;

  constructor(limits: SemaphoreLimits) {
    this.#limits = limits;
  }

  get idle(): boolean {
    return this.#inFlight === 0;
  }

  /** How many run and how many wait. */
  get use(): { readonly running: number; readonly waiting: number } {
    return { running: this.#inFlight, waiting: this.#waiting.length };
  }

  /** @throws AppError `overloaded` when the queue is full; whatever `fn` throws */
  async run<T>(fn: () => Promise<T>): Promise<T> {
    if (this.#inFlight < this.#limits.inFlight) this.#inFlight += 1;
    else await this.#turn();
    try {
      return await fn();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed on, not freed: a newcomer must not overtake the queue.
      if (next === undefined) this.#inFlight -= 1;
      else next();
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= this.#limits.queue) {
      throw new AppError('overloaded', undefined, { retryAfterS: this.#limits.retryAfterS });
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
