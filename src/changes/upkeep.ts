/** What every replica does for the ledger in the background: sweeps, counts what is unfinished, lets old entries go. */
import { z } from 'zod';
import type { Database } from '../storage/port.js';
import type { UnfinishedChanges } from '../telemetry/port.js';
import { type Repeater, repeat } from '../tenancy/repeat.js';

export interface UpkeepDeps {
  /** Finishes what others left, a few at a time; ends early when the signal does. @returns how many it finished */
  readonly sweep: (signal: AbortSignal) => Promise<number>;
  /** Lets go of what is past its time. @returns how many rows that were */
  readonly retain: () => Promise<number>;
  readonly onRetention: (rows: number) => void;
  readonly database: Database;
  /** Nothing is tried before: a database that was never reached may not fit. */
  readonly isReached: () => boolean;
  /** Milliseconds on a clock that never goes back. */
  readonly monotonic: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly onUnfinished: (unfinished: UnfinishedChanges) => void;
  /** Told of a failure in the background, for the log. */
  readonly onBackgroundError: (error: unknown) => void;
}

/** Between two sweeps, in milliseconds: 12 to 18 s, so that replicas do not keep step. */
const SWEEP_MS = { least: 12_000, spread: 6_000 };
/** The first time a minute after the start, then by the hour. */
const RETENTION_CHECK_MS = 60_000;
const RETENTION_EVERY_MS = 3_600_000;

export class ChangeUpkeep {
  readonly #deps: UpkeepDeps;
  readonly #stopping = new AbortController();
  #repeaters: readonly Repeater[] = [];
  #retainedAt: number | undefined;

  constructor(deps: UpkeepDeps) {
    this.#deps = deps;
  }

  start(): void {
    if (this.#repeaters.length > 0) return;
    this.#repeaters = [
      repeat(
        () => SWEEP_MS.least + this.#deps.random() * SWEEP_MS.spread,
        () => this.#inBackground(() => this.sweepOnce()),
      ),
      repeat(RETENTION_CHECK_MS, () => this.#inBackground(() => this.retainWhenDue())),
    ];
  }

  /** Ends what is under way early. Never throws. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#repeaters.map((repeater) => repeater.stop()));
    this.#repeaters = [];
  }

  /** @throws what the sweep and the database throw */
  async sweepOnce(): Promise<void> {
    await this.#deps.sweep(this.#stopping.signal);
    this.#deps.onUnfinished(await unfinishedOf(this.#deps.database));
  }

  /** What failed is tried again at the next check. @throws AppError `storage_unavailable` */
  async retainWhenDue(): Promise<void> {
    const now = this.#deps.monotonic();
    if (this.#retainedAt !== undefined && now - this.#retainedAt < RETENTION_EVERY_MS) return;
    this.#deps.onRetention(await this.#deps.retain());
    this.#retainedAt = now;
  }

  async #inBackground(task: () => Promise<void>): Promise<void> {
    if (!this.#deps.isReached()) return;
    try {
      await task();
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#deps.onBackgroundError(error);
    }
  }
}

/** What all tenants' changes without an outcome come to. @throws AppError `storage_unavailable` */
async function unfinishedOf(database: Database): Promise<UnfinishedChanges> {
  const [row] = await database.asSystem('sweep', (tx) => tx.rows(unfinishedRow, UNFINISHED));
  return { count: row?.n ?? 0, oldestS: row?.oldest_s ?? 0 };
}

const UNFINISHED = `select
    (count(*) filter (where created_at < now() - interval '1 minute'))::integer as n,
    coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as oldest_s
  from changes where state in ('claimed', 'pending')`;
const unfinishedRow = z.object({ n: z.int(), oldest_s: z.number() });
