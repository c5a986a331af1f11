/** The examination of an installation: what a start would refuse is refused here, with the remedy and without a secret. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { examineInstallation } from '../../../src/app/doctor.js';
import { openFoundation } from '../../../src/app/foundation.js';
import { readConfig } from '../../../src/app/read-config.js';
import { doctorCommand } from '../../../src/cli/doctor-command.js';
import { openPostgres } from '../../../src/storage/postgres.js';
import { makeRingText, parseKeyRing } from '../../../src/tenancy/rings/key-ring.js';
import { AcceptedCredentials, replica } from '../../integration/tenancy/support.js';
import { replicaEnv } from '../../support/replica-env.js';
import {
  createMigratedDatabase,
  databaseForTest,
  emptyRedis,
  execute,
  type RedisServer,
  startRedis,
  type TestDatabase,
} from '../../support/services/index.js';
import { redisCommand } from '../../support/services/redis.js';
import { suiteFolder, temporaryFolder } from '../../support/temporary-folder.js';

const log = pino({ level: 'silent' });
/** A port of this machine that nobody listens on. */
const NOWHERE = '127.0.0.1:9';

async function examine(env: NodeJS.ProcessEnv) {
  const findings = await examineInstallation(env);
  return {
    ok: findings.every(({ outcome }) => outcome !== 'refused'),
    of: (name: string) => findings.find((finding) => finding.name === name),
    outcomes: Object.fromEntries(findings.map(({ name, outcome }) => [name, outcome])),
    text: JSON.stringify(findings),
  };
}

describe('an installation on the embedded database', () => {
  let folder: Awaited<ReturnType<typeof suiteFolder>>;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    folder = await suiteFolder();
    env = { NODE_ENV: 'test', DATA_DIR: folder.path };
    await (await openFoundation(readConfig(env), log)).close();
  });
  afterAll(() => folder?.remove());

  it('is found in order, with what does not apply skipped, twice in a row', async () => {
    for (const _ of [1, 2]) {
      expect((await examine(env)).outcomes).toEqual({
        configuration: 'ok',
        secrets: 'skipped',
        'data folder': 'ok',
        disk: expect.stringMatching(/^(ok|warned)$/),
        database: 'ok',
        'service role': 'skipped',
        schema: 'ok',
        'key ring': 'ok',
        peppers: 'ok',
        Redis: 'skipped',
        'Order Desk': 'skipped',
        shutdown: 'ok',
      });
    }
  });

  it('has every protection named that is switched off, with what is accepted instead', async () => {
    const elsewhere = `http://${NOWHERE}/api/v2`;
    const { of } = await examine({
      DATA_DIR: folder.path,
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://orderdesk-mcp.example.com',
      MCP_KMS_KEY: makeRingText('k1', randomBytes),
      MCP_KEY_PEPPER: makeRingText('p1', randomBytes),
      ORDERDESK_API_URL: elsewhere,
      ALLOW_UPSTREAM: elsewhere,
      ALLOW_EMBEDDED: '1',
      ALLOW_NO_REDIS: '1',
    });
    const { words } = of('configuration') ?? { words: '' };
    expect(words).toContain('ALLOW_EMBEDDED accepts the embedded database');
    expect(words).toContain('ALLOW_UPSTREAM accepts an API other than that of Order Desk.');
  });

  it('is not made by looking', async () => {
    const empty = await temporaryFolder();
    const { ok, of } = await examine({ NODE_ENV: 'test', DATA_DIR: `${empty}/data` });
    expect(ok).toBe(true);
    expect(of('database')).toMatchObject({ outcome: 'skipped', words: expect.stringMatching(/first start/) });
    expect((await examine({ NODE_ENV: 'test', DATA_DIR: `${empty}/data` })).of('database')?.outcome).toBe(
      'skipped',
    );
  });

  it('is left alone while a server runs on it, and that is said', async () => {
    const server = await openFoundation(readConfig(env), log);
    try {
      const { ok, of } = await examine(env);
      expect(ok).toBe(true);
      expect(of('database')).toMatchObject({
        outcome: 'skipped',
        words: expect.stringContaining(`process ${process.pid}`),
      });
      expect(of('key ring')?.outcome).toBe('skipped');
    } finally {
      await server.close();
    }
  });
});

