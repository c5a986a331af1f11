/** What verification needs from storage, and nothing more. */
import type { KeyId, Kid, TenantId } from '../ids.js';
import type { Principal, Scope, TenantLimits } from '../principal.js';

/** What may change while a key is in use. */
export interface KeyState {
  readonly kid: Kid;
  readonly keyId: KeyId;
  readonly tenantId: TenantId;
  readonly name: string;
  readonly role: Principal['role'];
  /** `null` when the stored scope has a member that this release does not know: such a key is refused. */
  readonly scope: Scope | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly tenantActive: boolean;
  readonly limits?: TenantLimits | undefined;
}

/** What a key is verified against. */
export interface KeyCredential {
  readonly check: Uint8Array;
  readonly hash: string;
  readonly pepperId: string;
}

export type KeyRecord = KeyState & KeyCredential;

/** Every method throws AppError `storage_unavailable` while the database is away. */
export interface KeyRepository {
  find(kid: Kid): Promise<KeyRecord | undefined>;
  /** States of the keys that exist, in any order, in one question. */
  states(kids: readonly Kid[]): Promise<readonly KeyState[]>;
  /** Puts `next` in the place of the hash `replaced`; does nothing when another hash stands there by now. */
  rehash(kid: Kid, replaced: string, next: KeyCredential): Promise<void>;
  /** Moves the last use of each key forward, never back. */
  recordUse(uses: ReadonlyMap<Kid, Date>): Promise<void>;
}
