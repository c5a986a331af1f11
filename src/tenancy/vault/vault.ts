/** Encryption of columns. A value opens in the row and column it was sealed for, and nowhere else. */
import type { RandomBytes, TenantId } from '../ids.js';
import { open, seal } from './aead.js';
import { type TenantKeys, unreadable } from './data-keys.js';

/** Where a value is stored. The row's id is made before the value is sealed. */
export interface Place {
  readonly table: string;
  readonly row: string;
  readonly column: string;
}

/** Secrets and the ledger's images are sealed under keys of their own. */
export type VaultPurpose = 'vault' | 'ledger';

/** Neither method may be called inside a transaction: the tenant's data key may have to be read first. */
export interface Vault {
  /** @throws AppError `internal`, `storage_unavailable` */
  encrypt(tenantId: TenantId, purpose: VaultPurpose, place: Place, plaintext: string): Promise<Uint8Array>;
  /** @throws AppError `internal`, one text whatever is wrong; `storage_unavailable` */
  decrypt(tenantId: TenantId, purpose: VaultPurpose, place: Place, sealed: Uint8Array): Promise<string>;
}

export function makeVault(keys: TenantKeys, random: RandomBytes): Vault {
  return {
    async encrypt(tenantId, purpose, place, plaintext) {
      const key = await keys.purposeKey(tenantId, purpose);
      return seal(key, context(tenantId, place), Buffer.from(plaintext, 'utf8'), random);
    },
    async decrypt(tenantId, purpose, place, sealed) {
      const key = await keys.purposeKey(tenantId, purpose);
      const plaintext = open(key, context(tenantId, place), sealed);
      if (plaintext === undefined) throw unreadable(`${place.table}.${place.column} of row ${place.row}`);
      return plaintext.toString('utf8');
    },
  };
}

const context = (tenantId: TenantId, place: Place): readonly string[] => [
  tenantId,
  place.table,
  place.row,
  place.column,
];
