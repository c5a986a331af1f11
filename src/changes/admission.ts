/**
 * Whether an operation may begin. The rate budget of a store cannot keep tokens for later, so what is asked is whether
 * the requests can come in time at all: nothing is claimed for a call that would only wait for its end.
 */
import { AppError } from '../errors.js';
import type { StoreBudget, StoreBudgets } from '../orderdesk/port.js';
import type { StoreEntry } from '../tenancy/stores.js';

/** What a write needs before the deadline of its call to begin, in milliseconds; the client of Order Desk asks the same. */
export const WRITE_NEEDS_MS = 10_000;

export interface Admission {
  readonly budgets: StoreBudgets;
  readonly monotonic: () => number;
}

/**
 * @param calls requests to Order Desk; more than the budget can hold at once come in parts, and are not waited for here
 * @param deadlineAt in milliseconds of `monotonic`
 * @throws AppError `rate_budget_exhausted`
 */
export async function admit(
  { budgets, monotonic }: Admission,
  store: StoreEntry,
  calls: number,
  deadlineAt: number,
): Promise<void> {
  const waitMs = waitFor(await budgets.of(store), calls);
  if (waitMs === 0 || monotonic() + waitMs <= deadlineAt - WRITE_NEEDS_MS) return;
  const retryAfterS = Math.max(1, Math.ceil(Math.min(waitMs, 300_000) / 1_000));
  throw new AppError(
    'rate_budget_exhausted',
    'The API budget of this store is taken for longer than this call may wait. Nothing was changed by this call.',
    { retryAfterS, hint: `Wait ${retryAfterS} seconds, then make the same call again.` },
  );
}

/** Milliseconds until so many requests can have been sent. */
function waitFor({ tokens, capacity, perSecond, pausedS }: StoreBudget, calls: number): number {
  const missing = Math.max(0, Math.min(calls, capacity) - tokens);
  const refilled = missing === 0 ? 0 : (missing / Math.max(perSecond, 0.001)) * 1_000;
  return pausedS * 1_000 + refilled;
}
