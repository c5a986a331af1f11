/**
 * Reads for writing, over `Send`: past the cache and never shared, since a write replaces a whole record by what was read
 * last. A record with a number that a double cannot carry is refused: writing it back would change that number.
 */
import { AppError } from '../errors.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { askedRecord } from './asked-record.js';
import { callBy, type Send, type UpstreamCall, type UpstreamReply } from './call.js';
import { noSuchInventoryItem, noSuchOrder } from './failures.js';
import { parseInventoryItem } from './parse/inventory.js';
import { below, isRecord, type JsonRecord, list, malformed } from './parse/json.js';
import { parseOrder, parseOrderPage } from './parse/order.js';
import type { CallContext, FreshReads } from './port.js';
import { inventoryParameters, orderParameters } from './query.js';

const ID = /^[1-9]\d{0,18}$/;

export function createFreshReads(send: Send): FreshReads {
  const read = (
    store: StoreEntry,
    ctx: CallContext,
    call: Pick<UpstreamCall, 'route' | 'ids' | 'query' | 'exactNumbers'>,
  ): Promise<UpstreamReply> => send({ method: 'GET', ...call, ...callBy(store, ctx) });

  return {
    async order(store, orderId, ctx, { history = false, lenient = false } = {}) {
      if (!ID.test(orderId)) throw noSuchOrder();
      const reply = await read(store, ctx, {
        route: '/orders/{id}',
        ids: [orderId],
        ...(history ? { query: new URLSearchParams({ get_order_history: '1' }) } : {}),
        ...(lenient ? {} : { exactNumbers: true }),
      });
      const order = parseOrder(askedRecord(reply.body, 'order', orderId, noSuchOrder), 'order');
      refuseInexact(reply, ['order']);
      return order;
    },

    async orders(store, query, ctx) {
      const { body, tookMs } = await read(store, ctx, { route: '/orders', query: orderParameters(query) });
      const page = { ...body, offset: body.offset ?? query.offset ?? 0, limit: query.limit };
      return parseOrderPage({ ...page, took_ms: tookMs });
    },

    async inventoryByCodes(store, codes, ctx) {
      const wanted = new Set(codes.map(comparable));
      const reply = await read(store, ctx, {
        route: '/inventory-items',
        query: inventoryParameters({ codes }),
        exactNumbers: true,
      });
      if (reply.body.inventory_items === undefined) throw malformed('', 'inventory_items', 'there');
      const found = [...list(reply.body, 'inventory_items', '').entries()].filter(
        ([, item]) => isRecord(item) && wanted.has(comparable(codeOf(item))),
      );
      const places = found.map(([index]) => below('inventory_items', index));
      refuseInexact(reply, places);
      return found.map(([index, item]) => parseInventoryItem(item, below('inventory_items', index)));
    },

    async inventoryItem(store, id, ctx) {
      if (!ID.test(id)) throw noSuchInventoryItem();
      const reply = await read(store, ctx, { route: '/inventory-items/{id}', ids: [id], exactNumbers: true });
      const item = parseInventoryItem(
        askedRecord(reply.body, 'inventory_item', id, noSuchInventoryItem),
        'inventory_item',
      );
      refuseInexact(reply, ['inventory_item']);
      return item;
    },
  };
}

/** Numbers of the envelope, and of records that nobody asked for, are never written back. */
function refuseInexact({ inexact = [] }: UpstreamReply, places: readonly string[]): void {
  const field = inexact.find((path) => places.some((place) => path.startsWith(`${place}.`)));
  if (field === undefined) return;
  throw new AppError(
    'upstream_malformed',
    'The record holds a number with more digits than can be written back unchanged; nothing was changed.',
    { field, hint: 'It can be changed in Order Desk itself, or once the number is kept as text there.' },
  );
}

const codeOf = ({ code }: JsonRecord): string =>
  typeof code === 'string' || typeof code === 'number' ? String(code) : '';

const comparable = (code: string): string => code.trim().toLowerCase();