describe('a configuration with problems', () => {
  it('has every one of them said, and nothing else tried', async () => {
    const findings = await examineInstallation({
      NODE_ENV: 'test',
      PORT: 'many',
      MCP_KMS_KEY: 'k1:c2VjcmV0',
    });
    expect(
      findings.filter(({ outcome }) => outcome === 'refused').map(({ words }) => words.split(' ')[0]),
    ).toEqual(expect.arrayContaining(['PORT', 'MCP_KMS_KEY']));
    expect(findings.some(({ outcome }) => outcome === 'ok')).toBe(false);
    expect(JSON.stringify(findings)).not.toMatch(/c2VjcmV0|many/);
  });
});

describe('an Order Desk that answers', () => {
  const finding = async (status: number) => {
    const upstream = createServer((_request, response) => {
      response.writeHead(status, { location: 'http://login.example.com/?made-up-token' }).end();
    });
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    onTestFinished(() => void upstream.close());
    const { port } = upstream.address() as AddressInfo;
    const { of, ok } = await examine({
      NODE_ENV: 'test',
      DATA_DIR: join(await temporaryFolder(), 'none'),
      ORDERDESK_API_URL: `http://127.0.0.1:${port}/api/v2`,
    });
    expect(ok).toBe(true);
    return of('Order Desk');
  };

  it.each([200, 401, 404])('HTTP %d is there, since no credential was shown', async (status) => {
    expect(await finding(status)).toMatchObject({
      outcome: 'ok',
      words: expect.stringContaining(`answers (HTTP ${status}). No credential was tried`),
    });
  });

  it.each([500, 503])('HTTP %d is warned of', async (status) => {
    expect(await finding(status)).toMatchObject({
      outcome: 'warned',
      words: expect.stringMatching(new RegExp(`answers with HTTP ${status}: .*in trouble`)),
    });
  });

  it.each([301, 302, 307])('HTTP %d is warned of: something else may answer in its place', async (status) => {
    const found = await finding(status);
    expect(found).toMatchObject({
      outcome: 'warned',
      words: expect.stringMatching(new RegExp(`answers with HTTP ${status}, .*ORDERDESK_API_URL`)),
    });
    expect(found?.words).not.toMatch(/login\.example|made-up-token/);
  });
});

