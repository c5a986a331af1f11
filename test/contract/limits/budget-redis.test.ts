import { expect, it, onTestFinished } from 'vitest';
import { createRedisBudget } from '../../../src/limits/budget/redis.js';
import type { Budget, Token } from '../../../src/limits/budget.js';
import { shareRedis } from '../../../src/redis/shared-redis.js';
import { connectPatiently } from '../../support/patient-redis.js';
import { emptyRedis } from '../../support/services/index.js';
import { budgetContract } from './budget-contract.js';

budgetContract(
  'Redis',
  async () => {
    const { url } = await emptyRedis();
    const redis = await connectPatiently(url);
    let time = 1_700_000_000_000_000;
    const shared = shareRedis({ redis });
    shared.onChange((state, reason) => {
      throw new Error(`Redis is ${state}`, { cause: reason });
    });
    const budget = createRedisBudget({
      shared,
      share: 1,
      now: () => time / 1_000,
      sharedTime: () => time,
    });
    return {
      budget,
      pass: (ms) => {
        time += ms * 1_000;
      },
      close: async () => {
        await budget.close();
        shared.close();
        redis.disconnect();
      },
    };
  },
  { runs: 20 },
);

/** Two servers in the middle of a change of the rate: three tokens a second and one. */
async function twoRates() {
  const { url } = await emptyRedis();
  const redis = await connectPatiently(url);
  const shared = shareRedis({ redis });
  onTestFinished(() => {
    shared.close();
    redis.disconnect();
  });
  let time = 1_700_000_000_000_000;
  const budgetOf = (perSecond: number) =>
    createRedisBudget({
      shared,
      share: 1,
      limits: { capacity: 18, perSecond },
      now: () => time / 1_000,
      sharedTime: () => time,
    });
  return {
    fast: budgetOf(3),
    slow: budgetOf(1),
    pass: (ms: number) => {
      time += ms * 1_000;
    },
  };
}

const BUCKET = 'od:rates';

async function take(budget: Budget, atMost = 100): Promise<Token[]> {
  const tokens: Token[] = [];
  while (tokens.length < atMost) {
    const answer = await budget.reserve(BUCKET, 'interactive');
    if (!answer.granted) break;
    tokens.push(answer.token);
  }
  return tokens;
}

it.each([
  ['fast', 'slow'],
  ['slow', 'fast'],
] as const)('tokens that a %s server left are as many for a %s one', async (first, then) => {
  const { pass, ...budgets } = await twoRates();
  await take(budgets[first], 1);
  pass(14_000);
  expect(await take(budgets[first], 13)).toHaveLength(13);
  expect(await take(budgets[then])).toHaveLength(5);
});

it('what was left when a slow server took its token is as much for a fast one', async () => {
  const { pass, fast, slow } = await twoRates();
  await take(slow, 1);
  pass(14_000);
  const [token] = await take(slow, 11);
  if (token === undefined) throw new Error('no token');
  pass(2_000);
  await take(fast, 1);
  // Seven were left at the lowest; the next stretch of time had eight and a half.
  expect(await fast.observe(BUCKET, token, 7)).toBe(false);
});
