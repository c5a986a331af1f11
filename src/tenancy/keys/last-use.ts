/** When keys were last used, to the minute, written in batches and never while a call waits. */
import type { Clock, Kid } from '../ids.js';
import type { KeyRepository } from './key-repository.js';

const MINUTE_MS = 60_000;

/** Above this a use goes unrecorded until the next batch is written; there are never more keys than this in memory. */
const KIDS_HELD = 10_000;

export class LastUse {
  readonly #keys: KeyRepository;
  readonly #now: Clock;
  readonly #written = new Map<Kid, number>();
  #pending = new Map<Kid, Date>();

  constructor(keys: KeyRepository, now: Clock) {
    this.#keys = keys;
    this.#now = now;
  }

  note(kid: Kid): void {
    const minute = Math.floor(this.#now() / MINUTE_MS);
    if (this.#written.get(kid) === minute) return;
    if (this.#written.size >= KIDS_HELD) this.#written.clear();
    if (this.#pending.size >= KIDS_HELD) return;
    this.#written.set(kid, minute);
    this.#pending.set(kid, new Date(minute * MINUTE_MS));
  }

  /** Writes what was noted; on failure it stays noted. @throws whatever the database throws */
  async flush(): Promise<void> {
    if (this.#pending.size === 0) return;
    const uses = this.#pending;
    this.#pending = new Map();
    try {
      await this.#keys.recordUse(uses);
    } catch (error) {
      this.#pending = new Map([...uses, ...this.#pending]);
      throw error;
    }
  }
}
