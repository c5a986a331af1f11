import { afterEach, describe, expect, it } from 'vitest';
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
    });
    sandbox.resetCounters();
    expect(sandbox.counters()).toEqual({ requests: {}, total: 0, rateLimited: 0 });
  });
});
