import { createRedisLimiter } from '../../../src/limits/redis.js';
import { shareRedis } from '../../../src/redis/shared-redis.js';
import { connectPatiently } from '../../support/patient-redis.js';
import { emptyRedis } from '../../support/services/index.js';
import { limiterContract } from './limiter-contract.js';

limiterContract(
  'Redis',
  async () => {
    const { url } = await emptyRedis();
    const redis = await connectPatiently(url);
    let time = 1_700_000_000_000_000;
    const shared = shareRedis({ redis });
    shared.onChange((state, reason) => {
      throw new Error(`Redis is ${state}`, { cause: reason });
    });
    const limiter = createRedisLimiter({ shared, sharedTime: () => time });
    return {
      limiter,
      pass: (ms) => {
        time += ms * 1_000;
      },
      close: async () => {
        await limiter.close();
        shared.close();
        redis.disconnect();
      },
    };
  },
  { runs: 60 },
);
