/**
 * A release under load: three replicas behind the real nginx, restarted one after the other, and nobody notices. Then one
 * of them is killed, and only what it had in hand is lost.
 *
 * The sandbox grants all requests and the replicas are told so: here the budget of Order Desk is not what is looked at.
 */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { LocalOperations } from '../../src/app/local-operations.js';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.js';
import { createMigratedDatabase, emptyRedis, type TestDatabase } from '../support/services/index.js';
import { makeCertificate } from '../support/stack/certificate.js';
import { type Caller, type LoadReport, startLoad } from '../support/stack/load.js';
import { type Nginx, startNginx } from '../support/stack/nginx.js';
import { type Replicas, startReplicas } from '../support/stack/replicas.js';
import { disagreements, ledgerOf, makeCallers, operationsOn } from '../support/stack/tenants.js';

const REPLICAS = 3;
const STORES = Array.from({ length: 20 }, (_none, at) => ({
  id: `${5001 + at}`,
  apiKey: `sandbox-key-${5001 + at}`,
  name: `Store ${at + 1}`,
  orderCount: 120,
}));
/**
 * Of each store; no divisor of what callers go round by, so that all of them have their turn, and so many that the shorter
 * load changes none twice: what a replica was killed over stays locked until its lease is over.
 */
const CHANGED_ORDERS = 101;
const PER_SECOND = 100;
/** A slow machine may carry fewer calls than that; with fewer than these, nothing was under load. */
const LEAST_PER_SECOND = 20;
/** Of the shorter load, at the least rate. */
const LEAST_WRITES = 20;
const RESTARTS = 6;
const RESTART_EVERY_MS = 10_000;
const WARM_UP_MS = 10_000;

let sandbox: Sandbox;
let database: TestDatabase;
let replicas: Replicas;
let nginx: Nginx;
let operations: LocalOperations;
let callers: readonly Caller[];
const certificate = makeCertificate('localhost');
/** Every e-mail address that was put into a store, in order. */
const written: string[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({
    stores: STORES,
    rateLimit: false,
    onRequest({ method, body }) {
      const email = method === 'PUT' ? emailIn(body) : undefined;
      if (email !== undefined) written.push(email);
    },
  });
  database = await createMigratedDatabase();
  replicas = await startReplicas({
    count: REPLICAS,
    databaseUrl: database.serviceUrl,
    redisUrl: (await emptyRedis()).url,
    orderDeskUrl: sandbox.url,
    env: {
      MCP_DRAIN_DELAY: '2.5',
      // The processes of this test share a machine that has other things to do: being slow is no failure here.
      MCP_LIMIT_EVENT_LOOP_DELAY: '10',
      MCP_LIMIT_EVENT_LOOP_UTILIZATION: '1',
      // Keys are verified anew by every process; what that costs at its real strength is measured elsewhere.
      NODE_ENV: 'test',
      AUTH_BCRYPT_COST: '4',
      UPSTREAM_BUDGET_BURST: '100000',
      UPSTREAM_BUDGET_RATE: '10000',
    },
  });
  nginx = await startNginx({ replicaPorts: replicas.ports, certificate });
  operations = await operationsOn(replicas.env);
  callers = await makeCallers(operations, sandbox, CHANGED_ORDERS);
  await warmUp();
});
afterAll(async () => {
  await operations?.close();
  await nginx?.stop();
  await replicas?.close();
  await sandbox?.close();
  await database?.drop();
});

const load = (perSecond = PER_SECOND) =>
  startLoad({
    url: `${nginx.url}/mcp`,
    ca: certificate.ca,
    perSecond,
    callers,
  });

/** Nobody restarts replicas in their first seconds: code is compiled and keys are known by then. */
async function warmUp(): Promise<void> {
  const running = load(PER_SECOND / 4);
  await pause(WARM_UP_MS);
  expect((await running.stop()).failures).toEqual([]);
}

