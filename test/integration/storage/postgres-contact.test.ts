import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readMigrations } from '../../../src/storage/migration-files.js';
import { openPostgres } from '../../../src/storage/postgres.js';
import { contactDatabase } from '../../../src/storage/postgres-contact.js';
import { migratePostgres } from '../../../src/storage/postgres-migrate.js';
import { randomTenantId } from '../../support/database.js';
import {
  databaseForTest,
  execute,
  type PostgresServer,
  startPostgres,
  type TestDatabase,
} from '../../support/services/index.js';

/** Tries again when told to. */
function contactOf(url: string, knownSchema: number) {
  const troubles: unknown[] = [];
  const steps = new EventTarget();
  const pool = openPostgres({ url, timeouts: { connect: 300, query: 500 } });
  onTestFinished(() => pool.close());
  const contact = contactDatabase(pool, {
    knownSchema,
    onTrouble: (error) => troubles.push(error),
    pause: async (signal) => {
      steps.dispatchEvent(new Event('paused'));
      await Promise.race([once(steps, 'again'), once(signal, 'abort')]);
    },
  });
  const tryAgain = async () => {
    const paused = once(steps, 'paused');
    steps.dispatchEvent(new Event('again'));
    return paused;
  };
  return { contact, troubles, tryAgain, again: () => steps.dispatchEvent(new Event('again')) };
}

describe('the first contact with Postgres', () => {
  let release: number;
  let server: PostgresServer;
  beforeAll(async () => {
    release = (await readMigrations()).length;
    server = await startPostgres();
  });
  afterAll(() => server?.stop());

  it('is made at once with a database that is ready for this release or the next', async () => {
    const made = await databaseForTest();
    await migratePostgres(made);
    for (const known of [release, release - 1]) {
      const database = await contactOf(made.serviceUrl, known).contact;
      expect(database.contact.isMade()).toBe(true);
      await database.contact.first;
      expect(await database.asTenant(randomTenantId(), (tx) => tx.run('select 1'))).toBe(1);
    }
  });

  it('is refused with what to do when the schema is missing, too old or too new', async () => {
    const made = await databaseForTest();
    const migrateFirst = { code: 'storage_unavailable', hint: 'Run "orderdesk-mcp migrate" first.' };
    await expect(contactOf(made.serviceUrl, release).contact).rejects.toMatchObject(migrateFirst);
    await migratePostgres(made);
    await expect(contactOf(made.serviceUrl, release + 1).contact).rejects.toMatchObject(migrateFirst);
    await execute(made.migrateUrl, [
      `insert into schema_migrations (version, name, checksum) values (${release + 1}, 'a', 'x'), (${release + 2}, 'b', 'x')`,
    ]);
    await expect(contactOf(made.serviceUrl, release).contact).rejects.toMatchObject({
      hint: 'Start a newer release.',
    });
  });

  it('is refused when the role could get around the policies', async () => {
    const made = await databaseForTest();
    await migratePostgres(made);
    await execute(made.superuserUrl, [`alter role ${new URL(made.serviceUrl).username} bypassrls`]);
    await expect(contactOf(made.serviceUrl, release).contact).rejects.toMatchObject({
      name: 'DatabaseUnfit',
      message: expect.stringContaining('bypasses row-level security'),
    });
  });

  it('is refused when the server lets the role not in, or has no such database', async () => {
    const made = await databaseForTest();
    const noDatabase = new URL(made.serviceUrl);
    noDatabase.pathname = '/not_there';
    for (const url of [noDatabase.href, made.serviceUrl.replace(/\/\/[^@]+@/, '//nobody_here@')]) {
      await expect(contactOf(url, release).contact).rejects.toMatchObject({ name: 'DatabaseUnfit' });
    }
  });

  it('is sought in the background while the database is away, and nothing is asked of it before', async () => {
    const made: TestDatabase = await server.createDatabase();
    await migratePostgres(made);
    server.pause();
    const { contact, troubles, tryAgain, again } = contactOf(made.serviceUrl, release);
    const database = await contact;
    expect(database.contact.isMade()).toBe(false);
    const use = () => database.asTenant(randomTenantId(), (tx) => tx.run('select 1'));
    await expect(use()).rejects.toMatchObject({ code: 'storage_unavailable', retryAfterS: 2 });
    await tryAgain();
    expect(troubles).toHaveLength(1);

    server.resume();
    again();
    await database.contact.first;
    expect(database.contact.isMade()).toBe(true);
    expect(await use()).toBe(1);
  });

  it('stays refused when the database that comes back is unfit, until it is mended', async () => {
    const made: TestDatabase = await server.createDatabase();
    server.pause();
    const { contact, troubles, tryAgain, again } = contactOf(made.serviceUrl, release);
    const database = await contact;
    server.resume();
    await tryAgain();
    expect(troubles).toEqual([
      expect.anything(),
      expect.objectContaining({ hint: 'Run "orderdesk-mcp migrate" first.' }),
    ]);
    await expect(database.asSystem('operate', (tx) => tx.run('select 1'))).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
    await migratePostgres(made);
    again();
    await database.contact.first;
  });

  it('is no longer sought once the database was closed', async () => {
    const made: TestDatabase = await server.createDatabase();
    server.pause();
    const { contact, troubles } = contactOf(made.serviceUrl, release);
    const database = await contact;
    await database.close();
    server.resume();
    expect(troubles).toHaveLength(1);
    expect(database.contact.isMade()).toBe(false);
  });
});
