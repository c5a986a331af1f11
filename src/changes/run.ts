/** One call that writes, on its way through the engine. */
import type { AppError } from '../errors.js';
import type { StoreEntry } from '../tenancy/stores.js';
import type { ChangeType, Plan } from './change-type.js';
import type { EngineOptions, EngineStep } from './engine-options.js';
import type { Claim, Images } from './ledger.js';
import type { ChangeContext, ChangeKind, ChangeLine, ChangeRequest } from './port.js';
import type { CallCount } from './surroundings.js';

/** What was asked for; an undo is a change like any other, with a few words more. */
export interface Job<K extends ChangeKind = ChangeKind> {
  readonly request: ChangeRequest<K>;
  /** Hex of the SHA-256 over store, tool and arguments. */
  readonly fingerprint: string;
  /** Id of the change that this one takes back. */
  readonly undoes: string | null;
  /** Whether it has to be confirmed whatever the key demands. */
  readonly confirm: boolean;
  /** Why it cannot be made, unless an earlier call with the same key has made it. */
  readonly refusal?: AppError | undefined;
  /** Sentences for the caller, before those of the plan. */
  readonly remarks: readonly string[];
}

/** Of the engine's own: the options, and what counts the writes under way. */
export interface EngineDeps extends EngineOptions {
  /** Keeps `idle` waiting until the work has ended. */
  underWay<T>(work: Promise<T>): Promise<T>;
  readonly onFailure: (error: unknown) => void;
}

/** A call that holds its claim and locks and knows what it will send. */
export interface ClaimedRun<K extends ChangeKind = ChangeKind> {
  readonly job: Job<K>;
  readonly ctx: ChangeContext;
  readonly deps: EngineDeps;
  readonly type: ChangeType<K>;
  readonly store: StoreEntry;
  readonly claim: Claim;
  readonly locks: readonly string[];
  /** What an earlier run of the same call has left. */
  readonly earlier: Images | null;
  readonly done: ReadonlyMap<number, ChangeLine>;
  readonly plan: Plan;
  /** Id of the confirmation that the first step uses up. */
  readonly confirmation: string | undefined;
  readonly count: CallCount;
}

/** A hook that fails must not make a write look as if it had. */
export async function reached(deps: EngineDeps, step: EngineStep, changeId: string): Promise<void> {
  try {
    await deps.onStep?.(step, changeId);
  } catch (error) {
    deps.onFailure(error);
  }
}
