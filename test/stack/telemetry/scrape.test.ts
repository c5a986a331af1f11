/**
 * What a server on Postgres and Redis shows to Prometheus after clients have sent it all sorts of things: as few series
 * as its own code allows, nothing of anybody, and nothing that is not documented.
 */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { detailedSchema } from '../../../src/http/health-schemas.js';
import { UPSTREAM_OUTCOMES } from '../../../src/telemetry/port.js';
import { TOOL_NAMES } from '../../../src/tools/index.js';
import { callTool } from '../../support/call-tool.js';
import { documentedMetrics, samplesIn, typesIn, undocumentedLabels } from '../../support/monitoring-doc.js';
import { promtoolProgram } from '../../support/services/debian.js';
import { type RedisServer, startRedis } from '../../support/services/index.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STORE = { id: '721', apiKey: 'sandbox-key-721', name: 'Only store', timeZone: 'UTC', seed: 4 };

/** Of one replica; a histogram of 16 buckets over all tools is the widest. */
const MOST_SERIES = 4_000;
const MOST_SERIES_OF_ONE_METRIC = 1_000;
const HOSTILE = 120;
const TENANTS = 12;

let redis: RedisServer;
let server: TestServer;
let keys: { readonly key: string; readonly kid: string }[];
let tenantIds: string[];
let scrape: string;

const scraped = async () => (await fetch(new URL('/metrics', server.url))).text();

beforeAll(async () => {
  redis = await startRedis();
  server = await startTestServer({ stores: [STORE], database: 'postgres', env: { REDIS_URL: redis.url } });
  keys = [];
  for (let tenant = 0; tenant < TENANTS; tenant += 1) {
    keys.push(await server.addTenant(`tenant-${tenant}`, STORE.id));
  }
  tenantIds = (await server.server.operations.listTenants.run({})).map(({ tenantId }) => tenantId);
  // The first scrape is a request too, and shows only in the second.
  await scraped();
  await sendAllSorts();
  scrape = await scraped();
});
afterAll(async () => {
  await server.close();
  await redis.stop();
});

async function sendAllSorts(): Promise<void> {
  const [first] = keys;
  if (first === undefined) throw new Error('there are tenants');
  for (const { key } of keys) await callTool(server.url, key, 'get_store');
  for (const name of TOOL_NAMES) await callTool(server.url, first.key, name, { no_such_argument: 1 });
  const texts = fc.sample(fc.stringMatching(/^[\w./%-]{1,40}$/), { numRuns: HOSTILE, seed: 7 });
  const methods = ['GET', 'PROPFIND', 'DELETE', 'MKCOL', 'PATCH', 'OPTIONS', 'LINK'];
  for (const [index, text] of texts.entries()) {
    await callTool(server.url, first.key, text).catch(isNoJson);
    await callTool(server.url, `odm_${text}`, 'get_store').catch(isNoJson);
    const path =
      index % 3 === 0 ? `/mcp/${encodeURIComponent(text)}` : `/${encodeURIComponent(text)}?x=${index}`;
    const method = methods[index % methods.length] ?? 'GET';
    await (await fetch(new URL(path, server.url), { method, headers: { host: 'localhost' } })).text();
  }
}

/** A message that is refused before it is read is not answered in JSON-RPC; what matters is what it left behind. */
function isNoJson(thrown: unknown): void {
  if (!(thrown instanceof SyntaxError)) throw thrown;
}

const seriesIn = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.slice(0, line.lastIndexOf(' ')));

