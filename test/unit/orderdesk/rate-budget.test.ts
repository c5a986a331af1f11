import { beforeEach, describe, expect, it } from 'vitest';
import type { UpstreamCall } from '../../../src/orderdesk/call.js';
import { createRateBudget } from '../../../src/orderdesk/rate-budget.js';
import { sharedName } from '../../../src/orderdesk/shared-name.js';
import type { StoreRowId } from '../../../src/tenancy/ids.js';
import { Secret } from '../../../src/tenancy/secret.js';
import { HandBudget, rateBudgetHarness, settled, storeEntry } from './rate-budget-harness.js';

let harness: ReturnType<typeof rateBudgetHarness<HandBudget>>;
beforeEach(() => {
  harness = rateBudgetHarness(new HandBudget());
});

describe('the bucket of a store', () => {
  it('is that of its Order Desk id once its own key is known to be good', () => {
    expect(sharedName(storeEntry())).toBe('od:20001');
  });

  it.each([
    ['never verified', { verifiedAt: null }],
    ['refused since', { refusedAt: new Date('2026-01-02T00:00:00Z') }],
  ])('is its own else: %s', (_name, changes) => {
    const rowId = 'row-9' as StoreRowId;
    expect(sharedName(storeEntry({ ...changes, rowId }))).toBe('row:row-9');
  });

  it('is left alone by a credential that is not kept yet, whatever the answer says', async () => {
    harness.reply.facts = { status: 429, tokensRemaining: 0, retryAfterS: 9 };
    await harness.send({
      method: 'GET',
      route: '/test',
      account: { kind: 'offered', storeId: '20001', apiKey: new Secret('made-up-key') },
      signal: new AbortController().signal,
    });
    await settled();
    expect(harness.sent).toEqual(['']);
    expect([...harness.budget.asked, ...harness.budget.said]).toEqual([]);
  });
});

describe('a call whose token is there', () => {
  it('goes after one question and without a timer', async () => {
    const call = harness.call();
    await harness.budget.grant();
    expect(call.outcome).toBe('sent');
    expect(harness.budget.asked).toEqual(['od:20001 interactive']);
    expect(harness.clock.timers).toBe(0);
    expect(harness.events).toEqual([{ outcome: 'granted', priority: 'interactive', waitMs: 0 }]);
  });

  it('tells the budget what was left, and whoever asked to be told', async () => {
    harness.reply.facts = { status: 200, tokensRemaining: 7, retryAfterS: undefined };
    harness.budget.noticesForeignUse = true;
    const told: unknown[] = [];
    harness.call({ onReply: (facts) => told.push(facts) });
    await harness.budget.grant();
    expect(harness.budget.said).toEqual(['od:20001 token 1 left 7']);
    expect(told).toEqual([harness.reply.facts]);
    expect(harness.foreign.noticed).toBe(1);
  });

  it('says nothing of an answer without the header, and notices nobody where nobody is', async () => {
    harness.reply.facts = { status: 500, tokensRemaining: undefined, retryAfterS: undefined };
    harness.call();
    await harness.budget.grant();
    harness.reply.facts = { status: 200, tokensRemaining: 17, retryAfterS: undefined };
    harness.call();
    await harness.budget.grant();
    expect(harness.budget.said).toEqual(['od:20001 token 2 left 17']);
    expect(harness.foreign.noticed).toBe(0);
  });

  it.each([
    [9, 9_000],
    [undefined, 30_000],
  ])('pauses everybody after a 429 that says %s seconds', async (retryAfterS, ms) => {
    harness.reply.facts = { status: 429, tokensRemaining: 0, retryAfterS };
    harness.call();
    await harness.budget.grant();
    expect(harness.budget.said).toEqual([`od:20001 pause ${ms}`]);
  });

  it('lets those who wait ask again when a pause begins', async () => {
    const replies: UpstreamCall[] = [];
    const send = createRateBudget({ ...harness.options })(async (call) => {
      replies.push(call);
      return { body: {}, tookMs: 0, tokensRemaining: undefined };
    });
    const account = { kind: 'kept', store: storeEntry() } as const;
    const signal = new AbortController().signal;
    const first = send({ method: 'GET', route: '/orders', account, signal });
    await harness.budget.grant();
    await first;
    const waiting = send({ method: 'GET', route: '/orders', account, signal, deadlineAt: 5_000 });
    const refused = expect(waiting).rejects.toMatchObject({ code: 'rate_budget_exhausted', retryAfterS: 9 });
    await harness.budget.refuse(1_000);
    replies[0]?.onReply?.({ status: 429, tokensRemaining: 0, retryAfterS: 9 });
    await harness.budget.refuse(9_000);
    await refused;
  });
});

