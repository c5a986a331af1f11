/** The budget of one process: for a server without Redis, which keeps to its share of what all of them may use. */
import { type Budget, type BudgetLimits, ORDER_DESK_BUDGET, type Token } from '../budget.js';
import { LocalBudgets } from './local-budgets.js';
import { partOf, rulesOf } from './rules.js';

export interface MemoryBudgetOptions {
  readonly limits?: BudgetLimits;
  /** The part of the budget that this process may use, above 0 and at most 1, which is the default. */
  readonly share?: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
  /** Buckets held at most. */
  readonly held?: number;
}

export function createMemoryBudget(options: MemoryBudgetOptions = {}): Budget {
  const { limits = ORDER_DESK_BUDGET, share, held } = options;
  const now = options.now ?? (() => performance.now());
  const rules = rulesOf(limits, share);
  const buckets = new LocalBudgets(rules, now, held);
  const returned = new WeakSet<Token>();
  return {
    mode: 'local',
    async reserve(bucket, priority) {
      return buckets.reserve(bucket, priority);
    },
    async observe(bucket, token, remaining) {
      return buckets.observe(bucket, token, remaining);
    },
    async pause(bucket, ms) {
      buckets.pause(bucket, ms);
    },
    async giveBack(bucket, token) {
      if (returned.has(token)) return;
      returned.add(token);
      buckets.giveBack(bucket, token);
    },
    async peek(bucket) {
      const { free, pauseMs } = buckets.peek(bucket) ?? { free: rules.start / rules.interval, pauseMs: 0 };
      return { mode: 'local', tokens: free, ...partOf(limits, share), pauseMs };
    },
    async close() {
      buckets.clear();
    },
  };
}
