import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { HandBudget, rateBudgetHarness, settled } from './rate-budget-harness.js';

let harness: ReturnType<typeof rateBudgetHarness<HandBudget>>;
beforeEach(() => {
  harness = rateBudgetHarness(new HandBudget());
});

describe('a call that cannot be served in time', () => {
  it('is refused at once with the wait when the first token comes too late', async () => {
    const call = harness.call({ deadlineAt: 25_000 });
    await harness.budget.refuse(24_800);
    expect(call.error).toMatchObject({ code: 'rate_budget_exhausted', retryAfterS: 25 });
    expect(call.error?.hint).toMatch(/Wait/);
    expect(harness.clock.timers).toBe(0);
    expect(harness.events).toEqual([{ outcome: 'exhausted', priority: 'interactive', waitMs: 0 }]);
  });

  it('waits where it can just be', async () => {
    const call = harness.call({ deadlineAt: 25_000 });
    await harness.budget.refuse(24_700);
    expect(call.outcome).toBe('waiting');
  });

  it('is refused by its place: three a second after the first', async () => {
    const calls = Array.from({ length: 10 }, () => harness.call({ deadlineAt: 3_300 }));
    await harness.budget.refuse(1_000);
    expect(calls.map(({ outcome }) => outcome === 'waiting')).toEqual([
      ...Array.from({ length: 7 }, () => true),
      ...Array.from({ length: 3 }, () => false),
    ]);
  });

  it('is refused at once by a queue that sleeps', async () => {
    harness.call();
    await harness.budget.refuse(5_000);
    const call = harness.call({ deadlineAt: 2_000 });
    await settled();
    expect(call.outcome).toBe('rate_budget_exhausted');
    expect(harness.budget.asked).toHaveLength(1);
  });

  it('is refused for waiting longer than anybody may', async () => {
    harness = rateBudgetHarness(new HandBudget(), undefined, 2_000);
    const call = harness.call();
    await harness.budget.refuse(1_500);
    expect(call.outcome).toBe('waiting');
    await harness.clock.pass(1_500);
    await harness.budget.refuse(501);
    expect(call.outcome).toBe('rate_budget_exhausted');
  });

  it.each([
    ['a time-out', new DOMException('late', 'TimeoutError')],
    ['the words of a deadline', new AppError('upstream_timeout')],
  ])('says that the budget is used up when its deadline ends it in the queue: %s', async (_name, reason) => {
    const call = harness.call();
    await harness.budget.refuse(1_000);
    call.leave(reason);
    await settled();
    expect(call.error).toMatchObject({ code: 'rate_budget_exhausted', retryAfterS: 1 });
    expect(harness.events).toMatchObject([{ outcome: 'exhausted' }]);
  });

  it('keeps the reason of another end', async () => {
    const call = harness.call();
    await harness.budget.refuse(1_000);
    call.leave(new AppError('shutting_down'));
    await settled();
    expect(call.outcome).toBe('shutting_down');
  });
});

it('ends all who wait when the budget itself fails, and goes on afterwards', async () => {
  const budget = new HandBudget();
  harness = rateBudgetHarness(budget);
  const reserve = budget.reserve.bind(budget);
  budget.reserve = () => Promise.reject(new Error('made up'));
  const calls = [harness.call(), harness.call()];
  await settled();
  expect(calls.map(({ outcome }) => outcome)).toEqual(['internal', 'internal']);
  budget.reserve = reserve;
  const next = harness.call();
  await harness.budget.grant();
  expect(next.outcome).toBe('sent');
});
