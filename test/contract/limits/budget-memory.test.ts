import { createMemoryBudget } from '../../../src/limits/budget/memory.js';
import { budgetContract } from './budget-contract.js';

budgetContract(
  'memory',
  async () => {
    let time = 1_000;
    const budget = createMemoryBudget({ now: () => time });
    return {
      budget,
      pass: (ms) => {
        time += ms;
      },
      close: () => budget.close(),
    };
  },
  { runs: 150 },
);
