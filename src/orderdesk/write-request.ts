/** The writes that Order Desk knows, what each may change, and how to find out what became of it. */

import { toOrderDeskDate } from './parse/date.js';
import type { Touched } from './touched.js';
import type { WriteCheck } from './write-outcome.js';

/** JSON text, ready to be sent: `body` replaces the whole record wherever the method is PUT. */
interface WithBody {
  readonly body: string;
}

type OrderPart = '/orders/{id}/order-items/{id}' | '/orders/{id}/shipments/{id}';
type OneId = readonly [id: string];
/** Of the order, then of its part. */
type TwoIds = readonly [orderId: string, partId: string];

/** Ids are Order Desk's own: digits only. */
export type WriteRequest =
  | (WithBody & {
      readonly method: 'POST';
      readonly route: '/orders';
      /** As in the body: an order that may have been made is sought by it. */
      readonly sourceId?: string;
    })
  | (WithBody & { readonly method: 'PUT'; readonly route: '/orders/{id}'; readonly ids: OneId })
  | { readonly method: 'DELETE'; readonly route: '/orders/{id}'; readonly ids: OneId }
  | (WithBody & {
      readonly method: 'POST';
      readonly route: '/orders/{id}/order-history' | '/orders/{id}/order-items' | '/orders/{id}/shipments';
      readonly ids: OneId;
    })
  | (WithBody & { readonly method: 'PUT'; readonly route: OrderPart; readonly ids: TwoIds })
  | { readonly method: 'DELETE'; readonly route: OrderPart; readonly ids: TwoIds }
  | (WithBody & {
      readonly method: 'POST';
      readonly route: '/batch-shipments' | '/move-orders';
      /** Every order that the body names. */
      readonly orderIds: readonly string[];
    })
  | (WithBody & {
      readonly method: 'POST';
      readonly route: '/inventory-items';
      /** As in the body. */
      readonly code: string;
    })
  | (WithBody & { readonly method: 'PUT'; readonly route: '/inventory-items/{id}'; readonly ids: OneId })
  | { readonly method: 'DELETE'; readonly route: '/inventory-items/{id}'; readonly ids: OneId }
  | (WithBody & {
      readonly method: 'PUT';
      readonly route: '/batch-inventory-items';
      /** As in the body. */
      readonly codes: readonly string[];
    });

/** What the write may change in the store, applied or unknown. Each is named once. */
export function touches(request: WriteRequest): readonly Touched[] {
  if (isInventory(request)) return [{ kind: 'inventory' }];
  const orders = ordersOf(request).map((id) => ({ kind: 'order', id }) as const);
  return [...orders, { kind: 'orders' }];
}

/** All ids that the request names, for the path or in its body. */
export const idsOf = (request: WriteRequest): readonly string[] => {
  if ('ids' in request) return request.ids;
  return 'orderIds' in request ? request.orderIds : [];
};

type InventoryRequest = Extract<WriteRequest, { route: `/${string}inventory-items${string}` }>;

const isInventory = (request: WriteRequest): request is InventoryRequest =>
  request.route === '/inventory-items' ||
  request.route === '/inventory-items/{id}' ||
  request.route === '/batch-inventory-items';

function ordersOf(request: Exclude<WriteRequest, InventoryRequest>): readonly string[] {
  if ('orderIds' in request) return [...new Set(request.orderIds)];
  return 'ids' in request ? request.ids.slice(0, 1) : [];
}

/** How long before a create the search for its order begins: clocks differ, and Order Desk takes its time. */
const CREATED_WITHIN_MS = 15 * 60_000;
/** The longest list of codes that is put into an address. */
const MAX_CODES_LENGTH = 2_000;

/** @param startedAt when the write began */
export function checkOf(request: WriteRequest, startedAt: Date): WriteCheck {
  switch (request.route) {
    case '/orders':
      return createdOrder(request.sourceId, startedAt);
    case '/orders/{id}':
      return request.method === 'DELETE'
        ? {
            describe: 'Get the order: if it is not found, it was deleted.',
            route: '/orders/{id}',
            ids: request.ids,
          }
        : {
            describe: 'Get the order and compare the fields that were to be changed.',
            route: '/orders/{id}',
            ids: request.ids,
          };
    case '/orders/{id}/order-history':
      return {
        describe: 'Get the order with its history and look for the note.',
        route: '/orders/{id}',
        ids: request.ids,
        query: { get_order_history: '1' },
      };
    case '/orders/{id}/order-items':
    case '/orders/{id}/order-items/{id}':
      return {
        describe: 'Get the items of the order and compare the one that was to be changed.',
        route: '/orders/{id}/order-items',
        ids: request.ids.slice(0, 1),
      };
    case '/orders/{id}/shipments':
    case '/orders/{id}/shipments/{id}':
      return {
        describe: 'Get the shipments of the order and compare the one that was to be changed.',
        route: '/orders/{id}/shipments',
        ids: request.ids.slice(0, 1),
      };
    case '/batch-shipments':
      return {
        describe: 'Get the shipments of each order and look for the tracking number that was to be added.',
        route: '/orders/{id}/shipments',
        each: [...new Set(request.orderIds)],
      };
    case '/move-orders':
      return {
        describe: 'Get each order and look whether it is in the folder it was to be moved to.',
        route: '/orders/{id}',
        each: [...new Set(request.orderIds)],
      };
    case '/inventory-items':
      return inventory('Look for the inventory item by its code.', [request.code]);
    case '/inventory-items/{id}':
      return {
        describe:
          request.method === 'DELETE'
            ? 'Get the inventory item: if it is not found, it was deleted.'
            : 'Get the inventory item and compare the fields that were to be changed.',
        route: '/inventory-items/{id}',
        ids: request.ids,
      };
    case '/batch-inventory-items':
      return inventory('Look for the inventory items by code and compare each of them.', request.codes);
  }
}

function createdOrder(sourceId: string | undefined, startedAt: Date): WriteCheck {
  if (sourceId !== undefined && sourceId.trim() !== '') {
    return {
      describe: 'Search the orders by the source_id of the new order: if one is found, it was created.',
      route: '/orders',
      query: { source_id: sourceId },
    };
  }
  return {
    describe:
      'Search the orders of the last 15 minutes, or of the date it was given, for the new order before creating it again.',
    route: '/orders',
    query: {
      search_start_date: toOrderDeskDate(new Date(startedAt.getTime() - CREATED_WITHIN_MS)),
      limit: '500',
    },
  };
}

/** A list separates codes by commas, so that one with a comma of its own cannot be asked for. */
function inventory(describe: string, codes: readonly string[]): WriteCheck {
  const wanted = [...new Set(codes)];
  const list = wanted.join(',');
  const canBeAsked =
    list.length <= MAX_CODES_LENGTH && wanted.every((code) => code.trim() !== '' && !code.includes(','));
  return { describe, route: '/inventory-items', ...(canBeAsked ? { query: { code: list } } : {}) };
}
