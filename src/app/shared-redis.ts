/** The connection to Redis, where one is configured, and what is said of it. A Redis that is away does not stop the start. */
import { connectRedis } from '../redis/connection.js';
import { type SharedRedis, shareRedis } from '../redis/shared-redis.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics, RedisUse } from '../telemetry/port.js';
import type { AppConfig } from './foundation.js';

export interface OpenRedis {
  /** `undefined` where there is none: everything is then this process's own. */
  readonly shared: SharedRedis | undefined;
  /** How the connection is used now; `undefined` where there is none. */
  use(): RedisUse | undefined;
  close(): void;
}

export async function openSharedRedis(
  config: Pick<AppConfig, 'redisUrl'>,
  metrics: Metrics,
  log: Logger,
): Promise<OpenRedis> {
  const setMode = (mode: 'local' | 'shared') => {
    metrics.setLimiterMode(mode);
    metrics.setBudgetMode(mode);
  };
  if (config.redisUrl === undefined) {
    setMode('local');
    return { shared: undefined, use: () => undefined, close: () => {} };
  }
  const redis = await connectRedis(config.redisUrl.reveal(), {
    onError: (err) => log.debug({ err }, 'redis connection'),
  });
  const shared = shareRedis({ redis });
  const showMode = () => setMode(shared.state === 'away' ? 'local' : 'shared');
  shared.onChange((state, err) => {
    showMode();
    if (state === 'away') {
      log.warn(
        { err },
        'Redis is away: limits and budgets are those of this process alone, nothing is cached',
      );
    } else {
      log.info({}, 'Redis is back: limits, budgets and cache are shared again');
    }
  });
  await shared.start();
  showMode();
  const use = (): RedisUse => ({
    isThere: shared.state === 'there',
    queued: redis.commandQueue.length,
  });
  metrics.watchRedis(use);
  return {
    shared,
    use,
    close() {
      shared.close();
      redis.disconnect();
    },
  };
}
