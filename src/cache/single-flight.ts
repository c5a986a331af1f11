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
  waiters: number;
}

export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>();

  /** Pieces of work under way. */
  get size(): number {
    return this.#flights.size;
  }

  /**
   * Joins the work under way for `key`, or starts it. All waiters get the same value: it must not be changed.
   * @param work gets the signal of the work, not of any one waiter
   * @throws what `work` throws; the reason of `signal` if it is an AppError, else AppError `cancelled`
   */
  async run(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (signal.aborted) throw cancellation(signal);
    const flight = this.#flights.get(key) ?? this.#start(key, work);
    flight.waiters += 1;
    try {
      return await untilAborted(flight.result, signal);
    } finally {
      flight.waiters -= 1;
      if (flight.waiters === 0 && this.#forget(key, flight)) flight.controller.abort(signal.reason);
    }
  }

  #start(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    // Starting in a microtask turns a synchronous throw of `work` into a rejection like any other.
    const result = Promise.resolve().then(() => work(controller.signal));
    const flight: Flight<T> = { result, controller, waiters: 0 };
    this.#flights.set(key, flight);
    const forget = () => this.#forget(key, flight);
    result.then(forget, forget);
    return flight;
  }

  /**
   * Whoever comes after this starts anew: an aborted flight is joined by nobody.
   * @returns whether the flight was still under way
   */
  #forget(key: string, flight: Flight<T>): boolean {
    return this.#flights.get(key) === flight && this.#flights.delete(key);
  }
}
