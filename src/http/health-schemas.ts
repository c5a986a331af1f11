/** The forms of what is answered about health, as `docs/MONITORING.md` shows them. */
import { z } from 'zod';

const mode = z.enum(['local', 'shared']);
const phase = z.enum(['starting', 'ready', 'draining']);
const degraded = z.array(z.enum(['redis', 'postgres', 'pressure']));
const count = z.int().min(0);
const milliseconds = z.number().min(0);
const ratio = z.number().min(0).max(1);

/** `GET /health`: always 200. */
export const healthSchema = z.strictObject({
  status: z.literal('ok'),
  version: z.string(),
  uptime_s: count,
  limits: mode,
  degraded,
});

/** `GET /health/live`: always 200. */
export const liveSchema = z.strictObject({ status: z.literal('live') });

/** `GET /health/ready`: 200 for `ready`, else 503. */
export const readySchema = z.strictObject({ status: phase, limits: mode, degraded });

/** Why the server is not all right. Those of the first list make it critical, the others degraded. */
export const CRITICAL = ['database_failed', 'disk_full'] as const;
export const DEGRADING = [
  'starting',
  'draining',
  'redis_away',
  'cache_failed',
  'database_pool_exhausted',
  'pressure',
  'disk_filling',
  'memory_high',
] as const;

/** What came of trying a part; `error` is the name of the failure and never its words. */
const probe = {
  status: z.enum(['ok', 'failed']),
  latency_ms: milliseconds,
  error: z.string().nullable(),
};

/** `GET /health/detailed`: 200 for whoever has the token, whatever is found. */
export const detailedSchema = z.strictObject({
  status: z.enum(['ok', 'degraded', 'critical']),
  reasons: z.array(z.enum([...CRITICAL, ...DEGRADING])),
  /** When all this was looked at. */
  as_of: z.iso.datetime(),
  server: z.strictObject({
    version: z.string(),
    commit: z.string(),
    node: z.string(),
    profile: z.enum(['development', 'staging', 'production', 'test']),
    phase,
    degraded,
    uptime_s: count,
    requests_in_flight: count,
  }),
  database: z.strictObject({
    ...probe,
    kind: z.enum(['postgres', 'embedded']),
    schema_version: count.nullable(),
    pool: z.strictObject({ in_use: count, idle: count, waiting: count, max: count }).nullable(),
  }),
  cache: z.strictObject({ ...probe, kind: z.enum(['redis', 'memory']), items: count }),
  redis: z.strictObject({ is_there: z.boolean(), queue_length: count }).nullable(),
  limits: z.strictObject({ limiter: mode, budget: mode }),
  disk: z
    .strictObject({ status: z.enum(['ok', 'warn', 'critical']), used_ratio: ratio, free_bytes: count })
    .nullable(),
  memory: z.strictObject({
    process: z.strictObject({
      rss_bytes: count,
      heap_used_bytes: count,
      heap_limit_bytes: count,
      external_bytes: count,
    }),
    system: z.strictObject({ total_bytes: count, free_bytes: count }),
    /** Of the control group, `null` where none holds the process to less than the machine has. */
    limit_bytes: count.nullable(),
  }),
  event_loop: z.strictObject({
    delay_ms: milliseconds,
    utilization_ratio: z.number().min(0),
    pressure: z.boolean(),
  }),
  order_desk_pool: z.strictObject({
    connected: count,
    free: count,
    pending: count,
    running: count,
    queued: count,
  }),
  key_hashes: z.strictObject({ running: count, waiting: count }),
  overrides: z.array(z.strictObject({ variable: z.string(), accepts: z.string() })),
  /** Of secrets only `set` or `not set`. */
  configuration: z.record(z.string(), z.string()),
});

export type DetailedHealth = z.infer<typeof detailedSchema>;
