/**
 * What the cache saves and what it costs, in one run: `npm run bench:cache`. First a whole server: an order that is
 * there against one that has to be fetched. Then the cache alone: entries encrypted against plain ones, Redis against
 * memory. What counts are the ratios; CPU is that of our own processes, not of Redis.
 */
import { randomBytes } from 'node:crypto';
import { connectAgents } from './support/agents.mjs';
import { quantiles, table } from './support/figures.mjs';
import { startFleet } from './support/fleet.mjs';
import { startRedis } from './support/redis.mjs';

const STORE = {
  id: '20001',
  apiKey: 'sandbox-key-for-store-20001',
  name: 'Store (sandbox)',
  orderCount: 4_000,
};
const CALLS = 1_000;
const OPERATIONS = 3_000;
const TTL_MS = 600_000;
const TENANT = '01900000-0000-7000-8000-00000000000a';

/** @param {string} path of a built module */
const load = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);

const { startSandbox, generateStoreData } = await load('sandbox/index.js');
const { createMemoryCache } = await load('cache/memory.js');
const { createRedisCache } = await load('cache/redis.js');
const { connectRedis } = await load('redis/connection.js');
const { shareRedis } = await load('redis/shared-redis.js');
const { makeRingText, parseKeyRing } = await load('tenancy/rings/key-ring.js');
const { TenantKeys } = await load('tenancy/vault/data-keys.js');
const { makeCacheCipher } = await load('tenancy/vault/tenant-cache-cipher.js');

/** @param {number} value */
const micro = (value) => `${value.toFixed(0)} µs`;

/**
 * Calls of `get_order` on one replica, one after the other.
 * @param {string | undefined} redisUrl
 */
async function wholeServer(redisUrl) {
  const sandbox = await startSandbox({ stores: [STORE], rateLimit: false });
  /** @type {string[]} */
  const orderIds = sandbox
    .store(STORE.id)
    .orders()
    .map((/** @type {any} */ order) => order.id);
  const [replica] = await startFleet({
    orderDeskUrl: sandbox.url,
    redisUrls: [redisUrl],
    stores: [STORE],
    agentsPerStore: 1,
    env: { CACHE_TTL_ORDERS: '600', UPSTREAM_BUDGET_BURST: '100000', UPSTREAM_BUDGET_RATE: '10000' },
  });
  if (replica === undefined) throw new Error('no replica');
  const agents = connectAgents([replica]);

  /** @param {readonly string[]} ids */
  const read = async (ids) => {
    const before = await replica.cpuMicroseconds();
    const asked = sandbox.counters().total;
    const wall = [];
    for (const orderId of ids) {
      const { ms, refusal } = await agents.getOrder({ replica: 0, store: 0, agent: 0, orderId });
      if (refusal !== undefined) throw new Error(`a call failed: ${refusal.code}`);
      wall.push(ms * 1_000);
    }
    return {
      cpu: ((await replica.cpuMicroseconds()) - before) / ids.length,
      median: quantiles(wall).p50,
      requests: (sandbox.counters().total - asked) / ids.length,
    };
  };

  // Both ways are warm before either is measured.
  const [few, many] = [orderIds.slice(0, 500), orderIds.slice(500, 500 + CALLS)];
  await read(few);
  await read(few);
  const miss = await read(many);
  const hit = await read(many);
  await agents.close();
  await replica.stop();
  await sandbox.close();
  return { hit, miss };
}

/** @typedef {{ cache: any, cipher: any }} Kind */

/**
 * Stores entries and looks them up, as one read does after the other.
 * @param {Kind} kind @param {readonly Buffer[]} values
 */
async function cacheAlone({ cache, cipher }, values) {
  const entries = values.map((value, i) => ({
    value,
    key: `order:${i}`,
    scopes: [`orders:${TENANT}`, `order:${i}`],
  }));
  let busy = 0;
  const stored = await cpuOf(entries, async ({ key, scopes, value }) => {
    const { ticket } = await cache.lookup(key, scopes);
    if (ticket === undefined) busy += 1;
    const sealed = cipher === undefined ? value : await cipher.seal(TENANT, [key], value);
    const outcome = await cache.store(key, scopes, ticket, sealed, TTL_MS);
    if (outcome !== 'set' && ticket !== undefined) throw new Error(`an entry was not stored: ${outcome}`);
  });
  const found = await cpuOf(entries, async ({ key, scopes, value }) => {
    const { value: bytes, ticket } = await cache.lookup(key, scopes);
    if (ticket === undefined) busy += 1;
    const opened =
      bytes === undefined || cipher === undefined ? bytes : await cipher.open(TENANT, [key], bytes);
    if (opened?.length !== value.length && ticket !== undefined)
      throw new Error('an entry was not found again');
  });
  return { stored, found, busy };
}

