/**
 * The seed: a migrated database, packed at build time, so that a first start unpacks instead of running initdb.
 * A seed made by another PGlite or from other migrations is left alone, never half trusted.
 */
import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { migrate } from './migrate.js';
import type { Migration } from './migration-files.js';
import { type DatabaseImage, dumpImage, pgliteDriver, pgliteVersion, startPglite } from './pglite.js';

/** In the build, wherever this module runs from. */
export const SEED_FOLDER = new URL('../../dist/storage/', import.meta.url);

const SEED_FILE = 'seed.tar.gz';
const MANIFEST_FILE = 'seed.json';

const manifestSchema = z.object({ pglite: z.string(), migrations: z.array(z.string()) });
type Manifest = z.infer<typeof manifestSchema>;

/** @returns the seed, `undefined` when there is none that fits the installed PGlite and these migrations */
export async function readSeed(
  migrations: readonly Migration[],
  folder: URL = SEED_FOLDER,
): Promise<DatabaseImage | undefined> {
  const manifest = await readManifest(folder);
  if (manifest === undefined || manifest.pglite !== pgliteVersion()) return undefined;
  const isPrefix = manifest.migrations.every((checksum, index) => checksum === migrations[index]?.checksum);
  if (!isPrefix) return undefined;
  return { bytes: new Uint8Array(await readFile(new URL(SEED_FILE, folder))), gzipped: true };
}

/** Makes the seed of these migrations unless it is there. */
export async function writeSeed(
  migrations: readonly Migration[],
  folder: URL = SEED_FOLDER,
): Promise<'written' | 'up to date' | 'pglite is not installed'> {
  const version = pgliteVersion();
  if (version === undefined) return 'pglite is not installed';
  const manifest: Manifest = { pglite: version, migrations: migrations.map(({ checksum }) => checksum) };
  const present = await readManifest(folder);
  if (JSON.stringify(present) === JSON.stringify(manifest)) return 'up to date';

  const pglite = await startPglite({ memory: 'empty' });
  try {
    await migrate(pgliteDriver(pglite), migrations);
    const image = await dumpImage(pglite, true);
    // The seed before its manifest: whoever reads between the two finds a manifest that does not fit.
    await replaceFile(new URL(SEED_FILE, folder), image.bytes);
    await replaceFile(new URL(MANIFEST_FILE, folder), JSON.stringify(manifest));
  } finally {
    await pglite.close();
  }
  return 'written';
}

async function readManifest(folder: URL): Promise<Manifest | undefined> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(new URL(MANIFEST_FILE, folder), 'utf8')));
  } catch (thrown) {
    if (z.object({ code: z.literal('ENOENT') }).safeParse(thrown).success) return undefined;
    throw thrown;
  }
}

async function replaceFile(file: URL, content: Uint8Array | string): Promise<void> {
  const partial = new URL(`${file.href}.${randomUUID()}`);
  await writeFile(partial, content);
  await rename(partial, file);
}
