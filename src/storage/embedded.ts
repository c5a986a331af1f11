/**
 * The embedded database: PGlite in this process, for evaluation and single-process use.
 *
 * - One connection; transactions run one after another, and a statement blocks the event loop while it runs.
 * - fsync is off: a killed process loses nothing that was acknowledged, a power cut may.
 * - The connection is a superuser. Each transaction still takes the role of its work, so the policies catch our own
 *   forgotten WHERE; they are no boundary against somebody who can run SQL.
 * - PGlite does not guard its folder. Whoever opens one shows the lock on the data folder.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { PGlite } from '@electric-sql/pglite';
import type { DataDirLock } from './data-dir-lock.js';
import { fencedDatabase } from './fenced.js';
import { checkSchemaVersion, migrate } from './migrate.js';
import { type Migration, readMigrations } from './migration-files.js';
import { type DatabaseImage, dumpImage, pgliteDriver, startPglite } from './pglite.js';
import type { Database } from './port.js';
import { readSeed } from './seed.js';
import { untar } from './untar.js';

const FOLDER = 'database';
const PARTIAL = `${FOLDER}.partial-`;

export interface EmbeddedOptions {
  /** Defaults to the release's own. */
  readonly migrations?: readonly Migration[];
  /** `none` makes a new database without the seed. */
  readonly seed?: 'built' | 'none';
}

export interface EmbeddedDatabase extends Database {
  /** Where the data came from on this start. */
  readonly origin: 'existing' | 'seed' | 'initdb';
}

/**
 * Opens the database in the `database` folder of a locked data folder, making it on the first start, and migrates it.
 * Close the database before releasing the lock.
 * @throws AppError `storage_unavailable` when PGlite is missing or the database does not start; an Error of `migrate`
 */
export async function openEmbedded(
  lock: DataDirLock,
  options: EmbeddedOptions = {},
): Promise<EmbeddedDatabase> {
  const migrations = options.migrations ?? (await readMigrations());
  const folder = join(lock.dir, FOLDER);
  await removePartialFolders(lock.dir);
  let origin: EmbeddedDatabase['origin'] = 'existing';
  if (!existsSync(folder)) {
    const seed = options.seed === 'none' ? undefined : await readSeed(migrations);
    origin = seed === undefined ? 'initdb' : 'seed';
    await unpackInto(folder, lock.dir, seed ?? (await newImage()));
  }
  return open(await startPglite({ folder }), migrations, origin);
}

/** A database that lives as long as it is open. */
export async function openInMemory(options: EmbeddedOptions = {}): Promise<EmbeddedDatabase> {
  const migrations = options.migrations ?? (await readMigrations());
  const seed = options.seed === 'none' ? undefined : await readSeed(migrations);
  return open(
    await startPglite({ memory: seed ?? 'empty' }),
    migrations,
    seed === undefined ? 'initdb' : 'seed',
  );
}

async function open(
  pglite: PGlite,
  migrations: readonly Migration[],
  origin: EmbeddedDatabase['origin'],
): Promise<EmbeddedDatabase> {
  const driver = pgliteDriver(pglite);
  try {
    await migrate(driver, migrations);
    const database = fencedDatabase(driver);
    await checkSchemaVersion(database, migrations.length);
    return { ...database, origin };
  } catch (thrown) {
    await pglite.close();
    throw thrown;
  }
}

/** Unpacks beside the folder and renames, so that a start cut short leaves no folder that cannot start. */
async function unpackInto(folder: string, dataDir: string, image: DatabaseImage): Promise<void> {
  const partial = join(dataDir, `${PARTIAL}${randomUUID()}`);
  await untar(image.gzipped ? await promisify(gunzip)(image.bytes) : image.bytes, partial);
  await rename(partial, folder);
}

async function newImage(): Promise<DatabaseImage> {
  const pglite = await startPglite({ memory: 'empty' });
  try {
    return await dumpImage(pglite, false);
  } finally {
    await pglite.close();
  }
}

async function removePartialFolders(dataDir: string): Promise<void> {
  const leftovers = (await readdir(dataDir)).filter((name) => name.startsWith(PARTIAL));
  await Promise.all(leftovers.map((name) => rm(join(dataDir, name), { recursive: true, force: true })));
}
