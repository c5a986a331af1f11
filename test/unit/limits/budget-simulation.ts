/**
 * Replicas that never run out of work, on one bucket of ours, before the bucket that Order Desk keeps; requests and
 * answers take their time and overtake each other. Time is simulated: ten minutes take some milliseconds.
 */
import { createBucket, orderDeskRateLimit } from '../../../src/sandbox/bucket.js';

/** A bucket of ours, or a naive one to compare it with. */
export interface Bucket<T> {
  /** A token, or the milliseconds to wait. */
  reserve(): { readonly token: T } | { readonly waitMs: number };
  answered(token: T, remaining: number): void;
  refused(retryAfterMs: number): void;
}

export interface Scenario {
  readonly seed: number;
  /** Calls of somebody else a second, at random times. */
  readonly othersPerSecond?: number;
  /** When, in seconds; all the time unless told. */
  readonly othersFrom?: number;
  readonly othersUntil?: number;
  /** Tokens in Order Desk's bucket that are taken before the start. */
  readonly takenBefore?: number;
  /** Milliseconds, of each way. */
  readonly way?: { readonly least: number; readonly most: number };
}

export interface Figures {
  readonly ours: number;
  readonly oursRefused: number;
  /** Of `oursRefused`, those after somebody else's use was over. */
  readonly refusedAfterwards: number;
  readonly others: number;
  readonly othersRefused: number;
  /** The part of what Order Desk granted that was used by anybody. */
  readonly use: number;
}

const SECONDS = 600;
const REPLICAS = 3;
const CALLERS_PER_REPLICA = 8;
const SPREAD_MS = 20;
const WAY = { least: 20, most: 400 };

export function simulate<T>(scenario: Scenario, openBucket: (now: () => number) => Bucket<T>): Figures {
  const { othersPerSecond = 0, othersFrom = 0, othersUntil = SECONDS, takenBefore = 0, way = WAY } = scenario;
  const random = randomFrom(scenario.seed);
  const agenda = new Agenda();
  const bucket = openBucket(() => agenda.now);
  const orderDesk = createBucket(orderDeskRateLimit, () => Math.floor(agenda.now));
  orderDesk.drain(takenBefore);
  const count = { ours: 0, oursRefused: 0, refusedAfterwards: 0, others: 0, othersRefused: 0 };
  const wayMs = (): number => way.least + random() * (way.most - way.least);

  function send(token: T, onAnswer: () => void): void {
    agenda.in(wayMs(), () => {
      const { granted, remaining, retryAfterSeconds } = orderDesk.take();
      if (granted) count.ours += 1;
      else {
        count.oursRefused += 1;
        if (agenda.now > othersUntil * 1_000 + 15_000) count.refusedAfterwards += 1;
      }
      agenda.in(wayMs(), () => {
        if (granted) bucket.answered(token, remaining);
        else bucket.refused(retryAfterSeconds * 1_000);
        onAnswer();
      });
    });
  }

  function startReplica(): void {
    let waiting = CALLERS_PER_REPLICA;
    let isAsleep = false;
    const work = (): void => {
      while (waiting > 0 && !isAsleep) {
        const answer = bucket.reserve();
        if ('token' in answer) {
          waiting -= 1;
          send(answer.token, () => {
            waiting += 1;
            work();
          });
        } else {
          isAsleep = true;
          agenda.in(answer.waitMs + random() * SPREAD_MS, () => {
            isAsleep = false;
            work();
          });
        }
      }
    };
    work();
  }

  function callOfOthers(): void {
    if (agenda.now > othersUntil * 1_000) return;
    if (orderDesk.take().granted) count.others += 1;
    else count.othersRefused += 1;
    agenda.in((-Math.log(1 - random()) * 1_000) / othersPerSecond, callOfOthers);
  }

  for (let i = 0; i < REPLICAS; i += 1) agenda.in(0, startReplica);
  if (othersPerSecond > 0) agenda.in(othersFrom * 1_000, callOfOthers);
  agenda.runUntil(SECONDS * 1_000);
  const { capacity, refillPerSecond } = orderDeskRateLimit;
  const granted = capacity - takenBefore + refillPerSecond * SECONDS;
  return { ...count, use: (count.ours + count.others) / granted };
}

/** What is to happen, in the order of its time; what was noted first comes first. */
class Agenda {
  now = 0;
  readonly #entries: { readonly at: number; readonly run: () => void }[] = [];

  in(ms: number, run: () => void): void {
    const at = this.now + ms;
    let place = this.#entries.findIndex((entry) => entry.at > at);
    if (place < 0) place = this.#entries.length;
    this.#entries.splice(place, 0, { at, run });
  }

  runUntil(end: number): void {
    for (;;) {
      const next = this.#entries.shift();
      if (next === undefined || next.at > end) return;
      this.now = next.at;
      next.run();
    }
  }
}

/** The same numbers from 0 up to 1 for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
