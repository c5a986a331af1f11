/** The safe write as tools see it: one path for every tool that changes something at Order Desk. */
import type { CallContext } from '../orderdesk/port.js';
import type { Principal } from '../tenancy/principal.js';
import type { StoreEntry } from '../tenancy/stores.js';
import type { Intents } from './intents.js';

export type ChangeKind = keyof Intents;

/** The part of a call's context that a write needs. */
export interface ChangeContext extends CallContext {
  readonly principal: Principal;
  /** When the call ends, in milliseconds of `performance.now`. */
  readonly deadlineAt: number;
  /** Name and version that the client claims; unverified. */
  readonly client?: string | undefined;
  /** Ends when the server goes down: what has not begun by then does not begin. */
  readonly draining?: AbortSignal | undefined;
}

/** How a caller wants a write to be made; the same three arguments in every tool that writes. */
export interface WriteOptions {
  /** Reads and says what would happen; sends nothing and records nothing. */
  readonly dryRun: boolean;
  /** 1 to 200 characters, chosen by the caller: the same key with the same arguments is carried out once, for 72 hours. */
  readonly idempotencyKey?: string | undefined;
  /** From a dry run with the same arguments. */
  readonly confirmationToken?: string | undefined;
}

export interface ChangeRequest<K extends ChangeKind = ChangeKind> extends WriteOptions {
  /** The tool that was called; idempotency keys are kept apart by it. */
  readonly tool: string;
  readonly kind: K;
  readonly intent: Intents[K];
  /** The call's own arguments as parsed, less the three of `WriteOptions`: what an idempotency key stands for. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly store: StoreEntry;
}

export interface UndoRequest extends WriteOptions {
  /** Id of the change to be undone. */
  readonly changeId: string;
}

/**
 * Where a value stands in a record: names of members, `#<id>` for an entry of a list that has ids, and `+<place>`, from 0,
 * for an entry that was appended to one that has none.
 */
export type FieldPath = readonly string[];

/** One field as it was and as it is. An absent member (`undefined`) means that there was, or is, no such field. */
export interface FieldChange {
  readonly path: FieldPath;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What a line of a change works on. */
export interface Target {
  readonly kind: 'order' | 'inventory';
  /** Order Desk's id; `null` for what is not made yet. */
  readonly id: string | null;
  /** SKU of an inventory item, number of the shop of a new order. */
  readonly name?: string | undefined;
}

/**
 * `already`: it was so before, nothing was sent for it. `not_sent`: no time or budget was left; where the call had an
 * idempotency key, the same call with the same key goes on with it.
 */
export type LineOutcome = 'applied' | 'already' | 'failed' | 'unknown' | 'not_sent';

/** What became of one line. A change of a single thing has one. */
export interface ChangeLine {
  readonly target: Target;
  readonly outcome: LineOutcome;
  /** Touched fields only; those of a record that is made are all there are, of one that is deleted all that hold anything. */
  readonly fields: readonly FieldChange[];
  /** Why it failed or what to know, in our words. */
  readonly message?: string | undefined;
  /** What Order Desk wrote of this line, if anything: others' words, which may name customers. */
  readonly quoted?: string | undefined;
}

/**
 * `partly`: lines differ. `unchanged`: everything was so already. `preview`: a dry run.
 */
export type ChangeOutcome = CarriedOut | 'preview';

/** What a real call came to. */
export type CarriedOut = 'applied' | 'partly' | 'failed' | 'unknown' | 'unchanged';

/** Facts, unmasked: whoever shows them masks them for the reader. */
export interface ChangeAnswer {
  readonly outcome: ChangeOutcome;
  readonly kind: ChangeKind;
  readonly store: StoreEntry;
  /** `null` where nothing was recorded: a dry run, or nothing to do. */
  readonly changeId: string | null;
  /** The stored answer of an earlier call with this idempotency key. */
  readonly replayed: boolean;
  /** False when the ledger could not be reached after the write: the outcome is true, and will be settled there later. */
  readonly recorded: boolean;
  readonly lines: readonly ChangeLine[];
  /** Version of the order after the change (before it, in a preview), where it is about one order. */
  readonly version?: string | undefined;
  /** Whether `undo_change` can take it back. */
  readonly undoable: boolean;
  /** How to find out what became of it, where that is unknown. */
  readonly check?: string | undefined;
  /** What else Order Desk does, or what cannot be taken back: sentences of ours. */
  readonly remarks: readonly string[];
  /** Requests to Order Desk that this call made; in a preview, those that the real call will make. */
  readonly apiCalls: number;
  /** In a preview, where the key must confirm: to be given to the real call within 10 minutes. */
  readonly confirmationToken?: string | undefined;
}

export type ChangeState = 'claimed' | 'pending' | 'applied' | 'failed' | 'unknown';

/** An entry of the ledger, unmasked. */
export interface ChangeEntry {
  readonly id: string;
  readonly at: Date;
  readonly store: { readonly rowId: string; readonly name: string | null; readonly orderDeskId: string };
  readonly keyName: string;
  readonly kid: string;
  readonly client: string | null;
  readonly tool: string;
  readonly kind: ChangeKind;
  readonly state: ChangeState;
  /** What it came to; `null` while it is claimed or pending. */
  readonly outcome: CarriedOut | null;
  /** `null` once the images are past their 30 days, or cannot be opened any more. */
  readonly lines: readonly ChangeLine[] | null;
  readonly undoable: boolean;
  readonly undoes: string | null;
  readonly undoneBy: string | null;
}

export interface ChangeFilter {
  readonly orderId?: string | undefined;
  /** Name or kid of the API key that made the changes. */
  readonly key?: string | undefined;
  readonly since?: Date | undefined;
  readonly state?: ChangeState | undefined;
  /** Rows of stores; those in the scope of the principal. */
  readonly stores: readonly StoreEntry[];
  /** 1 to 100. */
  readonly limit: number;
  /** Id of the last entry of the page before: entries come newest first. */
  readonly after?: string | undefined;
}

export interface ChangePage {
  readonly entries: readonly ChangeEntry[];
  readonly hasMore: boolean;
}

export interface ChangeEngine {
  /**
   * @throws AppError `version_conflict`, `in_progress`, `confirmation_required`, `write_cap_reached`, `invalid_argument`,
   *   `not_found`, `unknown_store`, `storage_unavailable`, `upstream_*`, `rate_budget_exhausted`, `shutting_down`, `cancelled`: nothing was
   *   changed then, as the message says
   */
  run<K extends ChangeKind>(request: ChangeRequest<K>, ctx: ChangeContext): Promise<ChangeAnswer>;
  /** As `run`, for the inverse of a change. @throws AppError `cannot_undo`, `not_found` */
  undo(request: UndoRequest, ctx: ChangeContext): Promise<ChangeAnswer>;
  list(principal: Principal, filter: ChangeFilter): Promise<ChangePage>;
}
