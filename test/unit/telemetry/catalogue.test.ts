/** `docs/MONITORING.md` against the registry, and `docs/health-schemas.json` against the schemas. */
import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { detailedSchema, healthSchema, liveSchema, readySchema } from '../../../src/http/health-schemas.js';
import { createMetrics, type MetricsRegistry } from '../../../src/telemetry/metrics.js';
import { documentedMetrics, typesIn } from '../../support/monitoring-doc.js';

let metrics: MetricsRegistry | undefined;
afterEach(() => metrics?.close());

it('every metric is documented with its type, and every documented one is there', async () => {
  metrics = createMetrics({ tools: ['get_order'], version: '0' });
  metrics.watchRedis(() => ({ isThere: true, queued: 0 }));
  metrics.watchDisk(async () => 0);
  const documented = [...documentedMetrics().values()].map(({ name, type }) => `${name} ${type}`);
  const shown = [...typesIn(await metrics.text())].map(([name, type]) => `${name} ${type}`);
  expect(documented.sort()).toEqual(shown.sort());
});

it('the schemas of health answers are documented as they are', () => {
  const file = new URL('../../../docs/health-schemas.json', import.meta.url);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    '/health': z.toJSONSchema(healthSchema),
    '/health/live': z.toJSONSchema(liveSchema),
    '/health/ready': z.toJSONSchema(readySchema),
    '/health/detailed': z.toJSONSchema(detailedSchema),
  });
});
