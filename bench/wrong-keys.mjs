/**
 * How long a call with a good key takes while a thousand wrong keys a second arrive, against the same server without
 * them, in one run: `npm run bench:wrong-keys`. What counts is the ratio; the flood shares the machine with the server.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { Pool } from 'undici';

const WRONG_PER_SECOND = 1_000;
const PHASE_MS = 8_000;
const GOOD_PAUSE_MS = 25;

const { randomBase62, toBase62 } = await import(
  new URL('../dist/tenancy/keys/base62.js', import.meta.url).href
);
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

const dataDir = await mkdtemp(join(tmpdir(), 'orderdesk-mcp-bench-'));
const child = spawn(process.execPath, [cli, 'start'], {
  env: {
    PATH: process.env.PATH,
    PORT: '0',
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    // The good key calls more often than an agent does, and nothing is to be shed.
    MCP_LIMIT_KEY_RATE: '1000',
    MCP_LIMIT_KEY_BURST: '1000',
    MCP_LIMIT_EVENT_LOOP_UTILIZATION: '1',
  },
  stdio: ['ignore', 'pipe', 'pipe'],
});
const ended = once(child, 'close');
const { url, keyFile } = await readyServer();
const key = (await readFile(keyFile, 'utf8')).trim();
const kid = key.slice(4, 14);
const pool = new Pool(new URL(url).origin, { connections: 64 });

/** @returns {Promise<{ url: string, keyFile: string }>} */
async function readyServer() {
  let url = '';
  let keyFile = '';
  // The log level hides the line for machines; the one for people is on standard error.
  for await (const line of createInterface({ input: child.stderr })) {
    url ||= /URL\s+(\S+)/.exec(line)?.[1] ?? '';
    keyFile ||= /in the file (\S+)/.exec(line)?.[1] ?? '';
    if (url !== '' && keyFile !== '') return { url, keyFile };
  }
  throw new Error('the server ended before it was ready');
}

/** @param {string} token @returns {Promise<{ status: number, ms: number }>} */
async function ping(token) {
  const startedAt = performance.now();
  const { statusCode, body } = await pool.request({
    path: '/mcp',
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
    },
    body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
  });
  await body.dump();
  return { status: statusCode, ms: performance.now() - startedAt };
}

function wrongKey() {
  const body = `odm_${kid}_${randomBase62(32, randomBytes)}`;
  return body + toBase62(crc32(body), 6);
}

/** Good calls one after the other. */
async function goodCalls() {
  const until = performance.now() + PHASE_MS;
  /** @type {number[]} */
  const times = [];
  let failed = 0;
  while (performance.now() < until) {
    const { status, ms } = await ping(key);
    times.push(ms);
    if (status !== 200) failed += 1;
    await pause(GOOD_PAUSE_MS);
  }
  times.sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => times[Math.floor(times.length * share)] ?? Number.NaN;
  return { calls: times.length, failed, median: at(0.5), p95: at(0.95) };
}

/** @param {AbortSignal} signal */
async function flood(signal) {
  const startedAt = performance.now();
  /** @type {Map<number, number>} */
  const statuses = new Map();
  const open = new Set();
  let sent = 0;
  while (!signal.aborted) {
    const due = ((performance.now() - startedAt) / 1_000) * WRONG_PER_SECOND;
    while (sent < due && open.size < 500) {
      sent += 1;
      const answer = ping(wrongKey()).then(({ status }) => {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        open.delete(answer);
      });
      open.add(answer);
    }
    await pause(5);
  }
  await Promise.all(open);
  return { perSecond: (sent / (performance.now() - startedAt)) * 1_000, statuses };
}

/** @param {string} name @param {Awaited<ReturnType<typeof goodCalls>>} result */
const report = (name, { calls, failed, median, p95 }) =>
  process.stdout.write(
    `${name}: ${calls} good calls, ${failed} failed, median ${median.toFixed(2)} ms, p95 ${p95.toFixed(2)} ms\n`,
  );

await ping(key);
for (let i = 0; i < 500; i += 1) await ping(key);
const quiet = await goodCalls();
const stop = new AbortController();
const flooding = flood(stop.signal);
await pause(500);
const flooded = await goodCalls();
stop.abort();
const { perSecond, statuses } = await flooding;

process.stdout.write(`good calls beside wrong keys, Node ${process.versions.node}\n`);
report('without', quiet);
report('with   ', flooded);
const answers = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} × ${status}`);
process.stdout.write(`wrong keys: ${perSecond.toFixed(0)} a second, answered ${answers.join(', ')}\n`);
process.stdout.write(`with to without: median ${(flooded.median / quiet.median).toFixed(2)}, `);
process.stdout.write(`p95 ${(flooded.p95 / quiet.p95).toFixed(2)}\n`);

await pool.close();
child.kill('SIGTERM');
await ended;
await rm(dataDir, { recursive: true });
if (quiet.failed + flooded.failed > 0) process.exitCode = 1;
