import { randomBytes } from 'node:crypto';
import { changesForPeople } from '../../../src/changes/operations.js';
import type { EngineDeps } from '../../../src/changes/run.js';
import { settleByHand } from '../../../src/changes/settle-by-hand.js';
import { makeSqlLedger } from '../../../src/changes/sql-ledger.js';
import { AppError } from '../../../src/errors.js';
import { folderStates } from '../../../src/orders/folder-states.js';
import type { Database } from '../../../src/storage/port.js';
import type { Actor } from '../../../src/tenancy/audit/events.js';
import { makeStoreCredentials } from '../../../src/tenancy/directory/store-credentials.js';
import { makeStoreDirectory } from '../../../src/tenancy/directory/store-directory.js';
import { StoreRows } from '../../../src/tenancy/directory/store-rows.js';
import { KeyAuthenticator } from '../../../src/tenancy/keys/key-authenticator.js';
import { KeyHasher } from '../../../src/tenancy/keys/key-hasher.js';
import { sqlKeyRepository } from '../../../src/tenancy/keys/sql-key-repository.js';
import { makeOperations } from '../../../src/tenancy/operations/index.js';
import { makeStoreAdmin } from '../../../src/tenancy/operations/store-admin.js';
import { type KeyRing, makeRingText, parseKeyRing } from '../../../src/tenancy/rings/key-ring.js';
import type { Secret } from '../../../src/tenancy/secret.js';
import { sqlDataKeys, TenantKeys } from '../../../src/tenancy/vault/data-keys.js';
import { makeSealer } from '../../../src/tenancy/vault/tenant-sealer.js';
import { makeVault } from '../../../src/tenancy/vault/vault.js';
import { TOOL_NAMES, TOOLSETS } from '../../../src/tools/index.js';

export const newRing = (id: string): KeyRing => parseKeyRing(makeRingText(id, randomBytes), 'TEST_RING');

export interface ReplicaOptions {
  readonly peppers: KeyRing;
  readonly kms: KeyRing;
  /** Milliseconds that this replica's clock is ahead. */
  readonly clock?: { ahead: number };
  /** Who acts, for the trail. */
  readonly actor?: Actor;
}

/** Order Desk as these tests need it: it accepts the credentials listed here. */
export class AcceptedCredentials {
  readonly #accepted = new Map<string, string>();
  readonly asked: string[] = [];
  down = false;

  accept(storeId: string, apiKey: string): void {
    this.#accepted.set(storeId, apiKey);
  }

  folders: readonly { readonly id: string; readonly name: string }[] = [];

  readonly verify = async (storeId: string, apiKey: Secret) => {
    this.asked.push(storeId);
    if (this.down) throw new AppError('upstream_unavailable');
    if (this.#accepted.get(storeId) !== apiKey.reveal()) throw new AppError('upstream_credentials_refused');
    return { name: `Store ${storeId}`, folders: this.folders };
  };
}

/** All of tenancy over one database, as one process has it. */
export function replica(database: Database, orderDesk: AcceptedCredentials, options: ReplicaOptions) {
  const now = () => Date.now() + (options.clock?.ahead ?? 0);
  const staleMaxMs = 600_000;
  const hasher = new KeyHasher({ cost: 4 });
  const tenantKeys = new TenantKeys({
    ring: options.kms,
    dataKeys: sqlDataKeys(database),
    random: randomBytes,
    now,
    staleMaxMs,
  });
  const vault = makeVault(tenantKeys, randomBytes);
  const ledger = makeSqlLedger({ database, vault, leaseMs: 60_000, graceMs: 60_000 });
  const storeRows = new StoreRows({ database, now, staleMaxMs });
  const authenticator = new KeyAuthenticator({
    keys: sqlKeyRepository(database),
    peppers: options.peppers,
    hasher,
    now,
    staleMaxMs,
    onBackgroundError: (error) => {
      throw error;
    },
  });
  return {
    hasher,
    vault,
    authenticator,
    directory: makeStoreDirectory(storeRows),
    tenantKeys,
    sealer: makeSealer(tenantKeys, randomBytes),
    storeAdmin: makeStoreAdmin({
      database,
      storeRows,
      vault,
      now,
      random: randomBytes,
      verifyCredential: orderDesk.verify,
    }),
    credentials: makeStoreCredentials({ database, rows: storeRows, vault, now }),
    operations: makeOperations({
      database,
      tenantKeys,
      storeRows,
      vault,
      peppers: options.peppers,
      hasher,
      toolNames: { toolsets: TOOLSETS, tools: TOOL_NAMES },
      now,
      random: randomBytes,
      verifyCredential: orderDesk.verify,
      readFolders: (folders, states) => folderStates(folders, states).all,
      onKeyRevoked: (kid) => authenticator.forget(kid),
      refreshKeys: () => authenticator.refresh(),
      actor: options.actor ?? 'operator',
      changes: changesForPeople({
        database,
        ledger,
        // Of the engine this takes the ledger alone.
        settle: (...given) => settleByHand({ ledger } as EngineDeps, ...given),
        storesNow: async (tenantId) => (await storeRows.current(tenantId)).entries,
      }),
      kmsRing: options.kms,
    }),
  };
}
