/**
 * A token of the store's budget for every call, before it is sent; what the reply says about the budget goes back to
 * it. Only a store whose own key Order Desk has accepted shares the bucket of its id: whoever merely names somebody
 * else's id cannot slow that store down.
 */
import { AppError } from '../errors.js';
import type { Budget, Token } from '../limits/budget.js';
import type { Waits } from '../telemetry/waits.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { BudgetQueue, leaving, type QueueSettings, type Timer } from './budget-queue.js';
import {
  type Priority,
  type ReplyFacts,
  type Send,
  TurnLost,
  type UpstreamCall,
  type UpstreamReply,
} from './call.js';
import { noPlace } from './failures.js';
import { placesOf, sharedName } from './shared-name.js';

/** One call that asked for its token. */
export interface BudgetEvent {
  /**
   * `granted`: at once or after a wait; `exhausted`: the wait would have been too long; `crowded`: no place came free;
   * `left`: the caller went.
   */
  readonly outcome: 'granted' | 'exhausted' | 'crowded' | 'left';
  readonly priority: Priority;
  /** Milliseconds, whatever came of it. */
  readonly waitMs: number;
}

export interface RateBudgetOptions {
  readonly budget: Budget;
  /** Tokens that come back to a bucket each second. */
  readonly perSecond: number;
  /** Calls of one bucket under way at the same time. */
  readonly places: number;
  /** Milliseconds that a call waits at most. */
  readonly maxWaitMs: number;
  readonly observe: (event: BudgetEvent) => void;
  /** Told whenever a reply showed that somebody else uses a store's budget. */
  readonly onForeignUse: () => void;
  /** Waits for a token are on the account of the call, what serves others too on nobody's; not measured unless told. */
  readonly waits?: Pick<Waits, 'waiting' | 'apart'> | undefined;
  /** Milliseconds on the clock of `UpstreamCall.deadlineAt`: `performance.now` unless a test has its own. */
  readonly now?: () => number;
  readonly timer?: Timer;
  readonly random?: () => number;
}

/**
 * How long a call may take to leave once it has its token, in milliseconds. Tokens that waited for a connection would
 * leave in a bunch with those that came back to the bucket meanwhile, and be more than Order Desk grants.
 */
const TURN_MS = 500;
/** A call that loses its turn takes another; after so many there is no way out for it. */
const MOST_TURNS = 5;
/** Seconds to leave a store alone after a 429 that does not say. */
const PAUSE_UNTOLD_S = 30;

/**
 * Calls made with it throw, beside what `next` throws, AppError `rate_budget_exhausted` with `retryAfterS` as soon as
 * it is certain that no token comes in time, and `cancelled` when the caller went while it waited. Calls with a
 * credential that is not kept yet go straight through.
 */
export function createRateBudget(options: RateBudgetOptions): (next: Send) => Send {
  const { budget, waits = UNMEASURED } = options;
  const now = options.now ?? (() => performance.now());
  const settings: Omit<QueueSettings, 'places'> = {
    budget,
    now,
    timer: options.timer ?? startTimer,
    random: options.random ?? Math.random,
    perSecond: options.perSecond,
    maxWaitMs: options.maxWaitMs,
  };
  const queues = new Map<string, BudgetQueue>();

  function queueOf(store: StoreEntry): BudgetQueue {
    const bucket = sharedName(store);
    const known = queues.get(bucket);
    if (known !== undefined) return known;
    const queue = new BudgetQueue(bucket, { ...settings, places: placesOf(store, options.places) }, () =>
      queues.delete(bucket),
    );
    queues.set(bucket, queue);
    return queue;
  }

  function settle(bucket: string, token: Token, { status, tokensRemaining, retryAfterS }: ReplyFacts): void {
    // The call goes on meanwhile.
    waits.apart(() => {
      if (status === 429) void pauseFor(bucket, (retryAfterS ?? PAUSE_UNTOLD_S) * 1_000);
      else if (tokensRemaining !== undefined) void compare(bucket, token, tokensRemaining);
    });
  }

  async function pauseFor(bucket: string, ms: number): Promise<void> {
    await budget.pause(bucket, ms);
    // Those who wait learn at once how long it takes now.
    queues.get(bucket)?.askAgain();
  }

  async function compare(bucket: string, token: Token, remaining: number): Promise<void> {
    if (await budget.observe(bucket, token, remaining)) options.onForeignUse();
  }

  /** Waits for a token and a place; whatever comes of it is told. */
  async function enter(call: UpstreamCall, store: StoreEntry): Promise<Turn> {
    const askedAt = now();
    const observe = (outcome: BudgetEvent['outcome']): void =>
      options.observe({ outcome, priority: call.priority ?? 'interactive', waitMs: now() - askedAt });
    try {
      if (call.signal.aborted) throw leaving(call, now());
      const queue = queueOf(store);
      const token = await waits.waiting('budget', () => waits.apart(() => queue.enter(call)));
      observe('granted');
      return { token, queue, since: now() };
    } catch (thrown) {
      observe(outcomeOf(thrown));
      throw thrown;
    }
  }

  /** @throws TurnLost when the call could not leave soon enough; what `next` throws */
  async function goInTurn(next: Send, call: UpstreamCall, store: StoreEntry): Promise<UpstreamReply> {
    const bucket = sharedName(store);
    const { token, queue, since } = await enter(call, store);
    let departed = false;
    try {
      // After the grant and before this line the caller may have gone.
      if (call.signal.aborted) throw leaving(call, now());
      return await next({
        ...call,
        onDeparture: () => {
          if (now() - since > TURN_MS) throw new TurnLost();
          departed = true;
          call.onDeparture?.();
        },
        onReply: (facts) => {
          settle(bucket, token, facts);
          call.onReply?.(facts);
        },
      });
    } finally {
      // An old token is lost: the bucket may have been full since, and would come out with more than it holds.
      if (!departed && now() - since <= TURN_MS) void waits.apart(() => budget.giveBack(bucket, token));
      queue.leave();
    }
  }

  return (next) => async (call) => {
    if (call.account.kind === 'offered') return next(call);
    const { store } = call.account;
    for (let turns = 1; ; turns += 1) {
      try {
        return await goInTurn(next, call, store);
      } catch (error) {
        if (!(error instanceof TurnLost)) throw error;
        if (turns === MOST_TURNS) throw noPlace();
      }
    }
  };
}

const UNMEASURED: Pick<Waits, 'waiting' | 'apart'> = {
  waiting: (_on, work) => work(),
  apart: (work) => work(),
};

interface Turn {
  readonly token: Token;
  readonly queue: BudgetQueue;
  /** Milliseconds on the clock of the budget. */
  readonly since: number;
}

function outcomeOf(thrown: unknown): BudgetEvent['outcome'] {
  if (!(thrown instanceof AppError)) return 'left';
  if (thrown.code === 'rate_budget_exhausted') return 'exhausted';
  return thrown.code === 'store_busy' ? 'crowded' : 'left';
}

const startTimer: Timer = (run, ms) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};
