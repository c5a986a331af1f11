/** What the server stands on: the data folder with its lock, keys and database, and Order Desk or its sandbox. */
import { join } from 'node:path';
import type { Config } from '../config.js';
import type { DemoStore } from '../demo/first-run.js';
import { defaultSandboxStores, startSandbox } from '../sandbox/index.js';
import { acquireDataDirLock, type DataDirLock } from '../storage/data-dir-lock.js';
import { openEmbedded } from '../storage/embedded.js';
import type { Database } from '../storage/port.js';
import type { Logger } from '../telemetry/logger.js';
import type { KeyRing } from '../tenancy/rings/key-ring.js';
import { vaultSelfTest } from '../tenancy/vault/self-test.js';
import { openRings } from './rings.js';
import { dataFolderProblem } from './system-problems.js';

export type AppConfig = Config<KeyRing>;

/** What must be there before anything else: the database and the keys to what is in it. */
export interface Foundation {
  readonly database: Database;
  readonly kmsRing: KeyRing;
  readonly pepperRing: KeyRing;
  close(): Promise<void>;
}

/** Order Desk, or the sandbox in its place. */
export interface Upstream {
  readonly baseUrl: URL;
  /** The stores of the sandbox with their made-up credentials; `undefined` for Order Desk itself. */
  readonly sandboxStores: readonly DemoStore[] | undefined;
  close(): Promise<void>;
}

/** @throws DataDirInUse; AppError in words for the operator */
export async function openFoundation(config: AppConfig, log: Logger): Promise<Foundation> {
  vaultSelfTest();
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
    return {
      database,
      ...rings,
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

/** Where a running server takes the commands of the command line. */
export const adminSocketPath = (config: AppConfig): string => join(config.dataDir, 'admin.sock');
