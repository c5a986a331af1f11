/** Order Desk with all that stands before it: cache, budget and measurements, shared through Redis where there is one. */
import { createMemoryCache } from '../cache/memory.js';
import type { Cache } from '../cache/port.js';
import { createRedisCache } from '../cache/redis.js';
import { createMemoryBudget } from '../limits/budget/memory.js';
import { createRedisBudget } from '../limits/budget/redis.js';
import { CALLS_PER_STORE, createOrderDesk, type OrderDesk } from '../orderdesk/orderdesk.js';
import type { StoreBudgets } from '../orderdesk/port.js';
import { createRateBudget } from '../orderdesk/rate-budget.js';
import { REQUEST_NAMES } from '../orderdesk/requests.js';
import { createStoreBudgets } from '../orderdesk/store-budgets.js';
import type { SharedRedis } from '../redis/shared-redis.js';
import type { Logger } from '../telemetry/logger.js';
import { upstreamOutcome } from '../telemetry/outcomes.js';
import type { Metrics } from '../telemetry/port.js';
import type { Waits } from '../telemetry/waits.js';
import type { CacheCipher } from '../tenancy/cache-cipher.js';
import type { CredentialSource } from '../tenancy/stores.js';
import type { AppConfig } from './foundation.js';
import { VERSION } from './version.js';

/** What only a server has: the command line measures nothing and shares nothing. */
export interface SharedParts {
  readonly metrics?: Metrics;
  readonly redis?: SharedRedis | undefined;
  readonly waits?: Waits;
}

export interface OrderDeskParts extends SharedParts {
  readonly baseUrl: URL;
  readonly credentials: CredentialSource;
  /** For what is kept outside of the process. */
  readonly cipher: CacheCipher;
}

/** With a view of what is left of each store's budget, and the cache that it reads through. */
export type OpenedOrderDesk = OrderDesk & { readonly budgets: StoreBudgets; readonly cache: Cache };

export function openOrderDesk(config: AppConfig, log: Logger, parts: OrderDeskParts): OpenedOrderDesk {
  const { metrics, redis: shared, waits } = parts;
  const cache = shared === undefined ? createMemoryCache() : createRedisCache({ shared });
  metrics?.setCacheItems(() => cache.items);
  metrics?.expectUpstream(REQUEST_NAMES);
  const { budget: limits, replicas, timeoutMs, deadlineMs, maxBodyBytes } = config.upstream;
  const budget =
    shared === undefined
      ? createMemoryBudget({ limits })
      : createRedisBudget({ shared, limits, share: 1 / replicas });

  const orderDesk = createOrderDesk({
    baseUrl: parts.baseUrl,
    proxy: config.upstream.proxy,
    version: VERSION,
    credentials: parts.credentials,
    cache,
    ...(shared === undefined ? {} : { cipher: parts.cipher }),
    ttls: {
      orders: config.cache.ordersTtlMs,
      inventory: config.cache.inventoryTtlMs,
      store: config.cache.storeTtlMs,
    },
    limits: { callTimeoutMs: timeoutMs, maxBodyBytes },
    budget: createRateBudget({
      budget,
      perSecond: limits.perSecond,
      places: CALLS_PER_STORE,
      maxWaitMs: deadlineMs,
      observe: (event) => metrics?.observeBudget(event),
      onForeignUse: () => metrics?.countForeignUse(),
      waits,
    }),
    ...(waits === undefined ? {} : { waiting: waits.waiting }),
    onContactFailure: (err) => log.warn({ err }, 'store contact not recorded'),
    onRetry: (route, reason) => metrics?.countRetry(route, reason),
    onBreaker: ({ scope, to }) => {
      metrics?.countBreaker(scope, to);
      log.warn({ scope, state: to }, 'breaker of Order Desk');
    },
    observeCache: (operation, resource) => metrics?.countCache(operation, resource),
    observe: ({ method, route, status, outcome, durationMs }) => {
      metrics?.observeUpstream({
        route: `${method} ${route}`,
        outcome: upstreamOutcome(outcome),
        durationMs,
      });
      log.debug({ method, route, status, outcome, duration_ms: durationMs }, 'order desk');
    },
  });
  return {
    ...orderDesk,
    budgets: createStoreBudgets(budget),
    cache,
    async close() {
      await orderDesk.close();
      await budget.close();
      await cache.close();
    },
  };
}
