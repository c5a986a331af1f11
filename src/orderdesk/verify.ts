/** Tries a credential before it is kept. */
import { AppError } from '../errors.js';
import type { Secret } from '../tenancy/secret.js';
import type { Send } from './call.js';
import { parseStore } from './parse/store.js';
import type { StoreView } from './views.js';

export interface VerifiedStore {
  readonly storeName: string;
  readonly orderDeskId: string;
  readonly folders: StoreView['folders'];
}

/**
 * Asks `/test`, then `/store`, with a credential that is not kept yet.
 * @param storeId the Order Desk store id, as it is shown beside the API key
 * @throws AppError `upstream_credentials_refused` for a wrong pair; `invalid_argument` when the key is another
 *   store's; `upstream_*`, `cancelled`
 */
export type VerifyCredential = (
  storeId: string,
  apiKey: Secret,
  signal: AbortSignal,
) => Promise<VerifiedStore>;

export const credentialVerifier =
  (send: Send): VerifyCredential =>
  async (storeId, apiKey, signal) => {
    const call = { method: 'GET', account: { kind: 'offered', storeId, apiKey }, signal } as const;
    await send({ ...call, route: '/test' });
    const { body } = await send({ ...call, route: '/store' });
    const store = parseStore(body);
    if (store.orderDeskId !== storeId) {
      throw new AppError(
        'invalid_argument',
        `This API key belongs to Order Desk store ${store.orderDeskId}.`,
        {
          field: 'store_id',
        },
      );
    }
    return { storeName: store.name, orderDeskId: store.orderDeskId, folders: store.folders };
  };
