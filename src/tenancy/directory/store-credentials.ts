/** Credentials of stores, opened for each call to Order Desk and held nowhere. */
import { LRUCache } from 'lru-cache';
import { AppError } from '../../errors.js';
import type { Database } from '../../storage/port.js';
import type { Clock, StoreRowId } from '../ids.js';
import { Secret } from '../secret.js';
import type { CredentialSource, StoreEntry } from '../stores.js';
import type { Vault } from '../vault/vault.js';
import { credentialPlace, type StoreRows } from './store-rows.js';

export interface StoreCredentialsDeps {
  readonly database: Database;
  readonly rows: StoreRows;
  readonly vault: Vault;
  readonly now: Clock;
}

type Outcome = Parameters<CredentialSource['markContact']>[1];

/** A working store is written down once a minute. */
const CONTACT_EVERY_MS = 60_000;
/** A change of the outcome is written at once; for this long the entry in a caller's hand may not show it yet. */
const SETTLING_MS = 2_000;
const CONTACTS_HELD = 10_000;

const MARK_ACCEPTED = `update stores set refused_at = null, last_contact_at = $1
  where tenant_id = $2 and store_row_id = $3`;
// A call that began before the credential was replaced says nothing of the one that stands now.
const MARK_REFUSED = `update stores set refused_at = coalesce(refused_at, $1), last_contact_at = $1
  where tenant_id = $2 and store_row_id = $3 and verified_at is not distinct from $4`;

export function makeStoreCredentials(deps: StoreCredentialsDeps): CredentialSource {
  const { database, rows, vault, now } = deps;
  const written = new LRUCache<StoreRowId, { outcome: Outcome; at: number }>({ max: CONTACTS_HELD });

  function isDue(store: StoreEntry, outcome: Outcome, at: number): boolean {
    const last = written.get(store.rowId);
    if ((outcome === 'refused') !== (store.refusedAt !== null)) {
      return last?.outcome !== outcome || at - last.at >= SETTLING_MS;
    }
    return at - Math.max(last?.at ?? 0, store.lastContactAt?.getTime() ?? 0) >= CONTACT_EVERY_MS;
  }

  return {
    /** @throws AppError `unknown_store` when the store was removed meanwhile; `internal`; `storage_unavailable` */
    async credential(store) {
      const sealed = (await rows.of(store.tenantId)).credentials.get(store.rowId);
      if (sealed === undefined) throw new AppError('unknown_store');
      const apiKey = await vault.decrypt(store.tenantId, 'vault', credentialPlace(store.rowId), sealed);
      return { storeId: store.orderDeskId, apiKey: new Secret(apiKey) };
    },

    async markContact(store, outcome) {
      const at = now();
      if (!isDue(store, outcome, at)) return;
      const before = written.get(store.rowId);
      // Noted before it is written, so that calls at the same moment do not all write.
      written.set(store.rowId, { outcome, at });
      try {
        const row = [new Date(at), store.tenantId, store.rowId];
        await database.asTenant(store.tenantId, (tx) =>
          outcome === 'accepted'
            ? tx.run(MARK_ACCEPTED, row)
            : tx.run(MARK_REFUSED, [...row, store.verifiedAt]),
        );
        rows.forget(store.tenantId);
      } catch (error) {
        if (before === undefined) written.delete(store.rowId);
        else written.set(store.rowId, before);
        // The answer of Order Desk stands whether or not it could be written down; the next contact tries again.
        if (!(error instanceof AppError && error.code === 'storage_unavailable')) throw error;
      }
    },
  };
}