describe('calls that wait', () => {
  it('ask one question at a time', async () => {
    for (let i = 0; i < 5; i += 1) harness.call();
    await settled();
    expect(harness.budget.open).toBe(1);
    await harness.budget.refuse(1_000);
    expect(harness.budget.open).toBe(0);
    await harness.clock.pass(999);
    expect(harness.budget.asked).toHaveLength(1);
    await harness.clock.pass(1);
    expect(harness.budget.asked).toHaveLength(2);
  });

  it('let a write go first that replaces what was read: its key had its turn for the read', async () => {
    for (let i = 0; i < 3; i += 1) harness.call({ lane: 'reader' });
    harness.call({ lane: 'writer', method: 'POST' });
    harness.call({ lane: 'writer', method: 'PUT', deadlineAt: 60_000 });
    const left = harness.call({ lane: 'gone', method: 'PUT', deadlineAt: 60_000 });
    left.leave();
    for (let i = 0; i < 3; i += 1) await harness.budget.grant();
    expect(harness.sent).toEqual(['writer', 'reader', 'writer']);
  });

  it('take turns by key: two hundred of one delay one of another by one turn at most', async () => {
    for (let i = 0; i < 200; i += 1) harness.call({ lane: 'many' });
    const single = harness.call({ lane: 'single' });
    await harness.budget.grant();
    await harness.budget.grant();
    expect(harness.sent).toEqual(['many', 'single']);
    expect(single.outcome).toBe('sent');
  });

  it('go round all keys, each in its own order', async () => {
    for (const lane of ['a', 'a', 'b', 'c', 'b', 'a']) harness.call({ lane });
    for (let i = 0; i < 6; i += 1) await harness.budget.grant();
    expect(harness.sent.join('')).toBe('abcaba');
  });

  it('let interactive work go first', async () => {
    harness.call({ lane: 'background', priority: 'background' });
    harness.call({ lane: 'background', priority: 'background' });
    harness.call({ lane: 'interactive' });
    for (let i = 0; i < 3; i += 1) await harness.budget.grant();
    expect(harness.sent).toEqual(['interactive', 'background', 'background']);
  });

  it('do not let interactive work sleep for as long as background work has to', async () => {
    harness.call({ priority: 'background' });
    await harness.budget.refuse(5_000);
    const call = harness.call();
    await settled();
    expect(harness.budget.asked.at(-1)).toBe('od:20001 interactive');
    await harness.budget.grant();
    expect(call.outcome).toBe('sent');
  });

  it('do not hold up another store', async () => {
    harness.call();
    await harness.budget.refuse(5_000);
    const other = harness.call({ store: storeEntry({ orderDeskId: '20002' }) });
    await harness.budget.grant();
    expect(other.outcome).toBe('sent');
  });

  it('tell how long they waited', async () => {
    harness.call({ priority: 'background' });
    await harness.budget.refuse(700);
    await harness.clock.pass(700);
    await harness.budget.grant();
    expect(harness.events).toEqual([{ outcome: 'granted', priority: 'background', waitMs: 700 }]);
  });
});
