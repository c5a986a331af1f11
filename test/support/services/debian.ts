/**
 * Where the programs of the services are: on the PATH, in the folders that Debian keeps out of it, or, for root on a
 * Debian, in a package that is installed now. No daemon of such a package is started.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

const POSTGRES_VERSIONS = '/usr/lib/postgresql';
const POLICY = '/usr/sbin/policy-rc.d';

/** A service could not be had. The message is one line that says what to do. */
export class ServiceMissing extends Error {
  override readonly name = 'ServiceMissing';
}

/** The folder with `initdb` and `postgres`. @throws ServiceMissing */
export const postgresBinaries = (): string =>
  dirname(programFile('initdb', 'postgresql', 'TEST_POSTGRES_URL'));

/** @throws ServiceMissing */
export const redisServer = (): string => programFile('redis-server', 'redis-server', 'TEST_REDIS_URL');

/** @throws ServiceMissing */
export const nginxProgram = (): string => programFile('nginx', 'nginx');

/** @throws ServiceMissing */
export const prometheusProgram = (): string => programFile('prometheus', 'prometheus');

/** Prometheus' own checker of rules, configuration and metrics. @throws ServiceMissing */
export const promtoolProgram = (): string => programFile('promtool', 'prometheus');

/** `pg_dump`, `pg_restore`, `psql` and their like, as old as the server at least. @throws ServiceMissing */
export const postgresProgram = (program: string): string => programFile(program, 'postgresql');

/** The checker of shell scripts. @throws ServiceMissing */
export const shellcheckProgram = (): string => programFile('shellcheck', 'shellcheck');

/** @param variable the setting that names a running server instead, where there is one */
function programFile(program: string, debianPackage: string, variable?: string): string {
  const found = find(program) ?? (canInstall() ? installed(program, debianPackage) : undefined);
  if (found !== undefined) return found;
  const instead = variable === undefined ? '' : ` or name a running server in ${variable}`;
  throw new ServiceMissing(
    `The tests need ${program}: install it (Debian: apt-get install ${debianPackage})${instead}.`,
  );
}

function find(program: string): string | undefined {
  const onPath = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const debian = existsSync(POSTGRES_VERSIONS)
    ? readdirSync(POSTGRES_VERSIONS)
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => join(POSTGRES_VERSIONS, version, 'bin'))
    : [];
  return [...onPath, '/usr/bin', '/usr/sbin', ...debian]
    .map((folder) => join(folder, program))
    .find((file) => existsSync(file));
}

const canInstall = (): boolean => process.getuid?.() === 0 && find('apt-get') !== undefined;

function installed(program: string, debianPackage: string): string | undefined {
  const ownPolicy = !existsSync(POLICY);
  if (ownPolicy) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    aptGet('update');
    aptGet('install', '--yes', '--no-install-recommends', debianPackage);
  } catch (thrown) {
    // The package manager has said on standard error why; what follows says what can be done.
    if (!(thrown instanceof Error && 'status' in thrown)) throw thrown;
  } finally {
    if (ownPolicy) rmSync(POLICY);
  }
  return find(program);
}

function aptGet(...args: string[]): void {
  execFileSync('apt-get', ['--quiet=2', '--option=DPkg::Lock::Timeout=300', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
