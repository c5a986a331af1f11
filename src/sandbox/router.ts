/** From method and path to a handler. In every path of the API the second and fourth segment is an id. */
import { type Answer, failure } from './envelope.js';
import type { Query } from './filters.js';
import * as reads from './reads.js';
import type { SandboxSwitches } from './switches.js';

export const BASE_PATH = '/api/v2';

const ROUTES: ReadonlyMap<string, ReadonlyMap<string, reads.Handler>> = new Map([
  ['/test', new Map([['GET', reads.readTest]])],
  ['/store', new Map([['GET', reads.readStore]])],
  ['/orders', new Map([['GET', reads.listOrders]])],
  ['/orders/{id}', new Map([['GET', reads.readOrder]])],
  ['/orders/{id}/order-items', new Map([['GET', reads.listItems]])],
  ['/orders/{id}/order-items/{id}', new Map([['GET', reads.readItem]])],
  ['/orders/{id}/shipments', new Map([['GET', reads.listShipments]])],
  ['/orders/{id}/shipments/{id}', new Map([['GET', reads.readShipment]])],
  ['/inventory-items', new Map([['GET', reads.listInventory]])],
  ['/inventory-items/{id}', new Map([['GET', reads.readInventoryItem]])],
]);

/** What a path that the API does not have is counted as. */
export const UNKNOWN_PATTERN = '(unknown)';

export interface Route {
  /** The path with `{id}` for its ids, or `(unknown)`. */
  readonly pattern: string;
  readonly answer: reads.Handler;
  readonly ids: readonly string[];
}

/** @param path what follows `/api/v2`; `undefined` when the request was for something else */
export function route(method: string, path: string | undefined, switches: SandboxSwitches): Route {
  const segments = (path ?? '').split('/').slice(1);
  const pattern = segments.map((segment, at) => (at % 2 === 0 ? `/${segment}` : '/{id}')).join('');
  const methods = ROUTES.get(pattern);
  if (methods === undefined) return refusing(UNKNOWN_PATTERN, failure(404, 'Not Found'));
  const answer = methods.get(method);
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
