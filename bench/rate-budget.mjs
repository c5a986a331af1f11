/**
 * The budget of a store, kept by three replicas together: `npm run bench:rate-budget` (`-- --seconds 20` for a short
 * look, `--only a,d` for some of the variants). Replicas are processes of their own; forty agents read orders that
 * nobody has read before, so that every call costs a request. What is sent is counted by the sandbox, which keeps the
 * same bucket as Order Desk and lets requests and answers take their time, so that one overtakes another.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connectAgents, work } from './support/agents.mjs';
import { quantiles, table } from './support/figures.mjs';
import { startFleet } from './support/fleet.mjs';
import { startRedis } from './support/redis.mjs';

const REPLICAS = 3;
const AGENTS_PER_STORE = 8;
const STORES = ['20001', '20002', '20003', '20004', '20005'].map((id) => ({
  id,
  apiKey: `sandbox-key-for-store-${id}`,
  name: `Store ${id} (sandbox)`,
}));
const LATENCY = { arrival: [20, 150], answer: [100, 300] };
const REFILL_PER_SECOND = 3;
/** A bucket that is not known starts low; this is about what replicas do once they know it, and once it is full. */
const WARM_UP_MS = 3_000;
const REST_MS = 12_000;
const LOOK_MS = 500;
const DEADLINE_MS = 25_000;
/** A call is told no later than this after its deadline: the way over HTTP, on a busy machine. */
const WAY_BACK_MS = 1_000;
const BOUNDS = { used: 0.95, refusedBesideOthers: 0.01 };

/** @typedef {{ name: string, env?: Record<string, string>, apart?: boolean, othersPerSecond?: number, settleMs?: number }} Variant */
/** @type {Readonly<Record<string, Variant>>} */
const VARIANTS = {
  a: { name: '(a) one budget for all replicas' },
  b: {
    name: '(b) no budget',
    env: { UPSTREAM_BUDGET_BURST: '100000', UPSTREAM_BUDGET_RATE: '10000' },
  },
  c: { name: '(c) a budget for each replica', apart: true, env: { UPSTREAM_REPLICAS: '1' } },
  d: {
    name: '(d) as (a), somebody else takes half',
    othersPerSecond: REFILL_PER_SECOND / 2,
    settleMs: 20_000,
  },
  e: { name: '(e) as (d), just begun', othersPerSecond: REFILL_PER_SECOND / 2 },
};

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    only: { type: 'string', default: Object.keys(VARIANTS).join() },
  },
});
const durationMs = Number(options.seconds) * 1_000;
const { startSandbox } = await import(new URL('../dist/sandbox/index.js', import.meta.url).href);

/** @param {Variant} variant */
async function run({ env = {}, apart = false, othersPerSecond, settleMs = 0 }) {
  const sandbox = await startSandbox({ stores: STORES, latency: LATENCY, admin: true });
  const redises = await Promise.all(Array.from({ length: apart ? REPLICAS : 1 }, startRedis));
  const replicas = await startFleet({
    orderDeskUrl: sandbox.url,
    redisUrls: Array.from({ length: REPLICAS }, (_, i) => redises[i % redises.length]?.url),
    stores: STORES,
    agentsPerStore: AGENTS_PER_STORE,
    env,
  });
  const agents = connectAgents(replicas);
  const stop = new AbortController();
  /** @param {AbortSignal} signal */
  const begin = (signal) =>
    work({
      agents,
      replicas: REPLICAS,
      agentsPerStore: AGENTS_PER_STORE,
      orderIds: STORES.map(({ id }) =>
        sandbox
          .store(id)
          .orders()
          .map((/** @type {any} */ order) => order.id),
      ),
      signal,
    });

  await begin(AbortSignal.timeout(WARM_UP_MS));
  await pause(REST_MS);
  if (othersPerSecond !== undefined) {
    for (const { id } of STORES) sandbox.somebodyElse({ store: id, perSecond: othersPerSecond });
  }
  // Only a bucket that is full at the start, or one that has settled, tells how much of it is used.
  const working = settleMs > 0 ? begin(stop.signal) : undefined;
  await pause(settleMs);
  sandbox.resetCounters();
  const granted = await tokens(sandbox.adminUrl);
  const looks = lookAtHealth(replicas);
  const startedAt = performance.now();
  const measured = working ?? begin(stop.signal);
  await pause(durationMs);
  const counters = sandbox.counters();
  stop.abort();
  const calls = (await measured).filter((call) => call.startedAt >= startedAt);
  const alone = await looks.stop();

  await agents.close();
  await Promise.all(replicas.map((replica) => replica.stop()));
  await Promise.all(redises.map((redis) => redis.stop()));
  await sandbox.close();
  const refilled = (STORES.length * REFILL_PER_SECOND * durationMs) / 1_000;
  return { ...summary(calls, counters, granted + refilled), alone };
}

/**
 * How often a replica was found to be without Redis. A machine that is busy with other work makes Redis too slow for
 * them, and then these are no figures of replicas that share a budget.
 * @param {readonly import('./support/fleet.mjs').Replica[]} replicas
 */
