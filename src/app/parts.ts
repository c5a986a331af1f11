/** The parts of a running server that are looked at from outside: by Prometheus and in `/health/detailed`. */
import type { Cache } from '../cache/port.js';
import type { Health } from '../http/health.js';
import type { LoopSample } from '../http/shedding.js';
import type { Database } from '../storage/port.js';
import type {
  Metrics,
  PoolUse,
  QueueUse,
  RedisUse,
  SharingMode,
  UpstreamPoolUse,
} from '../telemetry/port.js';
import type { DiskUse } from './disk.js';
import { boundedProbe } from './health-probes.js';

export interface Parts {
  readonly health: Health;
  readonly database: Database;
  /** `undefined` on the embedded database. */
  readonly poolUse: () => PoolUse | undefined;
  readonly cache: Cache;
  /** `undefined` where no Redis is configured. */
  readonly redisUse: () => RedisUse | undefined;
  readonly limiterMode: () => SharingMode;
  readonly upstreamPool: () => UpstreamPoolUse;
  readonly hashes: () => QueueUse;
  readonly requestsInFlight: () => number;
  readonly disk: () => Promise<DiskUse | undefined>;
  readonly loop: { readonly latest: LoopSample | undefined; readonly lasts: boolean };
}

/** Much less than Prometheus waits for a scrape. */
const DISK_BOUND_MS = 1_000;

/**
 * Lets the metrics ask the parts whenever they are asked themselves.
 * @param diskBoundMs milliseconds after which the disk counts as one of which the system does not tell
 */
export function watchParts(metrics: Metrics, parts: Parts, diskBoundMs = DISK_BOUND_MS): void {
  const { poolUse } = parts;
  metrics.watchPool(() => poolUse() ?? NO_POOL);
  metrics.watchUpstreamPool(parts.upstreamPool);
  metrics.watchHashes(parts.hashes);
  metrics.watchRequests(parts.requestsInFlight);
  // A file system on a network may hang for good: that must not take the other metrics with it.
  const disk = boundedProbe(parts.disk, { boundMs: diskBoundMs, now: () => performance.now() });
  metrics.watchDisk(async () => {
    const probed = await disk();
    return probed.ok ? probed.value?.usedRatio : undefined;
  });
}

const NO_POOL: PoolUse = { inUse: 0, idle: 0, waiting: 0, max: 0 };
