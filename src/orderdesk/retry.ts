/**
 * Makes calls again that failed for a moment. Reads: when Order Desk fails, cannot be reached, takes too long, asks to
 * wait, or (once) when its answer is damaged. Writes: only when it is proven that nothing was carried out, which is
 * when no byte left or when Order Desk asked to wait. The waits grow and are spread at random, so that callers who
 * failed together do not come back together.
 */
import { AppError, cancellation } from '../errors.js';
import { isTooLarge } from './body.js';
import type { Route, Send, UpstreamCall } from './call.js';
import type { RetryBudget } from './retry-budget.js';

const MAX_ATTEMPTS = 3;
const BASE_MS = 250;
const CAP_MS = 4_000;
/** An attempt with less than this left would only end in a time-out. */
const LEAST_ATTEMPT_MS = 250;
/** How long a caller is made to wait who has named no deadline. */
const WAIT_WITHOUT_DEADLINE_MS = 10_000;

export type RetryReason = 'rate_limited' | 'server_error' | 'network' | 'timeout' | 'damaged';

export type RetryObserver = (route: Route, reason: RetryReason) => void;

export interface RetryOptions {
  readonly budget: RetryBudget;
  readonly onRetry: RetryObserver;
  /** Milliseconds on the clock of `deadlineAt`. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Ends early, with a rejection or without, when the signal ends. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** What is known of one attempt besides its error. */
interface Attempt {
  departed: boolean;
  status: number | undefined;
}

/** @throws AppError what the last attempt threw; the reason of the signal when that ended a wait */
export function retrying(next: Send, options: RetryOptions): Send {
  return async (call) => {
    options.budget.countCall();
    let damaged = 0;
    for (let attempts = 1; ; attempts += 1) {
      const seen: Attempt = { departed: false, status: undefined };
      try {
        return await next(watched(call, seen));
      } catch (error) {
        const reason = error instanceof AppError ? reasonToRetry(call, error, seen) : undefined;
        if (!(error instanceof AppError) || reason === undefined || attempts === MAX_ATTEMPTS) throw error;
        if (reason === 'damaged') damaged += 1;
        const waitMs = waitBefore(attempts, error, options.random);
        const fits = waitMs <= timeLeft(call, options.now()) && damaged <= 1 && !call.signal.aborted;
        if (!fits || !options.budget.take()) throw error;
        options.onRetry(call.route, reason);
        await options.sleep(waitMs, call.signal).catch(() => undefined);
        if (call.signal.aborted) throw cancellation(call.signal);
      }
    }
  };
}

const watched = (call: UpstreamCall, seen: Attempt): UpstreamCall => ({
  ...call,
  onDeparture: () => {
    seen.departed = true;
    call.onDeparture?.();
  },
  onReply: (facts) => {
    seen.status = facts.status;
    call.onReply?.(facts);
  },
});

/** Undefined where the call must not be made again, or where that would not help. */
function reasonToRetry(call: UpstreamCall, error: AppError, seen: Attempt): RetryReason | undefined {
  if (error.code === 'upstream_rate_limited') return 'rate_limited';
  if (call.method !== 'GET' && seen.departed) return undefined;
  if (error.code === 'upstream_timeout') return 'timeout';
  if (error.code === 'upstream_malformed') {
    const isRedirect = seen.status !== undefined && seen.status >= 300;
    return isRedirect || isTooLarge(error) ? undefined : 'damaged';
  }
  if (error.code !== 'upstream_unavailable') return undefined;
  if (seen.status === undefined) return 'network';
  return seen.status >= 500 ? 'server_error' : 'damaged';
}

/** What Order Desk asked for, or a random part of a span that doubles; milliseconds. */
function waitBefore(attempts: number, { retryAfterS }: AppError, random: () => number): number {
  if (retryAfterS !== undefined) return retryAfterS * 1000 + random() * BASE_MS;
  return random() * Math.min(CAP_MS, BASE_MS * 2 ** (attempts - 1));
}

const timeLeft = ({ deadlineAt }: UpstreamCall, now: number): number =>
  deadlineAt === undefined ? WAIT_WITHOUT_DEADLINE_MS : deadlineAt - now - LEAST_ATTEMPT_MS;
