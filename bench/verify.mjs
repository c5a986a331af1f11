/**
 * What verifying a key costs: the CPU of a call with a key in use (bound: 30 µs), with and without the limits on
 * inbound calls, and the first look at a key, each over tables of 10 to 100,000 keys in one run: `npm run bench:verify`.
 */
import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const TABLE_SIZES = [10, 100, 1_000, 10_000, 100_000];
const CALLS = 100_000;
const LOOKS = 500;
const BOUND_MICROSECONDS = 30;

/** @param {string} path of a built module */
const load = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);

const { openInMemory } = await load('storage/embedded.js');
const { InboundLimits } = await load('limits/inbound.js');
const { createMemoryLimiter } = await load('limits/memory.js');
const { KeyAuthenticator } = await load('tenancy/keys/key-authenticator.js');
const { KeyHasher } = await load('tenancy/keys/key-hasher.js');
const { keyCheck, keyProof } = await load('tenancy/keys/key-digests.js');
const { makeKey } = await load('tenancy/keys/api-key.js');
const { randomBase62, toBase62 } = await load('tenancy/keys/base62.js');
const { sqlKeyRepository } = await load('tenancy/keys/sql-key-repository.js');
const { makeRingText, parseKeyRing } = await load('tenancy/rings/key-ring.js');

const TENANT = '01900000-0000-7000-8000-00000000000a';
const peppers = parseKeyRing(makeRingText('p1', randomBytes), 'BENCH');
const hasher = new KeyHasher({ cost: 4 });
const database = await openInMemory();

await database.asTenant(TENANT, (/** @type {any} */ tx) =>
  tx.run(`insert into tenants (tenant_id, name, name_key, status) values ($1, 'Bench', 'bench', 'active')`, [
    TENANT,
  ]),
);

/** Rows that no key opens. @param {number} from @param {number} to */
const addRows = (from, to) =>
  database.asTenant(TENANT, (/** @type {any} */ tx) =>
    tx.run(
      `insert into api_keys (key_id, tenant_id, kid, name, role, scope, check_tag, hash, pepper_id)
       select gen_random_uuid(), $1, lpad(n::text, 10, '0'), 'bench', 'agent', '{"stores":"all"}', '\\x00000000', 'none', 'p1'
       from generate_series($2::int, $3::int) as n`,
      [TENANT, from, to - 1],
    ),
  );

/** @returns {Promise<string>} the header of a key that works */
async function addKey() {
  const { kid, key } = makeKey(randomBytes);
  const pepper = peppers.current;
  const text = key.reveal();
  const hash = await hasher.hash(keyProof(pepper.key, text));
  await database.asTenant(TENANT, (/** @type {any} */ tx) =>
    tx.run(
      `insert into api_keys (key_id, tenant_id, kid, name, role, scope, check_tag, hash, pepper_id)
       values (gen_random_uuid(), $1, $2, 'bench', 'agent', '{"stores":"all"}', $3, $4, $5)`,
      [TENANT, kid, keyCheck(pepper.key, text), hash, pepper.id],
    ),
  );
  return `Bearer ${text}`;
}

/** A wrong secret for a key that exists. @param {number} row */
function wrongHeader(row) {
  const body = `odm_${String(row).padStart(10, '0')}_${randomBase62(32, randomBytes)}`;
  return `Bearer ${body}${toBase62(crc32(body), 6)}`;
}

const newAuthenticator = () =>
  new KeyAuthenticator({
    keys: sqlKeyRepository(database),
    peppers,
    hasher,
    now: Date.now,
    staleMaxMs: 600_000,
    onBackgroundError: (/** @type {unknown} */ error) => {
      throw error;
    },
  });

const limits = new InboundLimits({
  limiter: createMemoryLimiter(),
  settings: {
    key: { burst: 1_000_000, perSecond: 1_000_000 },
    address: { burst: 20, perSecond: 1 },
    tenant: { concurrency: 16, queue: 32, waitMs: 5_000 },
  },
  hashAddress: (/** @type {string} */ network) => network,
  now: () => performance.now(),
  observe: () => {},
});
const stays = new AbortController().signal;

/** CPU microseconds of one call. @param {() => Promise<unknown>} call */
async function cpuOf(call) {
  for (let i = 0; i < CALLS / 10; i += 1) await call();
  const before = process.cpuUsage();
  for (let i = 0; i < CALLS; i += 1) {
    await call();
    // Lets timers run, as requests that arrive one by one do: the states of keys are kept current by one.
    if (i % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}

/** @param {number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Microseconds until a wrong secret is refused. @param {any} authenticator @param {number} rows */
async function refusalOf(authenticator, rows) {
  const times = [];
  for (let i = 0; i < LOOKS; i += 1) {
    const header = wrongHeader((i * 7919) % rows);
    const startedAt = performance.now();
    await authenticator.authenticate(header).catch(() => {});
    times.push((performance.now() - startedAt) * 1_000);
  }
  return median(times);
}

process.stdout.write(`verification of a key, Node ${process.versions.node}, embedded database\n`);
process.stdout.write('keys in the table | verified call | with limits | wrong secret refused (median)\n');
/** @type {{ verified: number, refused: number }[]} */
const results = [];
let rows = 0;
for (const size of TABLE_SIZES) {
  await addRows(rows, size);
  rows = size;
  const header = await addKey();
  const authenticator = newAuthenticator();
  authenticator.start();
  const verified = await cpuOf(() => authenticator.authenticate(header));
  const limited = await cpuOf(async () => {
    limits.admit('192.0.2.7', () => authenticator.hasProof(header));
    const principal = await authenticator.authenticate(header);
    await limits.takeMessages(principal, 1);
    (await limits.enter(principal, stays))();
  });
  const refused = await refusalOf(authenticator, rows);
  await authenticator.stop();
  results.push({ verified, refused });
  const cells = [`${verified.toFixed(1)} µs CPU`, `${limited.toFixed(1)} µs CPU`, `${refused.toFixed(0)} µs`];
  process.stdout.write(`${String(size).padStart(17)} | ${cells.join(' | ')}\n`);
}
await database.close();

const [first, last] = [results[0], results.at(-1)];
if (first !== undefined && last !== undefined) {
  process.stdout.write(`100,000 keys to 10: verified ${(last.verified / first.verified).toFixed(2)}, `);
  process.stdout.write(`refused ${(last.refused / first.refused).toFixed(2)}\n`);
}
const worst = Math.max(...results.map(({ verified }) => verified));
process.stdout.write(
  `bound of ${BOUND_MICROSECONDS} µs: ${worst <= BOUND_MICROSECONDS ? 'held' : 'MISSED'}\n`,
);
if (worst > BOUND_MICROSECONDS) process.exitCode = 1;
