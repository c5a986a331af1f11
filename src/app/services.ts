/** Tenancy and Order Desk put together on a foundation: what the server and the command line both work with. */
import { randomBytes } from 'node:crypto';
import type { Catalogue } from '../mcp/catalogue.js';
import { folderStates } from '../orders/folder-states.js';
import { observedDatabase } from '../storage/observed.js';
import { waitedDatabase } from '../storage/waited.js';
import type { Logger } from '../telemetry/logger.js';
import { createWaits } from '../telemetry/waits.js';
import { AuditTrail } from '../tenancy/audit/audit-trail.js';
import { makeStoreCredentials } from '../tenancy/directory/store-credentials.js';
import { makeStoreDirectory } from '../tenancy/directory/store-directory.js';
import { StoreRows } from '../tenancy/directory/store-rows.js';
import { KeyAuthenticator } from '../tenancy/keys/key-authenticator.js';
import { KeyHasher } from '../tenancy/keys/key-hasher.js';
import { sqlKeyRepository } from '../tenancy/keys/sql-key-repository.js';
import type { Joined } from '../tenancy/last-known.js';
import type { FindStoreDeps } from '../tenancy/operations/find-store.js';
import { makeOperations, type Operations } from '../tenancy/operations/index.js';
import { makeStoreAdmin } from '../tenancy/operations/store-admin.js';
import { sqlDataKeys, TenantKeys } from '../tenancy/vault/data-keys.js';
import { makeCacheCipher } from '../tenancy/vault/tenant-cache-cipher.js';
import { makeMasker } from '../tenancy/vault/tenant-masker.js';
import { makeSealer } from '../tenancy/vault/tenant-sealer.js';
import { makeVault } from '../tenancy/vault/vault.js';
import { makeCatalogue, TOOL_NAMES, TOOLSETS, type ToolDeps } from '../tools/index.js';
import { type OpenedChanges, openChanges } from './changes.js';
import type { AppConfig, Foundation, Upstream } from './foundation.js';
import { type OpenedOrderDesk, openOrderDesk, type SharedParts } from './order-desk.js';

export interface Services {
  readonly operations: Operations;
  readonly authenticator: KeyAuthenticator;
  readonly audit: AuditTrail;
  readonly hasher: KeyHasher;
  readonly toolDeps: ToolDeps;
  /** Made when it is first asked for: commands need none. */
  catalogue(): Omit<Catalogue, 'serverInfo'>;
  readonly changes: OpenedChanges;
  readonly orderDesk: Pick<OpenedOrderDesk, 'cache' | 'poolUse'>;
  /** Of a shutdown, once calls have had their time: a write needs more than is left. */
  refuseWrites(): void;
  close(): Promise<void>;
}

export function createServices(
  foundation: Foundation,
  upstream: Upstream,
  config: AppConfig,
  log: Logger,
  shared: SharedParts,
  now: () => number = Date.now,
): Services {
  const { kmsRing, pepperRing } = foundation;
  const random = randomBytes;
  const waits = shared.waits ?? createWaits();
  const { metrics } = shared;
  const measured =
    metrics === undefined
      ? foundation.database
      : observedDatabase(foundation.database, metrics.observeStatement);
  const database = waitedDatabase(measured, () => waits.begin('postgres'));
  const joined: Joined = (wait) => waits.waiting('postgres', wait);
  const { staleMaxMs, bcryptCost } = config.auth;

  const tenantKeys = new TenantKeys({
    ring: kmsRing,
    dataKeys: sqlDataKeys(database),
    random,
    now,
    staleMaxMs,
    joined,
  });
  const vault = makeVault(tenantKeys, random);
  const storeRows = new StoreRows({ database, now, staleMaxMs, joined });
  const hasher = new KeyHasher({ cost: bcryptCost });
  const authenticator = new KeyAuthenticator({
    keys: sqlKeyRepository(database, (tenant_id) =>
      log.warn({ tenant_id }, 'limits of a tenant cannot be read: the usual ones hold'),
    ),
    peppers: pepperRing,
    hasher,
    now,
    staleMaxMs,
    joined,
    onBackgroundError: (err) => log.warn({ err }, 'key upkeep'),
  });
  const audit = new AuditTrail({
    database,
    now,
    random,
    onBackgroundError: (err) => log.warn({ err }, 'audit trail'),
    onRetention: (rows) => log.info({ rows }, 'old rows of the audit trail deleted'),
  });
  const orderDesk = openOrderDesk(config, log, {
    ...shared,
    waits,
    baseUrl: upstream.baseUrl,
    credentials: makeStoreCredentials({ database, rows: storeRows, vault, now }),
    cipher: makeCacheCipher({ keys: tenantKeys, random, now }),
  });
  const directory = makeStoreDirectory(storeRows);
  const sealer = makeSealer(tenantKeys, random);
  const verifyCredential: FindStoreDeps['verifyCredential'] = async (storeId, apiKey) => {
    const limit = AbortSignal.timeout(config.upstream.deadlineMs);
    const { storeName, folders } = await orderDesk.verifyCredential(storeId, apiKey, limit);
    return { name: storeName, folders };
  };
  let made: Omit<Catalogue, 'serverInfo'> | undefined;
  const catalogue = () => {
    made ??= makeCatalogue(toolDeps);
    return made;
  };
  const changes = openChanges({
    database,
    vault,
    sealer,
    directory,
    storeRows,
    orderDesk,
    catalogue,
    isReached: () => foundation.contact.isMade(),
    metrics,
    log,
    waiting: waits.waiting,
    now,
  });
  const toolDeps: ToolDeps = {
    gateway: orderDesk.gateway,
    budgets: orderDesk.budgets,
    directory,
    sealer,
    masker: makeMasker(tenantKeys),
    changes: changes.engine,
    storeAdmin: makeStoreAdmin({ database, storeRows, vault, now, random, verifyCredential }),
    clock: () => new Date(now()),
  };
  const operations = makeOperations({
    database,
    tenantKeys,
    storeRows,
    actor: 'operator',
    kmsRing,
    peppers: pepperRing,
    hasher,
    vault,
    toolNames: { toolsets: TOOLSETS, tools: TOOL_NAMES },
    now,
    random,
    readFolders: (folders, states) => folderStates(folders, states).all,
    onKeyRevoked: (kid) => authenticator.forget(kid),
    refreshKeys: () => authenticator.refresh(),
    verifyCredential,
    changes: changes.forPeople,
  });
  return {
    operations,
    authenticator,
    audit,
    hasher,
    toolDeps,
    catalogue,
    changes,
    orderDesk,
    refuseWrites: () => orderDesk.refuseWrites(),
    async close() {
      // Writes under way come first: they need all that is closed after them.
      await changes.close();
      await authenticator.stop();
      await audit.stop();
      await orderDesk.close();
    },
  };
}
