/** An API key that the operator offers for a store: its form, its trial at Order Desk, and how it replaces the one before. */
import { z } from 'zod';
import { AppError } from '../../errors.js';
import { credentialPlace } from '../directory/store-rows.js';
import { Secret } from '../secret.js';
import type { StoreEntry } from '../stores.js';
import type { FindStoreDeps, VerifiedStore } from './find-store.js';
import { entryNow, isRefusal, recordStore, type StoreActDeps } from './store-acts.js';

const apiKeyText = z
  .string('must be an Order Desk API key')
  .trim()
  .regex(/^[\x21-\x7e]{1,256}$/, 'must be 1 to 256 printable characters without spaces')
  .transform((text) => new Secret(text));

/** Text when it comes through the socket; it never leaves again. */
export const apiKeyInput = z.union([z.instanceof(Secret), apiKeyText], {
  error: 'must be an Order Desk API key without spaces',
});

/**
 * Asks Order Desk with a key that is not stored.
 * @param refusal what is said of a key that Order Desk refuses
 * @throws AppError `upstream_*`; `invalid_argument` for the key of another store
 */
export async function tryCredential(
  { verifyCredential }: Pick<FindStoreDeps, 'verifyCredential'>,
  orderDeskId: string,
  apiKey: Secret,
  refusal: { readonly message: string; readonly hint: string },
): Promise<VerifiedStore> {
  try {
    return await verifyCredential(orderDeskId, apiKey);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const { message, hint } = refusal;
    throw new AppError(error.code, message, { field: 'apiKey', hint, cause: error });
  }
}

/**
 * The row stays, and with it all that hangs on it: name, folders, the scopes of keys, the ledger. Order Desk is asked
 * first: a key that it refuses changes nothing. Other replicas follow when they next read the stores, within a second.
 * @throws AppError `unknown_store` when the store was removed meanwhile, `invalid_argument`, `upstream_*`
 */
export async function replaceCredential(
  deps: StoreActDeps,
  store: StoreEntry,
  apiKey: Secret,
): Promise<StoreEntry> {
  const { tenantId, rowId } = store;
  await tryCredential(deps, store.orderDeskId, apiKey, REFUSED);
  const sealed = await deps.vault.encrypt(tenantId, 'vault', credentialPlace(rowId), apiKey.reveal());
  const at = new Date(deps.now());
  await deps.database.asTenant(tenantId, async (tx) => {
    const rows = await tx.run(REPLACE, [tenantId, rowId, sealed, at]);
    if (rows === 0) throw new AppError('unknown_store');
    await recordStore(deps.record, tx, store, 'store.credential_changed');
  });
  return entryNow(deps, store);
}

const REFUSED = {
  message: 'Order Desk refused this API key for this store. The one that was stored stays.',
  hint: 'Copy it from Store Settings > API of this very store in Order Desk.',
};

const REPLACE = `update stores set credential = $3, verified_at = $4, refused_at = null, last_contact_at = $4
  where tenant_id = $1 and store_row_id = $2`;
