/**
 * Whether another clock agrees with ours. Ends of keys and leases are judged by our clock, leases and the trail by that
 * of the database, limits and budgets by that of Redis: a replica that is off lets keys live too long or ends them early.
 */
import { type Finding, ok, warned } from './finding.js';

const TOLERATED_MS = 2_000;

export interface ClockReading {
  /** Milliseconds since 1970, by the other clock. */
  readonly theirs: number;
  /** By ours, just before it was asked and just after the answer: it was read somewhere in between. */
  readonly before: number;
  readonly after: number;
}

/** Asks another clock, with ours read on both sides of the question. */
export async function readClock(ask: () => Promise<number>, now: () => number): Promise<ClockReading> {
  const before = now();
  const theirs = await ask();
  return { theirs, before, after: now() };
}

/** @param whose such as `Postgres` */
export function clockFinding(whose: string, { theirs, before, after }: ClockReading): Finding {
  const ahead = theirs > after ? theirs - after : Math.min(0, theirs - before);
  if (Math.abs(ahead) <= TOLERATED_MS) return ok(`It agrees with that of this machine.`);
  const seconds = (Math.abs(ahead) / 1_000).toFixed(1);
  return warned(
    `The clock of ${whose} is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} that of this machine. Set both by NTP: ends of keys, leases and limits go by them.`,
  );
}
