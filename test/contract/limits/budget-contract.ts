/** What every budget must do, whatever it is made of. Eighteen tokens at most, three a second. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Budget, Priority, Token } from '../../../src/limits/budget.js';
import { fullestStretch, schedules } from './budget-schedules.js';

export interface BudgetUnderTest {
  readonly budget: Budget;
  /** Lets so many milliseconds pass, on the budget's own clock. */
  pass(ms: number): void;
  close(): Promise<void>;
}

/** A token takes a third of a second to come back. */
const TOKEN_MS = 334;

export function budgetContract(
  adapter: string,
  open: () => Promise<BudgetUnderTest>,
  { runs }: { readonly runs: number },
): void {
  describe(`a budget in ${adapter}`, () => {
    let subject: BudgetUnderTest;
    let fresh = 0;
    const newBucket = () => {
      fresh += 1;
      return `od:${fresh}`;
    };

    beforeEach(async () => {
      subject = await open();
    });
    afterEach(() => subject.close());

    const reserve = (bucket: string, priority: Priority = 'interactive') =>
      subject.budget.reserve(bucket, priority);
    async function takeAll(bucket: string, priority?: Priority): Promise<Token[]> {
      const tokens: Token[] = [];
      for (;;) {
        const answer = await reserve(bucket, priority);
        if (!answer.granted) return tokens;
        tokens.push(answer.token);
      }
    }
    async function take(bucket: string): Promise<Token> {
      const answer = await reserve(bucket);
      if (!answer.granted) throw new Error(`no token for ${answer.waitMs} ms`);
      return answer.token;
    }
    async function fullBucket(): Promise<string> {
      const bucket = newBucket();
      await reserve(bucket);
      subject.pass(10_000);
      return bucket;
    }

    it('starts low, since others may have used what it does not know of', async () => {
      expect(await takeAll(newBucket())).toHaveLength(5);
    });

    it('says to the millisecond when the next token is there', async () => {
      const bucket = await fullBucket();
      await takeAll(bucket);
      expect(await reserve(bucket)).toEqual({ granted: false, waitMs: TOKEN_MS });
      subject.pass(TOKEN_MS - 1);
      expect(await reserve(bucket)).toEqual({ granted: false, waitMs: 1 });
      subject.pass(1);
      expect(await reserve(bucket)).toMatchObject({ granted: true });
      expect(await reserve(bucket)).toMatchObject({ granted: false });
    });

    it('keeps five tokens from background work for interactive work', async () => {
      const bucket = await fullBucket();
      expect(await takeAll(bucket, 'background')).toHaveLength(13);
      expect(await reserve(bucket, 'background')).toEqual({ granted: false, waitMs: TOKEN_MS });
      expect(await takeAll(bucket)).toHaveLength(5);
      expect(await reserve(bucket, 'background')).toEqual({ granted: false, waitMs: 6 * TOKEN_MS - 3 });
    });

    it('can be looked at without taking anything, or making it known', async () => {
      const bucket = newBucket();
      const unknown = { tokens: 5, capacity: 18, perSecond: 3, pauseMs: 0 };
      const look = async () => {
        const { tokens, mode: _mode, ...rest } = await subject.budget.peek(bucket);
        return { tokens: Math.round(tokens * 1_000) / 1_000, ...rest };
      };
      for (let times = 0; times < 30; times += 1) expect(await look()).toEqual(unknown);
      // Were it known, it would be full by now.
      subject.pass(10_000);
      expect(await look()).toEqual(unknown);
      expect(await takeAll(bucket)).toHaveLength(5);
      expect(await look()).toMatchObject({ tokens: 0 });
      subject.pass(2 * TOKEN_MS);
      expect(Math.floor((await look()).tokens)).toBe(2);
      subject.pass(10_000);
      expect(await look()).toMatchObject({ tokens: 18 });
      await subject.budget.pause(bucket, 4_000);
      subject.pass(1_000);
      expect(await look()).toEqual({ ...unknown, tokens: 0, pauseMs: 3_000 });
      subject.pass(3_000);
      expect(await look()).toEqual({ ...unknown, tokens: 0 });
      expect((await subject.budget.peek(bucket)).mode).toBe(subject.budget.mode);
    });

    it('keeps buckets apart', async () => {
      const [one, other] = [newBucket(), newBucket()];
      await takeAll(one);
      expect(await takeAll(other)).toHaveLength(5);
    });

    it('counts questions asked at the same time one by one', async () => {
      const bucket = await fullBucket();
      const answers = await Promise.all(Array.from({ length: 40 }, () => reserve(bucket)));
      expect(answers.filter(({ granted }) => granted)).toHaveLength(18);
    });

    describe('told what Order Desk has left', () => {
      it('finds nothing strange in what its own requests explain', async () => {
        const bucket = await fullBucket();
        const tokens = await takeAll(bucket);
        // Sent at once, they overtake each other: the first to leave arrives last.
        let remaining = 20;
        for (const token of tokens.reverse()) {
          remaining -= 1;
          expect(await subject.budget.observe(bucket, token, remaining)).toBe(false);
        }
        subject.pass(TOKEN_MS);
        expect(await takeAll(bucket)).toHaveLength(1);
      });

      it('finds nothing strange in an answer that was long on its way', async () => {
        const bucket = await fullBucket();
        const token = await take(bucket);
        await takeAll(bucket);
        subject.pass(3_001);
        expect(await subject.budget.observe(bucket, token, 2)).toBe(false);
        expect(await takeAll(bucket)).toHaveLength(9);
      });

      it('follows it down, with two tokens of head room', async () => {
        const bucket = await fullBucket();
        // Seventeen are left here.
        expect(await subject.budget.observe(bucket, await take(bucket), 16)).toBe(true);
        expect((await take(bucket)).left).toBeCloseTo(13, 4);
      });

      it('lets less than a token pass: what is said is rounded down', async () => {
        const bucket = await fullBucket();
        expect(await subject.budget.observe(bucket, await take(bucket), 17)).toBe(false);
        expect((await take(bucket)).left).toBeCloseTo(16, 4);
      });

      it('lowers once for what two answers say', async () => {
        const bucket = await fullBucket();
        const [one, two] = [await take(bucket), await take(bucket)];
        expect(await subject.budget.observe(bucket, two, 14)).toBe(true);
        expect(await subject.budget.observe(bucket, one, 13)).toBe(false);
        expect((await take(bucket)).left).toBeCloseTo(11, 4);
      });

      it('is never raised by it', async () => {
        const bucket = newBucket();
        expect(await subject.budget.observe(bucket, await take(bucket), 19)).toBe(false);
        expect(await takeAll(bucket)).toHaveLength(4);
      });

      it('is never lowered below nothing', async () => {
        const bucket = newBucket();
        expect(await subject.budget.observe(bucket, await take(bucket), 0)).toBe(true);
        subject.pass(11 * TOKEN_MS);
        expect(await takeAll(bucket)).toHaveLength(1);
      });

      it('leaves half to the others for ten seconds, and more still by background work', async () => {
        const bucket = await fullBucket();
        expect(await subject.budget.observe(bucket, await take(bucket), 16)).toBe(true);
        // Fourteen here; others may want ten.
        expect(await reserve(bucket, 'background')).toMatchObject({ granted: true });
        expect(await reserve(bucket, 'background')).toMatchObject({ granted: false });
        expect(await takeAll(bucket)).toHaveLength(3);
        subject.pass(9_999);
        expect(await takeAll(bucket)).toHaveLength(8);
        subject.pass(1);
        expect(await takeAll(bucket)).toHaveLength(10);
      });

      it('shows only what those ten seconds leave to interactive work', async () => {
        const bucket = await fullBucket();
        const shown = async () => Math.floor((await subject.budget.peek(bucket)).tokens);
        await subject.budget.observe(bucket, await take(bucket), 16);
        expect(await shown()).toBe(4);
        expect(await takeAll(bucket, 'background')).toHaveLength(1);
        expect(await shown()).toBe(3);
        expect(await takeAll(bucket)).toHaveLength(3);
        expect((await subject.budget.peek(bucket)).tokens).toBe(0);
        subject.pass(9_999);
        expect(await shown()).toBe(8);
        subject.pass(1);
        expect(await shown()).toBe(18);
        expect(await takeAll(bucket)).toHaveLength(18);
      });

      it('tells whoever waits for the end of those ten seconds when it is', async () => {
        const bucket = await fullBucket();
        await subject.budget.observe(bucket, await take(bucket), 16);
        await takeAll(bucket);
        subject.pass(9_900);
        await takeAll(bucket);
        expect(await reserve(bucket)).toEqual({ granted: false, waitMs: 100 });
      });

      it('knows nothing to do with a token of a bucket that was never known', async () => {
        const token = await take(newBucket());
        const stranger = { ...token, epoch: '1' };
        const bucket = await fullBucket();
        expect(await subject.budget.observe(bucket, stranger, 0)).toBe(false);
        await subject.budget.giveBack(bucket, stranger);
        expect(await takeAll(bucket)).toHaveLength(18);
      });
    });

    describe('paused', () => {
      it('gives nobody a token until the pause is over, and no burst then', async () => {
        const bucket = await fullBucket();
        await subject.budget.pause(bucket, 5_000);
        subject.pass(4_999);
        expect(await reserve(bucket)).toMatchObject({ granted: false });
        expect(await reserve(bucket, 'background')).toMatchObject({ granted: false });
        subject.pass(1);
        expect(await takeAll(bucket)).toEqual([]);
        subject.pass(11 * TOKEN_MS);
        expect(await takeAll(bucket)).toHaveLength(1);
      });

      it('says when the first token is there: after the pause, beside others', async () => {
        const bucket = await fullBucket();
        await subject.budget.pause(bucket, 5_000);
        const answer = await reserve(bucket);
        if (answer.granted) throw new Error('granted in a pause');
        subject.pass(answer.waitMs - 1);
        expect(await reserve(bucket)).toEqual({ granted: false, waitMs: 1 });
        subject.pass(1);
        expect(await reserve(bucket)).toMatchObject({ granted: true });
        expect(answer.waitMs).toBe(5_000 + Math.ceil(11 * (TOKEN_MS - 1 + 0.334)));
      });

      it('is never shortened', async () => {
        const bucket = await fullBucket();
        await subject.budget.pause(bucket, 5_000);
        await subject.budget.pause(bucket, 1_000);
        subject.pass(4_999);
        expect(await reserve(bucket)).toMatchObject({ granted: false });
        await subject.budget.pause(bucket, 5_000);
        subject.pass(4_999);
        const answer = await reserve(bucket);
        expect(!answer.granted && answer.waitMs).toBeGreaterThan(1);
      });

      it('holds a bucket that nobody has asked yet', async () => {
        const bucket = newBucket();
        await subject.budget.pause(bucket, 2_000);
        subject.pass(1_999);
        expect(await takeAll(bucket)).toEqual([]);
      });

      it('wins nothing by a token that is given back meanwhile', async () => {
        const bucket = await fullBucket();
        const token = await take(bucket);
        await subject.budget.pause(bucket, 1_000);
        await subject.budget.giveBack(bucket, token);
        subject.pass(1_000 + 11 * TOKEN_MS);
        expect(await takeAll(bucket)).toHaveLength(1);
      });
    });

    describe('given a token back', () => {
      it('hands it out again, once', async () => {
        const bucket = await fullBucket();
        const [token] = await takeAll(bucket);
        if (token === undefined) throw new Error('no token');
        await subject.budget.giveBack(bucket, token);
        await subject.budget.giveBack(bucket, token);
        expect(await takeAll(bucket)).toHaveLength(1);
      });

      it('holds no more than its capacity', async () => {
        const bucket = await fullBucket();
        const token = await take(bucket);
        subject.pass(10_000);
        await subject.budget.giveBack(bucket, token);
        expect(await takeAll(bucket)).toHaveLength(18);
      });
    });

    it('hands out at most capacity + rate x t in any stretch of time, whatever it is told', async () => {
      await fc.assert(
        fc.asyncProperty(schedules, async (schedule) => {
          const bucket = await fullBucket();
          const grants: number[] = [];
          let now = 0;
          for (const { pauseMs, priority, foreign } of schedule) {
            subject.pass(pauseMs);
            now += pauseMs;
            const answer = await reserve(bucket, priority);
            if (!answer.granted) continue;
            grants.push(now);
            if (foreign === null) continue;
            const remaining = Math.max(0, Math.floor(answer.token.left) - foreign);
            const wasNoticed = await subject.budget.observe(bucket, answer.token, remaining);
            if (wasNoticed) expect(answer.token.left - remaining).toBeGreaterThanOrEqual(1);
          }
          expect(fullestStretch(grants)).toBeLessThan(1e-6);
        }),
        { numRuns: runs },
      );
    });

    it('grants after exactly the wait that it told, and not a millisecond before', async () => {
      await fc.assert(
        fc.asyncProperty(schedules, async (schedule) => {
          const bucket = await fullBucket();
          for (const { pauseMs, priority, foreign } of schedule) {
            subject.pass(pauseMs);
            const answer = await reserve(bucket, priority);
            if (answer.granted) {
              if (foreign !== null) await subject.budget.observe(bucket, answer.token, foreign);
              continue;
            }
            subject.pass(answer.waitMs - 1);
            expect(await reserve(bucket, priority)).toEqual({ granted: false, waitMs: 1 });
            subject.pass(1);
            expect(await reserve(bucket, priority)).toMatchObject({ granted: true });
          }
        }),
        { numRuns: Math.ceil(runs / 2) },
      );
    });
  });
}
