import { beforeEach, describe, expect, it } from 'vitest';
import { HandBudget, rateBudgetHarness, settled, storeEntry } from './rate-budget-harness.js';

let harness: ReturnType<typeof rateBudgetHarness<HandBudget>>;
beforeEach(() => {
  harness = rateBudgetHarness(new HandBudget());
});

describe('a caller who leaves', () => {
  it('before it asks costs no question', async () => {
    const left = new AbortController();
    left.abort();
    const call = harness.send({
      method: 'GET',
      route: '/orders',
      account: { kind: 'kept', store: storeEntry() },
      signal: left.signal,
    });
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    expect(harness.budget.asked).toEqual([]);
    expect(harness.events).toMatchObject([{ outcome: 'left' }]);
  });

  it('while its question is under way leaves its token to the next', async () => {
    const first = harness.call({ lane: 'first' });
    harness.call({ lane: 'next' });
    await settled();
    first.leave();
    await harness.budget.grant();
    expect(first.outcome).toBe('cancelled');
    expect(harness.sent).toEqual(['next']);
    expect(harness.budget.returned).toEqual([]);
  });

  it('alone gives its token back', async () => {
    const call = harness.call();
    await settled();
    call.leave();
    await harness.budget.grant();
    expect(harness.sent).toEqual([]);
    expect(harness.budget.returned).toMatchObject([{ epoch: 'token 1' }]);
  });

  it('leaves an interactive token to nobody who has to leave more in the bucket', async () => {
    const call = harness.call();
    harness.call({ lane: 'background', priority: 'background' });
    await settled();
    call.leave();
    await harness.budget.grant();
    expect(harness.budget.returned).toHaveLength(1);
    expect(harness.budget.asked.at(-1)).toBe('od:20001 background');
    await harness.budget.grant();
    expect(harness.sent).toEqual(['background']);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    'between its grant and its departure, %i steps after the answer, gives the token back',
    async (steps) => {
      const call = harness.call();
      await settled();
      await harness.budget.grant(async () => {
        for (let step = 0; step < steps; step += 1) await undefined;
        call.leave();
      });
      expect(harness.late).toEqual([]);
      expect(harness.sent.length + harness.budget.returned.length).toBe(1);
      expect(call.outcome).toBe(harness.sent.length === 1 ? 'sent' : 'cancelled');
    },
  );

  it('while all sleep ends the sleep with itself, and the next call asks at once', async () => {
    const call = harness.call();
    await harness.budget.refuse(5_000);
    expect(harness.clock.timers).toBe(1);
    call.leave();
    await settled();
    expect(harness.clock.timers).toBe(0);
    expect(harness.events).toMatchObject([{ outcome: 'left' }]);
    const next = harness.call();
    await harness.budget.grant();
    expect(next.outcome).toBe('sent');
  });

  it('does not wake up those behind it too early, nor leave them asleep', async () => {
    const first = harness.call({ lane: 'first' });
    const next = harness.call({ lane: 'next' });
    await harness.budget.refuse(1_000);
    first.leave();
    await harness.clock.pass(999);
    expect(harness.budget.asked).toHaveLength(1);
    await harness.clock.pass(1);
    await harness.budget.grant();
    expect(next.outcome).toBe('sent');
  });
});
