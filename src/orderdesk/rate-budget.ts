/**
 * A token of the store's budget for every call, before it is sent; what the reply says about the budget goes back to
 * it. Only a store whose own key Order Desk has accepted shares the bucket of its id: whoever merely names somebody
 * else's id cannot slow that store down.
 */
import { AppError } from '../errors.js';
import type { Budget, Token } from '../limits/budget.js';
import { BudgetQueue, leaving, type QueueSettings, type Timer } from './budget-queue.js';
import type { Priority, ReplyFacts, Send } from './call.js';
import { sharedName } from './shared-name.js';

/** One call that asked for its token. */
export interface BudgetEvent {
  /** `granted`: at once or after a wait; `exhausted`: the wait would have been too long; `left`: the caller went. */
  readonly outcome: 'granted' | 'exhausted' | 'left';
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
  /** Milliseconds on the clock of `UpstreamCall.deadlineAt`: `performance.now` unless a test has its own. */
  readonly now?: () => number;
  readonly timer?: Timer;
  readonly random?: () => number;
}

/** Seconds to leave a store alone after a 429 that does not say. */
const PAUSE_UNTOLD_S = 30;

/**
 * Calls made with it throw, beside what `next` throws, AppError `rate_budget_exhausted` with `retryAfterS` as soon as
 * it is certain that no token comes in time, and `cancelled` when the caller went while it waited. Calls with a
 * credential that is not kept yet go straight through.
 */
export function createRateBudget(options: RateBudgetOptions): (next: Send) => Send {
  const { budget } = options;
  const now = options.now ?? (() => performance.now());
  const settings: QueueSettings = {
    budget,
    now,
    timer: options.timer ?? startTimer,
    random: options.random ?? Math.random,
    perSecond: options.perSecond,
    places: options.places,
    maxWaitMs: options.maxWaitMs,
  };
  const queues = new Map<string, BudgetQueue>();

  function queueOf(bucket: string): BudgetQueue {
    const known = queues.get(bucket);
    if (known !== undefined) return known;
    const queue = new BudgetQueue(bucket, settings, () => queues.delete(bucket));
    queues.set(bucket, queue);
    return queue;
  }

  function settle(bucket: string, token: Token, { status, tokensRemaining, retryAfterS }: ReplyFacts): void {
    if (status === 429) void pauseFor(bucket, (retryAfterS ?? PAUSE_UNTOLD_S) * 1_000);
    else if (tokensRemaining !== undefined) void compare(bucket, token, tokensRemaining);
  }

  async function pauseFor(bucket: string, ms: number): Promise<void> {
    await budget.pause(bucket, ms);
    // Those who wait learn at once how long it takes now.
    queues.get(bucket)?.askAgain();
  }

  async function compare(bucket: string, token: Token, remaining: number): Promise<void> {
    if (await budget.observe(bucket, token, remaining)) options.onForeignUse();
  }

  return (next) => async (call) => {
    if (call.account.kind === 'offered') return next(call);
    const bucket = sharedName(call.account.store);
    const askedAt = now();
    const observe = (outcome: BudgetEvent['outcome']): void =>
      options.observe({ outcome, priority: call.priority ?? 'interactive', waitMs: now() - askedAt });
    const queue = queueOf(bucket);
    let token: Token;
    try {
      if (call.signal.aborted) throw leaving(call, now());
      token = await queue.enter(call);
    } catch (thrown) {
      observe(isExhausted(thrown) ? 'exhausted' : 'left');
      throw thrown;
    }
    let departed = false;
    try {
      // After the grant and before this line the caller may have gone.
      if (call.signal.aborted) {
        observe('left');
        throw leaving(call, now());
      }
      observe('granted');
      return await next({
        ...call,
        onDeparture: () => {
          departed = true;
          call.onDeparture?.();
        },
        onReply: (facts) => {
          settle(bucket, token, facts);
          call.onReply?.(facts);
        },
      });
    } finally {
      if (!departed) void budget.giveBack(bucket, token);
      queue.leave();
    }
  };
}

const isExhausted = (thrown: unknown): boolean =>
  thrown instanceof AppError && thrown.code === 'rate_budget_exhausted';

const startTimer: Timer = (run, ms) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};
