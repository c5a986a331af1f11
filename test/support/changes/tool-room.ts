/** The tools that write, on the whole product: a small shop, a key that has every toolset, and what the shop was asked for. */
import { z } from 'zod';
import type { SandboxStore } from '../../../src/sandbox/index.js';
import { toTenantId } from '../../../src/tenancy/ids.js';
import type { createKeyInput } from '../../../src/tenancy/operations/keys.js';
import { callTool, type ToolReply } from '../call-tool.js';
import { startTestServer, type TestServer } from '../test-server.js';

export const SHOP = { id: '10001', apiKey: 'key-of-10001', name: 'Shop', orderCount: 5 };
export const TENANT = 'Shop';
export const BEYOND_DEFAULT = ['default', 'items', 'shipments', 'inventory_admin', 'destructive'];

export interface Answer {
  readonly outcome: string;
  readonly change_id: string | null;
  readonly results: readonly Line[];
  readonly counts?: Readonly<Record<string, number>>;
  readonly version?: string;
  readonly confirmation_token?: string;
  readonly api_calls: number;
  readonly replayed?: true;
  readonly remarks?: readonly string[];
  readonly omitted?: Readonly<Record<string, number>>;
}

export interface Line {
  readonly order_id?: string;
  readonly order_ids?: readonly string[];
  readonly id?: string;
  readonly source_id?: string;
  readonly outcome: string;
  readonly message?: string;
  readonly changes?: readonly Change[];
}

/** An absent side was, or is, not there. */
export interface Change {
  readonly field: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

type KeyWishes = Partial<Omit<z.input<typeof createKeyInput>, 'tenant'>>;

export interface ToolRoom {
  readonly here: TestServer;
  readonly shop: SandboxStore;
  /** Of a key without limits, with all toolsets of agents. */
  readonly key: string;
  newKey(wishes?: KeyWishes): Promise<string>;
  call(tool: string, args: Record<string, unknown>, key?: string): Promise<ToolReply>;
  /** @throws Error for a call that was refused */
  write(tool: string, args: Record<string, unknown>, key?: string): Promise<Answer>;
  /** Requests since the last time that this was asked, by method and route. */
  asked(): Readonly<Record<string, number>>;
  /** Rows of the ledger, and locks that are held. */
  rows(): Promise<{ readonly changes: number; readonly locks: number }>;
  close(): Promise<void>;
}

export async function openToolRoom(env: NodeJS.ProcessEnv = {}): Promise<ToolRoom> {
  const here = await startTestServer({ stores: [SHOP], env });
  await here.addTenant(TENANT, SHOP.id);
  let keys = 0;
  const newKey = async (wishes: KeyWishes = {}) => {
    keys += 1;
    const plain = { tenant: TENANT, name: `key ${keys}`, role: 'agent' as const, toolsets: BEYOND_DEFAULT };
    return (await here.server.operations.createKey.run({ ...plain, ...wishes })).key;
  };
  const key = await newKey();
  const call: ToolRoom['call'] = (tool, args, by = key) => callTool(here.url, by, tool, args);
  return {
    here,
    shop: here.sandbox.store(SHOP.id),
    key,
    newKey,
    call,
    async write(tool, args, by) {
      const { result, error, text } = await call(tool, args, by);
      if (error !== undefined || result?.structuredContent === undefined) {
        throw new Error(`${tool} was refused: ${JSON.stringify(error) ?? text}`);
      }
      return answerOf(result.structuredContent);
    },
    asked() {
      const { requests } = here.sandbox.counters();
      here.sandbox.resetCounters();
      return requests;
    },
    rows: () => rowsOf(here),
    close: () => here.close(),
  };
}

/** The shape that every tool which writes answers in; its members are asserted where they matter. */
const answerOf = (content: Record<string, unknown>): Answer => JSON.parse(JSON.stringify(content));

const OWNER = z.object({ tenant_id: z.string() });
const COUNTED = z.object({ count: z.int() });

async function rowsOf({ database }: TestServer) {
  const [tenant] = await database.asSystem('operate', (tx) =>
    tx.rows(OWNER, 'select tenant_id from tenants'),
  );
  if (tenant === undefined) throw new Error('The room has no tenant.');
  const counts = await database.asTenant(toTenantId(tenant.tenant_id), async (tx) => ({
    changes: await tx.rows(COUNTED, 'select count(*)::int as count from changes'),
    locks: await tx.rows(COUNTED, 'select count(*)::int as count from change_locks'),
  }));
  return { changes: counts.changes[0]?.count ?? -1, locks: counts.locks[0]?.count ?? -1 };
}

export const sumOf = (requests: Readonly<Record<string, number>>): number =>
  Object.values(requests).reduce((sum, count) => sum + count, 0);
