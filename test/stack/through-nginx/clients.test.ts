/**
 * The stack as an installation has it: nginx with TLS before three replicas on one Postgres and one Redis, and
 * Prometheus that scrapes each of them past nginx.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Fleet, startFleet } from '../../support/fleet.js';
import { projectRoot } from '../../support/running-program.js';
import { emptyRedis } from '../../support/services/index.js';
import { makeCertificate } from '../../support/stack/certificate.js';
import { httpsClient } from '../../support/stack/https-request.js';
import { type Nginx, startNginx } from '../../support/stack/nginx.js';
import { type Prometheus, startPrometheus } from '../../support/stack/prometheus.js';

const STORE = { id: '801', apiKey: 'sandbox-key-801', name: 'Stack', timeZone: 'UTC', seed: 1, orders: 40 };
const REPLICAS = 3;
const CALLS = 8;
const identity = { name: 'through-nginx', version: '0.0.1' };
const firstOrders = { name: 'list_orders', arguments: { limit: 3 } };
const page = z.object({
  structuredContent: z.object({ rows: z.array(z.object({ id: z.string() })).length(3) }),
});

const certificate = makeCertificate();
const metricsToken = randomBytes(32).toString('base64url');
// Of `fetch` in this file: the clients are told nothing, as on a machine that trusts the authority.
const untrusting = getGlobalDispatcher();
const trusting = new Agent({ connect: { ca: certificate.ca } });

let fleet: Fleet;
let nginx: Nginx;
let prometheus: Prometheus;
let key: string;
let portOf: readonly number[];
beforeAll(async () => {
  setGlobalDispatcher(trusting);
  fleet = await startFleet({
    replicas: REPLICAS,
    redisUrl: (await emptyRedis()).url,
    sandbox: { stores: [STORE], rateLimit: false },
    env: { TRUST_PROXY: '127.0.0.1/32', METRICS_TOKEN: metricsToken },
  });
  key = await fleet.addTenant('stack', STORE.id);
  portOf = fleet.urls.map((url) => Number(new URL(url).port));
  [nginx, prometheus] = await Promise.all([
    startNginx({ replicaPorts: portOf, certificate }),
    startPrometheus({ targets: portOf.map((port) => `127.0.0.1:${port}`), metricsToken }),
  ]);
});
afterAll(async () => {
  setGlobalDispatcher(untrusting);
  await trusting.close();
  await prometheus?.stop();
  await nginx?.stop();
  await fleet?.close();
});

const transport = () => ({
  requestInit: { headers: { Authorization: `Bearer ${key}` } },
});

describe('through nginx', () => {
  it('the client of the handshake era lists tools and calls one, again and again', async () => {
    const client = new ClientV1(identity);
    await client.connect(new HttpV1(new URL('/mcp', nginx.url), transport()));
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('list_orders');
    for (let calls = 0; calls < CALLS; calls += 1) page.parse(await client.callTool(firstOrders));
    await client.close();
  });

  it('the client of the 2026-07-28 era does, and settles on that revision', async () => {
    const client = new ClientV2(identity, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new HttpV2(new URL('/mcp', nginx.url), transport()));
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('list_orders');
    for (let calls = 0; calls < CALLS; calls += 1) page.parse(await client.callTool(firstOrders));
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    await client.close();
  });

  it('every replica gets its share, and each call was sent to one only', async () => {
    // Beside the calls of the tool: what a client sends to get acquainted.
    await expect.poll(() => callsIn(nginx).length).toBeGreaterThanOrEqual(2 * CALLS + 4);
    const calls = callsIn(nginx);
    const byReplica = portOf.map(
      (port) => calls.filter(({ upstream }) => upstream === `127.0.0.1:${port}`).length,
    );
    for (const share of byReplica) expect(share).toBeGreaterThanOrEqual(CALLS / 2);
    expect(byReplica.reduce((sum, share) => sum + share, 0)).toBe(calls.length);
  });

  it('/metrics and /health/detailed are closed, also for who has the token, and open past it', async () => {
    const headers = { authorization: `Bearer ${metricsToken}` };
    for (const path of ['/metrics', '/health/detailed']) {
      const answer = await httpsClient(nginx.port, certificate).send({ path, headers });
      expect(answer.status, path).toBe(404);
      expect(answer.text).not.toContain('http_requests_total');
    }
    const within = await fetch(`http://127.0.0.1:${portOf[0]}/metrics`, { headers });
    expect(await within.text()).toContain('http_requests_total');
  });
});

describe('Prometheus', () => {
  const within = { timeout: 40_000, interval: 250 };

  it('has every target up: the replicas and itself', async () => {
    await expect
      .poll(async () => (await prometheus.targets()).map(({ health }) => health), within)
      .toEqual(Array.from({ length: REPLICAS + 1 }, () => 'up'));
    const addresses = (await prometheus.targets())
      .filter(({ job }) => job === 'orderdesk-mcp')
      .map(({ address }) => address);
    expect(addresses.sort()).toEqual(portOf.map((port) => `127.0.0.1:${port}`).sort());
  });

  it('has every group of the rule files loaded, and no rule fails', async () => {
    const loaded = await prometheus.ruleGroups();
    expect(loaded.map(({ name }) => name).sort()).toEqual(groupsOfFiles().sort());
    expect(loaded.length).toBeGreaterThan(0);
    for (const { name, rules } of loaded) {
      expect(rules.length, name).toBeGreaterThan(0);
      expect(
        rules.filter(({ health }) => health === 'err'),
        name,
      ).toEqual([]);
    }
  });

  it('counts the calls of each replica', async () => {
    await expect
      .poll(() => prometheus.query('sum(mcp_tool_calls_total{tool="list_orders"})'), within)
      .toEqual([`${2 * CALLS}`]);
    expect(await prometheus.query('count(sum by (instance) (mcp_tool_calls_total) > 0)')).toEqual([
      `${REPLICAS}`,
    ]);
  });
});

const callsIn = (edge: Nginx) =>
  edge
    .accessLog()
    .filter(({ method, route, status }) => method === 'POST' && route === '/mcp' && status < 300);

const groups = z.object({ groups: z.array(z.object({ name: z.string() })) });

function groupsOfFiles(): string[] {
  const folder = join(projectRoot, 'docker/prometheus/rules');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yml'))
    .flatMap((name) => groups.parse(parse(readFileSync(join(folder, name), 'utf8'))).groups)
    .map(({ name }) => name);
}
