/** What the server does for the trail while it runs: counts refusals, writes them, and ends old rows once a day. */
import { type Repeater, repeat } from '../repeat.js';
import type { AuditLog, RefusedAct } from './port.js';
import { RefusedActs } from './refused-acts.js';
import { DailyRetention } from './retention.js';
import { type WriteDeps, writeRefusedActs } from './write-refused-acts.js';

export interface AuditTrailDeps extends WriteDeps {
  /** Told of a failure in the background, for the log. */
  readonly onBackgroundError: (error: unknown) => void;
  readonly onRetention: (deletedRows: number) => void;
}

const WRITE_EVERY_MS = 10_000;
const RETENTION_CHECK_MS = 60_000;

export class AuditTrail implements AuditLog {
  readonly #deps: AuditTrailDeps;
  readonly #acts: RefusedActs;
  readonly #retention: DailyRetention;
  #repeaters: readonly Repeater[] = [];

  constructor(deps: AuditTrailDeps) {
    this.#deps = deps;
    this.#acts = new RefusedActs(deps.now);
    this.#retention = new DailyRetention(deps.database, deps.now);
  }

  record(act: RefusedAct): void {
    this.#acts.record(act);
  }

  start(): void {
    if (this.#repeaters.length > 0) return;
    this.#repeaters = [
      repeat(WRITE_EVERY_MS, () => this.#inBackground(() => this.write('ended'))),
      repeat(RETENTION_CHECK_MS, () => this.#inBackground(() => this.#retain())),
    ];
  }

  /** Ends the background work and writes what was counted. Never throws. */
  async stop(): Promise<void> {
    await Promise.all(this.#repeaters.map((repeater) => repeater.stop()));
    this.#repeaters = [];
    await this.#inBackground(() => this.write('all'));
  }

  /** Writes the counts of the minutes that have ended, or all. @throws whatever the database throws */
  async write(what: 'ended' | 'all'): Promise<void> {
    await writeRefusedActs(this.#acts, what, this.#deps);
  }

  async #retain(): Promise<void> {
    const deleted = await this.#retention.step();
    if (deleted !== undefined) this.#deps.onRetention(deleted);
  }

  async #inBackground(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      this.#deps.onBackgroundError(error);
    }
  }
}
