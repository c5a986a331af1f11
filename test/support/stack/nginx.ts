/**
 * Real nginx with the production configuration, as an unprivileged process on free ports of loopback. What is not as
 * in production is in `nginx-files.ts`: `PLACES`, `STAND_INS`, and nothing else.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { nginxProgram } from '../services/debian.js';
import {
  freePort,
  serverFolder,
  startServerProcess,
  unprivileged,
  untilReady,
} from '../services/server-process.js';
import type { TestCertificate } from './certificate.js';
import { type AddressLimits, writeCertificate, writeNginxFiles } from './nginx-files.js';

export interface NginxOptions {
  /** Loopback ports of the replicas. */
  readonly replicaPorts: readonly number[];
  readonly certificate: TestCertificate;
  /** Left out: so many that no test meets them by accident. */
  readonly limits?: AddressLimits;
  /** Of `outer-proxy.conf`, which an installation may add. */
  readonly outerProxy?: string;
  /** Whether it listens on `::1` as well, which not every machine has. */
  readonly ipv6?: boolean;
}

export interface Nginx {
  /** `https://localhost:<port>`, without a path. */
  readonly url: string;
  readonly port: number;
  /** Where plain HTTP is redirected. */
  readonly plainPort: number;
  /** Its files, and nobody else's. */
  readonly folder: string;
  /** Entries of the access log so far; a request is in it soon after it has been answered. */
  accessLog(): readonly AccessEntry[];
  /** What it wrote besides. */
  errorLog(): string;
  /** Balances over other replicas from now on; resolves when only new workers take requests. */
  setReplicas(ports: readonly number[]): Promise<void>;
  /** Shows another certificate from now on; requests under way end with the old workers. */
  setCertificate(certificate: TestCertificate): Promise<void>;
  /** Ends when the requests under way have. */
  stop(): Promise<void>;
}

const accessEntry = z.strictObject({
  time: z.string(),
  request_id: z.string(),
  client: z.string(),
  method: z.string(),
  route: z.string(),
  status: z.int(),
  duration_s: z.number(),
  bytes_sent: z.int(),
  completed: z.string(),
  limited: z.string(),
  protocol: z.string(),
  tls: z.string(),
  upstream: z.string(),
  upstream_status: z.string(),
  upstream_connect_s: z.string(),
  upstream_header_s: z.string(),
  upstream_s: z.string(),
});
export type AccessEntry = z.infer<typeof accessEntry>;

const PLENTY: AddressLimits = { requestsPerSecond: 100_000, burst: 100_000, connections: 10_000 };
const RELOAD_MS = 30_000;

/** @throws ServiceMissing */
export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const folder = serverFolder('nginx');
  const [port, plainPort] = [await freePort(), await freePort()];
  const settings = { limits: PLENTY, port, plainPort, ...options };
  writeNginxFiles(folder, settings);
  writeCertificate(folder, options.certificate);
  const server = await startServerProcess({
    command: [...commandIn(folder), '-g', 'daemon off;'],
    folder,
    endSignal: 'QUIT',
  });
  await untilReady(server, () => connectTo(port));
  const read = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '';
  const errorLog = () => read('error.log');
  const reload = () => reloaded(server.pid, errorLog);
  return {
    url: `https://localhost:${port}`,
    port,
    plainPort,
    folder,
    accessLog: () =>
      read('access.log')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => accessEntry.parse(JSON.parse(line))),
    errorLog,
    async setReplicas(replicaPorts) {
      writeNginxFiles(folder, { ...settings, replicaPorts });
      await reload();
    },
    async setCertificate(certificate) {
      writeCertificate(folder, certificate);
      await reload();
    },
    stop: () => server.stop(),
  };
}

/**
 * What nginx says of the files in a folder, without starting.
 * @returns its complaints, empty for none
 */
export function checkNginxFiles(folder: string): string {
  try {
    execFileSync(nginxProgram(), [...commandIn(folder).slice(1), '-t', '-q'], {
      ...unprivileged(),
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
    });
    return '';
  } catch (thrown) {
    if (!(thrown instanceof Error && 'stderr' in thrown)) throw thrown;
    return String(thrown.stderr);
  }
}

/** `-e`: where it writes until it has read where to write. */
const commandIn = (folder: string): readonly string[] => [
  nginxProgram(),
  ...['-p', `${folder}/`, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'],
];

const connectTo = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });

/** Waits until each worker of before has said that it takes no more. @throws Error with nginx's words */
async function reloaded(pid: number, errorLog: () => string): Promise<void> {
  const workers = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/);
  // One that leaves since an earlier reload has said so, and is not told again.
  const stays = (worker: string) => !errorLog().includes(` ${worker}#${worker}: gracefully shutting down`);
  const refusals = () => errorLog().split('[emerg]').length;
  const before = refusals();
  process.kill(pid, 'SIGHUP');
  const deadline = Date.now() + RELOAD_MS;
  while (workers.some(stays)) {
    if (refusals() > before || Date.now() > deadline) {
      throw new Error(`nginx did not reload:\n${errorLog().slice(-2_000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
