import { afterEach, expect, it } from 'vitest';
import type { DiskUse } from '../../../src/app/disk.js';
import { type Parts, watchParts } from '../../../src/app/parts.js';
import { createMetrics, type MetricsRegistry } from '../../../src/telemetry/metrics.js';
import { partsAtRest } from '../../support/parts-at-rest.js';

let metrics: MetricsRegistry | undefined;
afterEach(() => metrics?.close());

/** @param disk of parts that are at rest */
function metricsWith(disk: Parts['disk'], diskBoundMs: number): MetricsRegistry {
  metrics = createMetrics({ tools: [], version: '0' });
  watchParts(metrics, partsAtRest({ disk, requestsInFlight: () => 7 }), diskBoundMs);
  return metrics;
}

it('a file system that hangs is not told of, and keeps no other metric back', async () => {
  let tries = 0;
  const hangs = () => {
    tries += 1;
    return new Promise<DiskUse>(() => {});
  };
  const hanging = metricsWith(hangs, 20);
  for (let scrape = 0; scrape < 2; scrape += 1) {
    const text = await hanging.text();
    expect(text).toMatch(/^disk_used_ratio nan$/im);
    expect(text).toContain('http_requests_in_flight 7\n');
  }
  expect(tries).toBe(1);
});

it('a disk that cannot be looked at is not told of either', async () => {
  const failing = metricsWith(() => Promise.reject(new Error('EIO')), 5_000);
  expect(await failing.text()).toMatch(/^disk_used_ratio nan$/im);
});

it('a disk that answers is shown', async () => {
  const answering = metricsWith(async () => ({ usedRatio: 0.5, freeBytes: 1 }), 5_000);
  expect(await answering.text()).toContain('disk_used_ratio 0.5\n');
});
