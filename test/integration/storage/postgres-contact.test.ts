import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readMigrations } from '../../../src/storage/migration-files.js';
import { openPostgres, type PostgresTimeouts } from '../../../src/storage/postgres.js';
import { type Contact, contactDatabase } from '../../../src/storage/postgres-contact.js';
import { migratePostgres } from '../../../src/storage/postgres-migrate.js';
import { randomTenantId } from '../../support/database.js';
import {
  databaseForTest,
  execute,
  type PostgresServer,
  startPostgres,
  type TestDatabase,
} from '../../support/services/index.js';

/** For a server that hangs. One that answers is given the time that the product gives it. */
const SHORT = { connect: 300, query: 500 };

/** Tries again when told to. */
function contactOf(url: string, knownSchema: number, timeouts: Partial<PostgresTimeouts> = {}) {
  const troubles: unknown[] = [];
  const steps = new EventTarget();
  const pool = openPostgres({ url, timeouts });
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
  /** One try may end by its short time-outs although the server answers. */
  const untilMade = ({ isMade, first }: Contact) =>
    vi.waitFor(
      async () => {
        await Promise.race([tryAgain(), first]);
        expect(isMade()).toBe(true);
      },
      { timeout: 15_000 },
    );
  return { contact, troubles, tryAgain, untilMade };
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
    const { contact, troubles, tryAgain, untilMade } = contactOf(made.serviceUrl, release, SHORT);
    const database = await contact;
    expect(database.contact.isMade()).toBe(false);
    const use = () => database.asTenant(randomTenantId(), (tx) => tx.run('select 1'));
    await expect(use()).rejects.toMatchObject({ code: 'storage_unavailable', retryAfterS: 2 });
    await tryAgain();
    expect(troubles).toHaveLength(1);

    server.resume();
    await untilMade(database.contact);
    await database.contact.first;
    await vi.waitFor(async () => expect(await use()).toBe(1), { timeout: 15_000 });
  });

  it('stays refused when the database that comes back is unfit, until it is mended', async () => {
    const made: TestDatabase = await server.createDatabase();
    server.pause();
    const { contact, troubles, tryAgain, untilMade } = contactOf(made.serviceUrl, release, SHORT);
    const database = await contact;
    server.resume();
    await vi.waitFor(
      async () => {
        await tryAgain();
        expect(troubles.at(-1)).toMatchObject({ hint: 'Run "orderdesk-mcp migrate" first.' });
      },
      { timeout: 15_000 },
    );
    await expect(database.asSystem('operate', (tx) => tx.run('select 1'))).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
    await migratePostgres(made);
    await untilMade(database.contact);
  });

  it('is no longer sought once the database was closed', async () => {
    const made: TestDatabase = await server.createDatabase();
    server.pause();
    const { contact, troubles } = contactOf(made.serviceUrl, release, SHORT);
    const database = await contact;
    await database.close();
    server.resume();
    expect(troubles).toHaveLength(1);
    expect(database.contact.isMade()).toBe(false);
  });
});
