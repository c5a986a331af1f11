/** What reads at the sandbox put on the account of the call, less the server around them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMemoryBudget } from '../../../src/limits/budget/memory.js';
import type { Budget } from '../../../src/limits/budget.js';
import type { OrderDesk, OrderDeskOptions } from '../../../src/orderdesk/orderdesk.js';
import { createRateBudget } from '../../../src/orderdesk/rate-budget.js';
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.js';
import { type CallTimes, createWaits } from '../../../src/telemetry/waits.js';
import { orderDeskOn } from '../../support/order-desk-on.js';
import { storeEntry } from '../../unit/orderdesk/records.js';

const STORE = { id: '613', apiKey: 'sandbox-key-613', name: 'Shop', timeZone: 'UTC', seed: 4 };

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ stores: [STORE], rateLimit: false });
});
afterAll(() => sandbox.close());

const waits = createWaits();

/** The times of a read of an order that there is not. */
async function reading(orderDesk: OrderDesk, id: string): Promise<CallTimes> {
  const account = waits.open();
  const ctx = { signal: new AbortController().signal, deadlineAt: performance.now() + 5_000 };
  await account
    .within(() => orderDesk.gateway.getOrder(storeEntry(), id, ctx))
    .catch((error) => expect(error).toMatchObject({ code: 'not_found' }));
  return account.close();
}

async function withOrderDesk(
  options: Partial<OrderDeskOptions>,
  work: (orderDesk: OrderDesk) => Promise<void>,
) {
  const orderDesk = orderDeskOn(sandbox, STORE, { waiting: waits.waiting, ...options });
  try {
    await reading(orderDesk, '999999990');
    await work(orderDesk);
  } finally {
    await orderDesk.close();
  }
}

const budgeted = (budget: Budget, perSecond: number) =>
  createRateBudget({
    budget,
    perSecond,
    places: 8,
    maxWaitMs: 5_000,
    observe: () => {},
    onForeignUse: () => {},
    waits,
  });

it('the pause before a repetition counts as a wait for Order Desk', () =>
  // 250 ms at most before the second attempt.
  withOrderDesk({ random: () => 1 }, async (orderDesk) => {
    sandbox.fail({ kind: 'status', status: 503 });
    const { waitMs, ownMs, totalMs } = await reading(orderDesk, '999999991');
    expect(waitMs.upstream).toBeGreaterThanOrEqual(240);
    expect(ownMs).toBeLessThanOrEqual(totalMs - waitMs.upstream);
  }));

it('a fetch that another call has begun counts as a wait for Order Desk', () =>
  withOrderDesk({}, async (orderDesk) => {
    sandbox.fail({ kind: 'delay', ms: 120 });
    const asked = sandbox.counters().total;
    const both = await Promise.all([reading(orderDesk, '999999996'), reading(orderDesk, '999999996')]);
    expect(sandbox.counters().total - asked).toBe(1);
    for (const { waitMs } of both) expect(waitMs.upstream).toBeGreaterThanOrEqual(100);
  }));

it('a token that is not there yet counts as a wait for the budget', async () => {
  const plain = createMemoryBudget();
  let isLate = false;
  const budget: Budget = {
    ...plain,
    mode: plain.mode,
    async reserve(bucket, priority) {
      if (!isLate) return plain.reserve(bucket, priority);
      isLate = false;
      return { granted: false, waitMs: 120 };
    },
  };
  await withOrderDesk({ budget: budgeted(budget, 100) }, async (orderDesk) => {
    isLate = true;
    const { waitMs, ownMs, totalMs } = await reading(orderDesk, '999999992');
    expect(waitMs.budget).toBeGreaterThanOrEqual(100);
    expect(waitMs.upstream).toBeGreaterThan(0);
    expect(ownMs).toBeLessThanOrEqual(totalMs - waitMs.budget);
  });
});

it('a place that is not free counts as one too', () =>
  withOrderDesk({ callsPerStore: 1 }, async (orderDesk) => {
    sandbox.fail({ kind: 'delay', ms: 150 });
    const both = await Promise.all([reading(orderDesk, '999999993'), reading(orderDesk, '999999994')]);
    const [first, second] = both.map(({ waitMs }) => waitMs.budget);
    expect(Math.min(first ?? -1, second ?? -1)).toBe(0);
    expect(Math.max(first ?? -1, second ?? -1)).toBeGreaterThanOrEqual(100);
  }));

it('what is asked of the budget for all who wait is on the account of none of them', async () => {
  const plain = createMemoryBudget({ limits: { capacity: 100, perSecond: 100 } });
  let asked = 0;
  const told = <T>(answer: () => Promise<T>): Promise<T> => {
    asked += 1;
    return waits.waiting('redis', answer);
  };
  const budget: Budget = {
    ...plain,
    mode: plain.mode,
    reserve: (bucket, priority) => told(() => plain.reserve(bucket, priority)),
    observe: (bucket, token, remaining) => told(() => plain.observe(bucket, token, remaining)),
    giveBack: (bucket, token) => told(() => plain.giveBack(bucket, token)),
  };
  await withOrderDesk({ budget: budgeted(budget, 100) }, async (orderDesk) => {
    const { waitMs } = await reading(orderDesk, '999999995');
    expect(asked).toBeGreaterThan(1);
    expect(waitMs.budget).toBeGreaterThan(0);
    expect(waitMs.redis).toBe(0);
  });
});
