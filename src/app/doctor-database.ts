/** The checks of the database and of the keys to what is in it. They change nothing, but for what every start would. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../errors.js';
import { acquireDataDirLock, DataDirInUse } from '../storage/data-dir-lock.js';
import { openEmbedded } from '../storage/embedded.js';
import { checkSchemaVersion } from '../storage/migrate.js';
import { readMigrations } from '../storage/migration-files.js';
import type { Database } from '../storage/port.js';
import { openPostgres } from '../storage/postgres.js';
import { refusedConnection } from '../storage/postgres-contact.js';
import { assertServiceRole } from '../storage/postgres-role.js';
import { pepperUses } from '../tenancy/operations/vault.js';
import { assertRingOpensDatabase } from '../tenancy/vault/ring-check.js';
import { postgresClock, postgresConnections } from './doctor-postgres.js';
import {
  type Check,
  type Finding,
  failureCode,
  isCertificateTrouble,
  ok,
  refused,
  refusedBy,
  skipped,
  warned,
} from './finding.js';
import type { AppConfig } from './foundation.js';
import { openRings, type Rings } from './rings.js';
import { dataFolderProblem } from './system-problems.js';

export interface DatabaseChecks {
  readonly checks: readonly Check[];
  close(): Promise<void>;
}

type Opened =
  | { readonly database: Database; readonly rings: Rings | Finding; close(): Promise<void> }
  /** Why there is no database to look at. */
  | { readonly database: undefined; readonly finding: Finding };

const NOT_REACHED = skipped('The database was not reached.');

const OLDEST_SERVER = 15;

/**
 * The checks are to be run in their order: a later one is skipped when it builds on an earlier one that failed.
 * @param now milliseconds since 1970
 */
export async function databaseChecks(config: AppConfig, now: () => number): Promise<DatabaseChecks> {
  const opened = await open(config);
  const isPostgres = config.database.kind === 'postgres';
  let reached = false;
  let schemaFits = false;

  /** A check on a database that is there; with a schema that fits, where it asks the tables. */
  const check = (
    name: string,
    needs: 'connection' | 'schema',
    run: (database: Database) => Promise<Finding>,
  ): Check => ({
    name,
    async run() {
      if (opened.database === undefined || !reached) return NOT_REACHED;
      if (needs === 'schema' && !schemaFits) return skipped('The schema does not fit.');
      return run(opened.database).catch(refusedBy);
    },
  });
  const withRings =
    (use: (database: Database, rings: Rings) => Promise<Finding>) =>
    async (database: Database): Promise<Finding> => {
      if (opened.database === undefined) return NOT_REACHED;
      return 'outcome' in opened.rings ? opened.rings : use(database, opened.rings);
    };

  const reach: Check = {
    name: 'database',
    async run() {
      if (opened.database === undefined) return opened.finding;
      try {
        const version = await serverVersion(opened.database);
        reached = true;
        if (isPostgres && Number.parseInt(version, 10) < OLDEST_SERVER) {
          return refused(`Postgres ${version} is too old: it takes ${OLDEST_SERVER} or newer.`);
        }
        return ok(`${isPostgres ? 'Postgres' : 'The embedded database, Postgres'} ${version}, answers.`);
      } catch (thrown) {
        return unreachable(thrown);
      }
    },
  };
  return {
    checks: [
      reach,
      ...(isPostgres
        ? [
            check('database clock', 'connection', (database) => postgresClock(database, now)),
            check('connections', 'connection', (database) => postgresConnections(database, config)),
          ]
        : []),
      check('service role', 'connection', async (database) => {
        if (!isPostgres)
          return skipped('The embedded database has one connection, which is no service role.');
        await assertServiceRole(database);
        return ok('The policies hold it, and it may take the roles of its work.');
      }),
      check('schema', 'connection', async (database) => {
        const known = (await readMigrations()).length;
        const version = await checkSchemaVersion(database, known);
        schemaFits = true;
        return version === known
          ? ok(`Version ${version}, nothing left to migrate.`)
          : warned(
              `Version ${version}, one ahead of this release: bring every replica to the release that made it.`,
            );
      }),
      check(
        'key ring',
        'schema',
        withRings(async (database, { kmsRing }) => {
          await assertRingOpensDatabase(database, kmsRing);
          return ok('MCP_KMS_KEY opens what the database holds.');
        }),
      ),
      check(
        'peppers',
        'schema',
        withRings(async (database, { pepperRing }) => {
          const missing = (await pepperUses(database, pepperRing, now())).filter(
            ({ state }) => state === 'missing',
          );
          if (missing.length === 0) return ok('MCP_KEY_PEPPER holds every pepper that a key needs.');
          const named = missing.map(({ id, neededBy }) => `"${id}" (API keys that need it: ${neededBy})`);
          return refused(
            `MCP_KEY_PEPPER does not hold the pepper ${named.join(', ')}. Put it back behind the current one, or revoke these keys.`,
          );
        }),
      ),
    ],
    async close() {
      if (opened.database !== undefined) await opened.close();
    },
  };
}