async function compare({ changes }: LoadReport): Promise<readonly string[]> {
  const ledger = await ledgerOf(
    operations,
    STORES.map(({ id }) => id),
  );
  return disagreements(changes, ledger, written, sandbox);
}

it('a rolling restart loses no request and no write', async () => {
  const running = load();
  for (let restart = 0; restart < RESTARTS; restart += 1) {
    const next = pause(RESTART_EVERY_MS);
    const replica = restart % REPLICAS;
    expect(await replicas.stop(replica, 'SIGTERM')).toBe(0);
    await replicas.start(replica);
    await next;
  }
  const report = await running.stop();
  tell(report);
  expect(report.failures).toEqual([]);
  expect(report.changes.length).toBe(report.sent.update_order);
  expect(await compare(report)).toEqual([]);
  expectLoad(report);
  const served = servedBy(nginx);
  for (const port of replicas.ports) expect(served.get(port)).toBeGreaterThan(100);
});

it('a replica that is killed loses what it had in hand, and no write', async () => {
  const running = load();
  await pause(3_000);
  const inHand = running.underWay();
  const begun = running.begun();
  const killedAt = running.elapsed();
  await replicas.stop(0, 'SIGKILL');
  const goneAt = running.elapsed();
  // It takes some milliseconds to die, and calls come in meanwhile.
  const joined = running.begun() - begun;
  await pause(5_000);
  const report = await running.stop();
  const { failures } = report;
  tell(report);
  process.stdout.write(`${JSON.stringify({ inHand, joined, failures })}\n`);
  expect(failures.length).toBeLessThanOrEqual(inHand + joined);
  for (const { sentAt, endedAt, what } of failures) {
    expect(sentAt).toBeLessThan(goneAt);
    expect(endedAt).toBeGreaterThan(killedAt);
    expect(what).toMatch(/^status 50[24]/);
  }
  await replicas.start(0);
  await settled();
  expect(await compare(report)).toEqual([]);
  expectLoad(report);
});

/** What was really carried, for whoever reads the output. */
function tell({ failures, changes, ...figures }: LoadReport): void {
  const counts = { failures: failures.length, writes: changes.length };
  process.stdout.write(`${JSON.stringify({ ...counts, ...figures })}\n`);
}

/** Enough was asked for, and enough writes got as far as the stores. */
function expectLoad({ perSecond, changes }: LoadReport): void {
  expect(perSecond).toBeGreaterThanOrEqual(LEAST_PER_SECOND);
  const arrived = new Set(written);
  const reached = changes.filter(({ email }) => arrived.has(email));
  expect(reached.length).toBeGreaterThanOrEqual(LEAST_WRITES);
}

/** Changes that nobody carries out any more are settled once their lease and its grace are over: here, at once. */
async function settled(): Promise<void> {
  const superuser = new pg.Client({ connectionString: database.superuserUrl });
  await superuser.connect();
  try {
    const open = `state in ('claimed', 'pending')`;
    await superuser.query(
      `update changes set lease_until = now() - interval '1 hour', sent_at = sent_at - interval '1 hour' where ${open}`,
    );
    await vi.waitFor(
      async () => expect((await superuser.query(`select from changes where ${open}`)).rowCount).toBe(0),
      { timeout: 90_000, interval: 250 },
    );
  } finally {
    await superuser.end();
  }
}

const putBody = z.object({ email: z.string() });

function emailIn(body: string | undefined): string | undefined {
  const { data } = putBody.safeParse(JSON.parse(body ?? 'null'));
  return data?.email.startsWith('load') ? data.email : undefined;
}

/** Requests that each replica answered last, by its port. */
function servedBy({ accessLog }: Nginx): ReadonlyMap<number, number> {
  const served = new Map<number, number>();
  for (const { upstream } of accessLog()) {
    const port = Number(upstream.split(':').at(-1));
    served.set(port, (served.get(port) ?? 0) + 1);
  }
  return served;
}
