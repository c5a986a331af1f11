/**
 * The calls of this process that wait for one bucket. One question at a time is asked for all of them; who is first
 * when the answer comes has it. A queue that is empty does nothing and can be forgotten.
 */
import { AppError, cancellation } from '../errors.js';
import type { Budget, Token } from '../limits/budget.js';
import { BudgetLanes, type Waiting } from './budget-lanes.js';
import { type Priority, type UpstreamCall, WRITE_NEEDS_MS } from './call.js';
import { noPlace } from './failures.js';

/** Runs something once after so many milliseconds. @returns what prevents it */
export type Timer = (run: () => void, ms: number) => () => void;

export interface QueueSettings {
  readonly budget: Pick<Budget, 'reserve' | 'giveBack'>;
  /** Milliseconds on the clock of `UpstreamCall.deadlineAt`. */
  readonly now: () => number;
  readonly timer: Timer;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Tokens that come back to a bucket each second: nobody can be served faster than that for long. */
  readonly perSecond: number;
  /** Calls under way at the same time: a token that waited for a connection would leave in a bunch with others. */
  readonly places: number;
  /** Milliseconds that a call waits at most. */
  readonly maxWaitMs: number;
}

/** Milliseconds of its deadline that a read needs for itself. */
export const CALL_TAKES_MS = 300;
/** Replicas that were told the same wait ask again over so many milliseconds. */
const SPREAD_MS = 20;

interface Waiter extends Waiting {
  /** When it has to be served, on the clock of the queue. */
  readonly serveBy: number;
  settle(result: Token | AppError): void;
}

export class BudgetQueue {
  readonly #bucket: string;
  readonly #settings: QueueSettings;
  readonly #onEmpty: () => void;
  readonly #lanes = new BudgetLanes<Waiter>();
  #underWay = 0;
  #isWorking = false;
  /** While all places are taken: what goes on as soon as one is free or nobody waits. */
  #crowded: (() => void) | undefined;
  /** While it sleeps: for whom it asked, until when, and what ends the sleep. */
  #sleep: { readonly asked: Priority; readonly until: number; readonly end: () => void } | undefined;

  constructor(bucket: string, settings: QueueSettings, onEmpty: () => void) {
    this.#bucket = bucket;
    this.#settings = settings;
    this.#onEmpty = onEmpty;
  }

  /**
   * Resolves with a token for this call, whose signal has not ended yet, and a place, to be left when it has ended.
   * @throws AppError `rate_budget_exhausted` as soon as it is certain that none comes in time, `store_busy` when no
   *   place came free, `cancelled`
   */
  async enter(call: UpstreamCall): Promise<Token> {
    const { now, maxWaitMs } = this.#settings;
    const latest = now() + maxWaitMs;
    const takes = call.method === 'GET' ? CALL_TAKES_MS : WRITE_NEEDS_MS;
    const serveBy = call.deadlineAt === undefined ? latest : Math.min(latest, call.deadlineAt - takes);
    if (serveBy < now()) throw exhausted(0);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#lanes.remove(waiter);
        waiter.settle(leaving(call, now(), this.#crowded !== undefined));
        if (this.#lanes.isEmpty) this.#goOn();
      };
      const waiter: Waiter = {
        priority: call.priority ?? 'interactive',
        lane: call.lane ?? '',
        // It replaces a record that was read just before: each wait is time in which somebody else's edit would be lost.
        isCompleting: call.method === 'PUT',
        serveBy,
        settle(result) {
          call.signal.removeEventListener('abort', leave);
          if (result instanceof AppError) reject(result);
          else resolve(result);
        },
      };
      call.signal.addEventListener('abort', leave, { once: true });
      this.#lanes.add(waiter);
      this.#arrived(waiter);
    });
  }

  /** A call that had its token has ended. */
  leave(): void {
    this.#underWay -= 1;
    this.#crowded?.();
    this.#endWhenIdle();
  }

