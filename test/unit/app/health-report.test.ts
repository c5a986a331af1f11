import { expect, it } from 'vitest';
import { healthReport } from '../../../src/app/health-report.js';
import type { Parts } from '../../../src/app/parts.js';
import { createMemoryCache } from '../../../src/cache/memory.js';
import { detailedSchema } from '../../../src/http/health-schemas.js';
import type { Database } from '../../../src/storage/port.js';
import { partsAtRest } from '../../support/parts-at-rest.js';

const CONFIG = { profile: 'test', database: { kind: 'embedded' }, overrides: [], settings: {} } as const;

/** A server all of whose parts are fine, and a count of what its database is asked. */
function server(change: Partial<Parts> = {}) {
  let statements = 0;
  const database: Database = {
    asTenant: () => Promise.reject(new Error('no tenant is asked for')),
    asSystem: (_job, fn) => {
      statements += 1;
      return fn({ rows: async (row) => [row.parse({ version: 4 })], run: async () => 0 });
    },
    close: async () => {},
  };
  return { parts: partsAtRest({ database, ...change }), statements: () => statements };
}

it('is looked at once for all who ask within two seconds', async () => {
  let time = 0;
  const { parts, statements } = server();
  const ask = healthReport(CONFIG, parts, () => time);
  await Promise.all(Array.from({ length: 100 }, ask));
  time = 1_999;
  await ask();
  expect(statements()).toBe(1);
  time = 2_001;
  await ask();
  expect(statements()).toBe(2);
});

it('has the documented form when everything has failed or tells nothing', async () => {
  const { parts } = server({
    database: {
      asTenant: () => Promise.reject(new Error('away')),
      asSystem: () => Promise.reject(new Error('postgres://user:hunter2@db.example.com is away')),
      close: async () => {},
    },
    cache: { ...createMemoryCache(), lookup: async () => ({ value: undefined, ticket: undefined }) },
    redisUse: () => ({ isThere: false, queued: 3 }),
    disk: async () => undefined,
    poolUse: () => ({ inUse: 10, idle: 0, waiting: 4, max: 10 }),
    loop: { latest: { delayMs: 700, utilization: 1 }, lasts: true },
  });
  const report = detailedSchema.parse(await healthReport(CONFIG, parts)());
  expect(report).toMatchObject({
    status: 'critical',
    reasons: ['database_failed', 'redis_away', 'cache_failed', 'database_pool_exhausted', 'pressure'],
    cache: { error: 'not_read' },
    disk: null,
    limits: { budget: 'local' },
  });
  expect(JSON.stringify(report)).not.toMatch(/hunter2|example\.com/);
});

it('waits for a database that hangs no longer than its bound', async () => {
  const { parts } = server();
  const hanging: Database = { ...parts.database, asSystem: () => new Promise(() => {}) };
  const report = await healthReport(CONFIG, { ...parts, database: hanging })();
  expect(report.database).toMatchObject({ status: 'failed', error: 'timeout', latency_ms: 1_000 });
});
