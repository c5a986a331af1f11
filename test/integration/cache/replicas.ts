/** Gateways of several replicas over one Redis, in front of one Order Desk that is a variable. */
import { createSecretKey, randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Cache } from '../../../src/cache/port.js';
import { createRedisCache } from '../../../src/cache/redis.js';
import type { Send } from '../../../src/orderdesk/call.js';
import { type CachedGateway, createStoreGateway } from '../../../src/orderdesk/gateway.js';
import { connectRedis } from '../../../src/redis/connection.js';
import { type SharedRedis, shareRedis } from '../../../src/redis/shared-redis.js';
import type { CacheCipher } from '../../../src/tenancy/cache-cipher.js';
import { derivePurposeKey } from '../../../src/tenancy/vault/purpose-key.js';
import { makeCacheCipher } from '../../../src/tenancy/vault/tenant-cache-cipher.js';

export interface Replica {
  readonly gateway: CachedGateway;
  readonly redis: Redis;
  readonly shared: SharedRedis;
  /** What became of look-ups and stores, such as `hit order`. */
  readonly operations: string[];
  end(): Promise<void>;
}

export interface ReplicaOptions {
  readonly send: Send;
  readonly cipher: CacheCipher | undefined;
  /** Puts something between the gateway and the cache. */
  readonly around?: (cache: Cache) => Cache;
}

export async function replicaOn(url: string, options: ReplicaOptions): Promise<Replica> {
  const redis = await connectRedis(url, { onError: () => {} });
  const shared = shareRedis({ redis, retryMs: 20 });
  const cache = createRedisCache({ shared });
  const operations: string[] = [];
  const gateway = createStoreGateway({
    send: options.send,
    cipher: options.cipher,
    cache: options.around?.(cache) ?? cache,
    observeCache: (operation, resource) => operations.push(`${operation} ${resource}`),
  });
  return {
    gateway,
    redis,
    shared,
    operations,
    async end() {
      await cache.close();
      shared.close();
      redis.disconnect();
    },
  };
}

/** Ciphers with the same keys for any tenant, each with a clock of its own. */
export function ciphers() {
  const dataKeys = new Map<string, ReturnType<typeof createSecretKey>>();
  return (now: () => number = Date.now): CacheCipher =>
    makeCacheCipher({
      random: randomBytes,
      now,
      keys: {
        purposeKey: async (tenantId, purpose) => {
          const dataKey = dataKeys.get(tenantId) ?? createSecretKey(randomBytes(32));
          dataKeys.set(tenantId, dataKey);
          return derivePurposeKey(dataKey, purpose);
        },
      },
    });
}
