/**
 * A server that makes changes, less all that does not belong to them: engine, ledger in Postgres and the client of Order
 * Desk, of the build. It does what its parent asks, and may be told to stand still at a station of its changes, or
 * to die there: each of them waits until all have come, and then the process kills itself.
 */
import { randomBytes } from 'node:crypto';
import { argv, kill, pid } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

/** @param {string} module a compiled module */
const built = (module) => import(new URL(`../../dist/${module}`, import.meta.url).href);

const { createMemoryCache } = await built('cache/memory.js');
const { createChangeEngine } = await built('changes/engine.js');
const { changeTypes } = await built('changes/kinds/index.js');
const { makeSqlLedger } = await built('changes/sql-ledger.js');
const { createOrderDesk } = await built('orderdesk/orderdesk.js');
const { openPostgres } = await built('storage/postgres.js');
const { parseKeyRing } = await built('tenancy/rings/key-ring.js');
const { Secret } = await built('tenancy/secret.js');
const { sqlDataKeys, TenantKeys } = await built('tenancy/vault/data-keys.js');
const { makeSealer } = await built('tenancy/vault/tenant-sealer.js');
const { makeVault } = await built('tenancy/vault/vault.js');

/** @type {import('../support/changes/replica.js').ReplicaOptions} */
const { databaseUrl, ring, orderDeskUrl, leaseMs, graceMs, gapMs, dieAt, stopAt, writeNeedsMs } = JSON.parse(
  argv[2] ?? '',
);
/** @type {Map<string, import('../support/changes/replica.js').Shop>} by the row of the store */
const shops = new Map();
/** @type {Map<string, number>} how often each change has come to the station where this process dies */
const visits = new Map();
let arrived = 0;

/** @param {string} step @param {string} changeId */
async function onStep(step, changeId) {
  const station = dieAt ?? stopAt;
  if (station?.step !== step) return;
  const visit = (visits.get(changeId) ?? 0) + 1;
  visits.set(changeId, visit);
  if (visit !== station.visit) return;
  if (dieAt === undefined) {
    kill(pid, 'SIGSTOP');
    return;
  }
  arrived += 1;
  if (arrived === dieAt.changes) kill(pid, 'SIGKILL');
  await new Promise(() => {});
}

const database = openPostgres({ url: databaseUrl, poolMax: 5, timeouts: { connect: 20_000 } });
const keys = new TenantKeys({
  ring: parseKeyRing(ring, 'TEST_RING'),
  dataKeys: sqlDataKeys(database),
  random: randomBytes,
  now: Date.now,
  staleMaxMs: 600_000,
});
const orderDesk = createOrderDesk({
  baseUrl: new URL(orderDeskUrl),
  version: '1.2.3',
  credentials: {
    credential: async (/** @type {import('../../src/tenancy/stores.js').StoreEntry} */ { orderDeskId }) => ({
      storeId: orderDeskId,
      apiKey: new Secret(`key-of-${orderDeskId}`),
    }),
    markContact: async () => {},
  },
  cache: createMemoryCache(),
  observe: () => {},
  onContactFailure: () => {},
  // A lease of seconds has no room for what a write may need. One that is sent ends with its answer, or with its process.
  limits: { writeNeedsMs: writeNeedsMs ?? 1_000, writeTimeoutMs: 60_000 },
});
const engine = createChangeEngine({
  ledger: makeSqlLedger({ database, vault: makeVault(keys, randomBytes), leaseMs, graceMs }),
  types: changeTypes(),
  reads: orderDesk.fresh,
  writes: orderDesk.writes,
  gateway: orderDesk.gateway,
  budgets: { of: async () => ({ mode: 'shared', tokens: 18, capacity: 18, perSecond: 3, pausedS: 0 }) },
  sealer: makeSealer(keys, randomBytes),
  storesOf: async (/** @type {import('../../src/tenancy/principal.js').Principal} */ { tenantId }) =>
    [...shops.values()].map(({ store }) => store).filter((store) => store.tenantId === tenantId),
  resolveStore: async (/** @type {string} */ _tenantId, /** @type {string} */ rowId) =>
    shops.get(rowId)?.store,
  mayUse: () => true,
  now: Date.now,
  monotonic: () => performance.now(),
  random: randomBytes,
  sleep: (/** @type {number} */ ms, /** @type {AbortSignal} */ signal) => sleep(ms, undefined, { signal }),
  leaseMs,
  gapMs,
  onStep,
});

/** @param {import('../support/changes/replica.js').Wish} wish */
async function carryOut(wish) {
  if (wish.act === 'sweep') return engine.sweep();
  if (wish.act === 'meet') {
    for (const shop of wish.shops) shops.set(shop.store.rowId, shop);
    return undefined;
  }
  const { shop } = wish;
  shops.set(shop.store.rowId, shop);
  const { principal, store } = shop;
  if (wish.act === 'list') return engine.list(principal, { stores: [store], limit: 100 });
  const signal = new AbortController().signal;
  const ctx = { principal, signal, deadlineAt: performance.now() + 40_000, client: 'made-up client 1.0' };
  return wish.act === 'undo' ? engine.undo(wish.request, ctx) : engine.run({ ...wish.request, store }, ctx);
}

process.on(
  'message',
  async (/** @type {{ id: number, wish: import('../support/changes/replica.js').Wish }} */ asked) => {
    const { id, wish } = asked;
    try {
      process.send?.({ id, value: await carryOut(wish) });
    } catch (error) {
      const { code = 'unknown', message = '', retryAfterS } = Object(error);
      process.send?.({ id, refusal: { code, message, retryAfterS } });
    }
  },
);
process.once('disconnect', () => process.exit());
process.send?.('ready');
