import { connectRedis } from '../../../src/app/redis.js';
import { createRedisLimiter } from '../../../src/limits/redis.js';
import { emptyRedis } from '../../support/services/index.js';
import { limiterContract } from './limiter-contract.js';

limiterContract(
  'Redis',
  async () => {
    const { url } = await emptyRedis();
    const redis = await connectRedis(url, { onError: () => {} });
    let time = 1_700_000_000_000_000;
    const limiter = createRedisLimiter({
      redis,
      sharedTime: () => time,
      onMode: (mode, reason) => {
        throw new Error(`the limits became ${mode}`, { cause: reason });
      },
    });
    return {
      limiter,
      pass: (ms) => {
        time += ms * 1_000;
      },
      close: async () => {
        await limiter.close();
        redis.disconnect();
      },
    };
  },
  { runs: 60 },
);
