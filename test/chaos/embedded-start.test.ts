import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { acquireDataDirLock, type DataDirLock } from '../../src/storage/data-dir-lock.js';
import { type EmbeddedOptions, openEmbedded } from '../../src/storage/embedded.js';
import { type Migration, readMigrations } from '../../src/storage/migration-files.js';
import type { Database } from '../../src/storage/port.js';
import { readSeed, SEED_FOLDER, writeSeed } from '../../src/storage/seed.js';
import { insertTenant } from '../support/database.js';
import { temporaryFolder } from '../support/temporary-folder.js';

async function locked(): Promise<DataDirLock> {
  const lock = await acquireDataDirLock(join(await temporaryFolder(), 'data'));
  onTestFinished(() => lock.release());
  return lock;
}

/** Opens, lets `use` work and closes. */
async function withDatabase<T>(
  lock: DataDirLock,
  use: (database: Database) => Promise<T>,
  options?: EmbeddedOptions,
): Promise<{ origin: string; result: T }> {
  const database = await openEmbedded(lock, options);
  try {
    return { origin: database.origin, result: await use(database) };
  } finally {
    await database.close();
  }
}
const tenantNames = (database: Database) =>
  database.asSystem('operate', async (tx) =>
    (await tx.rows(z.object({ name: z.string() }), 'select name from tenants order by name')).map(
      ({ name }) => name,
    ),
  );
const databaseFolders = async (dir: string) =>
  (await readdir(dir)).filter((name) => name.startsWith('database'));

describe('the embedded database in a folder', () => {
  it.runIf(existsSync(new URL('seed.json', SEED_FOLDER)))(
    'begins with the seed and keeps its rows from one start to the next',
    async () => {
      const lock = await locked();
      const first = await withDatabase(lock, (database) => insertTenant(database, 'Kept'));
      const second = await withDatabase(lock, tenantNames);
      expect([first.origin, second.origin]).toEqual(['seed', 'existing']);
      expect(second.result).toEqual(['Kept']);
    },
  );

  it('begins without a seed as well', async () => {
    const lock = await locked();
    const first = await withDatabase(lock, (database) => insertTenant(database, 'Kept'), { seed: 'none' });
    const second = await withDatabase(lock, tenantNames);
    expect([first.origin, second.origin]).toEqual(['initdb', 'existing']);
    expect(second.result).toEqual(['Kept']);
  });

  it('gets the migrations that are newer than its data', async () => {
    const lock = await locked();
    const known = await readMigrations();
    await withDatabase(lock, (database) => insertTenant(database, 'Kept'));
    const sql = 'alter table tenants add column note text; grant select on tenants to orderdesk_operate;';
    const next: Migration = { version: known.length + 1, name: 'next', sql, checksum: 'c' };
    const { result } = await withDatabase(
      lock,
      (database) =>
        database.asSystem('operate', (tx) =>
          tx.rows(z.object({ name: z.string(), note: z.null() }), 'select name, note from tenants'),
        ),
      { migrations: [...known, next] },
    );
    expect(result).toEqual([{ name: 'Kept', note: null }]);
  });

  it('starts anew where a first start was cut short, and clears the leftovers', async () => {
    const lock = await locked();
    const leftover = join(lock.dir, 'database.partial-1');
    await mkdir(join(leftover, 'base'), { recursive: true });
    await writeFile(join(leftover, 'PG_VERSION'), '18\n');
    const { result } = await withDatabase(lock, tenantNames);
    expect(result).toEqual([]);
    expect(await databaseFolders(lock.dir)).toEqual(['database']);
  });

  it('never replaces a folder that does not start', async () => {
    const lock = await locked();
    const folder = join(lock.dir, 'database');
    await mkdir(folder);
    await writeFile(join(folder, 'PG_VERSION'), '12\n');
    await expect(openEmbedded(lock)).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: 'The embedded database does not start.',
    });
    expect(await readdir(folder)).toEqual(['PG_VERSION']);
  });
});

describe('the seed', () => {
  it('is made once, and neither a missing one nor one of other migrations is used', async () => {
    const folder = pathToFileURL(`${await temporaryFolder()}/`);
    const migrations = await readMigrations();
    const altered = migrations.map((migration) => ({ ...migration, checksum: 'another' }));
    expect(await readSeed(migrations, folder)).toBeUndefined();
    expect(await writeSeed(migrations, folder)).toBe('written');
    expect(await writeSeed(migrations, folder)).toBe('up to date');
    expect((await readSeed(migrations, folder))?.bytes.length).toBeGreaterThan(1_000_000);
    expect(await readSeed(altered, folder)).toBeUndefined();
    expect(await readSeed([], folder)).toBeUndefined();
  });
});
