/**
 * Another integration of the merchant. It spends requests from the store's own bucket, obeys its 429s, and may edit
 * orders, all of which a client of the store notices and cannot help.
 */
import type { Bucket } from './bucket.js';
import type { Tally } from './counters.js';
import type { Prng } from './seed/prng.js';

export interface SomebodyElseOptions {
  /** Order Desk's id of the store. */
  readonly store: string;
  /** How many requests a second it makes on average, as long as it gets no 429. Above 0. */
  readonly perSecond: number;
  /**
   * How far a gap between two requests lies from the average at most, as a share of it: 0 (a metronome) to 1. Unless
   * told requests come by chance, as of a Poisson process: often close together, now and then far apart.
   */
  readonly jitter?: number;
  /** Ids of orders; each granted request puts its note into the next of them, in turn. */
  readonly edits?: readonly string[];
}

export interface SomebodyElse {
  /** What it asked for since it began. */
  report(): Tally;
  /** It makes no request from now on. */
  stop(): Tally;
}

/** Where time comes from. */
export interface Timer {
  /** Milliseconds since any moment. */
  now(): number;
  /** @returns calls it off */
  after(ms: number, run: () => void): () => void;
}

export const realTimer: Timer = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};

export interface SomebodyElseParts {
  readonly bucket: Bucket;
  readonly prng: Prng;
  readonly timer: Timer;
  /** Hears of each of its requests. */
  asked(granted: boolean): void;
  /** @param note differs each time */
  edit(orderId: string, note: string): void;
}

/** @throws RangeError for a rate or a jitter that is none */
export function createSomebodyElse(options: SomebodyElseOptions, parts: SomebodyElseParts): SomebodyElse {
  const { perSecond, jitter, edits = [] } = options;
  if (!(perSecond > 0 && perSecond < Number.POSITIVE_INFINITY)) {
    throw new RangeError('The rate of somebody else is a number of requests a second, above 0.');
  }
  if (jitter !== undefined && !(jitter >= 0 && jitter <= 1)) {
    throw new RangeError('The jitter of somebody else is a number from 0 to 1.');
  }
  const { bucket, prng, timer } = parts;
  const gap = () => gapMs(perSecond, jitter, prng);
  let granted = 0;
  let rateLimited = 0;
  let due = timer.now() + gap();
  let callOff = timer.after(due - timer.now(), request);

  function request(): void {
    const grant = bucket.take();
    parts.asked(grant.granted);
    if (grant.granted) {
      const order = edits[granted % edits.length];
      granted += 1;
      if (order !== undefined) parts.edit(order, `Seen by another integration, ${granted}`);
      // From when it was due and not from now: a timer that runs late does not lower the rate.
      due += gap();
    } else {
      rateLimited += 1;
      due = timer.now() + grant.retryAfterSeconds * 1000;
    }
    callOff = timer.after(Math.max(0, due - timer.now()), request);
  }

  const report = () => ({ requests: granted + rateLimited, granted, rateLimited });
  return {
    report,
    stop() {
      callOff();
      return report();
    },
  };
}

/** Until the next request, in milliseconds. @param jitter `undefined` for a Poisson process */
function gapMs(perSecond: number, jitter: number | undefined, prng: Prng): number {
  const average = 1000 / perSecond;
  const chance = prng.next();
  return jitter === undefined ? -average * Math.log(1 - chance) : average * (1 + jitter * (2 * chance - 1));
}
