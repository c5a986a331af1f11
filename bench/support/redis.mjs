/** A Redis of a benchmark's own: on loopback, nothing on disk, gone at the end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const READY_WITHIN_MS = 10_000;

/** @returns {Promise<{ url: string, stop: () => Promise<void> }>} */
export async function startRedis() {
  const port = await freePort();
  const child = spawn(
    'redis-server',
    ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    { stdio: 'ignore' },
  );
  const ended = once(child, 'exit').catch(missing);
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const until = performance.now() + READY_WITHIN_MS;
  while (!(await answers(port))) {
    if (performance.now() > until || child.exitCode !== null) throw new Error('redis-server did not start.');
    await pause(20);
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      process.off('exit', kill);
      kill();
      await ended;
    },
  };
}

/** @param {NodeJS.ErrnoException} thrown */
function missing(thrown) {
  if (thrown.code !== 'ENOENT') throw thrown;
  process.stderr.write('This needs redis-server: install it (Debian: apt-get install redis-server).\n');
  process.exit(1);
}

/** A port that nobody listens on at the moment. @returns {Promise<number>} */
export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** @param {number} port @returns {Promise<boolean>} */
function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('data', () => socket.destroy());
  });
}
