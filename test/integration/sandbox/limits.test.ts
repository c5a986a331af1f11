import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { orderDeskRateLimit, type Sandbox } from '../../../src/sandbox/index.js';
import { credentials, NOON, open, store } from './client.js';

let running: Sandbox | undefined;
afterEach(() => running?.close());

async function limited(options: Parameters<typeof open>[0] = {}) {
  let at = NOON;
  const opened = await open({
    rateLimit: orderDeskRateLimit,
    now: () => at,
    stores: [store, { ...store, id: '12', apiKey: 'key-of-12' }],
    ...options,
  });
  running = opened.sandbox;
  const pass = (ms: number) => {
    at += ms;
  };
  return { ...opened, pass };
}

describe('rate limits', () => {
  it('answers 20 requests at once, counts them down, then says how many seconds to wait', async () => {
    const { get, pass } = await limited();
    const left: (string | null)[] = [];
    for (let n = 0; n < 20; n += 1) left.push((await get('/test')).headers.get('x-tokens-remaining'));
    expect(left).toEqual(Array.from({ length: 20 }, (_, n) => String(19 - n)));

    const refused = await get('/test');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('x-tokens-remaining')).toBe('0');
    expect(refused.headers.get('x-retry-after')).toBe('1');
    expect(refused.body).toMatchObject({ status: 'error', message: expect.any(String) });

    pass(1000);
    expect((await get('/test')).headers.get('x-tokens-remaining')).toBe('2');
  });

  it('names a longer wait where the bucket fills slowly', async () => {
    const { get } = await limited({ rateLimit: { capacity: 1, refillPerSecond: 0.1 } });
    await get('/test');
    expect((await get('/test')).headers.get('x-retry-after')).toBe('10');
  });

  it('keeps a bucket for each store', async () => {
    const { get, sandbox } = await limited();
    sandbox.store('11').drainBucket(20);
    expect((await get('/test')).status).toBe(429);
    const other = await get('/test', { headers: credentials('12', 'key-of-12') });
    expect([other.status, other.headers.get('x-tokens-remaining')]).toEqual([200, '19']);
  });

  it('takes no token for refused credentials and one for an unknown path', async () => {
    const { get } = await limited();
    for (let n = 0; n < 30; n += 1) await get('/test', { headers: credentials('11', 'wrong') });
    expect((await get('/test')).headers.get('x-tokens-remaining')).toBe('19');
    expect((await get('/nothing')).headers.get('x-tokens-remaining')).toBe('18');
  });

  it('can be switched off', async () => {
    const { get } = await limited({ rateLimit: false });
    for (let n = 0; n < 40; n += 1) expect((await get('/test')).headers.get('x-tokens-remaining')).toBe('20');
  });

  it('counts requests by method and pattern, and the 429s', async () => {
    const { get, sandbox } = await limited({ rateLimit: { capacity: 4, refillPerSecond: 1 } });
    for (const path of ['/orders/1', '/orders/2', '/orders?limit=1', '/etc/passwd', '/test']) await get(path);
    expect(sandbox.counters()).toEqual({
      requests: { 'GET /orders/{id}': 2, 'GET /orders': 1, 'GET (unknown)': 1, 'GET /test': 1 },
      total: 5,
      rateLimited: 1,
      byStore: { 11: { requests: 5, granted: 4, rateLimited: 1, largestConcurrency: 1 } },
      somebodyElse: {},
      rulesFired: {},
    });
    sandbox.resetCounters();
    expect(sandbox.counters()).toEqual({
      requests: {},
      total: 0,
      rateLimited: 0,
      byStore: {},
      somebodyElse: {},
      rulesFired: {},
    });
  });

  it('counts each store apart, and requests of nobody for none', async () => {
    const { get, sandbox } = await limited();
    sandbox.store('12').drainBucket(20);
    await get('/test');
    await get('/test', { headers: credentials('12', 'key-of-12') });
    await get('/test', { headers: credentials('12', 'wrong') });
    const { total, byStore } = sandbox.counters();
    expect([total, byStore]).toEqual([
      3,
      {
        11: { requests: 1, granted: 1, rateLimited: 0, largestConcurrency: 1 },
        12: { requests: 1, granted: 0, rateLimited: 1, largestConcurrency: 1 },
      },
    ]);
  });

  it('knows how many requests of a store were under way at one time', async () => {
    const { get, sandbox } = await limited();
    const cut = new AbortController();
    sandbox.fail({ kind: 'hang', times: 3, match: { path: '/store' } });
    const hanging = [1, 2, 3].map(() => get('/store', { signal: cut.signal }).catch(() => 'cut'));
    const other = get('/test', { headers: credentials('12', 'key-of-12') });
    await vi.waitFor(() => expect(sandbox.counters().requests['GET /store']).toBe(3), { timeout: 10_000 });
    await other;
    const largest = (id: string) => sandbox.counters().byStore[id]?.largestConcurrency;
    expect([largest('11'), largest('12')]).toEqual([3, 1]);

    sandbox.resetCounters();
    expect(largest('11')).toBe(3);
    cut.abort();
    await Promise.all(hanging);
    await vi.waitFor(
      () => {
        sandbox.resetCounters();
        expect(sandbox.counters().byStore).toEqual({});
      },
      { timeout: 10_000 },
    );
    for (let n = 0; n < 5; n += 1) await get('/test');
    expect(largest('11')).toBe(1);

    sandbox.fail({ kind: 'delay', ms: 150, times: 2 });
    await Promise.all([get('/test'), get('/test')]);
    await get('/test');
    expect(largest('11')).toBe(2);
  });
});

