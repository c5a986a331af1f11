import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  orderDeskRateLimit,
  type Sandbox,
  type SomebodyElseOptions,
  type Timer,
} from '../../../src/sandbox/index.js';
import { NOON, open, store } from './client.js';

const running: Sandbox[] = [];
afterEach(async () => {
  for (const sandbox of running.splice(0)) await sandbox.close();
});

/** A sandbox and a clock for it that moves only when told; what is due on the way is done. */
async function opened(options: Parameters<typeof open>[0] = {}) {
  let at = 0;
  let due: { readonly at: number; readonly run: () => void }[] = [];
  const timer: Timer = {
    now: () => at,
    after(ms, run) {
      const entry = { at: at + ms, run };
      due.push(entry);
      return () => {
        due = due.filter((other) => other !== entry);
      };
    },
  };
  const pass = (ms: number) => {
    const end = at + ms;
    for (;;) {
      const [next] = due.filter((entry) => entry.at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      due = due.filter((entry) => entry !== next);
      at = next.at;
      next.run();
    }
    at = end;
  };
  const it = await open({
    rateLimit: orderDeskRateLimit,
    now: () => NOON + Math.floor(at),
    timer,
    ...options,
  });
  running.push(it.sandbox);
  return { ...it, pass };
}

const NO_LIMIT = { rateLimit: false } as const;

describe('somebody else', () => {
  it('makes requests at the rate told, exactly so without jitter', async () => {
    const { sandbox, pass } = await opened(NO_LIMIT);
    const other = sandbox.somebodyElse({ store: '11', perSecond: 2, jitter: 0 });
    pass(60_250);
    expect(other.report()).toEqual({ requests: 120, granted: 120, rateLimited: 0 });
  });

  it.each([{ jitter: 1 }, { jitter: 0.2 }, {}])('keeps the rate on average with %o', async (how) => {
    const { sandbox, pass } = await opened(NO_LIMIT);
    const other = sandbox.somebodyElse({ store: '11', perSecond: 2, ...how });
    pass(1_000_000);
    expect(other.report().requests).toBeGreaterThan(1900);
    expect(other.report().requests).toBeLessThan(2100);
  });

  it('comes by chance unless told, the same for the same seed', async () => {
    const course = async (seed: number) => {
      const { sandbox, pass } = await opened({ ...NO_LIMIT, seed });
      const other = sandbox.somebodyElse({ store: '11', perSecond: 2 });
      return Array.from({ length: 40 }, () => {
        pass(500);
        return other.report().requests;
      });
    };
    const [once, again, different] = [await course(3), await course(3), await course(4)];
    const perStep = new Set(once.map((count, at) => count - (once[at - 1] ?? 0)));
    expect(perStep.size).toBeGreaterThan(2);
    expect(again).toEqual(once);
    expect(different).not.toEqual(once);
  });

  it("spends the store's tokens, so that a client goes short", async () => {
    const { sandbox, get, pass } = await opened();
    sandbox.somebodyElse({ store: '11', perSecond: 1000, jitter: 0 });
    pass(20.5);
    const refused = await get('/test');
    expect([refused.status, refused.headers.get('x-retry-after')]).toEqual([429, '1']);
  });

  it('waits as long as its 429 says', async () => {
    const { sandbox, pass } = await opened({ rateLimit: { capacity: 1, refillPerSecond: 0.1 } });
    const other = sandbox.somebodyElse({ store: '11', perSecond: 2, jitter: 0 });
    pass(1001);
    expect(other.report()).toEqual({ requests: 2, granted: 1, rateLimited: 1 });
    pass(9900);
    expect(other.report().requests).toBe(2);
    pass(200);
    expect(other.report()).toEqual({ requests: 3, granted: 2, rateLimited: 1 });
  });

  it('is counted apart from the clients of the store', async () => {
    const { sandbox, get, pass } = await opened({ rateLimit: { capacity: 3, refillPerSecond: 0.001 } });
    await get('/test');
    sandbox.somebodyElse({ store: '11', perSecond: 1, jitter: 0 });
    pass(3500);
    const { total, byStore, somebodyElse } = sandbox.counters();
    expect([total, byStore['11']?.requests, somebodyElse]).toEqual([
      1,
      1,
      { 11: { requests: 3, granted: 2, rateLimited: 1 } },
    ]);
    sandbox.resetCounters();
    expect(sandbox.counters().somebodyElse).toEqual({});
  });

  it('puts a note into each of its orders in turn, and never a second one', async () => {
    const { sandbox, first, pass } = await opened(NO_LIMIT);
    const before = first.insertOrder({ email: 'a@example.com' });
    const notes = [{ date_added: '2026-06-30 11:00:00', username: 'Rep', content: 'Called' }];
    first.changeOrder(before.id, { order_notes: notes });
    const ids = [before.id, first.insertOrder({}).id];
    sandbox.somebodyElse({ store: '11', perSecond: 1, jitter: 0, edits: ids });
    pass(5500);
    const [one, two] = ids.map((id) => first.order(id));
    expect(one?.order_notes).toEqual([
      ...notes,
      expect.objectContaining({ content: 'Seen by another integration, 5' }),
    ]);
    expect(two?.order_notes).toMatchObject([{ content: 'Seen by another integration, 4' }]);
    expect(one?.date_updated).toBe('2026-06-30 12:00:05');
  });

  it('goes on when its order is gone', async () => {
    const { sandbox, first, pass } = await opened(NO_LIMIT);
    const { id } = first.insertOrder({});
    const other = sandbox.somebodyElse({ store: '11', perSecond: 1, jitter: 0, edits: [id] });
    first.removeOrder(id);
    pass(2500);
    expect(other.report().granted).toBe(2);
  });

  it('stops when told, and with the sandbox', async () => {
    const { sandbox, pass } = await opened(NO_LIMIT);
    const [one, two] = [1, 2].map(() => sandbox.somebodyElse({ store: '11', perSecond: 1, jitter: 0 }));
    pass(2500);
    expect(one?.stop()).toEqual({ requests: 2, granted: 2, rateLimited: 0 });
    pass(1000);
    expect([one?.report().requests, two?.report().requests]).toEqual([2, 3]);
    await sandbox.close();
    pass(10_000);
    expect(two?.report().requests).toBe(3);
  });

  it('works in real time, too', async () => {
    const { sandbox } = await open({ stores: [store] });
    running.push(sandbox);
    const other = sandbox.somebodyElse({ store: '11', perSecond: 500 });
    await vi.waitFor(() => expect(other.report().requests).toBeGreaterThan(5), {
      timeout: 10_000,
      interval: 5,
    });
  });

  it.each<Partial<SomebodyElseOptions>>([
    { perSecond: 0 },
    { perSecond: Number.NaN },
    { perSecond: Number.POSITIVE_INFINITY },
    { jitter: 2 },
    { store: '99' },
  ])('is refused as %o', async (options) => {
    const { sandbox } = await opened();
    expect(() => sandbox.somebodyElse({ store: '11', perSecond: 1, ...options })).toThrow(
      /above 0|0 to 1|no store/,
    );
  });
});
