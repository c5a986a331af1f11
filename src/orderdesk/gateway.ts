/** `StoreGateway` over `Send`: what to ask, what to keep of the answer, for how long, and until which write. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cache } from '../cache/port.js';
import type { CacheOperation } from '../telemetry/port.js';
import type { Waiting } from '../telemetry/waits.js';
import type { CacheCipher } from '../tenancy/cache-cipher.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { askedRecord } from './asked-record.js';
import { cacheKey, type Resource, readScopes, writeScopes } from './cache-key.js';
import { type CachePlace, cachedRead } from './cached-read.js';
import { callBy, type Send } from './call.js';
import { noSuchOrder } from './failures.js';
import { parseInventoryPage } from './parse/inventory.js';
import type { JsonRecord } from './parse/json.js';
import { parseOrder, parseOrderPage } from './parse/order.js';
import { allowListedStore, parseStore } from './parse/store.js';
import type { StoreGateway } from './port.js';
import { inventoryParameters, orderParameters } from './query.js';
import type { CacheInvalidation, Touched } from './touched.js';

/** Milliseconds; 0 switches the cache of that resource off. */
export interface GatewayTtls {
  readonly store: number;
  readonly orders: number;
  readonly inventory: number;
}

export const DEFAULT_GATEWAY_TTLS: GatewayTtls = { store: 300_000, orders: 15_000, inventory: 60_000 };

export type CacheObserver = (operation: CacheOperation, resource: Resource) => void;

export interface GatewayOptions {
  readonly send: Send;
  readonly cache: Cache;
  /** For a cache outside the process: what is kept there is encrypted. */
  readonly cipher?: CacheCipher | undefined;
  readonly ttls?: Partial<GatewayTtls>;
  /** Told what became of each look-up and store: for the metrics. */
  readonly observeCache?: CacheObserver;
  /** Waits on the account of whoever reads; on nobody's unless told. */
  readonly waiting?: Waiting;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export type CachedGateway = StoreGateway & CacheInvalidation;

const ORDER_ID = /^[1-9]\d{0,18}$/;

export function createStoreGateway(options: GatewayOptions): CachedGateway {
  const { send, cache, cipher } = options;
  const ttls = { ...DEFAULT_GATEWAY_TTLS, ...options.ttls };
  const now = options.now ?? Date.now;
  const waiting = options.waiting ?? ((_on, work) => work());
  const reading = <T>(resource: Resource, ttlMs: number, parse: (record: JsonRecord) => T) =>
    cachedRead({
      cache,
      cipher,
      now,
      ttlMs,
      parse,
      sleep: (ms, signal) => sleep(ms, undefined, { signal }),
      observe: (operation) => options.observeCache?.(operation, resource),
      joined: (work) => waiting('upstream', work),
    });
  // A fetch that several wait for goes by the deadline and the lane of the one who began it; all of them have its priority.
  const stores = reading('store', ttls.store, parseStore);
  const pages = reading('orders', ttls.orders, parseOrderPage);
  // Pages of a scan are seen once: they would only push out what others ask for again.
  const scanned = reading('orders', 0, parseOrderPage);
  const orders = reading('order', ttls.orders, (raw) => parseOrder(raw, 'order'));
  const inventories = reading('inventory', ttls.inventory, parseInventoryPage);

  async function raise(scopes: readonly string[]): Promise<void> {
    await cache.raise(scopes);
    // Not before: what began while the generations were being raised may have found the older ones.
    for (const reads of [stores, pages, scanned, orders, inventories]) reads.forget(scopes);
  }

  return {
    store: (store, ctx) =>
      stores.read(
        placeOf(store, 'store', configuredFolders(store), { kind: 'settings' }),
        ctx,
        async (signal) => {
          const { body } = await send({ method: 'GET', route: '/store', ...callBy(store, ctx, signal) });
          return allowListedStore(body);
        },
      ),

    async listOrders(store, query, ctx) {
      const parameters = orderParameters(query);
      const place = placeOf(store, 'orders', [parameters.toString()], { kind: 'orders' });
      const reads = ctx.priority === 'background' ? scanned : pages;
      return reads.read(place, ctx, async (signal) => {
        const call = { method: 'GET', route: '/orders', query: parameters } as const;
        const { body, tookMs } = await send({ ...call, ...callBy(store, ctx, signal) });
        return { ...pageEntry(body, query.offset ?? 0, query.limit), took_ms: tookMs };
      });
    },

    async getOrder(store, orderId, ctx, { history = false } = {}) {
      // What cannot be an id is not asked for: the answer is that of an id nobody has.
      if (!ORDER_ID.test(orderId)) throw noSuchOrder();
      const args = [orderId, history ? 'history' : ''];
      const place = placeOf(store, 'order', args, { kind: 'order', id: orderId });
      return orders.read(place, ctx, async (signal) => {
        const query = new URLSearchParams(history ? { get_order_history: '1' } : {});
        const call = { method: 'GET', route: '/orders/{id}', ids: [orderId], query } as const;
        const { body } = await send({ ...call, ...callBy(store, ctx, signal) });
        return askedRecord(body, 'order', orderId, noSuchOrder);
      });
    },

    async listInventory(store, query, ctx) {
      const parameters = inventoryParameters(query);
      const place = placeOf(store, 'inventory', [parameters.toString()], { kind: 'inventory' });
      return inventories.read(place, ctx, async (signal) => {
        const call = { method: 'GET', route: '/inventory-items', query: parameters } as const;
        const { body } = await send({ ...call, ...callBy(store, ctx, signal) });
        return { inventory_items: body.inventory_items };
      });
    },

    async withRaised(store, touched, work) {
      const scopes = writeScopes(store, touched);
      await raise(scopes);
      try {
        return await work();
      } finally {
        await raise(scopes);
      }
    },
  };
}

/**
 * A folder that the owner configures may be newer than what is cached. He may do so in another process, on the database
 * alone, and every replica knows of it by the entry of the store.
 */
const configuredFolders = ({ folderStates, folderNotes }: StoreEntry): string[] =>
  [...new Set([...Object.keys(folderStates), ...Object.keys(folderNotes)])].sort();

function placeOf(store: StoreEntry, resource: Resource, args: readonly string[], shown: Touched): CachePlace {
  return {
    tenantId: store.tenantId,
    key: cacheKey(store, resource, args),
    scopes: readScopes(store, shown),
  };
}

/** The part of a search's reply that is kept, with what was asked for, which its parsing may need. */
const pageEntry = (reply: JsonRecord, offset: number, limit: number): JsonRecord => ({
  orders: reply.orders,
  total_records: reply.total_records,
  offset: reply.offset ?? offset,
  limit,
});
