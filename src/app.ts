/**
 * The composition root: the one file that knows every adapter. It puts the rooms together bottom up: foundation
 * (data folder, key rings, database), services (tenancy and Order Desk), server (HTTP). Nothing here decides anything
 * about a request.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createMemoryCache } from './cache/memory.js';
import type { Config } from './config.js';
import type { DemoStore } from './demo/first-run.js';
import { ringText } from './demo/secrets.js';
import { AppError } from './errors.js';
import { healthRoutes, type Lifecycle } from './http/health.js';
import { mcpRoute } from './http/mcp-route.js';
import { metricsRoute } from './http/metrics-route.js';
import { createHttpServer } from './http/server.js';
import { createSdkLeg } from './mcp/sdk-leg.js';
import { createOrderDesk, type OrderDesk } from './orderdesk/orderdesk.js';
import { defaultSandboxStores, startSandbox } from './sandbox/index.js';
import { serveAdminSocket } from './storage/admin-socket.js';
import { acquireDataDirLock } from './storage/data-dir-lock.js';
import { openEmbedded } from './storage/embedded.js';
import type { Database } from './storage/port.js';
import type { Logger } from './telemetry/logger.js';
import { createMetrics, type MetricsRegistry } from './telemetry/metrics.js';
import { authOutcome, toolOutcome, upstreamOutcome } from './telemetry/outcomes.js';
import { makeStoreCredentials } from './tenancy/directory/store-credentials.js';
import { makeStoreDirectory } from './tenancy/directory/store-directory.js';
import { StoreRows } from './tenancy/directory/store-rows.js';
import { KeyAuthenticator } from './tenancy/keys/key-authenticator.js';
import { KeyHasher } from './tenancy/keys/key-hasher.js';
import { sqlKeyRepository } from './tenancy/keys/sql-key-repository.js';
import { makeOperations, type NamedOperation, type Operations } from './tenancy/operations/index.js';
import { type KeyRing, parseKeyRing } from './tenancy/rings/key-ring.js';
import { sqlDataKeys, TenantKeys } from './tenancy/vault/data-keys.js';
import { vaultSelfTest } from './tenancy/vault/self-test.js';
import { makeSealer } from './tenancy/vault/tenant-sealer.js';
import { makeVault } from './tenancy/vault/vault.js';
import { INSTRUCTIONS, makeTools, TOOL_NAMES } from './tools/index.js';

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

export interface Services {
  readonly operations: Operations;
  readonly authenticator: KeyAuthenticator;
  readonly hasher: KeyHasher;
  readonly toolDeps: Parameters<typeof makeTools>[0];
  close(): Promise<void>;
}

export interface McpServer {
  readonly operations: Operations;
  readonly hasher: KeyHasher;
  /** Accepts connections from now on; resolves with the address of the MCP endpoint. */
  listen(): Promise<string>;
  /** Stops accepting, lets calls in flight finish, then closes all that the server stands on. */
  close(): Promise<void>;
}

export const VERSION = packageVersion();

