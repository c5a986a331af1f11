/** How many tenants have called lately. */

const ACTIVE_MS = 5 * 60_000;
/** Entries after which those that are no longer active are dropped without waiting for a scrape. */
const MOST_HELD = 10_000;

export class ActiveTenants {
  readonly #now: () => number;
  readonly #lastCall = new Map<string, number>();
  #nextSweepAt = MOST_HELD;

  /** @param now milliseconds on a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now;
  }

  note(tenantId: string): void {
    this.#lastCall.set(tenantId, this.#now());
    if (this.#lastCall.size < this.#nextSweepAt) return;
    this.#nextSweepAt = Math.max(MOST_HELD, 2 * this.count());
  }

  /** Tenants with a call in the last five minutes. */
  count(): number {
    const since = this.#now() - ACTIVE_MS;
    for (const [tenantId, at] of this.#lastCall) {
      if (at < since) this.#lastCall.delete(tenantId);
    }
    return this.#lastCall.size;
  }
}
