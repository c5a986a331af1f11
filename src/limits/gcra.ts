/**
 * The generic cell rate algorithm in whole microseconds, so that nothing is lost or won by rounding. A bucket is one
 * number: its lead, how far the time at which it would be full again lies ahead of now. A token costs one interval;
 * the lead may be at most a burst of intervals.
 */
import type { Allowance, Verdict } from './port.js';

export interface Cells {
  /** Microseconds that one token takes to come back; rounded up, so that a rate is never exceeded. */
  readonly interval: number;
  /** The greatest lead, in microseconds. */
  readonly tolerance: number;
}

export function cellsOf({ burst, perSecond }: Allowance): Cells {
  const interval = Math.ceil(1_000_000 / perSecond);
  return { interval, tolerance: interval * burst };
}

export interface Taken {
  readonly allowed: boolean;
  /** The lead afterwards, in microseconds. */
  readonly lead: number;
}

/**
 * @param lead the lead before, in microseconds. One above the tolerance (the clock was set back, or the burst was
 * lowered) counts as an empty bucket.
 */
export function takeCells(lead: number, { interval, tolerance }: Cells, cost: number): Taken {
  const before = Math.min(Math.max(lead, 0), tolerance);
  const after = before + cost * interval;
  return after > tolerance ? { allowed: false, lead: before } : { allowed: true, lead: after };
}

export function verdictOf({ allowed, lead }: Taken, { interval, tolerance }: Cells, cost: number): Verdict {
  const missing = lead + cost * interval - tolerance;
  const canSucceed = cost * interval <= tolerance;
  return {
    allowed,
    retryAfterMs: canSucceed ? Math.max(0, Math.ceil(missing / 1_000)) : Number.POSITIVE_INFINITY,
    remaining: Math.floor((tolerance - lead) / interval),
  };
}
