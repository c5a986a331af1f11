/** From method and path to a handler. In every path of the API the second and fourth segment is an id. */
import { type Answer, failure } from './envelope.js';
import type { Query } from './filters.js';
import type { Handler } from './handler.js';
import * as reads from './reads.js';
import type { SandboxSwitches } from './switches.js';
import { addHistoryEntry } from './writes/history.js';
import * as inventory from './writes/inventory.js';
import { replaceInventoryItems } from './writes/inventory-batch.js';
import * as items from './writes/items.js';
import { moveOrders } from './writes/moves.js';
import * as orders from './writes/orders.js';
import * as shipments from './writes/shipments.js';

export const BASE_PATH = '/api/v2';

type Methods = ReadonlyMap<string, Handler>;

const ROUTES: ReadonlyMap<string, Methods> = new Map([
  ['/test', methods({ GET: reads.readTest })],
  ['/store', methods({ GET: reads.readStore })],
  ['/orders', methods({ GET: reads.listOrders, POST: orders.createOrder })],
  ['/orders/{id}', methods({ GET: reads.readOrder, PUT: orders.replaceOrder, DELETE: orders.deleteOrder })],
  ['/orders/{id}/order-history', methods({ POST: addHistoryEntry })],
  ['/orders/{id}/order-items', methods({ GET: reads.listItems, POST: items.addItem })],
  [
    '/orders/{id}/order-items/{id}',
    methods({ GET: reads.readItem, PUT: items.replaceItem, DELETE: items.removeItem }),
  ],
  ['/orders/{id}/shipments', methods({ GET: reads.listShipments, POST: shipments.addShipment })],
  [
    '/orders/{id}/shipments/{id}',
    methods({
      GET: reads.readShipment,
      PUT: shipments.replaceShipment,
      DELETE: shipments.removeShipment,
    }),
  ],
  ['/batch-shipments', methods({ POST: shipments.addShipments })],
  ['/inventory-items', methods({ GET: reads.listInventory, POST: inventory.createInventoryItem })],
  [
    '/inventory-items/{id}',
    methods({
      GET: reads.readInventoryItem,
      PUT: inventory.replaceInventoryItem,
      DELETE: inventory.deleteInventoryItem,
    }),
  ],
  ['/batch-inventory-items', methods({ PUT: replaceInventoryItems })],
  ['/move-orders', methods({ POST: moveOrders })],
]);

function methods(handlers: Readonly<Record<string, Handler>>): Methods {
  return new Map(Object.entries(handlers));
}

/** What a path that the API does not have is counted as. */
export const UNKNOWN_PATTERN = '(unknown)';

export interface Route {
  /** The path with `{id}` for its ids, or `(unknown)`. */
  readonly pattern: string;
  readonly answer: Handler;
  readonly ids: readonly string[];
}

/** @param path what follows `/api/v2`; `undefined` when the request was for something else */
export function route(method: string, path: string | undefined, switches: SandboxSwitches): Route {
  const segments = (path ?? '').split('/').slice(1);
  const pattern = segments.map((segment, at) => (at % 2 === 0 ? `/${segment}` : '/{id}')).join('');
  const known = ROUTES.get(pattern);
  if (known === undefined) return refusing(UNKNOWN_PATTERN, failure(404, 'Not Found'));
  const answer = known.get(method);
  if (answer === undefined) return refusing(pattern, failure(switches.unknownMethod, 'Method Not Allowed'));
  return { pattern, answer, ids: segments.filter((_, at) => at % 2 === 1) };
}

function refusing(pattern: string, refusal: Answer): Route {
  return { pattern, answer: () => refusal, ids: [] };
}

export interface Target {
  /** What follows `/api/v2`; `undefined` for anything outside of it. */
  readonly path: string | undefined;
  /** Of a parameter given twice the last counts. */
  readonly query: Query;
}

export function readTarget(url: string): Target {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  return {
    path: path.startsWith(`${BASE_PATH}/`) ? path.slice(BASE_PATH.length) : undefined,
    query: new Map(mark < 0 ? [] : new URLSearchParams(url.slice(mark + 1))),
  };
}
