/** Who is calling: the outcome of a verified API key. Immutable, and the only way a request knows its tenant. */
import type { KeyId, Kid, StoreRowId, TenantId } from './ids.js';

/** What a key allows; nothing in a request can add to it. */
export interface Scope {
  /** All stores of the tenant, also those added later; or these. A key of exactly one is bound to it. */
  readonly stores: 'all' | readonly StoreRowId[];
  /** `standard`: the toolset `default`, and for owner keys also those for owners. A list stands for itself alone. */
  readonly toolsets: 'standard' | readonly string[];
  /** Names of tools or toolsets; goes before `toolsets`. */
  readonly exclude: readonly string[];
  /** Only tools that change nothing; goes before all else. */
  readonly readOnly: boolean;
  /** Answers name no customers: pseudonyms stand in their place. */
  readonly mask: boolean;
  /**
   * Effects at Order Desk per UTC day at most, a positive integer; `null` for no cap. A line of a batch is one; replays and
   * dry runs are none.
   */
  readonly dailyWriteCap: number | null;
  /** What must be confirmed with the token of a dry run, beyond what every key confirms (`delete_order`, undoing moves and deletes). */
  readonly confirm: Confirmations;
}

export interface Confirmations {
  /** Moves of orders. */
  readonly moves: boolean;
  /** Every delete. */
  readonly deletes: boolean;
  /** Calls with more lines than this; `null` for none. */
  readonly batchesAbove: number | null;
}

export const NO_CONFIRMATIONS: Confirmations = { moves: false, deletes: false, batchesAbove: null };

/** What an operator has set for a tenant in the place of the usual limits; what is absent stays as usual. */
export interface TenantLimits {
  /** Messages that one key may send at once. */
  readonly keyBurst?: number | undefined;
  /** Messages a second that one key may send in the long run. */
  readonly keyPerSecond?: number | undefined;
  /** Calls of the tenant that a replica works on at the same time. */
  readonly concurrency?: number | undefined;
  /** Calls of the tenant that may wait for their turn on a replica. */
  readonly queue?: number | undefined;
  /** Milliseconds that each of them waits at most. */
  readonly waitMs?: number | undefined;
}

export interface Principal {
  readonly tenantId: TenantId;
  readonly keyId: KeyId;
  /** Public part of the key: safe to log and to show. */
  readonly kid: Kid;
  readonly keyName: string;
  readonly role: 'owner' | 'agent';
  readonly scope: Scope;
  /** Limits of the tenant; absent where the usual ones hold. */
  readonly limits?: TenantLimits | undefined;
}

export interface Authenticator {
  /**
   * Verifies the value of an `Authorization` header.
   * @param header the raw header, `undefined` when absent
   * @throws AppError `unauthorized` (one text for malformed, unknown, revoked, expired and wrong), `overloaded`
   */
  authenticate(header: string | undefined): Promise<Principal>;
  /** Whether this process has verified this very key before. Says nothing about whether it may still be used. */
  hasProof(header: string | undefined): boolean;
}