/** Sends requests in one go on one connection, so that they arrive in this order. */
async function pipeline(sandbox: Sandbox, paths: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(sandbox.url);
  const socket = connect(Number(port), hostname);
  const last = paths.length - 1;
  const headers = Object.entries({ Host: hostname, ...credentials() }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const requests = paths.map((path, at) =>
    [`GET /api/v2${path} HTTP/1.1`, ...headers, ...(at === last ? ['Connection: close'] : []), '', ''].join(
      '\r\n',
    ),
  );
  socket.write(requests.join(''));
  return await text(socket);
}

/** Tokens left after each of four requests in the order of their sending: the third arrived first. */
const OVERTAKEN = [16, 17, 19, 18];

describe('latency', () => {
  const tokens = (answers: string) =>
    [...answers.matchAll(/X-Tokens-Remaining: (\d+)/g)].map(([, n]) => Number(n));

  it('lets requests overtake one another on their way to the bucket, the same ones for the same seed', async () => {
    const arrivals = async (seed: number) => {
      const { sandbox } = await limited({ latency: { arrival: [0, 300] }, seed });
      const order = tokens(await pipeline(sandbox, ['/test', '/test', '/test', '/test']));
      await sandbox.close();
      return order;
    };
    expect(await arrivals(185)).toEqual(OVERTAKEN);
    expect(await arrivals(185)).toEqual(OVERTAKEN);
  });

  it('delays an answer', async () => {
    const { get } = await limited({ latency: { answer: [80, 80] } });
    const startedAt = performance.now();
    await get('/test');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(75);
  });

  it('holds an answer back only after the request was applied', async () => {
    const { sandbox, get } = await limited({ latency: { answer: [600_000, 600_000] } });
    const cut = new AbortController();
    const answer = get('/test', { signal: cut.signal }).catch(() => 'none');
    await vi.waitFor(() => expect(sandbox.counters().byStore['11']?.granted).toBe(1), { timeout: 10_000 });
    cut.abort();
    expect(await answer).toBe('none');
  });

  it.each([[[-1, 5]], [[10, 5]], [[0, Number.NaN]]] as const)('is refused as %o', async (arrival) => {
    await expect(open({ latency: { arrival } })).rejects.toThrow(RangeError);
  });
});
