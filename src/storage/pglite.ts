/** The one file that knows PGlite: an optional dependency, loaded when it is first needed. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { PGlite } from '@electric-sql/pglite';
import { z } from 'zod';
import { AppError } from '../errors.js';
import type { Driver, Statements } from './driver.js';

const PACKAGE = '@electric-sql/pglite';

/** What a database folder holds, packed: a tar file, gzipped or not. */
export interface DatabaseImage {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzipped: boolean;
}

export type PgliteSource = { readonly folder: string } | { readonly memory: DatabaseImage | 'empty' };

/**
 * Starts PGlite on a folder that already holds a database, or in memory.
 * @throws AppError `storage_unavailable` when the package is missing or the database does not start
 */
export async function startPglite(source: PgliteSource): Promise<PGlite> {
  const { PGlite } = await loadPackage();
  try {
    // Durability is relaxed for browsers' file systems; false makes a commit wait for the file system.
    const options = { relaxedDurability: false } as const;
    if ('folder' in source) return await PGlite.create(source.folder, options);
    if (source.memory === 'empty') return await PGlite.create('memory://', options);
    return await PGlite.create('memory://', { ...options, loadDataDir: blobOf(source.memory) });
  } catch (thrown) {
    throw new AppError('storage_unavailable', 'The embedded database does not start.', { cause: thrown });
  }
}

/** The files of a running in-memory database, everything on them. */
export async function dumpImage(pglite: PGlite, gzipped: boolean): Promise<DatabaseImage> {
  await pglite.exec('checkpoint');
  const dump = await pglite.dumpDataDir(gzipped ? 'gzip' : 'none');
  return { bytes: new Uint8Array(await dump.arrayBuffer()), gzipped };
}

/** The installed version, `undefined` when the package is not installed. */
export function pgliteVersion(): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve(PACKAGE);
    const manifest = readFileSync(new URL('../package.json', pathToFileURL(entry)), 'utf8');
    return z.object({ version: z.string() }).parse(JSON.parse(manifest)).version;
  } catch (thrown) {
    if (isMissingModule(thrown)) return undefined;
    throw thrown;
  }
}

/** PGlite as a driver. It has one connection and queues transactions by itself. */
export function pgliteDriver(pglite: PGlite): Driver {
  return {
    transaction: (fn) => pglite.transaction((tx) => fn(statementsOver(tx))),
    close: () => pglite.close(),
  };
}

function statementsOver(tx: Parameters<Parameters<PGlite['transaction']>[0]>[0]): Statements {
  return {
    query: async (sql, params) => {
      const result = await tx.query<unknown>(sql, [...params]);
      return { rows: result.rows, count: result.rowCount ?? 0 };
    },
    script: async (sql) => {
      await tx.exec(sql);
    },
  };
}

async function loadPackage(): Promise<typeof import('@electric-sql/pglite')> {
  try {
    return await import('@electric-sql/pglite');
  } catch (thrown) {
    if (!isMissingModule(thrown)) throw thrown;
    throw new AppError(
      'storage_unavailable',
      `The embedded database needs the optional package ${PACKAGE}.`,
      {
        hint: 'Install with optional dependencies, or set DATABASE_URL to a Postgres database.',
        cause: thrown,
      },
    );
  }
}

function isMissingModule(thrown: unknown): boolean {
  const code = z.object({ code: z.string() }).safeParse(thrown).data?.code;
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}

function blobOf(image: DatabaseImage): Blob {
  return new Blob([image.bytes], { type: image.gzipped ? 'application/gzip' : 'application/x-tar' });
}
