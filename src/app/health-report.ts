/**
 * What `/health/detailed` answers. Looked at once in a while and for all who ask at that time: asking is no lever on the
 * database or on Redis, and a part that hangs delays the answer by its bound at most.
 */
import type { DetailedHealth } from '../http/health-schemas.js';
import { readSchemaVersion } from '../storage/migrate.js';
import { cachedFor } from './cached.js';
import type { DiskUse } from './disk.js';
import type { AppConfig } from './foundation.js';
import { memoryNow } from './health-memory.js';
import { boundedProbe, cacheProbe, type Probed } from './health-probes.js';
import { diskStatus, verdictOn } from './health-verdict.js';
import type { Parts } from './parts.js';
import { COMMIT, VERSION } from './version.js';

const MAX_AGE_MS = 2_000;
const PROBE_BOUND_MS = 1_000;

export type ReportConfig = Pick<AppConfig, 'profile' | 'database' | 'overrides' | 'settings'>;

/** @param now milliseconds on a clock that never goes back */
export function healthReport(
  config: ReportConfig,
  parts: Parts,
  now: () => number = () => performance.now(),
): () => Promise<DetailedHealth> {
  const bounds = { boundMs: PROBE_BOUND_MS, now };
  const database = boundedProbe(() => readSchemaVersion(parts.database), bounds);
  const cache = boundedProbe(cacheProbe(parts.cache), bounds);
  const disk = boundedProbe(parts.disk, bounds);
  const look = async (): Promise<DetailedHealth> => {
    const [schema, cached, filled] = await Promise.all([database(), cache(), disk()]);
    const found = {
      as_of: new Date().toISOString(),
      server: serverNow(config, parts),
      database: databaseFindings(config, parts, schema),
      cache: cacheFindings(parts, cached),
      redis: redisFindings(parts),
      limits: limitFindings(parts),
      disk: diskFindings(filled.ok ? filled.value : undefined),
      memory: memoryNow(),
      event_loop: loopFindings(parts),
      order_desk_pool: parts.upstreamPool(),
      key_hashes: parts.hashes(),
      overrides: config.overrides.map(({ variable, accepts }) => ({ variable, accepts })),
      configuration: config.settings,
    };
    return { ...verdictOn(found), ...found };
  };
  return cachedFor(MAX_AGE_MS, look, now);
}

const serverNow = ({ profile }: ReportConfig, { health, requestsInFlight }: Parts) => ({
  version: VERSION,
  commit: COMMIT,
  node: process.version,
  profile,
  phase: health.phase,
  degraded: [...health.degraded],
  uptime_s: Math.floor(process.uptime()),
  requests_in_flight: requestsInFlight(),
});

const outcomeOf = (probed: Probed<unknown>) => ({
  status: probed.ok ? ('ok' as const) : ('failed' as const),
  latency_ms: rounded(probed.latencyMs),
  error: probed.ok ? null : probed.error,
});

function databaseFindings({ database }: ReportConfig, { poolUse }: Parts, schema: Probed<number>) {
  const pool = poolUse();
  return {
    ...outcomeOf(schema),
    kind: database.kind,
    schema_version: schema.ok ? schema.value : null,
    pool:
      pool === undefined
        ? null
        : { in_use: pool.inUse, idle: pool.idle, waiting: pool.waiting, max: pool.max },
  };
}

const cacheFindings = ({ cache, redisUse }: Parts, probed: Probed<void>) => ({
  ...outcomeOf(probed),
  kind: redisUse() === undefined ? ('memory' as const) : ('redis' as const),
  items: cache.items,
});

function redisFindings({ redisUse }: Parts) {
  const use = redisUse();
  return use === undefined ? null : { is_there: use.isThere, queue_length: use.queued };
}

const limitFindings = ({ limiterMode, redisUse }: Parts) => ({
  limiter: limiterMode(),
  budget: redisUse()?.isThere === true ? ('shared' as const) : ('local' as const),
});

const diskFindings = (use: DiskUse | undefined) =>
  use === undefined
    ? null
    : { status: diskStatus(use.usedRatio), used_ratio: rounded(use.usedRatio), free_bytes: use.freeBytes };

const loopFindings = ({ loop: { latest, lasts } }: Parts) => ({
  delay_ms: rounded(Math.max(0, latest?.delayMs ?? 0)),
  utilization_ratio: rounded(latest?.utilization ?? 0),
  pressure: lasts,
});

/** A thousandth of a unit is all that anybody looks at. */
const rounded = (value: number): number => Math.round(value * 1000) / 1000;
