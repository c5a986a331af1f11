/** Why the rules of the budget are as they are: ten simulated minutes of three replicas with eight callers each. */
import { describe, expect, it } from 'vitest';
import { LocalBudgets } from '../../../src/limits/budget/local-budgets.js';
import { rulesOf } from '../../../src/limits/budget/rules.js';
import { type BudgetLimits, ORDER_DESK_BUDGET, type Token } from '../../../src/limits/budget.js';
import { type Bucket, type Figures, type Scenario, simulate } from './budget-simulation.js';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** Our bucket: one that nobody has known, or one that had time to fill up. */
function ours(
  now: () => number,
  { isFull = false, limits = ORDER_DESK_BUDGET }: { isFull?: boolean; limits?: BudgetLimits } = {},
): Bucket<Token> {
  let before = isFull ? 0 : 60_000;
  const budgets = new LocalBudgets(rulesOf(limits), () => now() + before);
  if (isFull) budgets.reserve('od:1', 'interactive');
  before = 60_000;
  return {
    reserve() {
      const answer = budgets.reserve('od:1', 'interactive');
      return answer.granted ? { token: answer.token } : { waitMs: answer.waitMs };
    },
    answered: (token, remaining) => budgets.observe('od:1', token, remaining),
    refused: (ms) => budgets.pause('od:1', ms),
  };
}

/** Naive: what Order Desk grants, to the last token, and whatever an answer says is taken for what is left. */
function naive(now: () => number, { copiesHeader }: { copiesHeader: boolean }): Bucket<undefined> {
  let [level, at, pausedUntil] = [20, 0, 0];
  const refill = (): void => {
    level = Math.min(20, level + ((now() - at) * 3) / 1_000);
    at = now();
  };
  return {
    reserve() {
      refill();
      const waitMs = Math.max(pausedUntil - now(), ((1 - level) * 1_000) / 3);
      if (waitMs > 0) return { waitMs: Math.ceil(waitMs) };
      level -= 1;
      return { token: undefined };
    },
    answered(_token, remaining) {
      refill();
      if (copiesHeader) level = remaining;
    },
    refused(ms) {
      pausedUntil = Math.max(pausedUntil, now() + ms);
      level = 0;
    },
  };
}

const forAllSeeds = <T>(open: (now: () => number) => Bucket<T>, scenario: Omit<Scenario, 'seed'> = {}) =>
  SEEDS.map((seed) => simulate({ ...scenario, seed }, open));
const refusedPart = ({ ours, oursRefused }: Figures): number => oursRefused / (ours + oursRefused);
const othersRefusedPart = ({ others, othersRefused }: Figures): number =>
  othersRefused / (others + othersRefused);
const sum = (figures: readonly Figures[], of: (each: Figures) => number): number =>
  figures.reduce((total, each) => total + of(each), 0);

describe('alone on a store', () => {
  it.each([
    ['a full bucket', true, {}],
    ['a bucket nearly used up before', false, { takenBefore: 15 }],
    ['slow answers', true, { way: { least: 1_000, most: 1_500 } }],
  ])('causes no 429 and uses what is granted: %s', (_name, isFull, scenario) => {
    for (const figures of forAllSeeds((now) => ours(now, { isFull }), scenario)) {
      expect(figures.oursRefused).toBe(0);
      expect(figures.use).toBeGreaterThanOrEqual(0.97);
    }
  });

  it('would cause 429s without head room', () => {
    const limits = { ...ORDER_DESK_BUDGET, capacity: 20 };
    const figures = forAllSeeds((now) => ours(now, { isFull: true, limits }));
    expect(sum(figures, ({ oursRefused }) => oursRefused)).toBeGreaterThan(0);
  });

  it('would cause many by taking the header for the level', () => {
    for (const figures of forAllSeeds((now) => naive(now, { copiesHeader: true }))) {
      expect(refusedPart(figures)).toBeGreaterThan(0.05);
    }
  });
});

describe('with somebody else taking half of the bucket', () => {
  const scenario = { othersPerSecond: 1.5 };

  it('has at most one call in a hundred refused, theirs or ours, and nothing is wasted', () => {
    for (const figures of forAllSeeds((now) => ours(now), scenario)) {
      expect(refusedPart(figures)).toBeLessThanOrEqual(0.01);
      expect(othersRefusedPart(figures)).toBeLessThanOrEqual(0.01);
      expect(figures.use).toBeGreaterThanOrEqual(0.95);
      // Nobody is starved.
      expect(figures.ours).toBeGreaterThan(700);
    }
  });

  it('is without 429 again when they have gone', () => {
    const figures = forAllSeeds((now) => ours(now), { ...scenario, othersFrom: 100, othersUntil: 300 });
    expect(sum(figures, ({ refusedAfterwards }) => refusedAfterwards)).toBe(0);
    for (const { use } of figures) expect(use).toBeGreaterThanOrEqual(0.97);
  });

  it.each([
    ['by looking at its own use only', false],
    ['by taking the header for the level', true],
  ])('would be refused far more often, and they too: %s', (_name, copiesHeader) => {
    for (const figures of forAllSeeds((now) => naive(now, { copiesHeader }), scenario)) {
      expect(refusedPart(figures)).toBeGreaterThan(0.05);
      expect(othersRefusedPart(figures)).toBeGreaterThan(0.05);
    }
  });
});
