/**
 * Whether the server keeps what it should let go of: `npm run bench:soak`, 14 minutes. One replica on Postgres and Redis
 * under a steady load; every ten seconds its garbage is collected and the heap measured. The slope of the last four fifths
 * of the time must stay below the bound at its upper 95 % limit, and the open handles must be at the end what they were
 * before. `-- --minutes 2` is a short look.
 */

import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { startPostgres } from './support/postgres.mjs';
import { startRedis } from './support/redis.mjs';
import { slopeOf } from './support/slope.mjs';
import { steadyLoad } from './support/steady-load.mjs';

const BOUND_MB_PER_MINUTE = 0.5;
const STORES = 10;
const SAMPLE_MS = 10_000;
/** Longer than any connection is kept idle: 30 s to Postgres. */
const REST_MS = 40_000;
/** What runs in the background now and then takes a second connection for a while: the least of several looks counts. */
const LOOKS = 12;
const LOOK_EVERY_MS = 5_000;
const MB = 1024 * 1024;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '50' },
  },
});
const minutes = Number(values.minutes);
const perSecond = Number(values.rate);

/** @param {string} path of a built module */
const load = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const { startSandbox } = await load('sandbox/index.js');
const { makeRingText } = await load('tenancy/rings/key-ring.js');

const redis = await startRedis();
const postgres = await startPostgres();
const stores = Array.from({ length: STORES }, (_, n) => ({
  id: `${30_001 + n}`,
  apiKey: `sandbox-key-for-store-${30_001 + n}`,
  name: `Store ${n} (sandbox)`,
  orderCount: 400,
}));
const sandbox = await startSandbox({ stores, rateLimit: false });

const child = fork(fileURLToPath(new URL('support/soaked.mjs', import.meta.url)), {
  execArgv: ['--expose-gc'],
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  env: {
    PATH: process.env.PATH ?? '',
    NODE_ENV: 'test',
    PORT: '0',
    DATABASE_URL: postgres.serviceUrl,
    REDIS_URL: redis.url,
    ORDERDESK_API_URL: sandbox.url,
    MCP_KMS_KEY: makeRingText('k1', randomBytes),
    MCP_KEY_PEPPER: makeRingText('p1', randomBytes),
    AUTH_BCRYPT_COST: '4',
    UPSTREAM_BUDGET_BURST: '100000',
    UPSTREAM_BUDGET_RATE: '10000',
  },
});
const ended = once(child, 'exit');
/** @param {object} order */
const ask = async (order) => {
  const answer = once(child, 'message');
  child.send(order);
  const [first] = await Promise.race([answer, ended.then(() => [undefined])]);
  if (first === undefined) throw new Error('The replica ended too early.');
  return first;
};

/** Once nothing is asked of the replica any more. */
async function atRest() {
  await pause(REST_MS);
  const least = await ask({ kind: 'left' });
  for (let look = 1; look < LOOKS; look += 1) {
    await pause(LOOK_EVERY_MS);
    const { heap, files, handles } = await ask({ kind: 'left' });
    least.heap = Math.min(least.heap, heap);
    least.files = Math.min(least.files, files);
    for (const kind of Object.keys(least.handles)) {
      least.handles[kind] = Math.min(least.handles[kind], handles[kind] ?? 0);
    }
  }
  return least;
}

const { url, keys } = await ask({ kind: 'open', stores });
const shops = stores.map(({ id }, n) => ({
  key: keys[n],
  orderIds: sandbox
    .store(id)
    .orders()
    .map((/** @type {any} */ order) => order.id),
}));

// All that is made once has been made before anything is compared.
await steadyLoad({ url, shops, perSecond, seconds: 20 });
const before = await atRest();

/** @type {{ minute: number, mb: number }[]} */
const samples = [];
const began = performance.now();
const sampling = new AbortController();
const sampler = (async () => {
  while (!sampling.signal.aborted) {
    await pause(SAMPLE_MS, undefined, { signal: sampling.signal }).catch(() => {});
    if (sampling.signal.aborted) return;
    const { heap } = await ask({ kind: 'left' });
    samples.push({ minute: (performance.now() - began) / 60_000, mb: heap / MB });
  }
})();
const { calls, failures } = await steadyLoad({ url, shops, perSecond, seconds: minutes * 60 });
sampling.abort();
await sampler;
const after = await atRest();
child.send({ kind: 'close' });
await ended;
await sandbox.close();
await postgres.stop();
await redis.stop();

const kept = samples.filter(({ minute }) => minute >= minutes / 5);
const { slope, upper } = slopeOf(kept.map(({ minute, mb }) => ({ x: minute, y: mb })));
const handlesAgree = isDeepStrictEqual(before.handles, after.handles) && before.files === after.files;
process.stdout.write(
  [
    `soak, Node ${process.versions.node}: ${calls} calls in ${minutes} min, failed: ${JSON.stringify(failures)}`,
    `heap after collection: ${(before.heap / MB).toFixed(1)} MB before, ${(after.heap / MB).toFixed(1)} MB after; resident ${(after.rss / MB).toFixed(0)} MB`,
    `slope over the last ${((minutes * 4) / 5).toFixed(0)} min, ${kept.length} samples: ${slope.toFixed(3)} MB/min, upper 95 % limit ${upper.toFixed(3)} (bound ${BOUND_MB_PER_MINUTE})`,
    `handles before ${JSON.stringify(before.handles)}, files ${before.files}; after ${JSON.stringify(after.handles)}, files ${after.files}`,
    '',
  ].join('\n'),
);
if (!(upper < BOUND_MB_PER_MINUTE) || !handlesAgree || Object.keys(failures).length > 0) {
  process.stdout.write('MISSED\n');
  process.exitCode = 1;
}
