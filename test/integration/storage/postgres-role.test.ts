import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPostgres } from '../../../src/storage/postgres.js';
import { assertServiceRole, examineServiceRole } from '../../../src/storage/postgres-role.js';
import { createMigratedDatabase, execute, type TestDatabase } from '../../support/services/index.js';

describe('the role of the service', () => {
  let made: TestDatabase;
  let role: string;
  beforeAll(async () => {
    made = await createMigratedDatabase();
    role = new URL(made.serviceUrl).username;
  });
  afterAll(() => made?.drop());

  /** What is wrong with the role after these statements, which are undone by those. */
  async function problemsAfter(statements: string[], undo: string[]): Promise<string> {
    const database = openPostgres({ url: made.serviceUrl });
    try {
      await execute(made.superuserUrl, statements);
      const { dangers, lacks } = await examineServiceRole(database);
      return [...dangers, ...lacks].join(' ');
    } finally {
      await execute(made.superuserUrl, undo);
      await database.close();
    }
  }

  beforeEach(async () => {
    const database = openPostgres({ url: made.serviceUrl });
    await assertServiceRole(database);
    await database.close();
  });

  it.each([
    ['superuser', 'is a superuser'],
    ['bypassrls', 'bypasses row-level security'],
    ['createrole', 'may create roles'],
    ['replication', 'may replicate'],
  ])('is refused with %s', async (attribute, reason) => {
    expect(
      await problemsAfter([`alter role ${role} ${attribute}`], [`alter role ${role} no${attribute}`]),
    ).toContain(`It ${reason}.`);
  });

  it.each([
    ['bypassrls', 'bypasses row-level security'],
    ['superuser', 'is a superuser'],
  ])('is refused when it can become a role with %s, also by way of another', async (attribute, reason) => {
    const [near, far] = [`near_${role}`, `far_${role}`];
    expect(
      await problemsAfter(
        [
          `create role ${far} ${attribute}`,
          `create role ${near}`,
          `grant ${far} to ${near}`,
          `grant ${near} to ${role}`,
        ],
        [`drop role ${near}`, `drop role ${far}`],
      ),
    ).toContain(`It can become "${far}", which ${reason}.`);
  });

  it('is refused when it can become the owner of the tables', async () => {
    expect(await problemsAfter([`grant migrator to ${role}`], [`revoke migrator from ${role}`])).toContain(
      'It can become "migrator", which may create roles. It can become "migrator", which owns objects',
    );
  });

  it('is refused with a predefined role of Postgres', async () => {
    expect(
      await problemsAfter([`grant pg_read_all_data to ${role}`], [`revoke pg_read_all_data from ${role}`]),
    ).toContain('"pg_read_all_data", which is a predefined role');
  });

  it('is refused when it owns a table, a function or the database', async () => {
    const own = 'It owns objects in this database.';
    expect(
      await problemsAfter(
        ['create table own (id int)', `alter table own owner to ${role}`],
        ['drop table own'],
      ),
    ).toBe(own);
    expect(
      await problemsAfter(
        ['create function own() returns int language sql return 1', `alter function own owner to ${role}`],
        ['drop function own'],
      ),
    ).toBe(own);
    const name = new URL(made.serviceUrl).pathname.slice(1);
    expect(
      await problemsAfter(
        [`alter database ${name} owner to ${role}`],
        [`alter database ${name} owner to migrator`],
      ),
    ).toContain(own);
  });

  it('is refused when it inherits what it should take', async () => {
    expect(await problemsAfter([`alter role ${role} inherit`], [`alter role ${role} noinherit`])).toContain(
      'It inherits the rights of "orderdesk_tenant"',
    );
  });

  it('is refused, with what to do, when it cannot take a role of its work', async () => {
    expect(
      await problemsAfter([`revoke orderdesk_tenant from ${role}`], [`grant orderdesk_tenant to ${role}`]),
    ).toBe('It is not a member of orderdesk_tenant: run "orderdesk-mcp migrate".');
  });

  it('is not that of migrations, nor that of the superuser', async () => {
    for (const url of [made.migrateUrl, made.superuserUrl]) {
      const database = openPostgres({ url });
      await expect(assertServiceRole(database)).rejects.toMatchObject({ name: 'DatabaseUnfit' });
      await database.close();
    }
  });
});
