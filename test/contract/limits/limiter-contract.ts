/** What every limiter must do, whatever it is made of. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Allowance, Limiter } from '../../../src/limits/port.js';

export interface LimiterUnderTest {
  readonly limiter: Limiter;
  /** Lets so many milliseconds pass, on the limiter's own clock. */
  pass(ms: number): void;
  close(): Promise<void>;
}

export interface LimiterContractOptions {
  /** Random schedules to try. */
  readonly runs: number;
}

const TEN_A_SECOND: Allowance = { burst: 5, perSecond: 10 };

export function limiterContract(
  adapter: string,
  open: () => Promise<LimiterUnderTest>,
  { runs }: LimiterContractOptions,
): void {
  describe(`a limiter in ${adapter}`, () => {
    let subject: LimiterUnderTest;
    let fresh = 0;
    const newKey = () => {
      fresh += 1;
      return `key:${fresh}`;
    };

    beforeEach(async () => {
      subject = await open();
    });
    afterEach(() => subject.close());

    const takeAll = async (key: string, allowance: Allowance, times: number) => {
      let allowed = 0;
      for (let i = 0; i < times; i += 1) {
        if ((await subject.limiter.take(key, allowance)).allowed) allowed += 1;
      }
      return allowed;
    };

    it('lets a burst through at once, and not one more', async () => {
      expect(await takeAll(newKey(), TEN_A_SECOND, 20)).toBe(5);
    });

    it('says how many are left and how long to wait, exactly', async () => {
      const key = newKey();
      expect(await subject.limiter.take(key, TEN_A_SECOND, 2)).toEqual({
        allowed: true,
        retryAfterMs: 0,
        remaining: 3,
      });
      expect(await subject.limiter.take(key, TEN_A_SECOND, 2)).toEqual({
        allowed: true,
        retryAfterMs: 100,
        remaining: 1,
      });
      expect(await subject.limiter.take(key, TEN_A_SECOND, 3)).toEqual({
        allowed: false,
        retryAfterMs: 200,
        remaining: 1,
      });
      subject.pass(199);
      expect((await subject.limiter.take(key, TEN_A_SECOND, 3)).allowed).toBe(false);
      subject.pass(1);
      expect((await subject.limiter.take(key, TEN_A_SECOND, 3)).allowed).toBe(true);
    });

    it('takes nothing when it refuses', async () => {
      const key = newKey();
      for (let i = 0; i < 10; i += 1) await subject.limiter.take(key, TEN_A_SECOND, 6);
      expect(await takeAll(key, TEN_A_SECOND, 20)).toBe(5);
    });

    it('never allows more than the bucket holds, and says that waiting does not help', async () => {
      expect(await subject.limiter.take(newKey(), TEN_A_SECOND, 6)).toEqual({
        allowed: false,
        retryAfterMs: Number.POSITIVE_INFINITY,
        remaining: 5,
      });
    });

    it('fills up again to the burst and no further', async () => {
      const key = newKey();
      await takeAll(key, TEN_A_SECOND, 5);
      subject.pass(60_000);
      expect(await takeAll(key, TEN_A_SECOND, 20)).toBe(5);
    });

    it('keeps keys apart', async () => {
      const [one, other] = [newKey(), newKey()];
      await takeAll(one, TEN_A_SECOND, 20);
      expect(await takeAll(other, TEN_A_SECOND, 20)).toBe(5);
    });

    it('treats a bucket whose burst was lowered as empty, not as blocked for longer', async () => {
      const key = newKey();
      await takeAll(key, { burst: 100, perSecond: 10 }, 100);
      expect(await subject.limiter.take(key, TEN_A_SECOND)).toMatchObject({
        allowed: false,
        retryAfterMs: 100,
      });
    });

    it('counts calls made at the same time one by one', async () => {
      const key = newKey();
      const verdicts = await Promise.all(
        Array.from({ length: 20 }, () => subject.limiter.take(key, TEN_A_SECOND)),
      );
      expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(5);
    });

    it('lets at most burst + rate × t through in any window, and wastes nothing', async () => {
      const step = fc.record({
        pauseMs: fc.integer({ min: 0, max: 400 }),
        cost: fc.integer({ min: 1, max: 4 }),
      });
      const allowances = fc.record({
        burst: fc.integer({ min: 4, max: 20 }),
        perSecond: fc.constantFrom(0.5, 3, 7, 10, 33.3, 250),
      });
      await fc.assert(
        fc.asyncProperty(
          allowances,
          fc.array(step, { minLength: 5, maxLength: 60 }),
          async (allowance, steps) => {
            const key = newKey();
            const taken: { at: number; cost: number }[] = [];
            let now = 0;
            for (const { pauseMs, cost } of steps) {
              subject.pass(pauseMs);
              now += pauseMs;
              const verdict = await subject.limiter.take(key, allowance, cost);
              if (verdict.allowed) taken.push({ at: now, cost });
              else {
                // With it, some window that ends now would have held too much.
                expect(fullestWindow([...taken, { at: now, cost }], allowance)).toBeGreaterThan(-SLACK);
              }
            }
            expect(fullestWindow(taken, allowance)).toBeLessThan(1e-6);
          },
        ),
        { numRuns: runs },
      );
    });
  });
}

/** Parts of a token that a whole schedule may lose: an interval is a whole number of microseconds, rounded up. */
const SLACK = 0.05;

/** By how many tokens the fullest window is above burst + rate × t; below zero when all hold less. */
function fullestWindow(
  taken: readonly { at: number; cost: number }[],
  { burst, perSecond }: Allowance,
): number {
  let worst = Number.NEGATIVE_INFINITY;
  for (let from = 0; from < taken.length; from += 1) {
    let tokens = 0;
    for (let to = from; to < taken.length; to += 1) {
      const [first, last] = [taken[from], taken[to]];
      if (first === undefined || last === undefined) continue;
      tokens += last.cost;
      worst = Math.max(worst, tokens - (burst + (perSecond * (last.at - first.at)) / 1_000));
    }
  }
  return worst;
}
