/**
 * One piece of work for all who ask for the same thing at the same time. The work has a signal of its own, which
 * ends when its last waiter has left; each waiter leaves by its own signal. Nothing is remembered once the work is
 * over, a failure least of all.
 *
 * Work goes by the deadline of the one who began it. Who joined it and has clearly more time than that does not fail
 * with it: he begins anew, once, together with the others in his place.
 */
import { cancellation } from '../errors.js';
import { untilAborted } from './until-aborted.js';

/** Runs the wait of somebody for work that another one has begun. */
export type Joined = <R>(wait: () => Promise<R>) => Promise<R>;

export interface SingleFlightOptions {
  /** Whether what the work threw may be for want of time. Without it, nothing is begun anew. */
  readonly isForWantOfTime?: (error: unknown) => boolean;
  /** For measuring; who begins work himself is measured by what it does. */
  readonly joined?: Joined;
}

export interface FlightTerms {
  /** What the work depends on, for `forget`. */
  readonly scopes?: readonly string[];
  /** Until when work that this caller begins may go on; milliseconds, the same clock for all. None: no such end. */
  readonly deadlineAt?: number | undefined;
}

/** Milliseconds. Less than this more is not worth another try. */
const CLEARLY_MORE_MS = 1_000;

interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  readonly scopes: readonly string[];
  readonly deadlineAt: number | undefined;
  waiters: number;
  isOver: boolean;
}

export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>();
  readonly #isForWantOfTime: (error: unknown) => boolean;
  readonly #joined: Joined;

  constructor({ isForWantOfTime = () => false, joined = (wait) => wait() }: SingleFlightOptions = {}) {
    this.#isForWantOfTime = isForWantOfTime;
    this.#joined = joined;
  }

  /** Pieces of work that can still be joined. */
  get size(): number {
    return this.#flights.size;
  }

  /**
   * Joins the work under way for `key`, or starts it. All waiters get the same value: it must not be changed.
   * @param work gets the signal of the work, not of any one waiter
   * @throws what `work` throws; the reason of `signal` if it is an AppError, else AppError `cancelled`
   */
  async run(
    key: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
    terms: FlightTerms = {},
  ): Promise<T> {
    if (signal.aborted) throw cancellation(signal);
    const joined = this.#flights.get(key);
    if (joined === undefined) return this.#wait(key, this.#start(key, work, terms), signal);
    try {
      return await this.#joined(() => this.#wait(key, joined, signal));
    } catch (error) {
      const isWorthIt = endsBefore(joined, terms.deadlineAt) && this.#isForWantOfTime(error);
      if (signal.aborted || !isWorthIt) throw error;
    }
    const other = this.#flights.get(key);
    const canJoin = other !== undefined && !endsBefore(other, terms.deadlineAt);
    if (canJoin) return this.#joined(() => this.#wait(key, other, signal));
    return this.#wait(key, this.#start(key, work, terms), signal);
  }

  async #wait(key: string, flight: Flight<T>, signal: AbortSignal): Promise<T> {
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

  #start(key: string, work: (signal: AbortSignal) => Promise<T>, terms: FlightTerms): Flight<T> {
    const { scopes = [], deadlineAt } = terms;
    const controller = new AbortController();
    // Starting in a microtask turns a synchronous throw of `work` into a rejection like any other.
    const result = Promise.resolve().then(() => work(controller.signal));
    const flight: Flight<T> = { result, controller, scopes, deadlineAt, waiters: 0, isOver: false };
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

/** Whether the work has to end clearly before the deadline of somebody who waits for it. */
const endsBefore = (flight: Pick<FlightTerms, 'deadlineAt'>, deadlineAt: number | undefined): boolean =>
  flight.deadlineAt !== undefined &&
  (deadlineAt === undefined || deadlineAt - flight.deadlineAt > CLEARLY_MORE_MS);
