/**
 * Three stores of two tenants behind one simulated Order Desk, all with the same order ids and different orders. It is
 * kept from one schedule of faults to the next; what makes the calls is new each time.
 */
import { createMemoryCache } from '../../src/cache/memory.js';
import { createMemoryBudget } from '../../src/limits/budget/memory.js';
import { ORDER_DESK_BUDGET } from '../../src/limits/budget.js';
import { type ClientLimits, createOrderDeskClient } from '../../src/orderdesk/client.js';
import { createOrderDesk, type OrderDesk } from '../../src/orderdesk/orderdesk.js';
import type { JsonRecord } from '../../src/orderdesk/parse/json.js';
import { createRateBudget } from '../../src/orderdesk/rate-budget.js';
import type { WriteCheck } from '../../src/orderdesk/write-outcome.js';
import { type FaultRule, generateStoreData, type Sandbox, startSandbox } from '../../src/sandbox/index.js';
import { Secret } from '../../src/tenancy/secret.js';
import type { CredentialSource, StoreEntry } from '../../src/tenancy/stores.js';
import { storeEntry } from '../unit/orderdesk/records.js';

/** So short that a request which hangs costs little of the test's time. */
export const LIMITS: Partial<ClientLimits> = {
  callTimeoutMs: 150,
  writeTimeoutMs: 150,
  writeNeedsMs: 50,
  maxBodyBytes: 100_000,
};

const STORE_IDS = ['101', '102', '103'];
const FIRST_ORDER_ID = 5_000;
const ANCHOR = new Date('2026-03-01T00:00:00Z');

/** Who calls: tenant B shares a store of tenant A and has one of its own. */
export const ACCOUNTS: readonly StoreEntry[] = [
  { tenant: 'tenant-a', row: 'row-a1', orderDeskId: '101' },
  { tenant: 'tenant-a', row: 'row-a2', orderDeskId: '102' },
  { tenant: 'tenant-b', row: 'row-b1', orderDeskId: '101' },
  { tenant: 'tenant-b', row: 'row-b3', orderDeskId: '103' },
].map((account) => storeEntry({ ...account, verifiedAt: new Date(0) }));

/** Those of the store that both tenants use. */
export const SHARED_STORE = ACCOUNTS.filter(({ orderDeskId }) => orderDeskId === '101');

const dataOf = (storeId: string) =>
  generateStoreData({
    storeId,
    seed: Number(storeId),
    anchor: ANCHOR,
    orderCount: 6,
    firstOrderId: FIRST_ORDER_ID,
  });

const credentials: CredentialSource = {
  credential: async ({ orderDeskId }) => ({
    storeId: orderDeskId,
    apiKey: new Secret(`key-of-${orderDeskId}`),
  }),
  markContact: async () => {},
};

/** The orders of each store as Order Desk sends them while nothing fails, by id. */
export type Truth = ReadonlyMap<string, ReadonlyMap<string, JsonRecord>>;

export interface FaultRoom {
  readonly sandbox: Sandbox;
  readonly bucket: 'real' | 'none';
  readonly truth: Truth;
  /** A number that no order of this room has had: one that comes late must not be taken for another. */
  nextNumber(): number;
  /** Every order gone but the first ones, every bucket full, no fault in force, and a fresh Order Desk before it. */
  begin(options: { readonly cacheMs: number }): OrderDesk;
  fail(rule: FaultRule): void;
  /** Ends all faults and waits until nothing is under way any more. */
  settle(): Promise<void>;
  /** Reads what the check says, past everything that could hold it back. */
  follow(store: StoreEntry, check: WriteCheck): Promise<JsonRecord>;
  close(): Promise<void>;
}

/** @param bucket whether Order Desk limits the rate, and the budget before it keeps to that */
export async function openFaultRoom(bucket: 'real' | 'none'): Promise<FaultRoom> {
  let skewMs = 0;
  const data = new Map(STORE_IDS.map((id) => [id, dataOf(id)]));
  const sandbox = await startSandbox({
    stores: [...data].map(([id, of]) => ({ id, apiKey: `key-of-${id}`, name: `Shop ${id}`, data: of })),
    now: () => Date.now() + skewMs,
    // An order that is made twice has to be seen twice.
    switches: { duplicateOrders: 'none' },
    ...(bucket === 'none' ? { rateLimit: false } : {}),
  });
  const baseUrl = new URL(sandbox.url);
  const plain = createOrderDeskClient({ baseUrl, version: '0', credentials, observe: () => {} });
  const get = async (store: StoreEntry, check: Omit<WriteCheck, 'describe'>): Promise<JsonRecord> => {
    const { body } = await plain.send({
      method: 'GET',
      route: check.route,
      query: new URLSearchParams(check.query),
      account: { kind: 'kept', store },
      signal: new AbortController().signal,
    });
    return body;
  };
  const undo: (() => void)[] = [];
  let numbers = 0;
  /** What had left before has been read by the time that an answer comes over the same loop. */
  const roundTrip = () =>
    Promise.all(ACCOUNTS.map((store) => get(store, { route: '/orders', query: { limit: '1' } })));

  return {
    sandbox,
    bucket,
    truth: await truthOf(get),
    nextNumber() {
      numbers += 1;
      return numbers;
    },
    begin({ cacheMs }) {
      // Longer than a bucket takes to fill.
      skewMs += 10_000;
      for (const [id, orders] of data) sandbox.store(id).replaceData(orders);
      sandbox.resetCounters();
      return createOrderDesk({
        baseUrl,
        version: '0',
        credentials,
        cache: createMemoryCache(),
        ttls: { orders: cacheMs, store: cacheMs },
        observe: () => {},
        onContactFailure: (error) => {
          throw error;
        },
        limits: LIMITS,
        random: () => 0,
        ...(bucket === 'none' ? {} : { budget: budget() }),
      });
    },
    fail: (rule) => void undo.push(sandbox.fail(rule)),
    async settle() {
      for (const end of undo.splice(0)) end();
      for (let turn = 0; turn < 2; turn += 1) {
        skewMs += 10_000;
        await roundTrip();
      }
      do {
        await new Promise((resolve) => setTimeout(resolve, 1));
        // What is under way stays counted.
        sandbox.resetCounters();
      } while (
        Object.values(sandbox.counters().byStore).some(({ largestConcurrency }) => largestConcurrency > 0)
      );
    },
    follow(store, check) {
      skewMs += 1_000;
      return get(store, check);
    },
    async close() {
      await plain.close();
      await sandbox.close();
    },
  };
}

const budget = () =>
  createRateBudget({
    budget: createMemoryBudget({ limits: ORDER_DESK_BUDGET }),
    perSecond: ORDER_DESK_BUDGET.perSecond,
    places: 8,
    maxWaitMs: 2_000,
    observe: () => {},
    onForeignUse: () => {},
  });

async function truthOf(
  get: (store: StoreEntry, check: Omit<WriteCheck, 'describe'>) => Promise<JsonRecord>,
): Promise<Truth> {
  const all = await Promise.all(
    ACCOUNTS.map(async (store): Promise<[string, Map<string, JsonRecord>]> => {
      const { orders } = await get(store, { route: '/orders', query: { limit: '500' } });
      const records: JsonRecord[] = Array.isArray(orders) ? orders : [];
      return [store.orderDeskId, new Map(records.map((order) => [String(order.id), order]))];
    }),
  );
  return new Map(all);
}
