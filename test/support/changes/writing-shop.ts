/**
 * Tenants, stores and keys on the whole product, and the tools that write called as agents call them, over HTTP. Beside it
 * what an agent never sees: the records of Order Desk, the database, and how its keys are wrapped.
 */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { z } from 'zod';
import { CONTACT_MADE } from '../../../src/app/foundation.js';
import { readConfig } from '../../../src/app/read-config.js';
import { createServer, type McpServer } from '../../../src/app.js';
import { type Sandbox, type SandboxStoreOptions, startSandbox } from '../../../src/sandbox/index.js';
import { openInMemory } from '../../../src/storage/embedded.js';
import type { Database } from '../../../src/storage/port.js';
import { openPostgres } from '../../../src/storage/postgres.js';
import type { Logger } from '../../../src/telemetry/logger.js';
import { type KeyRing, makeRingText, parseKeyRing } from '../../../src/tenancy/rings/key-ring.js';
import { callTool, type ToolReply } from '../call-tool.js';
import { createMigratedDatabase } from '../services/index.js';

const writeAnswer = z.looseObject({
  outcome: z.string(),
  change_id: z.string().nullable(),
  undoable: z.boolean().optional(),
  replayed: z.boolean().optional(),
  version: z.string().optional(),
  confirmation_token: z.string().optional(),
  remarks: z.array(z.string()).default([]),
  results: z.array(
    z.looseObject({
      order_id: z.string().optional(),
      id: z.string().optional(),
      outcome: z.string(),
      message: z.string().optional(),
      changes: z
        .array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() }).partial())
        .default([]),
    }),
  ),
});
export type WriteAnswer = z.output<typeof writeAnswer>;

export interface ToolRefusal {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** The whole answer on the wire. */
  readonly text: string;
}

type Args = Readonly<Record<string, unknown>>;

export interface ShopOptions {
  readonly stores: readonly SandboxStoreOptions[];
  readonly database?: 'memory' | 'postgres';
  readonly log?: Logger;
}

/** What a key may do; left out for the standard agent key. */
export interface KeyOptions {
  readonly role?: 'owner' | 'agent';
  readonly stores?: string[];
  readonly toolsets?: string[];
  readonly exclude?: string[];
  readonly mask?: boolean;
}

/** Everything that an agent key can be given. */
export const ALL_TOOLSETS = ['default', 'items', 'shipments', 'inventory_admin', 'destructive'];

export interface WritingShop {
  readonly url: string;
  readonly sandbox: Sandbox;
  readonly server: McpServer;
  readonly database: Database;
  /** Sees all rows of all tenants; Postgres only. */
  readonly superuserUrl: string | undefined;
  /** A tenant with these stores of the sandbox, named as they are there. */
  addTenant(name: string, storeIds: readonly string[]): Promise<{ readonly tenantId: string }>;
  addKey(tenant: string, options?: KeyOptions): Promise<string>;
  call(key: string, tool: string, args?: Args): Promise<ToolReply>;
  /** Of a write that is not refused. */
  write(key: string, tool: string, args: Args): Promise<WriteAnswer>;
  /** The dry run first, then the call itself, with a confirmation where the dry run gave one. */
  previewed(key: string, tool: string, args: Args): Promise<WriteAnswer>;
  undo(key: string, change: Pick<WriteAnswer, 'change_id'>): Promise<WriteAnswer>;
  /** Of a call that is refused. */
  refusal(key: string, tool: string, args: Args): Promise<ToolRefusal>;
  /** Another replica on the same database, which holds nothing in memory yet. @param kmsRing its own, where it is another */
  replica(kmsRing?: KeyRing): Promise<{ readonly url: string; close(): Promise<void> }>;
  close(): Promise<void>;
}

export async function openWritingShop(options: ShopOptions): Promise<WritingShop> {
  const sandbox = await startSandbox({ stores: options.stores, rateLimit: false });
  const { database, superuserUrl, drop } = await openDatabase(options.database);
  const foundation = {
    database,
    contact: CONTACT_MADE,
    kmsRing: parseKeyRing(makeRingText('k1', randomBytes), 'MCP_KMS_KEY'),
    pepperRing: parseKeyRing(makeRingText('p1', randomBytes), 'MCP_KEY_PEPPER'),
    async close() {
      await database.close();
      await drop();
    },
  };
  const config = readConfig({
    NODE_ENV: 'test',
    PORT: '0',
    AUTH_BCRYPT_COST: '4',
    ORDERDESK_API_URL: sandbox.url,
    UPSTREAM_BUDGET_BURST: '100000',
    UPSTREAM_BUDGET_RATE: '10000',
  });
  const upstream = { baseUrl: new URL(sandbox.url), sandboxStores: undefined, close: sandbox.close };
  const server = await createServer(foundation, upstream, config, options.log ?? pino({ level: 'silent' }));
  const url = await server.listen();
  server.declareReady();
  const { operations } = server;

  const call = (key: string, tool: string, args: Args = {}) => callTool(url, key, tool, args);
  async function write(key: string, tool: string, args: Args): Promise<WriteAnswer> {
    const { result, text } = await call(key, tool, args);
    if (result === undefined || result.isError === true) throw new Error(`${tool}: ${text}`);
    return writeAnswer.parse(result.structuredContent);
  }
  async function previewed(key: string, tool: string, args: Args): Promise<WriteAnswer> {
    const { confirmation_token } = await write(key, tool, { ...args, dry_run: true });
    return write(key, tool, confirmation_token === undefined ? args : { ...args, confirmation_token });
  }
  return {
    url,
    sandbox,
    server,
    database,
    superuserUrl,
    call,
    write,
    previewed,
    undo: (key, { change_id }) => previewed(key, 'undo_change', { change_id }),
    async addTenant(name, storeIds) {
      const { tenantId } = await operations.createTenant.run({ name });
      for (const id of storeIds) {
        const { apiKey } = sandbox.store(id);
        const added = { tenant: name, orderDeskStoreId: id, name: sandbox.store(id).name, apiKey };
        await operations.addStore.run(added);
      }
      return { tenantId };
    },
    async addKey(tenant, { role = 'agent', ...rest } = {}) {
      const { key } = await operations.createKey.run({ tenant, name: 'test', role, ...rest });
      return key;
    },
    async refusal(key, tool, args) {
      const { error, text } = await call(key, tool, args);
      if (error === undefined) throw new Error(`${tool} was not refused: ${text}`);
      return { ...error, text };
    },
    async replica(kmsRing = foundation.kmsRing) {
      const shared = { ...foundation, kmsRing, close: async () => {} };
      const log = options.log ?? pino({ level: 'silent' });
      const other = await createServer(shared, { ...upstream, close: async () => {} }, config, log);
      const itsUrl = await other.listen();
      other.declareReady();
      return { url: itsUrl, close: () => other.close() };
    },
    close: () => server.close(),
  };
}

async function openDatabase(kind: ShopOptions['database'] = 'memory') {
  if (kind === 'memory') {
    return { database: await openInMemory(), superuserUrl: undefined, drop: async () => {} };
  }
  const { serviceUrl, superuserUrl, drop } = await createMigratedDatabase();
  return { database: openPostgres({ url: serviceUrl }), superuserUrl, drop };
}
