/** Stores of a tenant as the operator names them, and what Order Desk says to their stored credential. */
import { z } from 'zod';
import { AppError } from '../../errors.js';
import type { Database } from '../../storage/port.js';
import { credentialPlace, type StoreRows } from '../directory/store-rows.js';
import { nameKey } from '../names.js';
import { Secret } from '../secret.js';
import type { StoreEntry } from '../stores.js';
import type { Vault } from '../vault/vault.js';
import { findTenant, tenantInput } from './find-tenant.js';

export interface Folder {
  readonly id: string;
  readonly name: string;
}

/** What a store says of itself. */
export interface VerifiedStore {
  readonly name?: string;
  readonly folders: readonly Folder[];
}

export interface FindStoreDeps {
  readonly database: Database;
  readonly storeRows: StoreRows;
  readonly vault: Vault;
  /**
   * Asks Order Desk, and no cache, whether it accepts the credential.
   * @throws AppError `upstream_*`, among them `upstream_credentials_refused`
   */
  readonly verifyCredential: (storeId: string, apiKey: Secret) => Promise<VerifiedStore>;
}

export const oneStoreInput = z.strictObject({
  tenant: tenantInput,
  /** A name (any case) or an Order Desk id. */
  store: z.string('must be the name or Order Desk id of a store').trim().min(1, 'must not be empty'),
});

/** @throws AppError `not_found` for the tenant, `unknown_store` */
export async function findStore(
  { database, storeRows }: Pick<FindStoreDeps, 'database' | 'storeRows'>,
  input: z.output<typeof oneStoreInput>,
): Promise<StoreEntry> {
  const { tenantId } = await findTenant(database, input.tenant);
  const stores = await storeRows.current(tenantId);
  const entry = stores.byNameKey.get(nameKey(input.store)) ?? stores.byOrderDeskId.get(input.store);
  if (entry !== undefined) return entry;
  throw new AppError('unknown_store', 'store: the tenant has no store of that name or id.', {
    field: 'store',
    hint: 'List stores with "orderdesk-mcp store list".',
  });
}

/** Asks Order Desk with the stored credential. @throws AppError `unknown_store`, `internal`, `upstream_*` */
export async function askStore(
  { storeRows, vault, verifyCredential }: FindStoreDeps,
  { tenantId, rowId, orderDeskId }: StoreEntry,
): Promise<VerifiedStore> {
  const sealed = (await storeRows.of(tenantId)).credentials.get(rowId);
  if (sealed === undefined) throw new AppError('unknown_store');
  const apiKey = new Secret(await vault.decrypt(tenantId, 'vault', credentialPlace(rowId), sealed));
  return verifyCredential(orderDeskId, apiKey);
}
