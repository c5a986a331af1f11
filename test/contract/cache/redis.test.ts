import { createRedisCache } from '../../../src/cache/redis.js';
import { shareRedis } from '../../../src/redis/shared-redis.js';
import { connectPatiently } from '../../support/patient-redis.js';
import { emptyRedis } from '../../support/services/index.js';
import { cacheContract } from './cache-contract.js';

cacheContract('Redis', {
  runs: 40,
  open: async () => {
    const { url } = await emptyRedis();
    const redis = await connectPatiently(url);
    const shared = shareRedis({ redis });
    shared.onChange((state, reason) => {
      throw new Error(`Redis is ${state}`, { cause: reason });
    });
    return {
      cache: createRedisCache({ shared }),
      /** Redis has no other clock than its own: the lives are cut instead. */
      pass: async (ms) => {
        for (const key of await redis.keys('odm:*')) {
          const left = await redis.pttl(key);
          if (left === -1) throw new Error(`${key} lives for ever`);
          if (left > ms) await redis.pexpire(key, left - ms);
          // Also when it has ended since it was listed.
          else await redis.del(key);
        }
      },
      evict: async (pick) => {
        const keys = (await redis.keys('odm:*')).sort();
        const key = keys[pick % keys.length];
        if (key !== undefined) await redis.del(key);
      },
      close: async () => {
        shared.close();
        redis.disconnect();
      },
    };
  },
});