describe('what clients make up', () => {
  it('reached the server', () => {
    expect(scrape).toMatch(/^http_requests_total\{route="none",method="_unknown",status="404"\} \d+$/m);
    expect(scrape).toMatch(/^errors_total\{type="client",code="route_not_found"\} [1-9]\d*$/m);
    const counted = (tool: string) =>
      new RegExp(`^mcp_tool_calls_total\\{tool="${tool}",outcome="\\w+"\\} [1-9]`, 'm').test(scrape);
    const called = TOOL_NAMES.filter(counted);
    expect(called.length).toBeGreaterThan(5);
    expect(scrape).toMatch(/^mcp_tool_calls_total\{tool="_unknown",outcome="client"\} [1-9]\d*$/m);
    expect(scrape).toMatch(/^errors_total\{type="client",code="unknown_tool"\} [1-9]\d*$/m);
    expect(scrape).toMatch(/^auth_attempts_total\{outcome="refused"\} [1-9]\d*$/m);
  });

  it('makes no series: their number keeps its bounds, in all and for each metric', () => {
    expect(seriesIn(scrape).length).toBeLessThan(MOST_SERIES);
    const perMetric = new Map<string, number>();
    for (const { name } of samplesIn(scrape)) perMetric.set(name, (perMetric.get(name) ?? 0) + 1);
    for (const [name, count] of perMetric) expect(count, name).toBeLessThan(MOST_SERIES_OF_ONE_METRIC);
  });

  it('makes no more the second time', async () => {
    const before = new Set(seriesIn(scrape));
    await sendAllSorts();
    const work = /^(db_query|rate_budget|cache_operations)/;
    expect(seriesIn(await scraped()).filter((name) => !before.has(name) && !work.test(name))).toEqual([]);
  });

  it('shows nobody: no tenant, key, store or secret', () => {
    expect(scrape).toContain(`active_tenants ${TENANTS}\n`);
    for (const id of [...tenantIds, ...keys.flatMap(({ key, kid }) => [key, kid])]) {
      expect(scrape.includes(id)).toBe(false);
    }
    expect(scrape).not.toMatch(/tenant-\d|sandbox-key|\b721\b|tenant_id|store_id/);
    const labels = new Set(samplesIn(scrape).flatMap((sample) => [...sample.labels.keys()]));
    expect([...labels].filter((label) => /tenant|kid|store|user|address/.test(label))).toEqual([]);
  });
});

it('shows requests to Order Desk that nobody has made yet as 0', () => {
  for (const outcome of UPSTREAM_OUTCOMES) {
    expect(scrape).toContain(
      `orderdesk_api_calls_total{route="DELETE /orders/{id}",outcome="${outcome}"} 0\n`,
    );
  }
});

describe('the catalogue in docs/MONITORING.md', () => {
  it('has every metric of the scrape with its type, and no other', () => {
    const documented = [...documentedMetrics().values()].map(({ name, type }) => `${name} ${type}`);
    expect([...typesIn(scrape)].map(([name, type]) => `${name} ${type}`).sort()).toEqual(documented.sort());
  });

  it('has every label, and of closed sets every value', () => {
    expect(undocumentedLabels(scrape)).toEqual([]);
  });
});

it('shows the pool of connections to Postgres', () => {
  expect(scrape).toContain('db_pool_max 10\n');
  // The only one there is may be in use just then.
  const [idle, inUse] = ['idle', 'in_use'].map((state) =>
    Number(new RegExp(`^db_pool_connections\\{state="${state}"\\} (\\d+)$`, 'm').exec(scrape)?.[1]),
  );
  expect((idle ?? 0) + (inUse ?? 0)).toBeGreaterThanOrEqual(1);
});

it('promtool complains of the two second names, and of nothing else', () => {
  const checked = spawnSync(promtoolProgram(), ['check', 'metrics'], { input: scrape, encoding: 'utf8' });
  const complaints = `${checked.stdout}${checked.stderr}`.split('\n').filter((line) => line.trim() !== '');
  expect(complaints.sort()).toEqual([
    'active_tenants_total non-counter metrics should not have "_total" suffix',
    'cache_items_total non-counter metrics should not have "_total" suffix',
  ]);
});

it('a Redis that hangs delays the detailed health by its bound at most', async () => {
  const health = () => fetch(new URL('/health/detailed', server.url)).then((reply) => reply.json());
  await vi.waitFor(
    async () =>
      expect(detailedSchema.parse(await health())).toMatchObject({
        cache: { status: 'ok', kind: 'redis' },
        redis: { is_there: true },
      }),
    { timeout: 20_000, interval: 100 },
  );
  redis.pause();
  try {
    const seen = [];
    const until = performance.now() + 20_000;
    for (;;) {
      const startedAt = performance.now();
      const report = detailedSchema.parse(await health());
      expect(performance.now() - startedAt).toBeLessThan(5_000);
      seen.push(report.reasons.join());
      if (report.redis?.is_there === false) {
        expect(report).toMatchObject({ status: 'degraded', limits: { limiter: 'local', budget: 'local' } });
        expect(report.cache.status).toBe('failed');
        break;
      }
      if (performance.now() > until) throw new Error(`Redis was never seen to be away: ${seen.join(' ')}`);
    }
  } finally {
    redis.resume();
  }
});