async function open(config: AppConfig): Promise<Opened> {
  const { database, keys } = config;
  try {
    if (database.kind === 'embedded') return await openFolder(config);
    const pool = openPostgres({
      url: database.url.reveal(),
      applicationName: 'orderdesk-mcp doctor',
      poolMax: 1,
    });
    const { kmsRing, pepperRing } = keys;
    const rings =
      kmsRing === undefined || pepperRing === undefined
        ? refused('Postgres needs MCP_KMS_KEY and MCP_KEY_PEPPER.')
        : { kmsRing, pepperRing };
    return { database: pool, rings, close: () => pool.close() };
  } catch (thrown) {
    return { database: undefined, finding: refusedBy(thrown) };
  }
}

/** @throws AppError when the folder cannot be used or the database in it does not start */
async function openFolder(config: AppConfig): Promise<Opened> {
  // Looking must not be what makes a database and its keys.
  if (!existsSync(join(config.dataDir, 'database'))) {
    return { database: undefined, finding: skipped('There is none yet: the first start makes it.') };
  }
  try {
    const lock = await acquireDataDirLock(config.dataDir);
    try {
      const rings = await openRings(config).catch(refusedBy);
      const database = await openEmbedded(lock);
      return {
        database,
        rings,
        async close() {
          await database.close();
          await lock.release();
        },
      };
    } catch (thrown) {
      await lock.release();
      throw thrown;
    }
  } catch (thrown) {
    if (!(thrown instanceof DataDirInUse)) throw dataFolderProblem(thrown, config.dataDir);
    const holder = thrown.pid === undefined ? 'another process' : `process ${thrown.pid}`;
    const words = `A server holds the data folder (${holder}), and an embedded database is open to one process. Stop it to have the database checked.`;
    return { database: undefined, finding: skipped(words) };
  }
}

const versionRow = z.object({ version: z.string() });

/** Asked as the connection itself: before anything else it must be there. */
async function serverVersion(database: Database): Promise<string> {
  const [row] = await database.asSystem('migrate', (tx) =>
    tx.rows(versionRow, `select split_part(current_setting('server_version'), ' ', 1) as version`),
  );
  return row?.version ?? 'of unknown version';
}

function unreachable(thrown: unknown): Finding {
  const turnedAway = refusedConnection(thrown);
  if (turnedAway !== undefined) return refusedBy(turnedAway);
  if (!(thrown instanceof AppError) || thrown.code !== 'storage_unavailable') return refusedBy(thrown);
  const code = failureCode(thrown.cause);
  if (isCertificateTrouble(code)) {
    return refused(
      `Postgres shows a certificate that is not believed (${code}). Name the file of its authority as sslrootcert in DATABASE_URL; with sslmode=verify-full the host must be one of the certificate's names.`,
    );
  }
  return refused(
    `Postgres cannot be reached (${code}). Look at host, port and sslmode in DATABASE_URL, and whether it runs.`,
  );
}
