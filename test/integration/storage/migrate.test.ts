import { createHash } from 'node:crypto';
import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fencedDatabase } from '../../../src/storage/fenced.js';
import { checkSchemaVersion, migrate } from '../../../src/storage/migrate.js';
import { type Migration, readMigrations } from '../../../src/storage/migration-files.js';
import { pgliteDriver, startPglite } from '../../../src/storage/pglite.js';
import { readSeed } from '../../../src/storage/seed.js';

const migration = (version: number, name: string, sql: string): Migration => ({
  version,
  name,
  sql,
  checksum: createHash('sha256').update(sql).digest('hex'),
});
const NOTES = migration(
  2,
  'notes',
  'create table notes (id int); insert into notes values (1); insert into notes values (2);',
);

const EMPTY = 'drop schema public cascade; create schema public; grant usage on schema public to public';

describe('migrations', () => {
  let pglite: PGlite;
  let tenancy: Migration;
  let release: readonly Migration[];
  const rows = async (sql: string) => (await pglite.query(sql)).rows;
  const apply = (...migrations: Migration[]) => migrate(pgliteDriver(pglite), migrations);

  beforeAll(async () => {
    const migrations = await readMigrations();
    const [first] = migrations;
    if (first === undefined) throw new Error('The release has no migration.');
    tenancy = first;
    release = migrations;
    pglite = await startPglite({ memory: (await readSeed(migrations)) ?? 'empty' });
  });
  afterAll(() => pglite?.close());
  beforeEach(async () => {
    await pglite.exec(EMPTY);
  });

  it('are applied in order and recorded with name, checksum and time', async () => {
    expect(await apply(tenancy, NOTES)).toBe(2);
    expect(await rows('select id from notes order by id')).toEqual([{ id: 1 }, { id: 2 }]);
    expect(
      await rows('select version, name, checksum, applied_at from schema_migrations order by version'),
    ).toEqual([
      { version: 1, name: 'tenancy', checksum: tenancy.checksum, applied_at: expect.any(Date) },
      { version: 2, name: 'notes', checksum: NOTES.checksum, applied_at: expect.any(Date) },
    ]);
  });

  it('are applied once, also by two that start together', async () => {
    expect(await Promise.all([apply(tenancy, NOTES), apply(tenancy, NOTES)])).toEqual([2, 2]);
    expect(await apply(tenancy, NOTES)).toBe(2);
    expect(await rows('select count(*) as n from notes')).toEqual([{ n: 2 }]);
  });

  it('are applied to another database of the same cluster, where the roles are there already', async () => {
    await apply(tenancy);
    await pglite.exec(EMPTY);
    expect(await apply(tenancy)).toBe(1);
  });

  it('go on from where an earlier release stopped', async () => {
    await apply(tenancy);
    expect(await apply(tenancy, NOTES)).toBe(2);
    expect(await rows('select count(*) as n from notes')).toEqual([{ n: 2 }]);
  });

  it('leave nothing of a failing one behind and keep those before it', async () => {
    const broken = migration(
      3,
      'broken',
      'create table half (id int); select 1 / 0; create table rest (id int);',
    );
    await expect(apply(tenancy, NOTES, broken)).rejects.toThrow('Migration 3 (broken) failed.');
    expect(await rows(`select to_regclass('half') as half, to_regclass('notes')::text as notes`)).toEqual([
      { half: null, notes: 'notes' },
    ]);
    expect(await rows('select max(version) as version from schema_migrations')).toEqual([{ version: 2 }]);
  });

  it('are refused when an applied one was altered', async () => {
    await apply(tenancy, NOTES);
    const altered = migration(2, 'notes', `${NOTES.sql} -- a word more`);
    await expect(apply(tenancy, altered)).rejects.toThrow('Migration 2 (notes) was altered');
  });

  it('leave a schema that is one ahead alone, and refuse one that is further', async () => {
    const more = migration(3, 'more', 'create table more (id int)');
    await apply(tenancy, NOTES);
    expect(await apply(tenancy)).toBe(2);
    await apply(tenancy, NOTES, more);
    await expect(apply(tenancy)).rejects.toMatchObject({
      code: 'storage_unavailable',
      hint: 'Start a newer release.',
    });
  });

  it('add what folders mean to stores that are there, and let the release before go on', async () => {
    const upTo = (name: string) => release.slice(0, release.findIndex((each) => each.name === name) + 1);
    const add = (id: string) =>
      pglite.query(
        `insert into stores (store_row_id, tenant_id, name, name_key, orderdesk_store_id, credential, folder_notes)
         select gen_random_uuid(), tenant_id, $1, $1, $1, '\\x07', '{"12": "Sends mail"}' from tenants`,
        [id],
      );
    await apply(...upTo('audit_and_rotation'));
    await pglite.query(
      `insert into tenants (tenant_id, name, name_key, status) values (gen_random_uuid(), 'a', 'a', 'active')`,
    );
    await add('1');
    await apply(...upTo('folder_states'));
    await add('2');
    expect(await rows('select name, folder_notes, folder_states from stores order by name')).toEqual([
      { name: '1', folder_notes: { 12: 'Sends mail' }, folder_states: {} },
      { name: '2', folder_notes: { 12: 'Sends mail' }, folder_states: {} },
    ]);
    const rights = `select has_column_privilege('orderdesk_tenant', 'stores', 'folder_states', 'select, update') as tenant,
      has_column_privilege('orderdesk_operate', 'stores', 'folder_states', 'select') as operate`;
    expect(await rows(rights)).toEqual([{ tenant: true, operate: false }]);
  });

  it('give a schema version that the start accepts for this release and the one before', async () => {
    await apply(tenancy, NOTES);
    const database = fencedDatabase(pgliteDriver(pglite));
    expect(await checkSchemaVersion(database, 2)).toBe(2);
    expect(await checkSchemaVersion(database, 1)).toBe(2);
    await expect(checkSchemaVersion(database, 0)).rejects.toMatchObject({ hint: 'Start a newer release.' });
    await expect(checkSchemaVersion(database, 3)).rejects.toMatchObject({
      hint: 'Run "orderdesk-mcp migrate" first.',
    });
  });
});
