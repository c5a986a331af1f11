/** `StoreGateway` over `Send`: what to ask, what to keep of the answer, and for how long. */
import type { Cache } from '../cache/port.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { cacheKey, type Resource } from './cache-key.js';
import { type CacheOperation, cachedRead } from './cached-read.js';
import type { Send } from './call.js';
import { noSuchOrder } from './failures.js';
import { type JsonRecord, malformed, record } from './parse/json.js';
import { parseOrder, parseOrderPage } from './parse/order.js';
import { allowListedStore, parseStore } from './parse/store.js';
import type { StoreGateway } from './port.js';
import { orderParameters } from './query.js';

/** Milliseconds; 0 switches the cache of that resource off. */
export interface GatewayTtls {
  readonly store: number;
  readonly orders: number;
}

export const DEFAULT_GATEWAY_TTLS: GatewayTtls = { store: 300_000, orders: 15_000 };

export type CacheObserver = (operation: CacheOperation, resource: Resource) => void;

export interface GatewayOptions {
  readonly send: Send;
  readonly cache: Cache;
  readonly ttls?: Partial<GatewayTtls>;
  /** Told what became of each look-up: for the metrics. */
  readonly observeCache?: CacheObserver;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export function createStoreGateway(options: GatewayOptions): StoreGateway {
  const { send, cache } = options;
  const ttls = { ...DEFAULT_GATEWAY_TTLS, ...options.ttls };
  const now = options.now ?? Date.now;
  const reading = <T>(resource: Resource, ttlMs: number, parse: (record: JsonRecord) => T) =>
    cachedRead({
      cache,
      now,
      ttlMs,
      parse,
      observe: (operation) => options.observeCache?.(operation, resource),
    });
  const readStore = reading('store', ttls.store, parseStore);
  const readPage = reading('orders', ttls.orders, parseOrderPage);
  const readOrder = reading('order', ttls.orders, (raw) => parseOrder(raw, 'order'));

  return {
    store: (store, ctx) =>
      readStore(cacheKey(store, 'store', []), ctx.signal, async (signal) => {
        const { body } = await send({ method: 'GET', route: '/store', account: kept(store), signal });
        return allowListedStore(body);
      }),

    async listOrders(store, query, ctx) {
      const parameters = orderParameters(query);
      return readPage(cacheKey(store, 'orders', [parameters.toString()]), ctx.signal, async (signal) => {
        const call = { method: 'GET', route: '/orders', query: parameters } as const;
        const { body } = await send({ ...call, account: kept(store), signal });
        return pageEntry(body, query.offset ?? 0, query.limit);
      });
    },

    async getOrder(store, orderId, ctx, { history = false } = {}) {
      // What cannot be an id is not asked for: the answer is that of an id nobody has.
      if (!/^[1-9]\d{0,18}$/.test(orderId)) throw noSuchOrder();
      const key = cacheKey(store, 'order', [orderId, history ? 'history' : '']);
      return readOrder(key, ctx.signal, async (signal) => {
        const query = new URLSearchParams(history ? { get_order_history: '1' } : {});
        const call = { method: 'GET', route: '/orders/{id}', id: orderId, query } as const;
        const { body } = await send({ ...call, account: kept(store), signal });
        return orderOf(body, orderId);
      });
    },
  };
}

const kept = (store: StoreEntry) => ({ kind: 'kept', store }) as const;

/** The part of a search's reply that is kept, with what was asked for, which its parsing may need. */
const pageEntry = (reply: JsonRecord, offset: number, limit: number): JsonRecord => ({
  orders: reply.orders,
  total_records: reply.total_records,
  offset: reply.offset ?? offset,
  limit,
});

/** The record of the reply. Order Desk's PHP may write "none" as null, false or an empty list. */
function orderOf(reply: JsonRecord, orderId: string): JsonRecord {
  const { order } = reply;
  if (order === null || order === false || (Array.isArray(order) && order.length === 0)) throw noSuchOrder();
  const raw = record(reply, 'order', '');
  if (String(raw.id) !== orderId) throw malformed('order', 'id', 'the id that was asked for');
  return raw;
}
