/** The image, replayed step by step and run as its own account on Node 24, with the services of the compose file. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { imageFolder, replayImage } from '../../../scripts/container/replay-image.mjs';
import { makeReadOnly } from '../../../scripts/container/replay-steps.mjs';
import { type RunningImage, runInImage, startImage } from '../../../scripts/container/run-image.mjs';
import { defaultSandboxStores, type Sandbox, startSandbox } from '../../../src/sandbox/index.js';
import { callTool } from '../../support/call-tool.js';
import { projectRoot } from '../../support/running-program.js';
import { redisCommand } from '../../support/services/redis.js';
import { freePort } from '../../support/services/server-process.js';
import { suiteFolder } from '../../support/temporary-folder.js';
import { makeSecrets, mountSecrets, secretIn, startComposedPostgres, startComposedRedis } from './support.js';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const [STORE] = defaultSandboxStores;

describe('the image', () => {
  let folder: Awaited<ReturnType<typeof suiteFolder>>;
  let secrets: string;
  let postgres: Awaited<ReturnType<typeof startComposedPostgres>>;
  let redis: Awaited<ReturnType<typeof startComposedRedis>>;
  let sandbox: Sandbox;
  let replayed: Awaited<ReturnType<typeof replayImage>>;
  let env: Record<string, string>;
  let server: RunningImage | undefined;
  beforeAll(async () => {
    folder = await suiteFolder();
    secrets = join(folder.path, 'secrets');
    await makeSecrets(secrets);
    [postgres, redis, sandbox, replayed] = await Promise.all([
      startComposedPostgres(secrets),
      startComposedRedis(secrets),
      startSandbox({ stores: [STORE] }),
      replayImage(imageFolder(folder.path), projectRoot, { BUILD_COMMIT: COMMIT }),
    ]);
    env = {
      ...mountSecrets(replayed.image.root, secrets, { postgres: postgres.port, redis: redis.port }),
      MCP_HOST: '127.0.0.1',
      PUBLIC_URL: 'https://mcp.example.com',
      ORDERDESK_API_URL: sandbox.url,
      ALLOW_UPSTREAM: sandbox.url,
      MCP_DRAIN_DELAY: '0',
    };
    makeReadOnly(join(replayed.image.root, 'app'));
    makeReadOnly(join(replayed.image.root, 'data'));
    // Two installations of packages from the network, which has good days and bad ones.
  }, 900_000);
  afterAll(async () => {
    await server?.stop('SIGKILL');
    await sandbox?.close();
    await redis?.stop();
    await postgres?.stop();
    await folder?.remove();
  });
  const command = (args: string[], input?: string) =>
    runInImage(replayed.image, [...replayed.image.entrypoint, ...args], env, input);
  const redisAs = (...commands: string[]) => redisCommand(redis.url, ...commands);
  const filesOf = () =>
    readdirSync(replayed.image.root, { recursive: true }).map((path) => `${path}`.replaceAll('\\', '/'));

  it('holds the program and what it runs on, and nothing that builds, tests or leads to sources', () => {
    const files = filesOf();
    expect(files).toContain('app/dist/cli.js');
    expect(files).toContain('app/dist/storage/migrations/0001_tenancy.sql');
    expect(
      files.filter((path) => /^app\/dist\/.*\.map$|^app\/dist\/storage\/seed\.(json|tar)/.test(path)),
    ).toEqual([]);
    expect(readdirSync(join(replayed.image.root, 'app')).toSorted()).toEqual(
      ['LICENSE', 'dist', 'health-check.mjs', 'node_modules', 'package.json'].toSorted(),
    );
    const { devDependencies, optionalDependencies, dependencies } = z
      .record(z.string(), z.unknown())
      .transform((manifest) => ({
        devDependencies: Object.keys(Object(manifest.devDependencies)),
        optionalDependencies: Object.keys(Object(manifest.optionalDependencies)),
        dependencies: Object.keys(Object(manifest.dependencies)),
      }))
      .parse(JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')));
    const installed = (name: string) => files.includes(`app/node_modules/${name}/package.json`);
    expect(dependencies.filter((name) => !installed(name))).toEqual([]);
    // Packages of development that packages of running need as well.
    const shared = ['ajv', 'ajv-formats'];
    expect(
      [...devDependencies, ...optionalDependencies]
        .filter(installed)
        .filter((name) => !shared.includes(name)),
    ).toEqual([]);
  });

  it('is as small as it is said to be', () => {
    expect(replayed.bytes).toBeGreaterThan(10 * 1024 * 1024);
    expect(replayed.bytes).toBeLessThan(60 * 1024 * 1024);
    expect(replayed.files).toBeLessThan(8_000);
  });

  it('migrates with the roles that the script for Postgres makes', async () => {
    const wrong = await runInImage(replayed.image, [...replayed.image.entrypoint, 'migrate'], {
      ...env,
      MIGRATE_DATABASE_URL_FILE: env.DATABASE_URL_FILE ?? '',
    });
    expect(wrong.code).toBe(1);
    const outcome = await command(['migrate']);
    expect(outcome.output).toMatch(/^The database has schema \d+; orderdesk_service may work on it\.\n$/);
    expect(outcome.code).toBe(0);
  });

  it('serves a call on a file system that it may not write to', async () => {
    const write = "require('node:fs').writeFileSync('dist/x', '')";
    const attempt = await runInImage(replayed.image, ['node', '-e', write], env);
    expect(attempt.output).toMatch(/EACCES|EROFS/);

    server = await startImage(replayed.image, { ...env, PORT: `${await freePort()}` });
    expect((await command(['tenant', 'create', 'acme'])).code).toBe(0);
    const added = await command(['store', 'add', '--tenant', 'acme', '--id', STORE.id], `${STORE.apiKey}\n`);
    expect(added.code, added.output).toBe(0);
    const made = await command(['key', 'create', '--tenant', 'acme', '--name', 'agent']);
    const key = /\bodm_\w+$/m.exec(made.output)?.[0] ?? '';
    const reply = await callTool(`${server.url}/mcp`, key, 'list_orders', { limit: 2 });
    expect(reply.result?.structuredContent, reply.text).toMatchObject({ returned: 2 });
  });

  it('shares limits and cache through Redis with the account made for it, which may do no more', async () => {
    // Away for a second where it is asked in a moment in which the machine is busy.
    await expect
      .poll(async () => (await fetch(`${server?.url}/health/ready`)).json())
      .toMatchObject({ status: 'ready', limits: 'shared' });
    const flushed = await redisAs(`AUTH orderdesk ${secretIn(secrets, 'redis_password')}`, 'FLUSHALL');
    expect(flushed).toMatch(/^\+OK\r\n-NOPERM/);
    expect(await redisAs('PING')).toMatch(/^-NOAUTH/);
    expect(await redisAs('AUTH probe probe', 'GET x')).toMatch(/^\+OK\r\n-NOPERM/);
  });

  it('takes less than half of the memory that the compose file gives it', () => {
    const status = readFileSync(`/proc/${server?.pid}/status`, 'utf8');
    const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
    expect(kilobytes).toBeGreaterThan(0);
    expect(kilobytes / 1024).toBeLessThan(256);
  });

  it('says nothing secret in its log', () => {
    const log = server?.output() ?? '';
    expect(log).toContain('"msg":"ready"');
    for (const name of ['postgres_service_password', 'redis_password', 'mcp_kms_key', 'mcp_key_pepper']) {
      expect(log).not.toContain(secretIn(secrets, name));
    }
  });

  it('ends with 0 on SIGTERM, unhealthy from then on', async () => {
    expect(replayed.image.stopSignal).toBe('SIGTERM');
    expect(await server?.isHealthy()).toBe(true);
    expect(await server?.stop('SIGTERM')).toBe(0);
    expect(await server?.isHealthy()).toBe(false);
    server = undefined;
  });
});
