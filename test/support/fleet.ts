/** Several replicas of the whole product in this process, on one Postgres database and one Redis, before one sandbox. */
import { pino } from 'pino';
import { type AppConfig, CONTACT_MADE } from '../../src/app/foundation.js';
import { readConfig } from '../../src/app/read-config.js';
import { createServer, type McpServer } from '../../src/app.js';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.js';
import { openPostgres } from '../../src/storage/postgres.js';
import { replicaEnv } from './replica-env.js';
import { createMigratedDatabase } from './services/index.js';

export interface FleetOptions {
  readonly replicas: number;
  readonly redisUrl: string;
  readonly sandbox: Omit<SandboxOptions, 'port'>;
  readonly env?: NodeJS.ProcessEnv;
}

export interface Fleet {
  /** Of the replicas' MCP endpoints. */
  readonly urls: readonly string[];
  readonly sandbox: Sandbox;
  /** Of the first replica: what people do, for all. */
  readonly operations: McpServer['operations'];
  /** The database of all, as its superuser. */
  readonly superuserUrl: string;
  /** A tenant with one of the sandbox's stores. @returns an agent key for it, good on every replica */
  addTenant(name: string, storeId: string): Promise<string>;
  /** What each replica says of its limits to who asks after its health. */
  limits(): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const sandbox = await startSandbox(options.sandbox);
  const { serviceUrl, superuserUrl, drop } = await createMigratedDatabase();
  const config = readConfig({
    ...replicaEnv(serviceUrl, sandbox.url),
    REDIS_URL: options.redisUrl,
    UPSTREAM_REPLICAS: `${options.replicas}`,
    ...options.env,
  });
  const replicas = await Promise.all(
    Array.from({ length: options.replicas }, () => startReplica(config, serviceUrl)),
  );
  const [first] = replicas;
  if (first === undefined) throw new Error('A fleet has one replica at least.');
  return {
    urls: replicas.map(({ url }) => url),
    sandbox,
    operations: first.server.operations,
    superuserUrl,
    async addTenant(name, storeId) {
      const { createTenant, addStore, createKey } = first.server.operations;
      await createTenant.run({ name });
      await addStore.run({
        tenant: name,
        orderDeskStoreId: storeId,
        apiKey: sandbox.store(storeId).apiKey,
      });
      const { key } = await createKey.run({ tenant: name, name: 'test', role: 'agent' });
      return key;
    },
    limits: () => Promise.all(replicas.map(({ url }) => limitsOf(url))),
    async close() {
      await Promise.all(replicas.map(({ server }) => server.close()));
      await sandbox.close();
      await drop();
    },
  };
}

async function startReplica(config: AppConfig, databaseUrl: string) {
  const { kmsRing, pepperRing } = config.keys;
  if (kmsRing === undefined || pepperRing === undefined) throw new Error('A replica needs its key rings.');
  const database = openPostgres({ url: databaseUrl });
  const foundation = {
    database,
    contact: CONTACT_MADE,
    kmsRing,
    pepperRing,
    close: () => database.close(),
  };
  const upstream = {
    baseUrl: new URL(config.upstream.baseUrl ?? ''),
    sandboxStores: undefined,
    close: async () => {},
  };
  const server = await createServer(foundation, upstream, config, pino({ level: 'silent' }));
  const url = await server.listen();
  server.declareReady();
  return { url, server };
}

async function limitsOf(url: string): Promise<unknown> {
  const response = await fetch(new URL('/health', url));
  const health: unknown = await response.json();
  return typeof health === 'object' && health !== null && 'limits' in health ? health.limits : undefined;
}
