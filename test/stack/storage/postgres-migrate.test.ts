import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Migration, readMigrations } from '../../../src/storage/migration-files.js';
import { migratePostgres } from '../../../src/storage/postgres-migrate.js';
import { createTestDatabase, execute, type TestDatabase } from '../../support/services/index.js';

describe('migrating Postgres', () => {
  let made: TestDatabase;
  let release: number;
  beforeEach(async () => {
    made = await createTestDatabase();
    release = (await readMigrations()).length;
  });
  afterEach(() => made?.drop());

  const rows = async (sql: string) => {
    const client = new pg.Client({ connectionString: made.superuserUrl });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };

  it('leaves a database that the role of the service may work on', async () => {
    expect(await migratePostgres(made)).toEqual({
      schema: release,
      serviceRole: new URL(made.serviceUrl).username,
      problems: [],
    });
  });

  it('is done once by three that start together, and by one that comes later', async () => {
    const done = await Promise.all([migratePostgres(made), migratePostgres(made), migratePostgres(made)]);
    const later = await migratePostgres(made);
    for (const { schema, problems } of [...done, later])
      expect({ schema, problems }).toEqual({ schema: release, problems: [] });
    expect(await rows('select version from schema_migrations order by version')).toEqual(
      Array.from({ length: release }, (_, index) => ({ version: index + 1 })),
    );
  });

  it('changes nothing the second time', async () => {
    await migratePostgres(made);
    const rights = `select datacl::text as acl from pg_database where datname = current_database()
      union all select nspacl::text from pg_namespace where nspname = 'public'
      union all select string_agg(m.roleid::regrole::text, ',' order by m.roleid) from pg_auth_members m
        where m.member = '${new URL(made.serviceUrl).username}'::regrole`;
    const before = await rows(rights);
    await migratePostgres(made);
    expect(await rows(rights)).toEqual(before);
  });

  it('works as a superuser, too', async () => {
    expect(await migratePostgres({ ...made, migrateUrl: made.superuserUrl })).toMatchObject({ problems: [] });
  });

  it('takes back what every role may do by default on an older database', async () => {
    await execute(made.superuserUrl, ['grant create on schema public to public']);
    await migratePostgres(made);
    expect(
      await rows(`select has_schema_privilege('public', 'public', 'create') as make,
        has_database_privilege('public', current_database(), 'temporary') as temp`),
    ).toEqual([{ make: false, temp: false }]);
  });

  it('says how to make the role of the service when it is not there', async () => {
    const serviceUrl = made.serviceUrl.replace(/\/\/[^@]+@/, '//nobody_here@');
    await expect(migratePostgres({ ...made, serviceUrl })).rejects.toThrow(
      /no role "nobody_here".*create role "nobody_here" login noinherit/,
    );
  });

  it('says what the role of migrations lacks', async () => {
    await expect(migratePostgres({ ...made, migrateUrl: made.serviceUrl })).rejects.toMatchObject({
      name: 'DatabaseUnfit',
      message: expect.stringContaining('must own the database and have CREATEROLE'),
    });
  });

  it('reports a role of the service that would be refused at start', async () => {
    await execute(made.superuserUrl, [`alter role ${new URL(made.serviceUrl).username} bypassrls`]);
    const { problems } = await migratePostgres(made);
    expect(problems.join(' ')).toContain('bypasses row-level security');
  });

  it('waits for a migration that takes longer than a statement of the service may', async () => {
    const slow: Migration = { version: 1, name: 'slow', sql: 'select pg_sleep(5.5)', checksum: 'x' };
    await expect(migratePostgres({ ...made, migrations: [slow] })).resolves.toMatchObject({ schema: 1 });
  });
});
