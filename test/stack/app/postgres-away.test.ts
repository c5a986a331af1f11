/** A server whose Postgres is away when it starts. */
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openFoundation, openUpstream } from '../../../src/app/foundation.js';
import { readConfig } from '../../../src/app/read-config.js';
import { createServer } from '../../../src/app.js';
import { migratePostgres } from '../../../src/storage/postgres-migrate.js';
import { callTool } from '../../support/call-tool.js';
import { replicaEnv } from '../../support/replica-env.js';
import { type PostgresServer, startPostgres } from '../../support/services/index.js';

describe('a server on Postgres', () => {
  let postgres: PostgresServer;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    postgres = await startPostgres();
    const made = await postgres.createDatabase();
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
    server.declareReady();
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
});