/** @throws DataDirInUse */
export async function openFoundation(config: AppConfig, log: Logger): Promise<Foundation> {
  vaultSelfTest();
  const lock = await acquireDataDirLock(config.dataDir, {
    onTrouble: (trouble) => log.error({ err: trouble }, 'data folder lock'),
  });
  try {
    const { keys, dataDir } = config;
    const kmsRing = keys.kmsRing ?? parseKeyRing(await ringText(dataDir, 'kms-key', 'k1'), 'MCP_KMS_KEY');
    const pepperRing =
      keys.pepperRing ?? parseKeyRing(await ringText(dataDir, 'key-pepper', 'p1'), 'MCP_KEY_PEPPER');
    const database = await openEmbedded(lock);
    return {
      database,
      kmsRing,
      pepperRing,
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

export function createServices(
  foundation: Foundation,
  upstream: Upstream,
  config: AppConfig,
  log: Logger,
  metrics: MetricsRegistry | undefined,
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
  const orderDesk: OrderDesk = createOrderDesk({
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
    async close() {
      await authenticator.stop();
      await orderDesk.close();
      await cache.close();
    },
  };
}

/** Builds the server on an open foundation. Closing it closes foundation and upstream too. */
export async function createServer(
  foundation: Foundation,
  upstream: Upstream,
  config: AppConfig,
  log: Logger,
): Promise<McpServer> {
  const metrics = createMetrics({ tools: TOOL_NAMES, version: VERSION });
  const services = createServices(foundation, upstream, config, log, metrics);
  const lifecycle: Lifecycle = { phase: 'starting' };
  const leg = createSdkLeg({
    catalogue: {
      serverInfo: { name: 'orderdesk-mcp', title: 'Order Desk', version: VERSION },
      instructions: INSTRUCTIONS,
      tools: makeTools(services.toolDeps),
      // Empty rather than absent: many clients ask for both without looking at the capabilities.
      prompts: [],
      resources: [],
    },
    deadlineMs: config.upstream.deadlineMs,
    observe: ({ tool, outcome, durationMs, context, error }) => {
      metrics.observeTool({ tool, outcome: toolOutcome(error), durationMs });
      log[error?.class.logLevel ?? 'info'](
        {
          request_id: context.requestId,
          tenant_id: context.principal.tenantId,
          kid: context.principal.kid,
          tool,
          outcome,
          duration_ms: Math.round(durationMs),
          ...(error === undefined || error.class.source === 'client' ? {} : { err: error }),
        },
        'tool call',
      );
    },
    onError: (err) => log.warn({ err }, 'protocol'),
  });

  const http = createHttpServer({
    logger: log,
    trustProxy: config.http.trustProxy,
    observeRequest: metrics.observeHttp,
  });
  await http.register(
    mcpRoute({
      leg,
      authenticator: services.authenticator,
      hostOrigin: {
        hostNames: new Set(config.http.allowedHosts),
        origins: new Set(config.http.allowedOrigins),
        loopbackOrigins: config.profile !== 'production',
      },
      onAuthAttempt: (error) => metrics.countAuth(authOutcome(error)),
    }),
  );
  await http.register(healthRoutes({ lifecycle, version: VERSION, uptime: () => process.uptime() }));
  await http.register(metricsRoute(metrics, config.metrics));

  return {
    operations: services.operations,
    hasher: services.hasher,
    async listen() {
      services.authenticator.start();
      await http.listen({ host: config.http.host, port: config.http.port });
      lifecycle.phase = 'ready';
      return endpointUrl(config, http.server.address());
    },
    async close() {
      lifecycle.phase = 'draining';
      await http.close();
      await services.close();
      await upstream.close();
      metrics.close();
      await foundation.close();
    },
  };
}

/** Lets the command line work through a running server. */
export async function serveOperations(config: AppConfig, operations: Operations) {
  const byName: Readonly<Record<string, NamedOperation>> = operations;
  return serveAdminSocket(adminSocketPath(config), async (command, input) => {
    const operation = Object.hasOwn(byName, command) ? byName[command] : undefined;
    if (operation === undefined) throw new AppError('invalid_argument', `Unknown operation: ${command}.`);
    return operation.run(input);
  });
}

export const adminSocketPath = (config: AppConfig): string => join(config.dataDir, 'admin.sock');

function endpointUrl(config: AppConfig, address: AddressInfo | string | null): string {
  if (config.http.publicUrl !== undefined) return `${config.http.publicUrl}/mcp`;
  const port = typeof address === 'object' && address !== null ? address.port : config.http.port;
  const everywhere = config.http.host === '0.0.0.0' || config.http.host === '::';
  const host = everywhere ? 'localhost' : config.http.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/mcp`;
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  if (manifest === null || typeof manifest !== 'object' || !('version' in manifest)) return 'unknown';
  return String(manifest.version);
}
