/**
 * One piece of work for all who ask for the same thing at the same time. The work has a signal of its own, which
 * ends when its last waiter has left; each waiter leaves by its own signal. Nothing is remembered once the work is
 * over, a failure least of all.
 */
import { cancellation } from '../errors.js';
import { untilAborted } from './until-aborted.js';

interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  readonly scopes: readonly string[];
  waiters: number;
  isOver: boolean;
}

export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>();

  /** Pieces of work that can still be joined. */
  get size(): number {
    return this.#flights.size;
  }

  /**
   * Joins the work under way for `key`, or starts it. All waiters get the same value: it must not be changed.
   * @param work gets the signal of the work, not of any one waiter
   * @param scopes what the work depends on, for `forget`
   * @throws what `work` throws; the reason of `signal` if it is an AppError, else AppError `cancelled`
   */
  async run(
    key: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
    scopes: readonly string[] = [],
  ): Promise<T> {
    if (signal.aborted) throw cancellation(signal);
    const flight = this.#flights.get(key) ?? this.#start(key, work, scopes);
    flight.waiters += 1;
    try {
      return await untilAborted(flight.result, signal);
    } finally {
      flight.waiters -= 1;
      if (flight.waiters === 0 && !flight.isOver) this.#abandon(key, flight, signal.reason);
    }
  }

  /** What depends on one of these scopes is joined by nobody from now on; who waits for it already goes on waiting. */
  forget(scopes: readonly string[]): void {
    for (const [key, flight] of this.#flights)
      if (flight.scopes.some((scope) => scopes.includes(scope))) this.#flights.delete(key);
  }

  #start(key: string, work: (signal: AbortSignal) => Promise<T>, scopes: readonly string[]): Flight<T> {
    const controller = new AbortController();
    // Starting in a microtask turns a synchronous throw of `work` into a rejection like any other.
    const result = Promise.resolve().then(() => work(controller.signal));
    const flight: Flight<T> = { result, controller, scopes, waiters: 0, isOver: false };
    this.#flights.set(key, flight);
    const over = () => {
      flight.isOver = true;
      this.#remove(key, flight);
    };
    result.then(over, over);
    return flight;
  }

  /** Whoever comes after this starts anew: an aborted flight is joined by nobody. */
  #abandon(key: string, flight: Flight<T>, reason: unknown): void {
    this.#remove(key, flight);
    flight.controller.abort(reason);
  }

  #remove(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
