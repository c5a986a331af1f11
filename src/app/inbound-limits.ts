/** The limits on inbound calls, shared through Redis where there is one. */
import { createHmac } from 'node:crypto';
import { InboundLimits } from '../limits/inbound.js';
import { createMemoryLimiter } from '../limits/memory.js';
import type { Limiter } from '../limits/port.js';
import { createRedisLimiter } from '../limits/redis.js';
import type { SharedRedis } from '../redis/shared-redis.js';
import type { Metrics } from '../telemetry/port.js';
import type { KeyRing } from '../tenancy/rings/key-ring.js';
import type { AppConfig } from './foundation.js';

export interface OpenLimits {
  readonly inbound: InboundLimits;
  readonly limiter: Limiter;
}

export function openInboundLimits(
  config: AppConfig,
  peppers: KeyRing,
  shared: SharedRedis | undefined,
  metrics: Metrics,
): OpenLimits {
  const limiter = shared === undefined ? createMemoryLimiter() : createRedisLimiter({ shared });
  const inbound = new InboundLimits({
    limiter,
    settings: config.limits,
    hashAddress: (network) =>
      createHmac('sha256', peppers.current.key).update('address|').update(network).digest('base64url'),
    now: () => performance.now(),
    observe: metrics.countLimit,
  });
  return { inbound, limiter };
}