function lookAtHealth(replicas) {
  let alone = 0;
  const look = async (/** @type {string} */ url) => {
    const health = /** @type {any} */ (await (await fetch(new URL('/health', url))).json());
    if (health.limits === 'local') alone += 1;
  };
  /** @type {Promise<void>[]} */
  const looks = [];
  const timer = setInterval(() => looks.push(...replicas.map(({ url }) => look(url))), LOOK_MS);
  return {
    stop() {
      clearInterval(timer);
      return Promise.all(looks).then(() => alone);
    },
  };
}

/** What lies in the buckets now, all stores together. @param {string} adminUrl @returns {Promise<number>} */
async function tokens(adminUrl) {
  const report = /** @type {any} */ (await (await fetch(`${adminUrl}/report`)).json());
  return report.stores.reduce((/** @type {number} */ sum, /** @type {any} */ store) => sum + store.tokens, 0);
}

/**
 * @param {readonly import('./support/agents.mjs').Call[]} calls
 * @param {any} counters of the sandbox
 * @param {number} granted requests that Order Desk would have answered in that time
 */
function summary(calls, counters, granted) {
  const ours = sum(Object.values(counters.byStore));
  const theirs = sum(Object.values(counters.somebodyElse));
  const refusals = calls.flatMap(({ refusal }) => (refusal === undefined ? [] : [refusal.code]));
  const exhausted = refusals.filter((code) => code === 'rate_budget_exhausted').length;
  return {
    calls: calls.length,
    answered: calls.length - refusals.length,
    exhausted,
    otherwise: refusals.length - exhausted,
    codes: [...new Set(refusals)],
    ours,
    theirs,
    used: (ours.granted + theirs.granted) / granted,
    seconds: quantiles(calls.map(({ ms }) => ms / 1_000)),
  };
}

/** @param {readonly any[]} tallies */
const sum = (tallies) =>
  tallies.reduce(
    ({ requests, granted, rateLimited }, tally) => ({
      requests: requests + tally.requests,
      granted: granted + tally.granted,
      rateLimited: rateLimited + tally.rateLimited,
    }),
    { requests: 0, granted: 0, rateLimited: 0 },
  );

/** @typedef {Awaited<ReturnType<typeof run>>} Result */

/** What is wrong with a variant. @type {Readonly<Record<string, (result: Result) => (string | false)[]>>} */
const complaints = {
  a: (result) => [
    result.ours.rateLimited > 0 && 'a 429 of our making',
    result.used < BOUNDS.used && `less than ${BOUNDS.used * 100} % of what was granted is used`,
    ...inTime(result),
  ],
  // A load that a lack of any budget withstands would show nothing.
  b: (result) => [result.ours.rateLimited === 0 && 'the load is too small to show anything'],
  d: (result) => [
    share(result.ours) > BOUNDS.refusedBesideOthers && 'too many 429 for us',
    share(result.theirs) > BOUNDS.refusedBesideOthers && 'too many 429 for somebody else',
    ...inTime(result),
  ],
};

/** @param {Result} result */
const inTime = ({ seconds, otherwise, codes }) => [
  seconds.max * 1_000 > DEADLINE_MS + WAY_BACK_MS && 'somebody waited past the deadline',
  otherwise > 0 && `calls failed otherwise: ${codes.join(', ')}`,
];

/** @param {{ requests: number, rateLimited: number }} tally */
const share = ({ requests, rateLimited }) => (requests === 0 ? 0 : rateLimited / requests);

/** @param {{ requests: number, rateLimited: number }} tally */
const refused = (tally) =>
  tally.requests === 0 ? '-' : `${tally.rateLimited} (${(share(tally) * 100).toFixed(2)} %)`;

/** @param {string} name @param {Result} result */
const row = (name, { calls, answered, exhausted, otherwise, ours, theirs, used, seconds }) => [
  name,
  `${calls}`,
  `${answered}`,
  `${exhausted}`,
  `${otherwise}`,
  refused(ours),
  refused(theirs),
  `${(used * 100).toFixed(1)} %`,
  [seconds.p50, seconds.p95, seconds.max].map((value) => value.toFixed(1)).join(' / '),
];

process.stdout.write(
  `${REPLICAS} replicas, ${AGENTS_PER_STORE * STORES.length} agents, ${STORES.length} stores, ` +
    `${options.seconds} s each, Node ${process.versions.node}\n`,
);
const rows = [];
const wrong = [];
const notes = [];
for (const letter of options.only.split(',')) {
  const variant = VARIANTS[letter];
  if (variant === undefined) throw new Error(`There is no variant ${letter}.`);
  const result = await run(variant);
  rows.push(row(variant.name, result));
  if (result.alone > 0) notes.push(`${variant.name}: ${result.alone} looks found a replica without Redis`);
  const found = complaints[letter]?.(result) ?? [];
  for (const complaint of found) if (complaint !== false) wrong.push(`${variant.name}: ${complaint}`);
}
const heads = ['', 'calls', 'answered', 'rate_budget_exhausted', 'failed otherwise', '429 for us'];
process.stdout.write(
  table([[...heads, '429 for somebody else', 'used of granted', 'call took, s: p50 / p95 / max'], ...rows]),
);
for (const note of notes) process.stdout.write(`${note}; is this machine busy?\n`);
process.stdout.write(wrong.length === 0 ? 'all bounds held\n' : `MISSED: ${wrong.join('; ')}\n`);
if (wrong.length > 0) process.exitCode = 1;
