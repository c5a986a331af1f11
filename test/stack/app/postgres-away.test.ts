/** A server whose Postgres is away when it starts. Needs `npm run build`. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openFoundation, openUpstream } from '../../../src/app/foundation.js';
import { readConfig } from '../../../src/app/read-config.js';
import { createServer } from '../../../src/app.js';
import { migratePostgres } from '../../../src/storage/postgres-migrate.js';
import { makeRingText } from '../../../src/tenancy/rings/key-ring.js';
import { callTool } from '../../support/call-tool.js';
import { deferred } from '../../support/deferred.js';
import { replicaEnv } from '../../support/replica-env.js';
import { startProgram } from '../../support/running-program.js';
import { type PostgresServer, startPostgres, type TestDatabase } from '../../support/services/index.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

describe('a server on Postgres', () => {
  let postgres: PostgresServer;
  let made: TestDatabase;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    postgres = await startPostgres();
    made = await postgres.createDatabase();
    await migratePostgres(made);
    // Nobody is there; nothing in this file reads orders.
    env = replicaEnv(made.serviceUrl, 'http://127.0.0.1:1/api/v2');
  });
  afterAll(() => postgres?.stop());

  async function start() {
    const config = readConfig(env);
    const log = pino({ level: 'silent' });
    const foundation = await openFoundation(config, log);
    const server = await createServer(foundation, await openUpstream(config), config, log);
    onTestFinished(() => server.close());
    const url = await server.listen();
    void server.declareReady();
    const readiness = async () => (await fetch(new URL('/health/ready', url))).status;
    return { url, server, readiness };
  }

  it('is ready at once when the database is there, and takes a key that another replica made', async () => {
    const { server, readiness } = await start();
    expect(await readiness()).toBe(200);
    await server.operations.createTenant.run({ name: 'Acme' });
    const { key } = await server.operations.createKey.run({ tenant: 'acme', name: 'bot', role: 'agent' });
    const other = await start();
    expect((await callTool(other.url, key, 'list_stores')).status).toBe(200);
  });

  it('listens without it, says so, and serves as soon as it is there', async () => {
    const before = await start();
    await before.server.operations.createTenant.run({ name: 'Later' });
    const { key } = await before.server.operations.createKey.run({
      tenant: 'later',
      name: 'bot',
      role: 'agent',
    });

    postgres.pause();
    let late: Awaited<ReturnType<typeof start>>;
    try {
      late = await start();
      expect(await late.readiness()).toBe(503);
      expect((await fetch(new URL('/health/live', late.url))).status).toBe(200);
      expect((await callTool(late.url, key, 'list_stores')).status).toBe(503);
      await expect(late.server.operations.listTenants.run({})).rejects.toMatchObject({
        code: 'storage_unavailable',
      });
    } finally {
      postgres.resume();
    }
    await expect.poll(late.readiness).toBe(200);
    expect((await callTool(late.url, key, 'list_stores')).status).toBe(200);
  });

  /** Lets nobody read data keys, and so nobody see whether a key ring opens them. */
  async function holdDataKeys() {
    const client = new pg.Client({ connectionString: made.superuserUrl });
    await client.connect();
    onTestFinished(() => client.end());
    await client.query('begin');
    await client.query('lock table tenant_data_keys in access exclusive mode');
    return {
      /** The connections that ask for data keys and wait. */
      async waiting(): Promise<readonly number[]> {
        const { rows } = await client.query(
          `select pid from pg_locks where not granted and relation = 'tenant_data_keys'::regclass`,
        );
        return rows.map(({ pid }) => Number(pid));
      },
      cut: (pid: number) => client.query('select pg_terminate_backend($1)', [pid]),
      letGo: () => client.query('commit'),
    };
  }

  /** The work, begun while Postgres does not answer. */
  async function whileAway<T>(work: () => Promise<T>): Promise<T> {
    postgres.pause();
    try {
      return await work();
    } finally {
      postgres.resume();
    }
  }

  it('never serves with a key ring that does not open it, also when it comes back during the start', async () => {
    const before = await start();
    await before.server.operations.createTenant.run({ name: 'Sealed' });
    const config = readConfig({ ...env, MCP_KMS_KEY: makeRingText('k1', randomBytes) });
    const refused = deferred<void>();
    const log = pino(
      { level: 'error' },
      {
        write(line) {
          if (JSON.parse(line).err?.field === 'MCP_KMS_KEY') refused.resolve();
        },
      },
    );
    const foundation = await whileAway(() => openFoundation(config, log));
    await Promise.race([refused.promise, foundation.contact.first]);
    const server = await createServer(foundation, await openUpstream(config), config, log);
    onTestFinished(() => server.close());
    const url = await server.listen();
    void server.declareReady();
    expect((await fetch(new URL('/health/ready', url))).status).toBe(503);
    await expect(server.operations.listTenants.run({})).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
  });

  it('looks at its key ring again when the database goes away under the first look', async () => {
    const dataKeys = await holdDataKeys();
    const late = await whileAway(start);
    await expect.poll(dataKeys.waiting).toHaveLength(1);
    const [first] = await dataKeys.waiting();
    await dataKeys.cut(first ?? 0);
    await expect.poll(async () => (await dataKeys.waiting()).filter((pid) => pid !== first)).toHaveLength(1);
    expect(await late.readiness()).toBe(503);
    await dataKeys.letGo();
    await expect.poll(late.readiness).toBe(200);
  });

  it('says that it is ready once, and not before its key ring has been found to fit', async () => {
    const dataKeys = await holdDataKeys();
    const folder = await temporaryFolder();
    const program = await whileAway(() => startProgram(folder, env));
    onTestFinished(async () => {
      await program.stop('SIGKILL');
    });
    const words = () =>
      program
        .output()
        .stdout.trim()
        .split('\n')
        .map((line) => JSON.parse(line).msg);
    await expect.poll(dataKeys.waiting).toHaveLength(1);
    // Lines come in the order in which they were written: what the probe leaves comes after a word said before it.
    expect((await fetch(new URL('/health/ready', program.url))).status).toBe(503);
    await expect.poll(words).toContain('request');
    expect(words()).not.toContain('ready');
    await dataKeys.letGo();
    await expect.poll(words).toContain('ready');
    expect((await fetch(new URL('/health/ready', program.url))).status).toBe(200);
    await program.stop();
    expect(words().filter((word) => word === 'ready')).toHaveLength(1);
  });
});
