/**
 * What Order Desk leaves open: between the moment in which it answers our read and the moment in which our write arrives,
 * somebody else can change the order. How long that is, and what becomes of such an edit. The sandbox is as near as it
 * can be: the way to Order Desk and back comes on top.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { createPrng } from '../../../src/sandbox/seed/prng.js';
import { overload } from '../../support/budget-load.js';
import { OrderLog, type OrderName, windowsOf } from '../../support/changes/order-log.js';
import { makeUpdate, planUpdates } from '../../support/changes/update-agents.js';
import { type Fleet, type FleetOptions, startFleet } from '../../support/fleet.js';
import { emptyRedis } from '../../support/services/index.js';
import { startTestServer } from '../../support/test-server.js';

const STORE = {
  id: '30001',
  apiKey: 'sandbox-key-for-store-30001',
  name: 'Window (sandbox)',
  orderCount: 60,
};
/** Far more than any of it takes: what is measured is printed, not asserted. */
const GENEROUS_MS = 5_000;
const NO_BUDGET = { UPSTREAM_BUDGET_BURST: '100000', UPSTREAM_BUDGET_RATE: '10000' };

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function fleetFor(
  log: OrderLog,
  options: Pick<FleetOptions, 'replicas' | 'env'> & { readonly rateLimit?: false },
): Promise<Fleet> {
  const { url } = await emptyRedis();
  const { rateLimit } = options;
  const fleet = await startFleet({
    replicas: options.replicas,
    redisUrl: url,
    sandbox: {
      stores: [STORE],
      onRequest: log.onRequest,
      ...(rateLimit === undefined ? {} : { rateLimit }),
    },
    env: { MCP_LIMIT_TENANT_CONCURRENCY: '100', ...options.env },
  });
  ends.push(() => fleet.close());
  log.of(fleet.sandbox);
  return fleet;
}

/** Each agent works on an order of its own, so that nobody waits for a lock. */
async function updates(urls: readonly string[], key: string, orders: readonly string[], each: number) {
  await Promise.all(
    orders.map(async (order, agent) => {
      const own: readonly [OrderName] = [{ store: STORE.name, order }];
      const [plan = []] = planUpdates(createPrng(agent), 1, each, own, urls.length);
      for (const update of plan) {
        await makeUpdate(urls[update.replica] ?? '', key, { ...update, idempotencyKey: undefined });
      }
    }),
  );
}

/** Milliseconds between each read and its write, shortest first. */
const windowsIn = (log: OrderLog, orders: readonly string[]): readonly number[] =>
  orders
    .flatMap((order) => windowsOf(log.about({ store: STORE.id, order })))
    .map(({ read, write }) => write.at - read.at)
    .sort((a, b) => a - b);

function figures(windows: readonly number[]): string {
  const at = (share: number): string => (windows[Math.ceil(share * windows.length) - 1] ?? 0).toFixed(1);
  return `${windows.length} updates: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`;
}

function assertMeasured(windows: readonly number[], count: number): void {
  expect(windows).toHaveLength(count);
  expect(Math.max(...windows)).toBeLessThan(GENEROUS_MS);
}

const idsOf = (sandbox: Fleet['sandbox']): readonly string[] =>
  sandbox
    .store(STORE.id)
    .orders()
    .map(({ id }) => id);

describe('the window between read and write', () => {
  it.for([
    ['one replica, one agent', 1, 1, 200],
    ['three replicas, twenty agents at once', 3, 20, 15],
  ] as const)('%s, on Postgres and Redis', async ([, replicas, agents, each], { annotate }) => {
    const log = new OrderLog();
    const fleet = await fleetFor(log, { replicas, rateLimit: false, env: NO_BUDGET });
    const key = await fleet.addTenant('shop', STORE.id);
    const orders = idsOf(fleet.sandbox).slice(0, agents);
    await updates(fleet.urls, key, orders, each);
    const windows = windowsIn(log, orders);
    assertMeasured(windows, agents * each);
    await annotate(figures(windows));
  });

  it('one agent, on the embedded database', async ({ annotate }) => {
    const log = new OrderLog();
    const server = await startTestServer({ stores: [STORE], onRequest: log.onRequest });
    ends.push(() => server.close());
    log.of(server.sandbox);
    const { key } = await server.addTenant('shop', STORE.id);
    const orders = idsOf(server.sandbox).slice(0, 1);
    await updates([server.url], key, orders, 50);
    const windows = windowsIn(log, orders);
    assertMeasured(windows, 50);
    await annotate(figures(windows));
  });

  it('is no more than the wait for one token where reads take all of the budget', async ({ annotate }) => {
    const log = new OrderLog();
    const fleet = await fleetFor(log, { replicas: 1, env: { CACHE_TTL_ORDERS: '1' } });
    const key = await fleet.addTenant('shop', STORE.id);
    const { key: otherKey } = await fleet.operations.createKey.run({
      tenant: 'shop',
      name: 'reader',
      role: 'agent',
    });
    const [order = '', ...others] = idsOf(fleet.sandbox);
    const reads = { urls: fleet.urls, orderIds: others };
    const loads = [overload({ ...reads, key, agents: 6 }), overload({ ...reads, key: otherKey, agents: 6 })];
    try {
      await updates(fleet.urls, key, [order], 4);
    } finally {
      await Promise.all(loads.map((load) => load.stop()));
    }
    const windows = windowsIn(log, [order]);
    assertMeasured(windows, 4);
    // A token comes each third of a second; in their turn, behind six reads of their own key, they took 2.3 s.
    expect(windows[1]).toBeLessThan(1_000);
    expect(fleet.sandbox.counters().rateLimited).toBe(0);
    await annotate(figures(windows));
  });
});
