/** A Postgres of a benchmark's own: trusting, on loopback, without fsync, gone at the end. Migrated, with its two roles. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './redis.mjs';

const DEBIAN = '/usr/lib/postgresql';
const READY_WITHIN_MS = 15_000;

/** @returns {Promise<{ serviceUrl: string, stop: () => Promise<void> }>} */
export async function startPostgres() {
  const binaries = folderOf('initdb');
  const folder = mkdtempSync(join(tmpdir(), 'odm-bench-postgres-'));
  const account = unprivileged();
  if (account !== undefined) chownSync(folder, account.uid, account.gid);
  const data = join(folder, 'data');
  const as = { ...account, cwd: folder, env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' } };
  execFileSync(
    join(binaries, 'initdb'),
    ['-D', data, '-U', 'superuser', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'],
    { ...as, stdio: 'ignore' },
  );
  const port = await freePort();
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'];
  const child = spawn(
    join(binaries, 'postgres'),
    ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
    { ...as, stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  const end = () => void child.kill('SIGQUIT');
  process.once('exit', end);

  const superuser = `postgres://superuser@127.0.0.1:${port}/postgres`;
  await untilConnected(superuser, [
    'create role migrator login createrole',
    'create role service login noinherit',
    'create database bench owner migrator',
  ]);
  const serviceUrl = `postgres://service@127.0.0.1:${port}/bench`;
  const { migratePostgres } = await import(
    new URL('../../dist/storage/postgres-migrate.js', import.meta.url).href
  );
  await migratePostgres({ serviceUrl, migrateUrl: `postgres://migrator@127.0.0.1:${port}/bench` });
  return {
    serviceUrl,
    async stop() {
      process.off('exit', end);
      end();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @param {string} program */
function folderOf(program) {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
  ];
  const found = folders.find((folder) => existsSync(join(folder, program)));
  if (found !== undefined) return found;
  process.stderr.write('This needs Postgres: install it (Debian: apt-get install postgresql).\n');
  return process.exit(1);
}

/** Postgres refuses to run as root. */
function unprivileged() {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n');
  const [, , uid, gid] = (accounts.find((line) => line.startsWith('postgres:')) ?? '').split(':');
  if (uid === undefined || gid === undefined) throw new Error('There is no account named postgres.');
  return { uid: Number(uid), gid: Number(gid) };
}

/** @param {string} url @param {readonly string[]} statements */
async function untilConnected(url, statements) {
  const until = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
    } catch (thrown) {
      if (performance.now() > until) throw thrown;
      await pause(50);
      continue;
    }
    for (const statement of statements) await client.query(statement);
    await client.end();
    return;
  }
}
