/** The fence as somebody meets it who has the service's connection and writes SQL by hand. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../../src/storage/postgres.js';
import { insertPossessions, insertTenant } from '../../support/database.js';
import { createMigratedDatabase, type TestDatabase } from '../../support/services/index.js';

describe('a connection of the service', () => {
  let made: TestDatabase;
  let client: pg.Client;
  let theirs: string;
  let tables: string[];

  beforeAll(async () => {
    made = await createMigratedDatabase();
    const database = openPostgres({ url: made.serviceUrl });
    theirs = await insertTenant(database);
    await insertPossessions(database, await insertTenant(database));
    await database.close();
    client = new pg.Client({ connectionString: made.serviceUrl });
    await client.connect();
    const { rows } = await client.query<{ name: string }>(
      `select c.relname::text as name from pg_class c join pg_attribute a on a.attrelid = c.oid
       where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and a.attname = 'tenant_id'
       order by 1`,
    );
    tables = rows.map(({ name }) => name);
  });
  afterAll(async () => {
    await client?.end();
    await made?.drop();
  });

  /** In a transaction that is always undone. */
  async function as(role: string | undefined, tenant: string | undefined, sql: string) {
    await client.query('begin');
    try {
      if (role !== undefined) await client.query(`set local role ${role}`);
      if (tenant !== undefined) {
        await client.query(`select set_config('app.tenant_id', $1, true)`, [tenant]);
      }
      return await client.query(sql);
    } finally {
      await client.query('rollback');
    }
  }

  it('meets every table that a tenant owns something in', () => {
    expect(tables).toEqual(expect.arrayContaining(['api_keys', 'stores', 'tenant_data_keys', 'tenants']));
  });

  it('reads and writes nothing before it takes a role, whatever tenant it names', async () => {
    for (const table of tables) {
      for (const sql of [
        `select * from ${table}`,
        `delete from ${table}`,
        `insert into ${table} default values`,
      ]) {
        await expect(as(undefined, theirs, sql)).rejects.toMatchObject({ code: '42501' });
      }
    }
  });

  it.each([
    ['another tenant', () => randomUUID()],
    ['no tenant', () => undefined],
    ['an empty tenant', () => ''],
  ])('sees nothing and changes nothing with %s set', async (_, tenant) => {
    for (const table of tables) {
      expect((await as('orderdesk_tenant', tenant(), `select * from ${table}`)).rowCount, table).toBe(0);
      const deletion = as('orderdesk_tenant', tenant(), `delete from ${table}`).then(
        ({ rowCount }) => rowCount,
        ({ code }) => code,
      );
      // A table may be closed to deleting altogether.
      expect([0, '42501'], table).toContain(await deletion);
    }
  });

  it.each([
    ['another tenant', () => randomUUID()],
    ['no tenant', () => undefined],
  ])('inserts no row of a tenant with %s set', async (_, tenant) => {
    for (const table of tables) {
      const insertion = as(
        'orderdesk_tenant',
        tenant(),
        `insert into ${table} select (jsonb_populate_record(null::${table}, jsonb_build_object('tenant_id', '${theirs}'))).*`,
      );
      // The policy is asked before the columns that were left empty.
      await expect(insertion, table).rejects.toMatchObject({ code: '42501' });
    }
  });

  it('cannot switch the fence off, take the role of the owner or make tables', async () => {
    for (const sql of [
      'alter table stores disable row level security',
      'alter table stores no force row level security',
      'drop policy tenant_fence on stores',
      'set local role migrator',
      'set local role superuser',
      'create table mine (id int)',
      'create temporary table stores (id int)',
      'create schema mine',
      'create role mine',
    ]) {
      await expect(as(undefined, undefined, sql), sql).rejects.toMatchObject({ code: '42501' });
      await expect(as('orderdesk_tenant', theirs, sql), sql).rejects.toMatchObject({ code: '42501' });
    }
  });
});
