import { describe, expect, it } from 'vitest';
import { diskStatus, verdictOn } from '../../../src/app/health-verdict.js';

type Findings = Parameters<typeof verdictOn>[0];

const FINE: Findings = {
  as_of: '2026-01-01T00:00:00.000Z',
  server: {
    version: '0',
    commit: 'unknown',
    node: 'v20',
    profile: 'test',
    phase: 'ready',
    degraded: [],
    uptime_s: 1,
    requests_in_flight: 1,
  },
  database: {
    status: 'ok',
    latency_ms: 1,
    error: null,
    kind: 'postgres',
    schema_version: 4,
    pool: { in_use: 1, idle: 1, waiting: 0, max: 10 },
  },
  cache: { status: 'ok', latency_ms: 1, error: null, kind: 'redis', items: 0 },
  redis: { is_there: true, queue_length: 0 },
  limits: { limiter: 'shared', budget: 'shared' },
  disk: { status: 'ok', used_ratio: 0.5, free_bytes: 1 },
  memory: {
    process: { rss_bytes: 90, heap_used_bytes: 1, heap_limit_bytes: 1, external_bytes: 1 },
    system: { total_bytes: 1_000, free_bytes: 1 },
    limit_bytes: 100,
  },
  event_loop: { delay_ms: 0, utilization_ratio: 0.1, pressure: false },
  order_desk_pool: { connected: 0, free: 0, pending: 0, running: 0, queued: 0 },
  key_hashes: { running: 0, waiting: 0 },
  overrides: [],
  configuration: {},
};

const { server, database, cache, memory } = FINE;

describe('the verdict on a server', () => {
  it('is ok when there is nothing to say', () => {
    expect(verdictOn(FINE)).toEqual({ status: 'ok', reasons: [] });
  });

  it('does not miss what is not there: no Redis, no pool, no disk that tells, no limit of memory', () => {
    const bare: Findings = {
      ...FINE,
      redis: null,
      disk: null,
      database: { ...database, pool: null },
      memory: { ...memory, limit_bytes: null },
    };
    expect(verdictOn(bare).status).toBe('ok');
  });

  it.each<[string, string, Partial<Findings>]>([
    ['critical', 'database_failed', { database: { ...database, status: 'failed' } }],
    ['critical', 'disk_full', { disk: { status: 'critical', used_ratio: 0.95, free_bytes: 1 } }],
    ['degraded', 'starting', { server: { ...server, phase: 'starting' } }],
    ['degraded', 'draining', { server: { ...server, phase: 'draining' } }],
    ['degraded', 'redis_away', { redis: { is_there: false, queue_length: 0 } }],
    ['degraded', 'cache_failed', { cache: { ...cache, status: 'failed' } }],
    [
      'degraded',
      'database_pool_exhausted',
      { database: { ...database, pool: { in_use: 10, idle: 0, waiting: 1, max: 10 } } },
    ],
    ['degraded', 'pressure', { event_loop: { delay_ms: 900, utilization_ratio: 1, pressure: true } }],
    ['degraded', 'disk_filling', { disk: { status: 'warn', used_ratio: 0.85, free_bytes: 1 } }],
    ['degraded', 'memory_high', { memory: { ...memory, process: { ...memory.process, rss_bytes: 91 } } }],
  ])('is %s for %s', (status, reason, change) => {
    expect(verdictOn({ ...FINE, ...change })).toEqual({ status, reasons: [reason] });
  });

  it('names every reason, and takes the worst', () => {
    expect(
      verdictOn({
        ...FINE,
        redis: { is_there: false, queue_length: 0 },
        database: { ...database, status: 'failed' },
      }),
    ).toEqual({ status: 'critical', reasons: ['database_failed', 'redis_away'] });
  });
});

it.each([
  [0.8, 'ok'],
  [0.801, 'warn'],
  [0.9, 'warn'],
  [0.901, 'critical'],
])('a disk of which %d is used is %s', (usedRatio, status) => {
  expect(diskStatus(usedRatio)).toBe(status);
});
