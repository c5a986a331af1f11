import { describe, expect, it } from 'vitest';
import { admit } from '../../../../src/changes/admission.js';
import type { StoreBudget } from '../../../../src/orderdesk/port.js';
import { aStoreEntry } from '../../tools/support/ports.js';

const full: StoreBudget = { mode: 'shared', tokens: 18, capacity: 18, perSecond: 3, pausedS: 0 };

/** @param leftMs until the deadline of the call */
const asked = (budget: Partial<StoreBudget>, calls: number, leftMs: number) =>
  admit(
    { budgets: { of: async () => ({ ...full, ...budget }) }, monotonic: () => 1_000 },
    aStoreEntry(),
    calls,
    1_000 + leftMs,
  ).then(
    () => 'admitted',
    (error) => [error.code, error.retryAfterS],
  );

describe('a write is admitted', () => {
  it.each<[string, Partial<StoreBudget>, number, number]>([
    ['with all its tokens there, however late it is', {}, 18, 0],
    ['when the rest comes in time', { tokens: 0 }, 6, 12_000],
    ['when it needs more than fits at once, but the first part comes', { tokens: 3 }, 100, 15_000],
    ['when the pause ends in time', { pausedS: 5 }, 1, 15_000],
  ])('%s', async (_, budget, calls, leftMs) => {
    expect(await asked(budget, calls, leftMs)).toBe('admitted');
  });

  it.each<[string, Partial<StoreBudget>, number, number, number]>([
    ['its tokens come too late', { tokens: 0 }, 6, 11_999, 2],
    ['the store is left alone for longer', { pausedS: 6 }, 1, 15_000, 6],
    ['both add up', { pausedS: 5, tokens: 0 }, 3, 15_000, 6],
    ['nothing comes at all', { tokens: 0, perSecond: 0 }, 1, 25_000, 300],
  ])('unless %s', async (_, budget, calls, leftMs, retryAfterS) => {
    expect(await asked(budget, calls, leftMs)).toEqual(['rate_budget_exhausted', retryAfterS]);
  });
});
