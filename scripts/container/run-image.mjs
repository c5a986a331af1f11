/** Runs a replayed image: its command, as its account where we may change it, with its health check. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * @typedef {import('./replay-steps.mjs').Image} Image
 * @typedef {{ url: string, pid: number, output: () => string, isHealthy: () => Promise<boolean>,
 *   stop: (signal?: NodeJS.Signals) => Promise<number | null> }} RunningImage
 */

const STARTS_WITHIN_MS = 30_000;

/** What a run that we are not there to end would leave behind. @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The Node of the image, where its account can read it. @param {Image} image @param {string} node */
export function putNode(image, node) {
  const folder = join(image.root, 'usr/local/bin');
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  copyFileSync(node, join(folder, 'node'));
}

/** Paths of the image's own file system, as they are on this machine. @param {Image} image @param {string} text */
const here = (image, text) =>
  text.startsWith('/') && existsSync(join(image.root, text)) ? join(image.root, text) : text;

/** @param {Image} image @param {string[]} command @param {Record<string, string>} env */
function start(image, [program = '', ...args], env) {
  const own = Object.entries(image.env).map(([name, value]) => [name, here(image, value)]);
  const [uid, gid] = (image.user ?? '0:0').split(':').map(Number);
  const child = spawn(
    program === 'node' ? join(image.root, 'usr/local/bin/node') : program,
    args.map((argument) => here(image, argument)),
    {
      ...(process.getuid?.() === 0 ? { uid, gid } : {}),
      cwd: join(image.root, image.workdir),
      env: { PATH: '/usr/bin:/bin', HOME: '/tmp', ...Object.fromEntries(own), ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  running.add(child);
  child.once('exit', () => running.delete(child));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (/** @type {Buffer} */ chunk) => {
      output += chunk;
    });
  }
  return { child, ended: once(child, 'close'), output: () => output };
}

/** Runs one command beside the server, as `docker compose run` does. @param {Image} image @param {string[]} command @param {Record<string, string>} env @param {string} [input] */
export async function runInImage(image, command, env, input = '') {
  const { child, ended, output } = start(image, command, env);
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code] = await ended;
  return { code, output: output() };
}

/**
 * Starts the server and waits until its health check passes.
 * @param {Image} image @param {Record<string, string>} env with PORT @returns {Promise<RunningImage>}
 * @throws {Error} with what it wrote, when it ends or is not healthy within 30 s
 */
export async function startImage(image, env) {
  const { child, ended, output } = start(image, [...image.entrypoint, ...image.command], env);
  child.stdin.end();
  const isHealthy = async () => (await runInImage(image, image.healthCheck, env)).code === 0;
  const deadline = Date.now() + STARTS_WITHIN_MS;
  while (!(await isHealthy())) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`The image did not become healthy:\n${output()}`);
    }
    await wait(100);
  }
  return {
    url: `http://127.0.0.1:${env.PORT}`,
    pid: child.pid ?? 0,
    output,
    isHealthy,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      const [code] = await ended;
      return code;
    },
  };
}
