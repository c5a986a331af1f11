/** Tokens are handed out only while there is room for the calls: one that waited would leave in a bunch with others. */
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { deferred } from '../../support/deferred.js';
import { HandBudget, HandClock, rateBudgetHarness, settled, storeEntry } from './rate-budget-harness.js';

const PLACES = 2;
const room = () => rateBudgetHarness(new HandBudget(), new HandClock(), 60_000, PLACES);

describe('a bucket whose calls take long', () => {
  it('hands out no more tokens than there are places, and goes on when a call ends', async () => {
    const { budget, call, held, sent } = room();
    const slow = deferred<void>();
    held.until = slow.promise;
    for (const lane of ['a', 'b', 'c']) call({ lane });
    await budget.grant();
    await budget.grant();
    expect(sent).toEqual(['a', 'b']);
    expect(budget.open).toBe(0);
    slow.resolve();
    held.until = Promise.resolve();
    await budget.grant();
    expect(sent).toEqual(['a', 'b', 'c']);
  });

  it('tells a call whose time is up that there was no place, not that the budget is used up', async () => {
    const { budget, call, clock, events, held } = room();
    held.until = new Promise(() => {});
    call();
    call();
    await budget.grant();
    await budget.grant();
    const third = call({ deadlineAt: 5_000 });
    await clock.pass(5_000);
    third.leave(new AppError('upstream_timeout'));
    await settled();
    expect(third.outcome).toBe('store_busy');
    expect(events.at(-1)).toEqual({ outcome: 'crowded', priority: 'interactive', waitMs: 5_000 });
    expect(budget.open).toBe(0);
  });

  it('is asked for anew by a call that comes after all who waited have left', async () => {
    const { budget, call, held, sent } = room();
    const slow = deferred<void>();
    held.until = slow.promise;
    call({ lane: 'a' });
    call({ lane: 'b' });
    await budget.grant();
    await budget.grant();
    const third = call({ lane: 'c' });
    await settled();
    third.leave();
    await settled();
    slow.resolve();
    await settled();
    call({ lane: 'd' });
    await budget.grant();
    expect(sent).toEqual(['a', 'b', 'd']);
    expect(third.outcome).toBe('cancelled');
  });
});

describe('a call that fails before its first byte', () => {
  it('gives its token and its place back', async () => {
    const { budget, call, fails, sent } = room();
    fails.beforeDeparture = true;
    const made = [call(), call(), call()];
    for (const _ of made) await budget.grant();
    expect(made.map(({ outcome }) => outcome)).toEqual(Array(3).fill('upstream_unavailable'));
    expect(sent).toHaveLength(3);
    expect(budget.returned.map(({ epoch }) => epoch)).toEqual(['token 1', 'token 2', 'token 3']);
  });

  it('keeps neither, and a call that was sent keeps its token', async () => {
    const { budget, call } = room();
    const made = call();
    await budget.grant();
    expect(made.outcome).toBe('sent');
    expect(budget.returned).toEqual([]);
  });
});

describe('a call that takes long to leave', () => {
  it('loses its turn with its token and takes another: it would leave in a bunch with others', async () => {
    const { budget, call, leavesAfter } = room();
    leavesAfter.ms = 501;
    const made = call();
    await budget.grant();
    expect(made.outcome).toBe('waiting');
    leavesAfter.ms = 500;
    await budget.grant();
    expect(made.outcome).toBe('sent');
    // The bucket may have been full since the first was taken: it must not come out with more than it holds.
    expect(budget.returned).toEqual([]);
  });

  it('is refused after five turns, and keeps no place', async () => {
    const { budget, call, leavesAfter } = room();
    leavesAfter.ms = 10_000;
    const made = call();
    for (let turn = 0; turn < 5; turn += 1) await budget.grant();
    expect(made.outcome).toBe('store_busy');
    leavesAfter.ms = 0;
    const others = [call(), call()];
    for (const _ of others) await budget.grant();
    expect(others.map(({ outcome }) => outcome)).toEqual(['sent', 'sent']);
  });
});

describe('a write that could not begin in time any more', () => {
  it('asks for no token and waits for no place', async () => {
    const { budget, call } = room();
    const made = call({ method: 'POST', deadlineAt: 9_999 });
    await settled();
    expect(made.outcome).toBe('rate_budget_exhausted');
    expect(budget.open).toBe(0);
  });
});

describe('a row whose credential is not proven', () => {
  it('has one call under way: its bucket comes on top of that of the store', async () => {
    const { budget, call, held, sent } = room();
    held.until = new Promise(() => {});
    const store = storeEntry({ refusedAt: new Date(0) });
    call({ lane: 'a', store });
    call({ lane: 'b', store });
    await budget.grant();
    expect(sent).toEqual(['a']);
    expect(budget.open).toBe(0);
  });
});
