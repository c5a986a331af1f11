/** What is left of a store's budget, for those who only want to know. */
import type { Budget } from '../limits/budget.js';
import type { StoreBudgets } from './port.js';
import { sharedName } from './shared-name.js';

export const createStoreBudgets = (budget: Pick<Budget, 'peek'>): StoreBudgets => ({
  async of(store) {
    const { mode, tokens, capacity, perSecond, pauseMs } = await budget.peek(sharedName(store));
    return {
      mode,
      tokens: Math.floor(tokens),
      capacity: Math.floor(capacity),
      perSecond,
      pausedS: Math.ceil(pauseMs / 1_000),
    };
  },
});
