/** What the alerts stand on, on a server at work: the gauges move with the part that they show, and back. */
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openFoundation, openUpstream } from '../../../src/app/foundation.js';
import { readConfig } from '../../../src/app/read-config.js';
import { createServer, type McpServer } from '../../../src/app.js';
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.js';
import { migratePostgres } from '../../../src/storage/postgres-migrate.js';
import { callTool } from '../../support/call-tool.js';
import { replicaEnv } from '../../support/replica-env.js';
import { type PostgresServer, startPostgres } from '../../support/services/index.js';

const STORE = { id: '731', apiKey: 'sandbox-key-731', name: 'Slow', timeZone: 'UTC', seed: 2, orders: 5 };
/** Order Desk takes this long: some scrapes fall into it. */
const SLOW_MS = 1_500;
const soon = { timeout: 20_000, interval: 20 };

let postgres: PostgresServer;
let sandbox: Sandbox;
let server: McpServer;
let url: string;
let key: string;
beforeAll(async () => {
  postgres = await startPostgres();
  const made = await postgres.createDatabase();
  await migratePostgres(made);
  sandbox = await startSandbox({ stores: [STORE], rateLimit: false });
  // One run of bcrypt takes a quarter of a second and more, as in production.
  const config = readConfig({ ...replicaEnv(made.serviceUrl, sandbox.url), AUTH_BCRYPT_COST: '12' });
  const log = pino({ level: 'silent' });
  server = await createServer(await openFoundation(config, log), await openUpstream(config), config, log);
  url = await server.listen();
  server.declareReady();
  await server.operations.createTenant.run({ name: 'acme' });
  await server.operations.addStore.run({
    tenant: 'acme',
    orderDeskStoreId: STORE.id,
    apiKey: STORE.apiKey,
  });
  ({ key } = await server.operations.createKey.run({ tenant: 'acme', name: 'bot', role: 'agent' }));
});
afterAll(async () => {
  await server?.close();
  await sandbox?.close();
  await postgres?.stop();
});

/** The values of series in one scrape, in the order in which they are named. */
async function shown(...series: readonly string[]): Promise<readonly number[]> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  return series.map((name) => {
    const line = text.split('\n').find((each) => each.startsWith(`${name} `));
    if (line === undefined) throw new Error(`There is no ${name}.`);
    return Number(line.slice(name.length));
  });
}

it('shows a key under bcrypt, and none once it is known', async () => {
  const hashes = () => shown('auth_hashes{state="running"}', 'auth_hashes{state="waiting"}');
  expect(await hashes()).toEqual([0, 0]);
  const call = callTool(url, key, 'list_stores');
  await expect.poll(hashes, soon).toEqual([1, 0]);
  expect((await call).status).toBe(200);
  expect(await hashes()).toEqual([0, 0]);
});

it('shows a call under way, here and on its way to Order Desk', async () => {
  const underWay = () => shown('http_requests_in_flight', 'orderdesk_pool_requests{state="running"}');
  const [before = 0, running] = await underWay();
  expect(running).toBe(0);
  sandbox.fail({ kind: 'delay', ms: SLOW_MS });
  const call = callTool(url, key, 'list_orders', { limit: 1 });
  await expect.poll(underWay, soon).toEqual([before + 1, 1]);
  expect(before).toBe(1);
  expect(await call).toMatchObject({ status: 200, error: undefined });
  await expect.poll(underWay, soon).toEqual([1, 0]);
  expect((await shown('orderdesk_pool_connections{state="connected"}'))[0]).toBeGreaterThan(0);
});

it('shows that Postgres is away, with a connection held by what waits for it, and that it is back', async () => {
  const parts = () =>
    shown('server_degraded{part="postgres"}', 'server_degraded{part="redis"}', 'server_ready');
  const inUse = async () => (await shown('db_pool_connections{state="in_use"}'))[0];
  expect(await parts()).toEqual([0, 0, 1]);
  postgres.pause();
  try {
    await expect.poll(inUse, soon).toBeGreaterThan(0);
    await expect.poll(parts, soon).toEqual([1, 0, 1]);
  } finally {
    postgres.resume();
  }
  await expect.poll(parts, soon).toEqual([0, 0, 1]);
  await expect.poll(inUse, soon).toBe(0);
});