describe('an installation on Postgres', () => {
  let postgres: TestDatabase;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    postgres = await createMigratedDatabase();
    env = replicaEnv(postgres.serviceUrl, `http://${NOWHERE}`);
    const kms = parseKeyRing(env.MCP_KMS_KEY ?? '', 'MCP_KMS_KEY');
    const peppers = parseKeyRing(env.MCP_KEY_PEPPER ?? '', 'MCP_KEY_PEPPER');
    const database = openPostgres({ url: postgres.serviceUrl });
    const { operations } = replica(database, new AcceptedCredentials(), { kms, peppers });
    const { name } = await operations.createTenant.run({ name: 'first' });
    await operations.createKey.run({ tenant: name, name: 'reporting', role: 'agent' });
    await database.close();
  });
  afterAll(() => postgres?.drop());

  it('is found in order, Redis too; an Order Desk that does not answer is refused', async () => {
    const { outcomes, of } = await examine({ ...env, REDIS_URL: (await emptyRedis()).url });
    expect(outcomes).toEqual({
      configuration: 'ok',
      secrets: 'ok',
      'data folder': 'skipped',
      disk: expect.stringMatching(/^(ok|warned)$/),
      database: 'ok',
      'database clock': 'ok',
      connections: 'ok',
      'service role': 'ok',
      schema: 'ok',
      'key ring': 'ok',
      peppers: 'ok',
      Redis: 'ok',
      'Redis memory': 'warned',
      'Redis on disk': 'warned',
      'Redis clock': 'ok',
      'Order Desk': 'refused',
      shutdown: 'ok',
    });
    expect(of('Order Desk')?.words).toMatch(/127\.0\.0\.1:9 .*ORDERDESK_API_URL/);
  });

  it('with a role that gets around the policies is refused in the words of the start', async () => {
    const superuser = { ...env, DATABASE_URL: postgres.superuserUrl };
    const { ok, of } = await examine(superuser);
    const start = await openFoundation(readConfig(superuser), log).catch((thrown: Error) => thrown);
    expect(ok).toBe(false);
    expect(of('service role')).toEqual({
      name: 'service role',
      outcome: 'refused',
      words: start instanceof Error ? start.message : 'the start was not refused',
    });
    expect(of('service role')?.words).toMatch(/is a superuser/);
  });

  it('with another ring is refused by its variable, with another pepper likewise', async () => {
    const other = {
      MCP_KMS_KEY: makeRingText('k1', randomBytes),
      MCP_KEY_PEPPER: makeRingText('p2', randomBytes),
    };
    const { of, text } = await examine({ ...env, ...other });
    expect(of('key ring')).toMatchObject({ outcome: 'refused', words: expect.stringMatching(/MCP_KMS_KEY/) });
    expect(of('peppers')).toMatchObject({
      outcome: 'refused',
      words: expect.stringMatching(/MCP_KEY_PEPPER.*"p1" .*: 1\)/),
    });
    for (const ring of Object.values(other)) expect(text).not.toContain(ring.slice(3));
  });

  it('that nobody has migrated is told to', async () => {
    const { serviceUrl } = await databaseForTest();
    const { of } = await examine({ ...env, DATABASE_URL: serviceUrl });
    expect(of('database')?.outcome).toBe('ok');
    expect(of('schema')).toMatchObject({ outcome: 'refused', words: expect.stringMatching(/migrate/) });
    expect(of('key ring')?.outcome).toBe('skipped');
  });

  it('that is away, or knows no such database, is refused without the password', async () => {
    const password = 'not-to-be-shown';
    const away = await examine({ ...env, DATABASE_URL: `postgres://service:${password}@${NOWHERE}/orders` });
    expect(away.of('database')?.words).toMatch(/ECONNREFUSED.*DATABASE_URL/);
    expect(away.of('schema')?.outcome).toBe('skipped');
    const elsewhere = new URL(postgres.serviceUrl);
    elsewhere.pathname = '/no_such_database';
    elsewhere.password = password;
    const absent = await examine({ ...env, DATABASE_URL: elsewhere.href });
    expect(absent.of('database')?.words).toMatch(/refuses the connection \(3D000\)/);
    expect(away.text + absent.text).not.toContain(password);
  });

  it('whose Redis is away is refused without its password', async () => {
    const { ok, of, text } = await examine({ ...env, REDIS_URL: `redis://:not-to-be-shown@${NOWHERE}` });
    expect(ok).toBe(false);
    expect(of('Redis')).toMatchObject({
      outcome: 'refused',
      words: expect.stringMatching(/ECONNREFUSED.*REDIS_URL/),
    });
    expect(text).not.toContain('not-to-be-shown');
  });

  it('ends the command with exit code 1 when anything is refused, one line for each check', async ({
    onTestFinished,
  }) => {
    const lines: string[] = [];
    const write = vi
      .spyOn(process.stdout, 'write')
      .mockImplementation((line) => lines.push(String(line)) > 0);
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const before = process.exitCode;
    onTestFinished(() => {
      write.mockRestore();
      vi.unstubAllEnvs();
      process.exitCode = before;
    });
    await doctorCommand().parseAsync([], { from: 'user' });
    expect(process.exitCode).toBe(1);
    expect(lines).toHaveLength(14);
    expect(lines.every((line) => /^(ok {5}|warned |refused|skipped) {2}\S.*\S\n$/.test(line))).toBe(true);
  });
});

