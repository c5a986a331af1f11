/** Who is calling: the outcome of a verified API key. Immutable, and the only way a request knows its tenant. */
import type { KeyId, Kid, StoreRowId, TenantId } from './ids.js';

/** What a key allows. Owner keys see every store of their tenant. */
export interface Scope {
  readonly stores: 'all' | readonly StoreRowId[];
}

export interface Principal {
  readonly tenantId: TenantId;
  readonly keyId: KeyId;
  /** Public part of the key: safe to log and to show. */
  readonly kid: Kid;
  readonly keyName: string;
  readonly role: 'owner' | 'agent';
  readonly scope: Scope;
}

export interface Authenticator {
  /**
   * Verifies the value of an `Authorization` header.
   * @param header the raw header, `undefined` when absent
   * @throws AppError `unauthorized` (one text for malformed, unknown, revoked, expired and wrong), `overloaded`
   */
  authenticate(header: string | undefined): Promise<Principal>;
}
