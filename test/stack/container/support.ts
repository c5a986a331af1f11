/** What docker-compose.production.yml puts around the server, without containers: the same files, on this machine. */
import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../support/running-program.js';
import { postgresProgram, redisServer } from '../../support/services/debian.js';
import { execute, type PostgresServer, startPostgres } from '../../support/services/index.js';
import { redisCommand } from '../../support/services/redis.js';
import {
  freePort,
  serverFolder,
  startServerProcess,
  untilReady,
} from '../../support/services/server-process.js';

export const makeSecrets = (folder: string) =>
  promisify(execFile)(join(projectRoot, 'docker/make-secrets.sh'), [folder]);

export const secretIn = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8');

/** What the image of Postgres runs once. @throws with what it prints */
export const initRoles = (port: number, secrets: string): void => {
  execFileSync(join(projectRoot, 'docker/postgres/init-roles.sh'), {
    encoding: 'utf8',
    stdio: 'pipe',
    env: {
      PATH: `${dirname(postgresProgram('psql'))}:${process.env.PATH}`,
      ...{ PGHOST: '127.0.0.1', PGPORT: `${port}`, POSTGRES_USER: 'superuser', SECRETS_FOLDER: secrets },
    },
  });
};

/** An empty Postgres of the major version of the compose file, after what its image runs once; its roles need their passwords. */
export async function startComposedPostgres(secrets: string): Promise<PostgresServer & { port: number }> {
  const server = await startPostgres({ release: 'newer' });
  const port = Number(new URL(server.superuserUrl).port);
  initRoles(port, secrets);
  writeFileSync(
    join(server.folder, 'data/pg_hba.conf'),
    'host all orderdesk_owner,orderdesk_service 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n',
  );
  await execute(server.superuserUrl, ['select pg_reload_conf()']);
  return { ...server, port };
}

/** Redis on docker/redis/redis.conf, with the accounts that were made for it. */
export async function startComposedRedis(secrets: string) {
  const folder = serverFolder('composed-redis');
  const [conf, users] = [join(folder, 'redis.conf'), join(folder, 'redis_users')];
  copyFileSync(join(projectRoot, 'docker/redis/redis.conf'), conf);
  copyFileSync(join(secrets, 'redis_users'), users);
  const port = await freePort();
  const server = await startServerProcess({
    command: [
      redisServer(),
      conf,
      '--port',
      `${port}`,
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--aclfile',
      users,
    ],
    folder,
    endSignal: 'KILL',
  });
  const url = `redis://127.0.0.1:${port}`;
  await untilReady(server, async () => {
    const answer = await redisCommand(url, 'AUTH probe probe', 'PING');
    if (!answer.endsWith('+PONG\r\n')) throw new Error(answer);
  });
  return { port, url, stop: () => server.stop() };
}

/** The secrets as Compose mounts them, but with services on this machine. */
export function mountSecrets(
  root: string,
  secrets: string,
  ports: { readonly postgres: number; readonly redis: number },
): Record<string, string> {
  const folder = join(root, 'run/secrets');
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const names = [
    'database_url',
    'migrate_database_url',
    'redis_url',
    'mcp_kms_key',
    'mcp_key_pepper',
    'metrics_token',
  ];
  const files = names.map((name) => {
    const text = secretIn(secrets, name)
      .replace('@postgres:5432/', `@127.0.0.1:${ports.postgres}/`)
      .replace('@redis:6379/', `@127.0.0.1:${ports.redis}/`);
    writeFileSync(join(folder, name), text, { mode: 0o444 });
    return [`${name.toUpperCase()}_FILE`, join(folder, name)];
  });
  return Object.fromEntries(files);
}
