import { expect, it } from 'vitest';
import { createMemoryBudget } from '../../../src/limits/budget/memory.js';
import { createStoreBudgets } from '../../../src/orderdesk/store-budgets.js';
import { storeEntry } from './records.js';

it('the budget of a store is that of its Order Desk id once proven, in whole tokens and seconds', async () => {
  let time = 0;
  const budget = createMemoryBudget({ now: () => time });
  const budgets = createStoreBudgets(budget);
  const unknown = { mode: 'local', tokens: 5, capacity: 18, perSecond: 3, pausedS: 0 };
  await budget.reserve('od:11', 'interactive');
  time += 100;
  expect(await budgets.of(storeEntry())).toEqual({ ...unknown, tokens: 4 });
  expect(await budgets.of(storeEntry({ verifiedAt: null }))).toEqual(unknown);
  await budget.pause('od:11', 2_500);
  expect(await budgets.of(storeEntry())).toEqual({ ...unknown, tokens: 0, pausedS: 3 });
});

it('what is left to others who use the store too is not shown as left', async () => {
  let time = 0;
  const budget = createMemoryBudget({ now: () => time });
  const reserved = await budget.reserve('od:11', 'interactive');
  if (!reserved.granted) throw new Error('a new bucket holds five tokens');
  time += 10_000;
  const next = await budget.reserve('od:11', 'interactive');
  if (!next.granted) throw new Error('the bucket was full');
  expect(await budget.observe('od:11', next.token, 11)).toBe(true);
  const shown = () => createStoreBudgets(budget).of(storeEntry());
  // Seventeen less six less the head room is nine, and ten are for others.
  expect(await shown()).toMatchObject({ tokens: 0, capacity: 18 });
  time += 1_500;
  expect(await shown()).toMatchObject({ tokens: 3 });
});
