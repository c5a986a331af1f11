/**
 * How long the server takes from being started to being ready, on a new data folder and on one that is there, in one
 * run: `npm run bench:start`. The bounds are 10 s for the first start and 3 s for later ones.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROUNDS = 5;
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

/**
 * @param {string} dataDir
 * @returns {Promise<number>} milliseconds until the `ready` line
 */
async function timeStart(dataDir) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [cli, 'start'], {
    env: { PATH: process.env.PATH, PORT: '0', DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes('"msg":"ready"')) continue;
    const took = performance.now() - startedAt;
    child.kill('SIGTERM');
    await ended;
    return took;
  }
  throw new Error('the server ended before it was ready');
}

/** @param {number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** @param {string} name @param {number[]} times */
const report = (name, times) =>
  process.stdout.write(
    `${name}: median ${(median(times) / 1000).toFixed(2)} s, slowest ${(Math.max(...times) / 1000).toFixed(2)} s\n`,
  );

/** @type {number[]} */
const first = [];
/** @type {number[]} */
const later = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const dataDir = await mkdtemp(join(tmpdir(), 'orderdesk-mcp-bench-'));
  first.push(await timeStart(dataDir));
  later.push(await timeStart(dataDir));
  await rm(dataDir, { recursive: true });
}
process.stdout.write(`start to ready, ${ROUNDS} rounds, Node ${process.versions.node}\n`);
report('first start', first);
report('later start', later);
process.stdout.write(`first to later: ${(median(first) / median(later)).toFixed(2)}\n`);
