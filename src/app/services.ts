/** Tenancy and Order Desk put together on a foundation: what the server and the command line both work with. */
import { randomBytes } from 'node:crypto';
import { createMemoryCache } from '../cache/memory.js';
import { AppError } from '../errors.js';
import { createOrderDesk } from '../orderdesk/orderdesk.js';
import type { Logger } from '../telemetry/logger.js';
import { upstreamOutcome } from '../telemetry/outcomes.js';
import type { Metrics } from '../telemetry/port.js';
import { makeStoreCredentials } from '../tenancy/directory/store-credentials.js';
import { makeStoreDirectory } from '../tenancy/directory/store-directory.js';
import { StoreRows } from '../tenancy/directory/store-rows.js';
import type { TenantId } from '../tenancy/ids.js';
import { KeyAuthenticator } from '../tenancy/keys/key-authenticator.js';
import { KeyHasher } from '../tenancy/keys/key-hasher.js';
import { sqlKeyRepository } from '../tenancy/keys/sql-key-repository.js';
import { makeOperations, type Operations } from '../tenancy/operations/index.js';
import { sqlDataKeys, TenantKeys } from '../tenancy/vault/data-keys.js';
import { makeSealer } from '../tenancy/vault/tenant-sealer.js';
import { makeVault } from '../tenancy/vault/vault.js';
import type { ToolDeps } from '../tools/index.js';
import type { AppConfig, Foundation, Upstream } from './foundation.js';
import { VERSION } from './version.js';

export interface Services {
  readonly operations: Operations;
  readonly authenticator: KeyAuthenticator;
  readonly hasher: KeyHasher;
  readonly toolDeps: ToolDeps;
  /**
   * Tries the encryption ring on what is stored, so that a ring of another database shows at the start.
   * @throws AppError `storage_unavailable` when it opens no tenant's data key
   */
  assertKeysFit(): Promise<void>;
  close(): Promise<void>;
}

/** Tenants that are tried before the ring is given up. */
const TENANTS_TRIED = 20;

export function createServices(
  foundation: Foundation,
  upstream: Upstream,
  config: AppConfig,
  log: Logger,
  metrics: Metrics | undefined,
): Services {
  const { database, kmsRing, pepperRing } = foundation;
  const now = Date.now;
  const random = randomBytes;
  const { staleMaxMs, bcryptCost } = config.auth;

  const tenantKeys = new TenantKeys({
    ring: kmsRing,
    dataKeys: sqlDataKeys(database),
    random,
    now,
    staleMaxMs,
  });
  const vault = makeVault(tenantKeys, random);
  const storeRows = new StoreRows({ database, now, staleMaxMs });
  const hasher = new KeyHasher({ cost: bcryptCost });
  const authenticator = new KeyAuthenticator({
    keys: sqlKeyRepository(database),
    peppers: pepperRing,
    hasher,
    now,
    staleMaxMs,
    onBackgroundError: (err) => log.warn({ err }, 'key upkeep'),
  });
  const cache = createMemoryCache();
  const orderDesk = createOrderDesk({
    baseUrl: upstream.baseUrl,
    version: VERSION,
    credentials: makeStoreCredentials({ database, rows: storeRows, vault, now }),
    cache,
    ttls: { orders: config.cache.ordersTtlMs, store: config.cache.storeTtlMs },
    limits: { callTimeoutMs: config.upstream.timeoutMs, maxBodyBytes: config.upstream.maxBodyBytes },
    onContactFailure: (err) => log.warn({ err }, 'store contact not recorded'),
    observeCache: (operation, resource) => metrics?.countCache(operation, resource),
    observe: ({ method, route, status, outcome, durationMs }) => {
      metrics?.observeUpstream({
        route: `${method} ${route}`,
        outcome: upstreamOutcome(outcome),
        durationMs,
      });
      log.debug({ method, route, status, outcome, duration_ms: durationMs }, 'order desk');
    },
  });
  const operations = makeOperations({
    database,
    tenantKeys,
    storeRows,
    peppers: pepperRing,
    hasher,
    vault,
    now,
    random,
    onKeyRevoked: (kid) => authenticator.forget(kid),
    verifyCredential: async (storeId, apiKey) => {
      const limit = AbortSignal.timeout(config.upstream.deadlineMs);
      const { storeName } = await orderDesk.verifyCredential(storeId, apiKey, limit);
      return { name: storeName };
    },
  });
  return {
    operations,
    authenticator,
    hasher,
    toolDeps: {
      gateway: orderDesk.gateway,
      directory: makeStoreDirectory(storeRows),
      sealer: makeSealer(tenantKeys, random),
      clock: () => new Date(now()),
    },
    async assertKeysFit() {
      const tenants = (await operations.listTenants.run({})).slice(0, TENANTS_TRIED);
      if (tenants.length === 0) return;
      for (const { tenantId } of tenants) {
        if (await opens(tenantKeys, tenantId)) return;
      }
      throw new AppError('storage_unavailable', 'MCP_KMS_KEY does not open what is stored in the database.', {
        hint: 'Start with the ring that the data was stored with: of the environment, or of secrets/kms-key in the data folder.',
      });
    },
    async close() {
      await authenticator.stop();
      await orderDesk.close();
      await cache.close();
    },
  };
}

/** Whether the ring opens the data key of a tenant. */
async function opens(tenantKeys: TenantKeys, tenantId: TenantId): Promise<boolean> {
  try {
    await tenantKeys.purposeKey(tenantId, 'vault');
    return true;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'internal') return false;
    throw thrown;
  }
}
