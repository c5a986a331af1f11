import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createMemoryBudget } from '../../../src/limits/budget/memory.js';
import type { Budget, Priority } from '../../../src/limits/budget.js';
import { HandClock, rateBudgetHarness, settled } from './rate-budget-harness.js';

/** Counts, and takes a moment for each answer, as Redis does. */
function counting(inner: Budget) {
  const count = { granted: 0, returned: 0 };
  const budget: Budget = {
    ...inner,
    async reserve(bucket, priority) {
      await settled();
      const answer = await inner.reserve(bucket, priority);
      if (answer.granted) count.granted += 1;
      return answer;
    },
    async giveBack(bucket, token) {
      count.returned += 1;
      await inner.giveBack(bucket, token);
    },
  };
  return { budget, count };
}

const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('call' as const),
      lane: fc.constantFrom('a', 'b', 'c'),
      priority: fc.constantFrom<Priority>('interactive', 'background'),
      timeMs: fc.option(fc.integer({ min: 0, max: 8_000 })),
    }),
    fc.record({ kind: fc.constant('leave' as const), which: fc.nat(40) }),
    fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 900 }) }),
  ),
  { minLength: 10, maxLength: 80 },
);

it('every call is sent, refused or gone, and every token is used or given back', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (schedule) => {
      const clock = new HandClock();
      const { budget, count } = counting(createMemoryBudget({ now: () => clock.now }));
      const harness = rateBudgetHarness(budget, clock, 120_000);
      const calls: ReturnType<typeof harness.call>[] = [];
      for (const step of schedule) {
        if (step.kind === 'pass') await clock.pass(step.ms);
        else if (step.kind === 'leave') calls[step.which]?.leave();
        else {
          const { lane, priority, timeMs } = step;
          calls.push(
            harness.call({ lane, priority, ...(timeMs === null ? {} : { deadlineAt: clock.now + timeMs }) }),
          );
        }
      }
      for (let i = 0; i < 100; i += 1) await clock.pass(1_000);
      const outcomes = calls.map(({ outcome }) => outcome);
      expect(outcomes.filter((each) => !ENDS.includes(each))).toEqual([]);
      expect(count.granted).toBe(harness.sent.length + count.returned);
      expect(outcomes.filter((each) => each === 'sent')).toHaveLength(harness.sent.length);
      expect(harness.events).toHaveLength(calls.length);
      expect(clock.timers).toBe(0);
    }),
    { numRuns: 60 },
  );
});

const ENDS = ['sent', 'rate_budget_exhausted', 'cancelled'];