/** @template T @param {readonly T[]} entries @param {(entry: T) => Promise<void>} work */
async function cpuOf(entries, work) {
  const wall = [];
  const before = process.cpuUsage();
  for (let n = 0; n < OPERATIONS; n += 1) {
    const entry = entries[n % entries.length];
    if (entry === undefined) throw new Error('no entries');
    const startedAt = performance.now();
    await work(entry);
    wall.push((performance.now() - startedAt) * 1_000);
  }
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / OPERATIONS, median: quantiles(wall).p50 };
}

/** One tenant's key, as the server holds it. */
function newCipher() {
  const deps = { random: randomBytes, now: Date.now, staleMaxMs: 600_000 };
  const ring = parseKeyRing(makeRingText('k1', randomBytes), 'BENCH');
  /** @type {any} */
  const keys = new TenantKeys({ ...deps, ring, dataKeys: { find: async () => wrapped } });
  const wrapped = keys.make(TENANT);
  return makeCacheCipher({ keys, random: randomBytes, now: Date.now });
}

const redisServer = await startRedis();
process.stdout.write(`cache, Node ${process.versions.node}, 1 replica\n`);

const servers = { memory: await wholeServer(undefined), redis: await wholeServer(redisServer.url) };
const serverRows = Object.entries(servers).map(([name, { hit, miss }]) => [
  `get_order, ${name}`,
  micro(hit.cpu),
  micro(miss.cpu),
  (hit.cpu / miss.cpu).toFixed(2),
  micro(hit.median),
  micro(miss.median),
  `${hit.requests.toFixed(2)} / ${miss.requests.toFixed(2)}`,
]);
process.stdout.write(
  table([
    ['whole server over HTTP', 'CPU hit', 'CPU miss', 'hit to miss', 'median hit', 'median miss', 'requests'],
    ...serverRows,
  ]),
);

const orders = generateStoreData({ storeId: STORE.id, seed: 1, anchor: new Date(), orderCount: 200 }).orders;
/** @type {Buffer[]} */
const values = orders.map((/** @type {unknown} */ order) => Buffer.from(JSON.stringify(order)));
const connection = await connectRedis(redisServer.url, { onError: () => {} });
const shared = shareRedis({ redis: connection });
/** @type {Record<string, () => Kind>} */
const kinds = {
  'memory, plain': () => ({ cache: createMemoryCache(), cipher: undefined }),
  'memory, encrypted': () => ({ cache: createMemoryCache(), cipher: newCipher() }),
  'Redis, plain': () => ({ cache: createRedisCache({ shared }), cipher: undefined }),
  'Redis, encrypted': () => ({ cache: createRedisCache({ shared }), cipher: newCipher() }),
};
/** @type {Record<string, Awaited<ReturnType<typeof cacheAlone>>>} */
const results = {};
for (const [name, make] of Object.entries(kinds)) {
  const kind = make();
  // The first round is for the compiler.
  await cacheAlone(kind, values);
  results[name] = await cacheAlone(kind, values);
}
const bytes = quantiles(values.map(({ length }) => length)).p50;
process.stdout.write(
  `\n${table([
    [`cache alone, entries of ${bytes} bytes`, 'CPU found', 'CPU stored', 'median found', 'median stored'],
    ...Object.entries(results).map(([name, { found, stored }]) => [
      name,
      micro(found.cpu),
      micro(stored.cpu),
      micro(found.median),
      micro(stored.median),
    ]),
  ])}`,
);
/** @param {string} one @param {string} other */
const ratio = (one, other) => ((results[one]?.found.cpu ?? 0) / (results[other]?.found.cpu ?? 0)).toFixed(2);
process.stdout.write(
  `CPU of a look-up: encrypted to plain in Redis ${ratio('Redis, encrypted', 'Redis, plain')}, ` +
    `in memory ${ratio('memory, encrypted', 'memory, plain')}; ` +
    `Redis, encrypted, to memory, plain ${ratio('Redis, encrypted', 'memory, plain')}\n`,
);

const busy = Object.values(results).reduce((sum, result) => sum + result.busy, 0);
if (busy > 0) process.stdout.write(`${busy} times Redis did not answer in time: this machine is busy\n`);

shared.close();
connection.disconnect();
await redisServer.stop();
const unsaved = Object.values(servers).some(({ hit }) => hit.requests > 0);
if (unsaved) {
  process.stdout.write('MISSED: a hit costs a request\n');
  process.exitCode = 1;
}
