/** What a process that opens its Redis says of it, in its log and its metrics, before anybody has called. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type OpenRedis, openSharedRedis } from '../../../src/app/shared-redis.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { createMetrics } from '../../../src/telemetry/metrics.js';
import { Secret } from '../../../src/tenancy/secret.js';
import { patientUrl } from '../../support/patient-redis.js';
import { type RedisServer, startRedis } from '../../support/services/index.js';

let server: RedisServer;
let opened: OpenRedis | undefined;
let lines: string[];
let metrics: ReturnType<typeof createMetrics>;

beforeEach(async () => {
  server = await startRedis();
  opened = undefined;
  lines = [];
  metrics = createMetrics({ tools: [], version: '0' });
});
afterEach(async () => {
  opened?.close();
  metrics.close();
  await server.stop();
});

async function open(url = patientUrl(server.url)): Promise<OpenRedis> {
  const log = createLogger({
    level: 'info',
    pretty: false,
    destination: { write: (line) => lines.push(line) },
  });
  opened = await openSharedRedis({ redisUrl: new Secret(url) }, metrics, log);
  return opened;
}

async function modes(): Promise<string[]> {
  const text = await metrics.text();
  return [...text.matchAll(/^(rate_\w+_mode)\{mode="(\w+)"\} 1$/gm)].map(
    ([, name, mode]) => `${name} ${mode}`,
  );
}
const ALL = (mode: string) => ['rate_budget_mode', 'rate_limiter_mode'].map((name) => `${name} ${mode}`);
const untilAll = (mode: string) =>
  vi.waitFor(async () => expect((await modes()).sort()).toEqual(ALL(mode)), {
    timeout: 10_000,
    interval: 20,
  });

it('shares from the start and has nothing to say', async () => {
  expect((await open()).shared?.state).toBe('there');
  expect((await modes()).sort()).toEqual(ALL('shared'));
  expect(lines).toEqual([]);
});

it('starts alone without Redis and says so once, and once that it is back', async () => {
  await server.stop();
  expect((await open()).shared?.state).toBe('away');
  expect((await modes()).sort()).toEqual(ALL('local'));
  server = await server.startAgain();
  await untilAll('shared');
  expect(lines.map((line) => JSON.parse(line).level)).toEqual(['warn', 'info']);
});

it('starts alone beside a Redis that hangs', async () => {
  server.pause();
  await open(server.url);
  expect((await modes()).sort()).toEqual(ALL('local'));
  server.resume();
  await untilAll('shared');
});

it('goes on alone when Redis dies while nobody asks', async () => {
  await open();
  await server.stop();
  await untilAll('local');
  expect(lines.map((line) => JSON.parse(line).level)).toEqual(['warn']);
});

it('says nothing of its own end', async () => {
  (await open()).close();
  await server.stop();
  expect(lines).toEqual([]);
});
