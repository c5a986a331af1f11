/** The stores a principal may use. A store outside its scope does not exist for it. */
import type { StoreRowId, TenantId } from './ids.js';
import type { Principal } from './principal.js';
import type { Secret } from './secret.js';

/** Whether there is still something to do for the orders of a folder. */
export type FolderState = 'open' | 'closed' | 'canceled';

export interface StoreEntry {
  readonly rowId: StoreRowId;
  readonly tenantId: TenantId;
  /** The tenant's own name for the store, unique within the tenant without regard to case. */
  readonly name: string;
  readonly orderDeskId: string;
  readonly isDefault: boolean;
  /** When Order Desk last accepted the credential on `/test`; `null` when never. */
  readonly verifiedAt: Date | null;
  /** When Order Desk last refused the credential; `null` when it works. */
  readonly refusedAt: Date | null;
  readonly lastContactAt: Date | null;
  /** The tenant's note on what moving an order into a folder does, by folder id. */
  readonly folderNotes: Readonly<Record<string, string>>;
  /** What the tenant says a folder means, by folder id; a folder that is not named here is guessed by its name. */
  readonly folderStates: Readonly<Record<string, FolderState>>;
}

export interface StoreDirectory {
  /** Stores in the principal's scope, the default first, then by name. */
  list(principal: Principal): Promise<readonly StoreEntry[]>;
  /**
   * @param requested a name (any case) or an Order Desk id; may be left out where there is one store or a default
   * @throws AppError `unknown_store`, naming the stores this principal may use
   */
  resolve(principal: Principal, requested: string | undefined): Promise<StoreEntry>;
}

export interface FolderChange {
  readonly folderId: string;
  /** `guess` forgets what was said before; left out, it stays. */
  readonly means?: FolderState | 'guess' | undefined;
  /** `null` takes the note away; left out, it stays. */
  readonly note?: string | null | undefined;
}

/** What is left out stays as it is. */
export interface StoreChange {
  readonly name?: string | undefined;
  readonly isDefault?: boolean | undefined;
  readonly folders?: readonly FolderChange[] | undefined;
}

/**
 * What an owner may do to a store of his tenant. The trail names the key. No credential passes through here: stores are
 * added by the operator's commands.
 */
export interface StoreAdmin {
  /** All or nothing. @returns the store as it is now. @throws AppError `conflict`, `invalid_argument`, `storage_unavailable` */
  update(principal: Principal, store: StoreEntry, change: StoreChange): Promise<StoreEntry>;
  /** With its credential. @throws AppError `conflict` while a change of it is unfinished, `storage_unavailable` */
  remove(principal: Principal, store: StoreEntry): Promise<void>;
  /** Asks Order Desk, and no cache, whether it accepts the credential. @throws AppError `upstream_*`, `storage_unavailable` */
  verify(principal: Principal, store: StoreEntry): Promise<StoreEntry>;
}

/** The credential of a store. Only the Order Desk client asks for it. */
export interface CredentialSource {
  credential(store: StoreEntry): Promise<{ readonly storeId: string; readonly apiKey: Secret }>;
  /** Remembers that Order Desk refused (or again accepted) the credential of this row. */
  markContact(store: StoreEntry, outcome: 'accepted' | 'refused'): Promise<void>;
}
