/** The limits on inbound calls, shared through Redis where there is one, and the pressure that turns calls away. */
import { createHmac } from 'node:crypto';
import { InboundLimits } from '../limits/inbound.js';
import { createMemoryLimiter } from '../limits/memory.js';
import type { Limiter } from '../limits/port.js';
import { createRedisLimiter } from '../limits/redis.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/port.js';
import type { KeyRing } from '../tenancy/rings/key-ring.js';
import type { AppConfig } from './foundation.js';
import { connectRedis } from './redis.js';

export interface OpenLimits {
  readonly inbound: InboundLimits;
  readonly limiter: Limiter;
  close(): Promise<void>;
}

/** A Redis that cannot be reached does not stop the start: limits are then those of this process until it is there. */
export async function openInboundLimits(
  config: AppConfig,
  peppers: KeyRing,
  metrics: Metrics,
  log: Logger,
): Promise<OpenLimits> {
  const { limiter, close } =
    config.redisUrl === undefined
      ? ownLimiter()
      : await sharedLimiter(config.redisUrl.reveal(), metrics, log);
  metrics.setLimiterMode(limiter.mode);
  const inbound = new InboundLimits({
    limiter,
    settings: config.limits,
    hashAddress: (network) =>
      createHmac('sha256', peppers.current.key).update('address|').update(network).digest('base64url'),
    now: () => performance.now(),
    observe: metrics.countLimit,
  });
  return { inbound, limiter, close };
}

function ownLimiter() {
  const limiter = createMemoryLimiter();
  return { limiter, close: () => limiter.close() };
}

async function sharedLimiter(url: string, metrics: Metrics, log: Logger) {
  const redis = await connectRedis(url, { onError: (err) => log.debug({ err }, 'redis connection') });
  const limiter = createRedisLimiter({
    redis,
    onMode: (mode, err) => {
      metrics.setLimiterMode(mode);
      if (mode === 'local') log.warn({ err }, 'Redis is away: limits are those of this process alone');
      else log.info({}, 'Redis is back: limits are shared again');
    },
  });
  return {
    limiter,
    async close() {
      await limiter.close();
      redis.disconnect();
    },
  };
}
