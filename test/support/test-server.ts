/**
 * The whole product in this process: real database (in memory), real HTTP, the sandbox as Order Desk. Only what a
 * start on disk adds (data folder, lock, signals) is left out; `running-program.ts` has that.
 */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { type AppConfig, CONTACT_MADE } from '../../src/app/foundation.js';
import { readConfig } from '../../src/app/read-config.js';
import { createServer, type McpServer } from '../../src/app.js';
import {
  type ApiRequest,
  type Sandbox,
  type SandboxStoreOptions,
  startSandbox,
} from '../../src/sandbox/index.js';
import { openInMemory } from '../../src/storage/embedded.js';
import type { Database } from '../../src/storage/port.js';
import { openPostgres } from '../../src/storage/postgres.js';
import type { Logger } from '../../src/telemetry/logger.js';
import { makeRingText, parseKeyRing } from '../../src/tenancy/rings/key-ring.js';
import { createMigratedDatabase } from './services/index.js';

export interface TestServerOptions {
  readonly stores: readonly SandboxStoreOptions[];
  /** `postgres` takes a new database of the shared server, so that its tier needs the services. */
  readonly database?: 'memory' | 'postgres';
  readonly env?: NodeJS.ProcessEnv;
  readonly log?: Logger;
  /** Sees every request before the sandbox answers it. */
  readonly onRequest?: (request: ApiRequest) => void;
}

export interface TestServer {
  readonly url: string;
  readonly sandbox: Sandbox;
  readonly server: McpServer;
  readonly database: Database;
  /** A tenant with one of the sandbox's stores and an agent key for it. */
  addTenant(name: string, storeId: string): Promise<{ readonly key: string; readonly kid: string }>;
  close(): Promise<void>;
}

export async function startTestServer(options: TestServerOptions): Promise<TestServer> {
  const sandbox = await startSandbox({
    stores: options.stores,
    rateLimit: false,
    ...(options.onRequest === undefined ? {} : { onRequest: options.onRequest }),
  });
  const config: AppConfig = readConfig({
    NODE_ENV: 'test',
    PORT: '0',
    AUTH_BCRYPT_COST: '4',
    ORDERDESK_API_URL: sandbox.url,
    // The sandbox of these tests grants all: what keeps to a budget is tested where there is one.
    UPSTREAM_BUDGET_BURST: '100000',
    UPSTREAM_BUDGET_RATE: '10000',
    ...options.env,
  });
  const { database, drop, ...use } = await openDatabase(options.database);
  const foundation = {
    ...use,
    database,
    contact: CONTACT_MADE,
    kmsRing: parseKeyRing(makeRingText('k1', randomBytes), 'MCP_KMS_KEY'),
    pepperRing: parseKeyRing(makeRingText('p1', randomBytes), 'MCP_KEY_PEPPER'),
    async close() {
      await database.close();
      await drop();
    },
  };
  const upstream = { baseUrl: new URL(sandbox.url), sandboxStores: undefined, close: sandbox.close };
  const log = options.log ?? pino({ level: 'silent' });
  const server = await createServer(foundation, upstream, config, log);
  const url = await server.listen();
  server.declareReady();
  return {
    url,
    sandbox,
    server,
    database,
    async addTenant(name, storeId) {
      const store = options.stores.find(({ id }) => id === storeId);
      if (store === undefined) throw new Error(`no store ${storeId} in this sandbox`);
      await server.operations.createTenant.run({ name });
      await server.operations.addStore.run({ tenant: name, orderDeskStoreId: storeId, apiKey: store.apiKey });
      const { key, kid } = await server.operations.createKey.run({
        tenant: name,
        name: 'test',
        role: 'agent',
      });
      return { key, kid };
    },
    close: () => server.close(),
  };
}

async function openDatabase(kind: TestServerOptions['database'] = 'memory') {
  if (kind === 'memory') return { database: await openInMemory(), drop: async () => {} };
  const { serviceUrl, drop } = await createMigratedDatabase();
  const database = openPostgres({ url: serviceUrl });
  return { database, drop, poolUse: database.poolUse };
}
