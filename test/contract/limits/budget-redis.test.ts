import { createRedisBudget } from '../../../src/limits/budget/redis.js';
import { connectRedis } from '../../../src/redis/connection.js';
import { shareRedis } from '../../../src/redis/shared-redis.js';
import { emptyRedis } from '../../support/services/index.js';
import { budgetContract } from './budget-contract.js';

budgetContract(
  'Redis',
  async () => {
    const { url } = await emptyRedis();
    const redis = await connectRedis(url, { onError: () => {} });
    let time = 1_700_000_000_000_000;
    const shared = shareRedis({ redis });
    shared.onChange((state, reason) => {
      throw new Error(`Redis is ${state}`, { cause: reason });
    });
    const budget = createRedisBudget({
      shared,
      share: 1,
      now: () => time / 1_000,
      sharedTime: () => time,
    });
    return {
      budget,
      pass: (ms) => {
        time += ms * 1_000;
      },
      close: async () => {
        await budget.close();
        shared.close();
        redis.disconnect();
      },
    };
  },
  { runs: 20 },
);
