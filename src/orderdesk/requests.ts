/** Every request that is made of Order Desk, by method and pattern: metrics name them before the first of each is made. */
import type { Route } from './call.js';
import type { WriteRequest } from './write-request.js';

type ReadRoute = Extract<
  Route,
  '/test' | '/store' | '/orders' | '/orders/{id}' | '/inventory-items' | '/inventory-items/{id}'
>;
type Written<Request> = Request extends WriteRequest ? `${Request['method']} ${Request['route']}` : never;
type RequestName = `GET ${ReadRoute}` | Written<WriteRequest>;

/** A record, so that a request without its name does not compile. */
const NAMES: Readonly<Record<RequestName, true>> = {
  'GET /test': true,
  'GET /store': true,
  'GET /orders': true,
  'GET /orders/{id}': true,
  'GET /inventory-items': true,
  'GET /inventory-items/{id}': true,
  'POST /orders': true,
  'PUT /orders/{id}': true,
  'DELETE /orders/{id}': true,
  'POST /orders/{id}/order-history': true,
  'POST /orders/{id}/order-items': true,
  'PUT /orders/{id}/order-items/{id}': true,
  'DELETE /orders/{id}/order-items/{id}': true,
  'POST /orders/{id}/shipments': true,
  'PUT /orders/{id}/shipments/{id}': true,
  'DELETE /orders/{id}/shipments/{id}': true,
  'POST /batch-shipments': true,
  'POST /move-orders': true,
  'POST /inventory-items': true,
  'PUT /inventory-items/{id}': true,
  'DELETE /inventory-items/{id}': true,
  'PUT /batch-inventory-items': true,
};

export const REQUEST_NAMES: readonly string[] = Object.keys(NAMES);
