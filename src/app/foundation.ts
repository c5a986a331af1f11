/** What the server stands on: the database, the keys to what is in it, and Order Desk or its sandbox. */
import { setTimeout } from 'node:timers/promises';
import type { Config } from '../config.js';
import type { DemoStore } from '../demo/first-run.js';
import { defaultSandboxStores, startSandbox } from '../sandbox/index.js';
import { acquireDataDirLock, type DataDirLock } from '../storage/data-dir-lock.js';
import { openEmbedded } from '../storage/embedded.js';
import { readMigrations } from '../storage/migration-files.js';
import type { Database } from '../storage/port.js';
import { openPostgres } from '../storage/postgres.js';
import { type Contact, contactDatabase, isAway } from '../storage/postgres-contact.js';
import type { Logger } from '../telemetry/logger.js';
import type { PoolUse } from '../telemetry/port.js';
import type { KeyRing } from '../tenancy/rings/key-ring.js';
import { assertRingOpensDatabase } from '../tenancy/vault/ring-check.js';
import { vaultSelfTest } from '../tenancy/vault/self-test.js';
import { openRings } from './rings.js';
import { dataFolderProblem } from './system-problems.js';

export type AppConfig = Config<KeyRing>;

/** What must be there before anything else: the database and the keys to what is in it. */
export interface Foundation {
  readonly database: Database;
  readonly kmsRing: KeyRing;
  readonly pepperRing: KeyRing;
  /** Whether the database has been reached since the start, and has been found to fit release, role and key ring. */
  readonly contact: Contact;
  /** The connections as they are now; the embedded database has none to speak of. */
  readonly poolUse?: () => PoolUse;
  close(): Promise<void>;
}

/** Order Desk, or the sandbox in its place. */
export interface Upstream {
  readonly baseUrl: URL;
  /** The stores of the sandbox with their made-up credentials; `undefined` for Order Desk itself. */
  readonly sandboxStores: readonly DemoStore[] | undefined;
  close(): Promise<void>;
}

/** What runs in this process is there once it is open. */
export const CONTACT_MADE: Contact = { isMade: () => true, first: Promise.resolve() };

const CONTACT_RETRY_MS = 1_000;

/**
 * @throws DataDirInUse for an embedded database; DatabaseUnfit or AppError `storage_unavailable` for an unfit Postgres;
 *   AppError `invalid_argument` with the field MCP_KMS_KEY for a database that was sealed with another ring
 */
export async function openFoundation(config: AppConfig, log: Logger): Promise<Foundation> {
  vaultSelfTest();
  return config.database.kind === 'postgres'
    ? onPostgres(config, config.database, log)
    : onDataFolder(config, log);
}

/** Shared by replicas: nothing of it lies in a folder of this machine, and a database that is away does not stop the start. */
async function onPostgres(
  { keys: { kmsRing, pepperRing } }: AppConfig,
  { url, poolMax }: Extract<AppConfig['database'], { kind: 'postgres' }>,
  log: Logger,
): Promise<Foundation> {
  if (kmsRing === undefined || pepperRing === undefined) {
    throw new Error('The configuration lets no Postgres pass without key rings.');
  }
  const pool = openPostgres({
    url: url.reveal(),
    poolMax,
    onIdleError: (err) => log.warn({ err }, 'database connection lost'),
  });
  try {
    const database = await contactDatabase(pool, {
      knownSchema: (await readMigrations()).length,
      // Before the contact counts as made: whoever sees that it is may serve.
      examine: (reached) => assertRingOpensDatabase(reached, kmsRing),
      onTrouble: (err) =>
        log.error({ err }, isAway(err) ? 'no contact with the database' : 'not ready with this database'),
      pause: (signal) => setTimeout(CONTACT_RETRY_MS, undefined, { signal }).catch(whenAborted),
    });
    return {
      database,
      kmsRing,
      pepperRing,
      contact: database.contact,
      poolUse: () => pool.poolUse(),
      close: () => database.close(),
    };
  } catch (thrown) {
    await pool.close();
    throw thrown;
  }
}

function whenAborted(thrown: unknown): void {
  if (!(thrown instanceof Error && thrown.name === 'AbortError')) throw thrown;
}

async function onDataFolder(config: AppConfig, log: Logger): Promise<Foundation> {
  try {
    const lock = await acquireDataDirLock(config.dataDir, {
      onTrouble: (trouble) => log.error({ err: trouble }, 'data folder lock'),
    });
    return await openLocked(lock, config, log);
  } catch (thrown) {
    throw dataFolderProblem(thrown, config.dataDir);
  }
}

async function openLocked(lock: DataDirLock, config: AppConfig, log: Logger): Promise<Foundation> {
  try {
    const rings = await openRings(config);
    const database = await openEmbedded(lock).catch((thrown: unknown) => {
      // The reason is in the cause, which only the log shows.
      log.error({ err: thrown }, 'database');
      throw thrown;
    });
    try {
      await assertRingOpensDatabase(database, rings.kmsRing);
    } catch (thrown) {
      await database.close();
      throw thrown;
    }
    return {
      database,
      ...rings,
      contact: CONTACT_MADE,
      async close() {
        await database.close();
        await lock.release();
      },
    };
  } catch (thrown) {
    await lock.release();
    throw thrown;
  }
}

export async function openUpstream(config: AppConfig): Promise<Upstream> {
  const { baseUrl } = config.upstream;
  if (baseUrl !== undefined) {
    return { baseUrl: new URL(baseUrl), sandboxStores: undefined, close: async () => {} };
  }
  const sandbox = await startSandbox({ stores: defaultSandboxStores });
  return { baseUrl: new URL(sandbox.url), sandboxStores: defaultSandboxStores, close: sandbox.close };
}
