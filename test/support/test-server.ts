/**
 * The whole product in this process: real database (in memory), real HTTP, the sandbox as Order Desk. Only what a
 * start on disk adds (data folder, lock, signals) is left out; `running-program.ts` has that.
 */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import type { AppConfig } from '../../src/app/foundation.js';
import { createServer, type McpServer } from '../../src/app.js';
import { readConfig } from '../../src/main.js';
import { type Sandbox, type SandboxStoreOptions, startSandbox } from '../../src/sandbox/index.js';
import { openInMemory } from '../../src/storage/embedded.js';
import type { Logger } from '../../src/telemetry/logger.js';
import { makeRingText, parseKeyRing } from '../../src/tenancy/rings/key-ring.js';

export interface TestServerOptions {
  readonly stores: readonly SandboxStoreOptions[];
  readonly env?: NodeJS.ProcessEnv;
  readonly log?: Logger;
}

export interface TestServer {
  readonly url: string;
  readonly sandbox: Sandbox;
  readonly server: McpServer;
  /** A tenant with one of the sandbox's stores and an agent key for it. */
  addTenant(name: string, storeId: string): Promise<{ readonly key: string; readonly kid: string }>;
  close(): Promise<void>;
}

export async function startTestServer(options: TestServerOptions): Promise<TestServer> {
  const sandbox = await startSandbox({ stores: options.stores, rateLimit: false });
  const config: AppConfig = readConfig({
    NODE_ENV: 'test',
    PORT: '0',
    AUTH_BCRYPT_COST: '4',
    ORDERDESK_API_URL: sandbox.url,
    ...options.env,
  });
  const database = await openInMemory();
  const foundation = {
    database,
    kmsRing: parseKeyRing(makeRingText('k1', randomBytes), 'MCP_KMS_KEY'),
    pepperRing: parseKeyRing(makeRingText('p1', randomBytes), 'MCP_KEY_PEPPER'),
    close: () => database.close(),
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
