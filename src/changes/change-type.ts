/**
 * What one kind of change supplies to the engine: intent, merge, probe and inverse. Everything that goes into the ledger is
 * plain JSON, since another process may have to go on with it.
 */
import type { AppError } from '../errors.js';
import type { CallContext, FreshReads, Order } from '../orderdesk/port.js';
import type { StoreView } from '../orderdesk/views.js';
import type { WriteRequest } from '../orderdesk/write-request.js';
import type { StoreEntry } from '../tenancy/stores.js';
import type { Intents } from './intents.js';
import type { ChangeKind, ChangeLine, ChangeRequest } from './port.js';

export interface Surroundings {
  readonly store: StoreEntry;
  /** Settings and folders, from the cache where they are there. */
  storeView(): Promise<StoreView>;
  /** Reads that pass by the cache. Each costs a request. */
  readonly reads: FreshReads;
  readonly ctx: CallContext;
  /** Id of the change, which marks what it makes (`order_metadata.odm_change` and the like). */
  readonly changeId: string;
  readonly now: () => Date;
  /**
   * Whether this is a dry run, or the call that confirms one: both read the same, since a confirmation is bound to what was
   * seen. A kind that needs no reads of its own does without them otherwise.
   */
  readonly previewed?: boolean | undefined;
  /** Whether nothing will be sent: sentences then say what would happen, not what did. */
  readonly dryRun?: boolean | undefined;
}

/** One request to be sent, with what must be known to tell later what became of it. */
export interface Step {
  readonly request: WriteRequest;
  /** Lines as they stand once it is applied; indexes into the lines of the change say which. */
  readonly lines: readonly { readonly index: number; readonly line: ChangeLine }[];
  /** For `look`, by whatever process: how to find out. Plain JSON. */
  readonly probe: unknown;
}

export interface Plan {
  /** All lines of the change in the order of the caller; those of no step are decided already (`already`, `failed`). */
  readonly lines: readonly ChangeLine[];
  /** In the order in which they are sent; empty when nothing is to be done. */
  readonly steps: readonly Step[];
  /** What a confirmation is bound to: versions of what was read; empty where nothing is read. */
  readonly seen: readonly string[];
  /** Version of the order as read, where it is about one order. */
  readonly version?: string | undefined;
  /** Whole records as they were, by target, for what is deleted. Plain JSON. */
  readonly records?: Readonly<Record<string, unknown>> | undefined;
  /** Sentences for the caller. */
  readonly remarks: readonly string[];
}

export type LookedUp = 'applied' | 'not_applied' | 'unclear';

/** What looking found out, by line of the step. `line` replaces the line, where more is known now. */
export interface Verdict {
  readonly index: number;
  readonly found: LookedUp;
  readonly line?: ChangeLine | undefined;
}

/** A change as the ledger holds it. */
export interface RecordedChange {
  readonly id: string;
  readonly kind: ChangeKind;
  readonly lines: readonly ChangeLine[];
  readonly records: Readonly<Record<string, unknown>>;
  /** When its first request may have been sent. */
  readonly sentAt: Date;
}

/** What was sent and has no known outcome: the `Step`, less what only its sender needs. */
export interface OpenStep {
  readonly lines: Step['lines'];
  readonly probe: unknown;
  /** By the clock of the database. */
  readonly sentAt: Date;
}

export interface ChangeType<K extends ChangeKind> {
  readonly kind: K;
  /** Objects of Order Desk that nobody else may change meanwhile, such as `order:123`; texts of others only hashed. */
  locks(intent: Intents[K]): readonly string[];
  /** Requests that it takes, reads included, folders cached; at most, where that hangs on what is found. */
  calls(intent: Intents[K], previewed?: boolean): number;
  /** Effects at Order Desk, for the daily cap. */
  effects(plan: Plan): number;
  /**
   * Reads afresh, merges, and says what is to be sent. Lines that an earlier run of the same call has finished are given as
   * `done`, by index, and are taken over as they are.
   * @throws AppError a refusal: nothing is recorded then
   */
  plan(intent: Intents[K], around: Surroundings, done: ReadonlyMap<number, ChangeLine>): Promise<Plan>;
  /**
   * What Order Desk's answer says of each line of the step: lines as they stand now, by the place they have in `step.lines`.
   * May read, to learn ids that the answer lacks; when such a read fails, what is known stands.
   */
  read(step: Step, body: Readonly<Record<string, unknown>>, around: Surroundings): Promise<Answered>;
  /**
   * For batches: what a refusal of the whole step, which changed nothing, says of its lines. Without it, each has failed by
   * the words of the refusal. May read; when such a read fails, what is known stands.
   */
  refused?(step: Step, refusal: AppError, around: Surroundings): Promise<readonly ChangeLine[]>;
  /**
   * For a change of a single thing: the error that tells its caller more than the refusal of its step does, or the refusal
   * itself. May read; never rejects.
   */
  refusedAs?(step: Step, refusal: AppError, around: Surroundings): Promise<AppError>;
  /** Looks what became of a step whose answer was lost. Never sends. @throws AppError as reads do */
  look(step: OpenStep, around: Surroundings): Promise<readonly Verdict[]>;
  /** Sentences for a preview: what Order Desk will do besides. */
  besides(intent: Intents[K], plan: Plan, around: Surroundings): Promise<readonly string[]>;
  /** The change that takes this one back. @throws AppError `cannot_undo` with the reason */
  inverse(
    change: RecordedChange,
  ): Pick<ChangeRequest, 'kind' | 'intent'> & { readonly remarks: readonly string[] };
  /** Whether `inverse` could work, as far as the ledger alone can tell. */
  readonly undoable: boolean;
  /** Why a key may have to confirm it first: `always`, or by what the key demands. */
  readonly confirm?: 'moves' | 'deletes' | 'always' | undefined;
}

export interface Answered {
  readonly lines: readonly ChangeLine[];
  /** The order as it is now, where the answer holds it: for its version. */
  readonly order?: Order['raw'] | undefined;
  /** Sentences for the caller, beside those of the plan. */
  readonly remarks?: readonly string[] | undefined;
}

export type ChangeTypes = { readonly [K in ChangeKind]: ChangeType<K> };