describe('what is safe to start with', () => {
  let postgres: TestDatabase;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    postgres = await createMigratedDatabase();
    env = replicaEnv(postgres.serviceUrl, `http://${NOWHERE}`);
  });
  afterAll(() => postgres?.drop());

  it('and is no good for long is warned of: clocks that differ, more connections than there are', async () => {
    const REDIS_URL = (await emptyRedis()).url;
    const findings = await examineInstallation(
      { ...env, REDIS_URL, UPSTREAM_REPLICAS: '20', DATABASE_POOL_MAX: '50' },
      () => Date.now() - 60_000,
    );
    const of = (name: string) => findings.find((finding) => finding.name === name);
    for (const name of ['database clock', 'Redis clock']) {
      expect(of(name)).toMatchObject({
        outcome: 'warned',
        words: expect.stringMatching(/(59|60)\.\d s ahead of that of this machine\. Set both by NTP/),
      });
    }
    expect(of('connections')).toMatchObject({
      outcome: 'warned',
      words: expect.stringMatching(/^20 × 50 for the replicas.*DATABASE_POOL_MAX/),
    });
  });

  it('is a schema one ahead, which the next release has made', async () => {
    await execute(postgres.superuserUrl, [
      `insert into schema_migrations (version, name, checksum) select max(version) + 1, 'next', '-' from schema_migrations`,
    ]);
    const { of } = await examine(env);
    await execute(postgres.superuserUrl, [`delete from schema_migrations where name = 'next'`]);
    expect(of('schema')).toMatchObject({ outcome: 'warned', words: expect.stringMatching(/one ahead/) });
    expect(of('key ring')?.outcome).toBe('ok');
  });

  it('has files of secrets that other accounts may read named by their variable, not by their path', async () => {
    const file = join(await temporaryFolder(), 'ring');
    await writeFile(file, env.MCP_KMS_KEY ?? '', { mode: 0o600 });
    const given = { ...env, MCP_KMS_KEY: undefined, MCP_KMS_KEY_FILE: file };
    expect((await examine(given)).of('secrets')).toMatchObject({ outcome: 'ok' });
    await chmod(file, 0o644);
    const { of, text } = await examine(given);
    expect(of('secrets')).toMatchObject({
      outcome: 'warned',
      words: 'Other accounts of this machine may read MCP_KMS_KEY_FILE. Take that from them: chmod 600.',
    });
    expect(text).not.toContain(file);
  });
});

describe('a Redis of its own', () => {
  let redis: RedisServer;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    redis = await startRedis();
    env = { NODE_ENV: 'test', DATA_DIR: join(redis.folder, 'none'), REDIS_URL: redis.url };
  });
  afterAll(() => redis?.stop());
  const set = (...settings: readonly string[]) =>
    redisCommand(redis.url, ...settings.map((setting) => `CONFIG SET ${setting}`));

  it('with a bound, volatile-lru and an append-only file is in order', async () => {
    await set('maxmemory 64mb', 'maxmemory-policy volatile-lru', 'appendonly yes');
    const { of } = await examine(env);
    expect(of('Redis memory')).toMatchObject({ outcome: 'ok', words: expect.stringMatching(/volatile-lru/) });
    expect(of('Redis on disk')?.outcome).toBe('ok');
  });

  it.each([
    ['noeviction', /takes no writes.*volatile-lru/],
    ['allkeys-lru', /keys that have no end.*volatile-lru/],
  ])('with the policy %s is warned of', async (policy, words) => {
    await set('maxmemory 64mb', `maxmemory-policy ${policy}`);
    const { of } = await examine(env);
    expect(of('Redis memory')).toMatchObject({ outcome: 'warned', words: expect.stringMatching(words) });
  });

  it('that is full is refused though it answers, and its other checks are skipped', async () => {
    await set('maxmemory-policy noeviction', 'maxmemory 1');
    const { of } = await examine(env);
    await set('maxmemory 0');
    expect(of('Redis')).toMatchObject({
      outcome: 'refused',
      words: expect.stringMatching(/\(OOM\).*maxmemory/),
    });
    expect(of('Redis memory')?.outcome).toBe('skipped');
  });
});
