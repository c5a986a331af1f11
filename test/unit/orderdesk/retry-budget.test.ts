import { describe, expect, it } from 'vitest';
import { createRetryBudget } from '../../../src/orderdesk/retry-budget.js';
import { TestClock } from './calls.js';

function subject() {
  const clock = new TestClock();
  const budget = createRetryBudget(clock.now);
  const takeAll = (): number => {
    let taken = 0;
    while (budget.take()) taken += 1;
    return taken;
  };
  return { clock, budget, takeAll };
}

describe('the retries of a replica', () => {
  it('are three a second over ten seconds when there are no calls', () => {
    expect(subject().takeAll()).toBe(30);
  });

  it('are a fifth of the calls more', () => {
    const { budget, takeAll } = subject();
    for (let i = 0; i < 500; i += 1) budget.countCall();
    expect(takeAll()).toBe(130);
  });

  it('come back as the ten seconds pass, neither earlier nor later', () => {
    const { clock, takeAll } = subject();
    expect(takeAll()).toBe(30);
    clock.pass(9_999);
    expect(takeAll()).toBe(0);
    clock.pass(1);
    expect(takeAll()).toBe(30);
  });

  it('forget calls of long ago, also where no second in between was used', () => {
    const { clock, budget, takeAll } = subject();
    for (let i = 0; i < 500; i += 1) budget.countCall();
    clock.pass(60_000);
    expect(takeAll()).toBe(30);
  });

  it('are a fifth and three a second in the long run, when every call fails', () => {
    const { clock, budget } = subject();
    let retries = 0;
    for (let second = 0; second < 100; second += 1) {
      for (let call = 0; call < 50; call += 1) {
        budget.countCall();
        if (budget.take()) retries += 1;
      }
      clock.pass(1_000);
    }
    expect(retries / 100).toBeGreaterThan(12);
    expect(retries / 100).toBeLessThanOrEqual(13.5);
  });
});
