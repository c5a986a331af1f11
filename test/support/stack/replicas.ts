/**
 * The program as an installation runs it: several processes of one release, in production, with secrets as files, on one
 * Postgres and one Redis. Each keeps its port over restarts, and writes its log to a file. Needs `npm run build`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makeRingText } from '../../../src/tenancy/rings/key-ring.js';
import { cliFile, projectRoot } from '../running-program.js';
import { freePort } from '../services/server-process.js';

export interface ReplicasOptions {
  readonly count: number;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Of the sandbox in the place of Order Desk. */
  readonly orderDeskUrl: string;
  /** Where clients reach them all; `https://localhost` unless told. */
  readonly publicUrl?: string;
  readonly env?: NodeJS.ProcessEnv;
}

export interface HealthAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface Replicas {
  /** On 127.0.0.1; the same after a restart. */
  readonly ports: readonly number[];
  /** What each replica is started with but its port; good for commands too. */
  readonly env: NodeJS.ProcessEnv;
  /** Secrets and logs. */
  readonly folder: string;
  readonly metricsToken: string;
  /** Of the MCP endpoint. */
  url(replica: number): string;
  /** Resolves when it is ready. @throws Error with its last lines when it ends, or takes longer than 60 s */
  start(replica: number): Promise<void>;
  /** Sends a signal and waits for the end; the exit code, or `null` when the signal ended it. */
  stop(replica: number, signal?: NodeJS.Signals): Promise<number | null>;
  /** Sends a signal and waits for nothing. */
  signal(replica: number, signal: NodeJS.Signals): void;
  /** @param path such as `/health/ready` */
  health(replica: number, path: string): Promise<HealthAnswer>;
  metrics(replica: number): Promise<string>;
  /** All that it has written, over all its starts. */
  log(replica: number): string;
  /** Ends those that run, at once, and removes the folder. */
  close(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;

/** Those of this process: a test that fails must not leave them behind. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts them all. */
export async function startReplicas(options: ReplicasOptions): Promise<Replicas> {
  const folder = mkdtempSync(join(tmpdir(), 'odm-replicas-'));
  const metricsToken = randomBytes(24).toString('base64url');
  const env = environment(folder, metricsToken, options);
  const ports: number[] = [];
  while (ports.length < options.count) ports.push(await freePort());
  const children: (ChildProcess | undefined)[] = ports.map(() => undefined);
  const portOf = (replica: number): number => {
    const port = ports[replica];
    if (port === undefined) throw new Error(`There is no replica ${replica}.`);
    return port;
  };
  const logFile = (replica: number) => join(folder, `replica-${replica}.log`);
  const log = (replica: number) => readFileSync(logFile(replica), 'utf8');
  const get = (replica: number, path: string) =>
    fetch(`http://127.0.0.1:${portOf(replica)}${path}`, {
      headers: { authorization: `Bearer ${metricsToken}`, connection: 'close' },
      signal: AbortSignal.timeout(5_000),
    });

  const replicas: Replicas = {
    ports,
    env,
    folder,
    metricsToken,
    url: (replica) => `http://localhost:${portOf(replica)}/mcp`,
    async start(replica) {
      const output = openSync(logFile(replica), 'a');
      const child = spawn(process.execPath, [cliFile, 'start'], {
        cwd: projectRoot,
        env: { ...env, PORT: `${portOf(replica)}` },
        stdio: ['ignore', output, output],
      });
      closeSync(output);
      children[replica] = child;
      running.add(child);
      child.once('exit', () => running.delete(child));
      const deadline = Date.now() + READY_WITHIN_MS;
      while (!(await isReady(() => get(replica, '/health/ready')))) {
        if (hasEnded(child) || Date.now() > deadline) {
          throw new Error(`Replica ${replica} did not start:\n${log(replica).slice(-4_000)}`);
        }
        await pause(50);
      }
    },
    async stop(replica, signal = 'SIGTERM') {
      const child = children[replica];
      if (child === undefined) throw new Error(`Replica ${replica} was not started.`);
      if (!hasEnded(child)) {
        const ended = once(child, 'exit');
        child.kill(signal);
        await ended;
      }
      return child.exitCode;
    },
    signal: (replica, signal) => void children[replica]?.kill(signal),
    async health(replica, path) {
      const response = await get(replica, path);
      return { status: response.status, body: await response.json() };
    },
    metrics: async (replica) => (await get(replica, '/metrics')).text(),
    log,
    async close() {
      await Promise.all(
        children.map(async (child, replica) => child && (await replicas.stop(replica, 'SIGKILL'))),
      );
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await Promise.all(ports.map((_port, replica) => replicas.start(replica)));
  } catch (thrown) {
    await replicas.close();
    throw thrown;
  }
  return replicas;
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;

async function isReady(ask: () => Promise<Response>): Promise<boolean> {
  try {
    const response = await ask();
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}

function environment(folder: string, metricsToken: string, options: ReplicasOptions): NodeJS.ProcessEnv {
  const secrets = join(folder, 'secrets');
  mkdirSync(secrets, { mode: 0o700 });
  const secret = (name: string, value: string): NodeJS.ProcessEnv => {
    const path = join(secrets, name.toLowerCase());
    writeFileSync(path, `${value}\n`, { mode: 0o600 });
    return { [`${name}_FILE`]: path };
  };
  return {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    MCP_HOST: '127.0.0.1',
    PUBLIC_URL: options.publicUrl ?? 'https://localhost',
    TRUST_PROXY: '127.0.0.1',
    DATA_DIR: join(folder, 'data'),
    ...secret('DATABASE_URL', options.databaseUrl),
    ...secret('REDIS_URL', options.redisUrl),
    ...secret('MCP_KMS_KEY', makeRingText('k1', randomBytes)),
    ...secret('MCP_KEY_PEPPER', makeRingText('p1', randomBytes)),
    ...secret('METRICS_TOKEN', metricsToken),
    ORDERDESK_API_URL: options.orderDeskUrl,
    ALLOW_UPSTREAM: options.orderDeskUrl,
    UPSTREAM_REPLICAS: `${options.count}`,
    ...options.env,
  };
}
