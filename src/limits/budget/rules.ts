/**
 * What happens to one bucket, as pure functions. The same rules stand in `script.ts` for Redis; one contract suite
 * holds both to them. Levels are whole microseconds of refill, as times are: a token is worth `interval` of them, so
 * that nothing is lost or won by rounding.
 *
 * What an answer says was true at some time between the taking of its token and now, and Order Desk cannot have had
 * less then than the bucket, which loses each token before the request arrives: so it is set against the lowest level
 * of that time. Neither slow answers nor requests that overtake each other look like somebody else's use.
 */
import type { BudgetLimits, Priority } from '../budget.js';

/** A bucket nobody has known for a while may be half used by others: it starts with so many tokens at most. */
export const START_TOKENS = 5;
/** For so long after somebody else's use was noticed, more is left to them. */
export const FOREIGN_US = 10_000_000;
/** The lowest levels are remembered for so many stretches of so long. */
export const STRETCHES = 16;
export const STRETCH_US = 500_000;
/** What a bucket is kept below what Order Desk was seen to have: requests do not arrive in the order they left. */
export const HEAD_ROOM_TOKENS = 2;
/** No pause is longer, so that a clock set back does not stop a store for good. */
export const LONGEST_PAUSE_US = 300_000_000;
/**
 * Tokens that stay in the bucket. While somebody else uses it, half of what Order Desk grants is left alone: what they
 * take shows only in the answer to our next request, and a bucket kept at a higher level serves as many requests.
 */
const LEFT = { interactive: { alone: 0, foreign: 10 }, background: { alone: 5, foreign: 13 } } as const;

export interface BucketRules {
  /** Microseconds that one token takes to come back; rounded up, so that the rate is never exceeded. */
  readonly interval: number;
  /** The level of a full bucket. */
  readonly capacity: number;
  /** The level of a bucket that is not known. */
  readonly start: number;
  /** Levels at which work may take a token. */
  readonly needs: Readonly<Record<Priority, { readonly alone: number; readonly foreign: number }>>;
}

/** @param share the part of the budget that these buckets hand out, above 0 and at most 1 */
export function rulesOf({ capacity, perSecond }: BudgetLimits, share = 1): BucketRules {
  const interval = Math.ceil(1_000_000 / (perSecond * share));
  const full = Math.floor(Math.max(1, capacity * share) * interval);
  // A small bucket could never hold what is to be left; full is enough then.
  const need = (left: number): number => Math.min(full, Math.ceil((1 + left * share) * interval));
  const needs = ({ alone, foreign }: { readonly alone: number; readonly foreign: number }) => ({
    alone: need(alone),
    foreign: need(foreign),
  });
  return {
    interval,
    capacity: full,
    start: Math.min(full, Math.floor(START_TOKENS * share * interval)),
    needs: { interactive: needs(LEFT.interactive), background: needs(LEFT.background) },
  };
}

/** The part of a budget that a share of it is: what a full bucket holds is never below one token. */
export const partOf = ({ capacity, perSecond }: BudgetLimits, share = 1): BudgetLimits => ({
  capacity: Math.max(1, capacity * share),
  perSecond: perSecond * share,
});

/** Times are microseconds on the bucket's own clock. */
export interface BucketState {
  level: number;
  /** When `level` was right; ahead of now during a pause, since nothing comes back to us before it ends. */
  at: number;
  foreignUntil: number;
  pausedUntil: number;
  /** The stretch of time that is running, counted from 0. */
  stretch: number;
  /** The lowest level in each of the last stretches; a stretch has the place of its number modulo their count. */
  readonly lows: number[];
}

export const newBucket = (level: number, now: number): BucketState => ({
  level,
  at: now,
  foreignUntil: 0,
  pausedUntil: 0,
  stretch: stretchOf(now),
  lows: Array.from({ length: STRETCHES }, () => level),
});

const stretchOf = (time: number): number => Math.floor(time / STRETCH_US);

export function refill(state: BucketState, { capacity }: BucketRules, now: number): void {
  const stretch = stretchOf(now);
  for (let next = Math.max(state.stretch + 1, stretch - STRETCHES + 1); next <= stretch; next += 1) {
    const refilled = Math.max(0, next * STRETCH_US - state.at);
    state.lows[next % STRETCHES] = Math.min(capacity, state.level + refilled);
  }
  state.stretch = stretch;
  state.pausedUntil = Math.min(state.pausedUntil, now + LONGEST_PAUSE_US);
  state.foreignUntil = Math.min(state.foreignUntil, now + LONGEST_PAUSE_US + FOREIGN_US);
  state.at = Math.min(state.at, Math.max(now, state.pausedUntil));
  state.level = Math.min(capacity, state.level + Math.max(0, now - state.at));
  state.at = Math.max(now, state.at);
}

/** @param level below 0 counts as 0 */
export function lower(state: BucketState, level: number): void {
  state.level = Math.max(0, level);
  const place = state.stretch % STRETCHES;
  state.lows[place] = Math.min(state.lows[place] ?? 0, state.level);
}

/** The part of a level that interactive work could take now, one token after the other. */
export function free(level: number, { needs, interval }: BucketRules, isForeign: boolean): number {
  const { alone, foreign } = needs.interactive;
  return Math.max(0, level - (isForeign ? foreign : alone) + interval);
}

/** @returns microseconds until there is a token for this priority; 0 when it was taken */
export function take(state: BucketState, rules: BucketRules, priority: Priority, now: number): number {
  refill(state, rules, now);
  // At the end of the wait, others' use may be over.
  const wait = (need: number): number => state.at - now + Math.max(0, need - state.level);
  const { alone, foreign } = rules.needs[priority];
  const foreignRest = Math.max(0, state.foreignUntil - now);
  const missing = Math.min(wait(foreign), Math.max(wait(alone), foreignRest));
  if (missing > 0) return missing;
  lower(state, state.level - rules.interval);
  return 0;
}

/**
 * @param takenAt when the token of the answered request was taken
 * @param remaining tokens that the answer says were left
 * @returns whether somebody else must have taken some
 */
export function notice(
  state: BucketState,
  rules: BucketRules,
  { takenAt, remaining }: { readonly takenAt: number; readonly remaining: number },
  now: number,
): boolean {
  refill(state, rules, now);
  const missing = lowestSince(state, takenAt) - remaining * rules.interval;
  if (missing < rules.interval) return false;
  lower(state, state.level - missing - HEAD_ROOM_TOKENS * rules.interval);
  state.foreignUntil = Math.max(state.foreignUntil, now + FOREIGN_US);
  return true;
}

/** 0, of which nothing can be missing, where it is no longer known. */
function lowestSince({ stretch, lows, level }: BucketState, time: number): number {
  let lowest = level;
  const first = stretchOf(time);
  if (first <= stretch - STRETCHES) return 0;
  for (let each = first; each <= stretch; each += 1) lowest = Math.min(lowest, lows[each % STRETCHES] ?? 0);
  return lowest;
}

/** Only ever lengthens a pause. After it the bucket is empty and somebody else is taken to use it: no burst. */
export function pause(state: BucketState, rules: BucketRules, us: number, now: number): void {
  refill(state, rules, now);
  const until = now + Math.min(us, LONGEST_PAUSE_US);
  if (until <= state.pausedUntil) return;
  lower(state, 0);
  state.at = until;
  state.pausedUntil = until;
  state.foreignUntil = until + FOREIGN_US;
}

export function giveBack(state: BucketState, rules: BucketRules, now: number): void {
  refill(state, rules, now);
  if (state.pausedUntil > now) return;
  state.level = Math.min(rules.capacity, state.level + rules.interval);
}
