/** What the engine stands on, and what it tells of its work. */
import type { FreshReads, StoreBudgets, StoreGateway } from '../orderdesk/port.js';
import type { OrderDeskWrites } from '../orderdesk/writes.js';
import type { WaitKind } from '../telemetry/waits.js';
import type { Clock, RandomBytes, StoreRowId, TenantId } from '../tenancy/ids.js';
import type { Principal } from '../tenancy/principal.js';
import type { Sealer } from '../tenancy/sealer.js';
import type { StoreEntry } from '../tenancy/stores.js';
import type { ChangeTypes } from './change-type.js';
import type { Ledger } from './ledger.js';
import type { ChangeKind, ChangeOutcome } from './port.js';

/**
 * The stations of a write, in their order; `pending` to `closed` come again for each step of a batch. A process may end
 * after any of them.
 */
export const ENGINE_STEPS = [
  'claimed',
  'locked',
  'planned',
  'pending',
  'sent',
  'answered',
  'closed',
  'unlocked',
] as const;

export type EngineStep = (typeof ENGINE_STEPS)[number];

/** One finished call, dry runs left out. Holds no id and no argument: fit for metrics. */
export interface ChangeEvent {
  readonly tool: string;
  readonly kind: ChangeKind;
  /** `replayed` for a stored answer; the code of the AppError where it ended with one. */
  readonly outcome: ChangeOutcome | 'replayed' | (string & {});
  readonly durationMs: number;
}

export interface EngineOptions {
  readonly ledger: Ledger;
  readonly types: ChangeTypes;
  readonly reads: FreshReads;
  readonly writes: OrderDeskWrites;
  /** For settings and folders. */
  readonly gateway: Pick<StoreGateway, 'store'>;
  readonly budgets: StoreBudgets;
  readonly sealer: Sealer;
  /** The stores in the scope of a principal. */
  storesOf(principal: Principal): Promise<readonly StoreEntry[]>;
  /** A store by its row, for work that nobody asked for; `undefined` once it is gone. */
  resolveStore(tenantId: TenantId, storeRowId: StoreRowId): Promise<StoreEntry | undefined>;
  /** Whether the key's scope has the tool of this name. */
  mayUse(principal: Principal, tool: string): boolean;
  /** Milliseconds since 1970. */
  readonly now: Clock;
  /** Milliseconds on the clock of every `deadlineAt`; never goes back. */
  readonly monotonic: () => number;
  readonly random: RandomBytes;
  /** Ends early, by throwing, when the signal does. @param on for whom or what, on the account of the call */
  sleep(ms: number, signal: AbortSignal, on: WaitKind): Promise<void>;
  /** How long a claim and its locks hold without being renewed, in milliseconds, as the ledger has it. */
  readonly leaseMs: number;
  /** Between two looks at what may not have been applied, in milliseconds. */
  readonly gapMs: number;
  /** Awaited at each station. */
  readonly onStep?: ((step: EngineStep, changeId: string) => void | Promise<void>) | undefined;
  /** Told of what was swallowed so that a caller gets a true answer, for the log. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
  readonly observe?: ((event: ChangeEvent) => void) | undefined;
}
