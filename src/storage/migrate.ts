/**
 * Applies migrations forward, each in a transaction of its own under one advisory lock, so that replicas starting
 * together do not collide. A release that knows schema N also works on N+1: the previous release keeps running while
 * the next one migrates.
 */
import { z } from 'zod';
import { AppError } from '../errors.js';
import type { Driver, Statements } from './driver.js';
import { storageError } from './failures.js';
import type { Migration } from './migration-files.js';
import type { Database } from './port.js';

/** Any number, the same in every release. */
const ADVISORY_LOCK = 7_331_001;

const CREATE_LEDGER = `create table if not exists schema_migrations (
  version integer primary key,
  name text not null,
  checksum text not null,
  applied_at timestamptz not null default now()
)`;

const appliedRow = z.object({ version: z.int(), name: z.string(), checksum: z.string() });
type Applied = z.infer<typeof appliedRow>;

/**
 * Brings the schema up to the last of `migrations`.
 * @returns the schema version the database has afterwards, which may be one above the last known
 * @throws AppError `storage_unavailable` when the schema is too new; an Error when an applied migration was altered
 *   or a migration failed, which leaves the ones before it applied
 */
export async function migrate(driver: Driver, migrations: readonly Migration[]): Promise<number> {
  const applied = await locked(driver, async (statements) => {
    await statements.script(CREATE_LEDGER);
    return readLedger(statements);
  }).catch((thrown) => {
    throw storageError(thrown);
  });
  assertUnaltered(applied, migrations);
  refuseNewerSchema(applied.length, migrations.length);
  for (const migration of migrations.slice(applied.length)) {
    await locked(driver, (statements) => apply(statements, migration)).catch((thrown) => {
      throw new Error(`Migration ${migration.version} (${migration.name}) failed.`, {
        cause: storageError(thrown),
      });
    });
  }
  return Math.max(applied.length, migrations.length);
}

/**
 * The check on start: the schema must be the one this release knows, or the next.
 * @param known the version of the release's last migration
 * @throws AppError `storage_unavailable`
 */
export async function checkSchemaVersion(database: Database, known: number): Promise<number> {
  const found = await readSchemaVersion(database);
  refuseNewerSchema(found, known);
  if (found < known) {
    throw new AppError(
      'storage_unavailable',
      found === 0
        ? 'The database has no schema that this role may use.'
        : `The database has schema ${found}; this release needs ${known}.`,
      {
        hint: 'Run "orderdesk-mcp migrate" first.',
      },
    );
  }
  return found;
}

/** The version of the schema that is there, 0 for none, in one statement. @throws AppError `storage_unavailable` */
export async function readSchemaVersion(database: Database): Promise<number> {
  try {
    return await database.asSystem('operate', async (tx) => {
      const rows = await tx.rows(
        z.object({ version: z.int() }),
        'select coalesce(max(version), 0) as version from schema_migrations',
      );
      return rows[0]?.version ?? 0;
    });
  } catch (thrown) {
    const { cause } = z
      .object({ cause: z.object({ code: z.string() }) })
      .catch(NO_CAUSE)
      .parse(thrown);
    if (UNMIGRATED.has(cause.code)) return 0;
    throw thrown;
  }
}

const NO_CAUSE = { cause: { code: '' } };
/** No such role, no such table, role or table not granted: what a database says that nobody has migrated for us. */
const UNMIGRATED: ReadonlySet<string> = new Set(['22023', '42P01', '42501']);

function refuseNewerSchema(found: number, known: number): void {
  if (found <= known + 1) return;
  throw new AppError(
    'storage_unavailable',
    `The database has schema ${found}; this release works with ${known} and ${known + 1}.`,
    { hint: 'Start a newer release.' },
  );
}

/** Runs `fn` in a transaction that no other migrator runs beside. */
export function locked<T>(driver: Driver, fn: (statements: Statements) => Promise<T>): Promise<T> {
  return driver.transaction(async (statements) => {
    await statements.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
    return fn(statements);
  });
}

async function readLedger(statements: Statements): Promise<Applied[]> {
  const { rows } = await statements.query(
    'select version, name, checksum from schema_migrations order by version',
    [],
  );
  return rows.map((row) => appliedRow.parse(row));
}

function assertUnaltered(applied: readonly Applied[], migrations: readonly Migration[]): void {
  for (const [index, row] of applied.entries()) {
    const known = migrations[index];
    if (row.version !== index + 1) throw new Error(`Migration ${index + 1} is missing below ${row.version}.`);
    if (known !== undefined && known.checksum !== row.checksum) {
      throw new Error(`Migration ${row.version} (${row.name}) was altered after it had been applied.`);
    }
  }
}

async function apply(statements: Statements, migration: Migration): Promise<void> {
  const before = await readLedger(statements);
  // Another process may have applied it while this one waited for the lock.
  if (before.some((row) => row.version === migration.version)) return;
  await statements.script(migration.sql);
  await statements.query('insert into schema_migrations (version, name, checksum) values ($1, $2, $3)', [
    migration.version,
    migration.name,
    migration.checksum,
  ]);
}
