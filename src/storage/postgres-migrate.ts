/**
 * Migrating Postgres: the schema, as the role that owns the database, and what the service's role needs of it. Safe to
 * run any number of times and in several places at once.
 */
import pg from 'pg';
import { z } from 'zod';
import { AppError } from '../errors.js';
import type { Statements } from './driver.js';
import { StorageFailure, storageError } from './failures.js';
import { fencedDatabase, GROUP_ROLES } from './fenced.js';
import { locked, migrate } from './migrate.js';
import { type Migration, readMigrations } from './migration-files.js';
import { openPostgresDriver } from './postgres.js';
import { examineServiceRole } from './postgres-role.js';
import { DatabaseUnfit } from './postgres-unfit.js';

export interface PostgresMigration {
  /** As the role that owns the database and may create roles, or as a superuser. */
  readonly migrateUrl: string;
  /** As the service will connect; only the name of its role is used. */
  readonly serviceUrl: string;
  /** Defaults to the release's own. */
  readonly migrations?: readonly Migration[];
}

export interface MigratedPostgres {
  readonly schema: number;
  readonly serviceRole: string;
  /** Why the service's role would be refused at start; empty when it is fit. */
  readonly problems: readonly string[];
}

/** A migration may take its time, and waits for another migrator. */
const UNBOUNDED = { query: 0, statement: 0, idleTransaction: 0 };

/** @throws DatabaseUnfit where the operator must act; AppError `storage_unavailable`; an Error of `migrate` */
export async function migratePostgres(options: PostgresMigration): Promise<MigratedPostgres> {
  const serviceRole = decodeURIComponent(new URL(options.serviceUrl).username);
  const driver = openPostgresDriver({
    url: options.migrateUrl,
    applicationName: 'orderdesk-mcp migrate',
    poolMax: 1,
    timeouts: UNBOUNDED,
  });
  const database = fencedDatabase(driver);
  try {
    const schema = await migrate(driver, options.migrations ?? (await readMigrations()));
    await locked(driver, (statements) => grantTo(serviceRole, statements)).catch(raise);
    const { dangers, lacks } = await examineServiceRole(database, serviceRole);
    return { schema, serviceRole, problems: [...dangers, ...lacks] };
  } catch (thrown) {
    throw isDenied(thrown) ? new DatabaseUnfit(DENIED) : thrown;
  } finally {
    await database.close();
  }
}

const DENIED =
  'The role of MIGRATE_DATABASE_URL lacks a right that migrating needs: it must own the database and have CREATEROLE ' +
  '(from Postgres 16 on also have made the orderdesk roles of this server itself), or be a superuser.';

function isDenied(thrown: unknown): boolean {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof StorageFailure) return error.code === '42501';
  }
  return false;
}

function raise(thrown: unknown): never {
  throw thrown instanceof DatabaseUnfit || thrown instanceof AppError ? thrown : storageError(thrown);
}

const standing = z.object({
  known: z.boolean(),
  version: z.int(),
  schema: z.string(),
  database: z.string(),
});

/** Grants only what is not there yet, so that a second run changes nothing. */
async function grantTo(serviceRole: string, statements: Statements): Promise<void> {
  const { rows } = await statements.query(
    `select exists (select from pg_catalog.pg_roles where rolname = $1) as known,
       current_setting('server_version_num')::int as version,
       current_schema()::text as schema, current_database()::text as database`,
    [serviceRole],
  );
  const { known, version, schema, database } = standing.parse(rows[0]);
  if (!known) {
    throw new DatabaseUnfit(
      `There is no role "${serviceRole}", which DATABASE_URL names. Make it: create role ${quoted(serviceRole)} login noinherit password '...'`,
    );
  }
  // What every role has by default on an older or an upgraded database, and nobody needs here.
  await statements.script(`revoke create on schema ${quoted(schema)} from public;
    revoke temporary on database ${quoted(database)} from public`);
  await statements.script(`grant connect on database ${quoted(database)} to ${quoted(serviceRole)}`);
  const options = version >= 160_000 ? ' with inherit false, set true' : '';
  for (const group of GROUP_ROLES) {
    await statements.script(`grant usage on schema ${quoted(schema)} to ${quoted(group)}`);
    if (!(await isMember(statements, serviceRole, group))) {
      await statements.script(`grant ${quoted(group)} to ${quoted(serviceRole)}${options}`);
    }
  }
}

/** A direct membership: one by way of another role would be lost with that role. */
async function isMember(statements: Statements, role: string, group: string): Promise<boolean> {
  const { count } = await statements.query(
    `select from pg_catalog.pg_auth_members
     where roleid = (select oid from pg_catalog.pg_roles where rolname = $1)
       and member = (select oid from pg_catalog.pg_roles where rolname = $2)`,
    [group, role],
  );
  return count > 0;
}

const quoted = (identifier: string): string => pg.escapeIdentifier(identifier);