  /** Asks again at once: what was learnt about the wait no longer holds. */
  askAgain(): void {
    this.#sleep?.end();
  }

  #arrived({ priority }: Waiter): void {
    if (!this.#isWorking) {
      this.#isWorking = true;
      void this.#work().catch((error: unknown) => this.#refuseAll(error));
      return;
    }
    if (this.#sleep === undefined) return;
    // Interactive work may not have to wait for as long as background work was told to.
    if (priority === 'interactive' && this.#sleep.asked === 'background') this.#sleep.end();
    else this.#refuseHopeless(this.#sleep.until);
  }

  async #work(): Promise<void> {
    const { budget, now, places } = this.#settings;
    while (!this.#lanes.isEmpty) {
      if (this.#underWay >= places) {
        await this.#place();
        continue;
      }
      const asked = this.#lanes.nextPriority;
      const answer = await budget.reserve(this.#bucket, asked);
      if (answer.granted) {
        const next = this.#lanes.take(asked);
        if (next === undefined) void budget.giveBack(this.#bucket, answer.token);
        else {
          this.#underWay += 1;
          next.settle(answer.token);
        }
        continue;
      }
      const until = now() + answer.waitMs;
      this.#refuseHopeless(until);
      if (!this.#lanes.isEmpty) await this.#sleepUntil(until, asked);
    }
    this.#isWorking = false;
    this.#endWhenIdle();
  }

  #endWhenIdle(): void {
    if (!this.#isWorking && this.#underWay === 0) this.#onEmpty();
  }

  #goOn(): void {
    this.#sleep?.end();
    this.#crowded?.();
  }

  #place(): Promise<void> {
    return new Promise((resolve) => {
      this.#crowded = () => {
        this.#crowded = undefined;
        resolve();
      };
    });
  }

  #sleepUntil(until: number, asked: Priority): Promise<void> {
    const { now, timer, random } = this.#settings;
    return new Promise((resolve) => {
      const end = (): void => {
        prevent();
        this.#sleep = undefined;
        resolve();
      };
      const prevent = timer(end, Math.max(0, until - now()) + random() * SPREAD_MS);
      this.#sleep = { asked, until, end };
    });
  }

  /** @param nextAt when the first in the queue can be served at the earliest */
  #refuseHopeless(nextAt: number): void {
    const apart = 1_000 / this.#settings.perSecond;
    let servedAt = nextAt;
    for (const waiter of [...this.#lanes.inOrder()]) {
      if (servedAt <= waiter.serveBy) {
        servedAt += apart;
        continue;
      }
      this.#lanes.remove(waiter);
      waiter.settle(exhausted(servedAt - this.#settings.now()));
    }
    if (this.#lanes.isEmpty) this.#sleep?.end();
  }

  #refuseAll(cause: unknown): void {
    for (const waiter of [...this.#lanes.inOrder()]) {
      this.#lanes.remove(waiter);
      waiter.settle(new AppError('internal', undefined, { cause }));
    }
    this.#isWorking = false;
    this.#endWhenIdle();
  }
}

/**
 * Why a call ends whose signal does: a deadline that ends in the queue says how the budget is, not Order Desk.
 * @param isCrowded no place was free: it is the calls under way that take long
 */
export function leaving(call: UpstreamCall, now: number, isCrowded = false): AppError {
  const reason = cancellation(call.signal);
  const isLate = call.deadlineAt !== undefined && now >= call.deadlineAt;
  if (reason.code !== 'upstream_timeout' && !isLate) return reason;
  return isCrowded ? noPlace() : exhausted(0);
}

const exhausted = (waitMs: number): AppError =>
  new AppError('rate_budget_exhausted', undefined, {
    retryAfterS: Math.max(1, Math.ceil(waitMs / 1_000)),
    hint: 'Order Desk grants a store about three calls a second. Wait, then make fewer calls at a time.',
  });
