/** The read tools over the Order Desk client and real HTTP against a simulated Order Desk. */
import { createMemoryCache } from '../../../src/cache/memory.js';
import type { ToolDefinition } from '../../../src/mcp/catalogue.js';
import { createOrderDesk } from '../../../src/orderdesk/orderdesk.js';
import type { StoreGateway } from '../../../src/orderdesk/port.js';
import {
  type Sandbox,
  type SandboxStoreOptions,
  type SandboxSwitches,
  startSandbox,
} from '../../../src/sandbox/index.js';
import type { StoreRowId } from '../../../src/tenancy/ids.js';
import { Secret } from '../../../src/tenancy/secret.js';
import type { FolderState } from '../../../src/tenancy/stores.js';
import { makeCatalogue } from '../../../src/tools/index.js';
import { type Answer, aStoreEntry, call, directoryOf, toolDeps } from '../../unit/tools/support/ports.js';

export interface ReadWorldOptions {
  readonly stores: readonly SandboxStoreOptions[];
  readonly switches?: Partial<SandboxSwitches>;
  /** What the owners say about folders, by folder id. */
  readonly folderStates?: Readonly<Record<string, FolderState>>;
}

export interface ReadWorld {
  readonly sandbox: Sandbox;
  /** Orders that Order Desk lists at most in one answer, whatever was asked for; may be changed at any time. */
  largestPage: number;
  /** Runs whenever orders are listed, before they are looked for; may be changed at any time. */
  beforeListing: () => void;
  call(tool: string, args: unknown): Promise<Answer['data']>;
  close(): Promise<void>;
}

/** Every store has its name in the sandbox as its name here. */
export async function startReadWorld(options: ReadWorldOptions): Promise<ReadWorld> {
  const { stores, switches = {}, folderStates = {} } = options;
  const keys = new Map(stores.map(({ id, apiKey }) => [id, apiKey]));
  const sandbox = await startSandbox({
    stores,
    rateLimit: false,
    switches,
    onRequest: ({ url }) => {
      if (/\/orders\?/.test(url)) world.beforeListing();
    },
  });
  const orderDesk = createOrderDesk({
    baseUrl: new URL(sandbox.url),
    version: '1.2.3',
    credentials: {
      credential: async ({ orderDeskId }) => ({
        storeId: orderDeskId,
        apiKey: new Secret(keys.get(orderDeskId) ?? ''),
      }),
      markContact: async () => {},
    },
    cache: createMemoryCache(),
    ttls: { orders: 0 },
    observe: () => {},
    onContactFailure: (error) => {
      throw error;
    },
  });
  const gateway: StoreGateway = {
    ...orderDesk.gateway,
    listOrders: (store, query, ctx) =>
      orderDesk.gateway.listOrders(store, { ...query, limit: Math.min(query.limit, world.largestPage) }, ctx),
  };
  const directory = directoryOf(
    ...stores.map(({ id, name }) =>
      aStoreEntry({ rowId: `row-${id}` as StoreRowId, orderDeskId: id, name, folderStates }),
    ),
  );
  const { tools } = makeCatalogue(toolDeps(gateway, { directory }));
  const toolNamed = (name: string): ToolDefinition => {
    const tool = tools.find((each) => each.name === name);
    if (tool === undefined) throw new Error(`no tool ${name}`);
    return tool;
  };
  const world: ReadWorld = {
    sandbox,
    largestPage: 500,
    beforeListing: () => {},
    call: async (tool, args) => (await call(toolNamed(tool), args)).data,
    async close() {
      await orderDesk.close();
      await sandbox.close();
    },
  };
  return world;
}

export interface Walk {
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every tool
  readonly pages: readonly any[];
  readonly ids: readonly string[];
}

/** Pages after which a walk takes the largest, so that small ones do not take for ever. */
const SMALL_PAGES = 8;

/**
 * Every page of list_orders, from cursor to cursor.
 * @param limits of the pages, in turn
 */
export async function walkOrders(
  world: Pick<ReadWorld, 'call'>,
  args: object,
  limits: readonly number[],
  betweenPages: () => void = () => {},
): Promise<Walk> {
  const pages = [];
  let cursor: string | null = null;
  do {
    const limit = pages.length < SMALL_PAGES ? (limits[pages.length % limits.length] ?? 1) : 100;
    const page: Answer['data'] = await world.call('list_orders', {
      ...args,
      limit,
      ...(cursor === null ? {} : { cursor }),
    });
    pages.push(page);
    if (page.returned !== page.rows.length || page.returned > limit) throw new Error('returned is wrong');
    if (pages.length > 2_000) throw new Error('The list does not end.');
    cursor = page.next_cursor;
    if (cursor !== null) betweenPages();
  } while (cursor !== null);
  return { pages, ids: pages.flatMap(({ rows }) => rows.map(({ id }: { id: string }) => id)) };
}
