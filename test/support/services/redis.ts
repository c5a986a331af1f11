/** A Redis of the tests' own: on loopback, nothing on disk, gone at the end. */
import { connect } from 'node:net';
import { redisServer } from './debian.js';
import { freePort, serverFolder, startServerProcess, untilReady } from './server-process.js';

export interface RedisServer {
  readonly url: string;
  /** What it writes goes here, and is gone once it has stopped. */
  readonly folder: string;
  /** Freezes it, as a host does that hangs: connections are accepted, nothing is answered. */
  pause(): void;
  resume(): void;
  /** Ends it as `kill -9` does. */
  stop(): Promise<void>;
  /** After `stop`: an empty one at the same address, as after a restart without anything on disk. */
  startAgain(): Promise<RedisServer>;
}

/** @throws ServiceMissing */
export const startRedis = async (): Promise<RedisServer> => startRedisAt(await freePort());

async function startRedisAt(port: number): Promise<RedisServer> {
  const folder = serverFolder('redis');
  const server = await startServerProcess({
    command: [
      redisServer(),
      ...['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder],
      ...['--save', '', '--appendonly', 'no', '--databases', '64'],
    ],
    folder,
    endSignal: 'KILL',
  });
  const url = `redis://127.0.0.1:${port}`;
  await untilReady(server, () => redisCommand(url, 'PING'));
  return {
    url,
    folder,
    pause: () => process.kill(server.pid, 'SIGSTOP') && undefined,
    resume: () => process.kill(server.pid, 'SIGCONT') && undefined,
    stop: () => server.stop(),
    startAgain: () => startRedisAt(port),
  };
}

/** One inline command on a connection of its own; resolves with the first bytes of the answer. */
export function redisCommand(url: string, ...commands: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.setTimeout(5_000, () => socket.destroy(new Error('Redis does not answer.')));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
      if (answer.split('\r\n').length > commands.length) socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
    socket.write(commands.map((command) => `${command}\r\n`).join(''));
  });
}
