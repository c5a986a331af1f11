/** The real gateway before a sandbox, for one of its stores: what tools work with, less the server around them. */
import { createMemoryCache } from '../../src/cache/memory.js';
import { createOrderDesk, type OrderDesk, type OrderDeskOptions } from '../../src/orderdesk/orderdesk.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { Secret } from '../../src/tenancy/secret.js';

export function orderDeskOn(
  sandbox: Pick<Sandbox, 'url'>,
  store: { readonly id: string; readonly apiKey: string },
  options: Partial<OrderDeskOptions> = {},
): OrderDesk {
  return createOrderDesk({
    baseUrl: new URL(sandbox.url),
    version: '1.2.3',
    credentials: {
      credential: async () => ({ storeId: store.id, apiKey: new Secret(store.apiKey) }),
      markContact: async () => {},
    },
    cache: createMemoryCache(),
    observe: () => {},
    onContactFailure: (error) => {
      throw error;
    },
    ...options,
  });
}
