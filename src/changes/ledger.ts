/** The ledger as the engine sees it. Every method is one transaction; leases go by the clock of the database. */

import type { StoreRowId, TenantId } from '../tenancy/ids.js';
import type { Principal } from '../tenancy/principal.js';
import type { StoreEntry } from '../tenancy/stores.js';
import type { OpenStep } from './change-type.js';
import type { ChangeEntry, ChangeFilter, ChangeKind, ChangeLine, ChangePage, ChangeState } from './port.js';

/** What is kept encrypted of a change. */
export interface Images {
  readonly lines: readonly ChangeLine[];
  readonly records: Readonly<Record<string, unknown>>;
  /** What was sent last and has no known outcome. */
  readonly open: Omit<OpenStep, 'sentAt'> | null;
  readonly version: string | null;
  readonly remarks: readonly string[];
  /** Why Order Desk refused it as a whole: what a repeated call is told again. */
  readonly refusal?: Refusal | undefined;
}

/** What an AppError says, kept to be said again. */
export interface Refusal {
  readonly code: 'upstream_rejected' | 'not_found' | 'conflict';
  readonly message: string;
  readonly hint?: string | undefined;
  readonly field?: string | undefined;
  /** Order Desk's own words, where the message would hold them. */
  readonly quoted?: string | undefined;
}

export interface Claim {
  readonly id: string;
  readonly tenantId: TenantId;
  /** Random, of this run: who else holds it may go on with the claim. */
  readonly owner: string;
}

export interface NewClaim extends Claim {
  readonly store: StoreEntry;
  readonly principal: Principal;
  readonly client: string | null;
  readonly tool: string;
  readonly kind: ChangeKind;
  readonly idempotencyKey: string | undefined;
  /** Hex of the SHA-256 over store and arguments. */
  readonly fingerprint: string;
  /** Id of the change that this one takes back. */
  readonly undoes: string | null;
}

/** What a claim met. `taken`: a new row, or one that nothing was sent for. */
export type Claimed =
  | { readonly met: 'taken'; readonly claim: Claim; readonly images: Images | null }
  | { readonly met: 'other_arguments' }
  | { readonly met: 'final'; readonly change: StoredChange }
  /** Something of it is left, but it is being taken back, or was, by the change of this id. */
  | { readonly met: 'undone'; readonly by: string }
  /** Its owner may still be at work. */
  | { readonly met: 'in_progress'; readonly retryAfterS: number }
  /** Its owner is gone and something may have been sent: settle it. Nobody else does so until the lease ends. */
  | { readonly met: 'to_settle'; readonly change: StoredChange; readonly claim: Claim };

/** A row with its images opened. */
export interface StoredChange extends ChangeEntry {
  readonly tenantId: TenantId;
  readonly storeRowId: StoreRowId;
  readonly keyId: string;
  readonly images: Images | null;
  readonly sentAt: Date | null;
  /** Effects counted, less those given back. */
  readonly effects: number;
  /** Effects of its last step that were given back. */
  readonly refunded: number;
  /** State of the change that takes it back, where there is one. */
  readonly undoneAs: ChangeState | null;
  /** Nothing, or not everything, was sent: the same call goes on with the rest. */
  readonly resumable: boolean;
}

export interface Pending {
  readonly images: Images;
  /** Lock names that the owner must still hold. */
  readonly locks: readonly string[];
  /** Effects of this step, for the daily cap, and the cap of the key. */
  readonly effects: number;
  readonly cap: number | null;
  /** Id of a confirmation that is used up by this. */
  readonly confirmation: string | undefined;
}

export interface Closing {
  /** `claimed` for a change whose next step follows. */
  readonly state: ChangeState;
  readonly images: Images;
  readonly resumable: boolean;
  /**
   * Effects of the last step that turned out to be none, in all: also those that were given back before. `null` leaves them
   * as they are, as for a run without a step.
   */
  readonly refunded: number | null;
}

/** The end of a change whose images cannot be read: they are left as they stand. */
export interface ClosingUnread {
  readonly state: Exclude<ChangeState, 'claimed' | 'pending'>;
  readonly images: null;
  readonly resumable: false;
  readonly refunded: null;
}

export interface Ledger {
  /** Inserts the claim, or says what is there. Takes over what its owner left without having sent anything. */
  claim(wanted: NewClaim): Promise<Claimed>;
  /** All of them or none. @returns whether they are held now; names are sorted by the ledger */
  lock(claim: Claim, names: readonly string[]): Promise<boolean>;
  /** Never throws: what is not unlocked ends with its lease. */
  unlock(claim: Claim, names: readonly string[]): Promise<void>;
  /**
   * `claimed` to `pending`, with a new lease for claim and locks, only while owner, locks and lease hold.
   * @throws AppError `write_cap_reached`, `confirmation_required` (used before), `in_progress` (lost to somebody else)
   */
  toPending(claim: Claim, pending: Pending): Promise<void>;
  /** From `pending` to what became of it, by its owner alone, also after a sweeper has judged. @returns whether it was his */
  close(claim: Claim, closing: Closing | ClosingUnread): Promise<boolean>;
  /** Removes a claim that nothing was sent for, refunding its effects; one with lines that are done is kept as it stands. */
  abandon(claim: Claim): Promise<void>;
  /** @throws AppError `not_found` in the same words for another tenant's, and for a store out of the principal's scope */
  get(principal: Principal, stores: readonly StoreEntry[], changeId: string): Promise<StoredChange>;
  list(principal: Principal, filter: ChangeFilter): Promise<ChangePage>;
  /** Takes changes whose owners are gone, of all tenants, for a lease. */
  takeDead(limit: number): Promise<readonly { readonly claim: Claim; readonly change: StoredChange }[]>;
  /**
   * Takes a change that is `unknown`, or `pending` with its lease over, for a person who has found out what became of it;
   * it is `pending` from then on, and closed as any other.
   * @throws AppError `not_found`, `conflict` (its outcome is known), `in_progress` (somebody is at work on it)
   */
  takeToSettle(
    tenantId: TenantId,
    changeId: string,
  ): Promise<{ readonly claim: Claim; readonly change: StoredChange }>;
}
