/**
 * Refused acts, counted by the minute. Whoever sends them chooses how many and from where, so the number of counters
 * has a bound: what comes from beyond it is counted as one address, `other`.
 */
import type { AuditLog, RefusedAct } from './port.js';

export interface CountedAct {
  readonly act: RefusedAct;
  /** Its beginning, in milliseconds since the epoch. */
  readonly minute: number;
  readonly count: number;
}

const MINUTE_MS = 60_000;
/** Counters in memory; while the database is away this is all there is. */
export const COUNTERS_HELD = 2_000;
/** The counters for what is beyond the bound have one of their own. */
const OVERFLOW_HELD = 2_000;
const OTHER = 'other';

export class RefusedActs implements AuditLog {
  readonly #now: () => number;
  #counters = new Map<string, { act: RefusedAct; minute: number; count: number }>();

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  record(act: RefusedAct): void {
    const minute = Math.floor(this.#now() / MINUTE_MS) * MINUTE_MS;
    if (!this.#count(act, minute, 1, COUNTERS_HELD)) {
      this.#count(withoutOrigin(act), minute, 1, COUNTERS_HELD + OVERFLOW_HELD);
    }
  }

  /** Takes out what is complete: the minutes that have ended, or everything when the process ends. */
  take(what: 'ended' | 'all'): CountedAct[] {
    const now = this.#now();
    const isDue = ({ minute }: CountedAct) => what === 'all' || minute + MINUTE_MS <= now;
    const due = [...this.#counters].filter(([, counted]) => isDue(counted));
    for (const [key] of due) this.#counters.delete(key);
    return due.map(([, counted]) => counted);
  }

  /** Puts back what could not be written, within the bound. */
  putBack(acts: readonly CountedAct[]): void {
    for (const { act, minute, count } of acts) {
      this.#count(act, minute, count, COUNTERS_HELD + OVERFLOW_HELD);
    }
  }

  #count(act: RefusedAct, minute: number, by: number, bound: number): boolean {
    const key = `${minute}|${keyOf(act)}`;
    const counted = this.#counters.get(key);
    if (counted !== undefined) counted.count += by;
    else if (this.#counters.size < bound) this.#counters.set(key, { act, minute, count: by });
    else return false;
    return true;
  }
}

const keyOf = (act: RefusedAct): string =>
  act.kind === 'key_refused'
    ? `key|${act.reason}|${act.address}`
    : `scope|${act.tenantId}|${act.kid}|${act.what}|${act.name}`;

const withoutOrigin = (act: RefusedAct): RefusedAct =>
  act.kind === 'key_refused' ? { ...act, address: OTHER } : { ...act, name: OTHER };
