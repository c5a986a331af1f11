import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Fault, Sandbox } from '../../../src/sandbox/index.js';
import { credentials, type Get, open, store } from './client.js';

let sandbox: Sandbox;
let get: Get;
beforeAll(async () => {
  ({ sandbox, get } = await open({ stores: [store, { ...store, id: '12' }] }));
});
afterAll(() => sandbox.close());

const post = (path: string, body: unknown = {}) =>
  get(path, {
    method: 'POST',
    headers: { ...credentials(), 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

/** Sends a request, and leaves once the sandbox has it. @returns what the client got */
async function leave(path: string) {
  const before = sandbox.counters().total;
  const cut = new AbortController();
  const sent = get(path, { signal: cut.signal });
  await vi.waitFor(() => expect(sandbox.counters().total).toBe(before + 1), { timeout: 10_000 });
  cut.abort();
  return sent;
}

const works = async () => expect((await get('/test')).body.status).toBe('success');

describe('faults', () => {
  it('spoil the next fitting request only, or as many as told', async () => {
    sandbox.fail({
      kind: 'status',
      status: 500,
      match: (method, path) => method === 'GET' && path === '/store',
      times: 2,
    });
    await works();
    expect((await get('/store')).status).toBe(500);
    expect((await get('/store?x=1')).status).toBe(500);
    expect((await get('/store')).status).toBe(200);
  });

  it('may be for one store', async () => {
    sandbox.fail({ kind: 'status', status: 500, store: '12' });
    await works();
    expect((await get('/test', { headers: credentials('12') })).status).toBe(500);
  });

  it('can be taken away', async () => {
    const cancel = sandbox.fail({ kind: 'status', status: 500, times: Number.POSITIVE_INFINITY });
    expect((await get('/test')).status).toBe(500);
    cancel();
    await works();
  });

  it('fit by method and path pattern, too', async () => {
    const match = { method: 'GET', path: '/orders/{id}/shipments' };
    const cancel = sandbox.fail({ kind: 'status', status: 500, match, times: Number.POSITIVE_INFINITY });
    const id = sandbox.store('11').orders()[0]?.id;
    const paths = [`/orders/${id}/shipments?x=1`, `/orders/${id}`, `/orders/${id}/order-items`];
    expect(await Promise.all(paths.map(async (path) => (await get(path)).status))).toEqual([500, 200, 200]);
    expect((await post(`/orders/${id}/shipments`)).status).not.toBe(500);
    cancel();
  });

  it('strike by chance, the same requests for the same seed', async () => {
    const struck = async (seed: number) => {
      const seeded = await open({ seed });
      seeded.sandbox.fail({ kind: 'status', status: 503, probability: 0.3 });
      const seen: number[] = [];
      for (let n = 0; n < 60; n += 1) seen.push((await seeded.get('/test')).status);
      await seeded.sandbox.close();
      return seen.flatMap((status, at) => (status === 503 ? [at] : []));
    };
    const [once, again, other] = [await struck(4), await struck(4), await struck(5)];
    expect(once).toHaveLength(20);
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
  });

  it('strike no more often than told, chance or not', async () => {
    sandbox.fail({ kind: 'status', status: 503, probability: 1, times: 2 });
    const seen: number[] = [];
    for (let n = 0; n < 4; n += 1) seen.push((await get('/test')).status);
    expect(seen).toEqual([503, 503, 200, 200]);
  });

  it('spare all that chance spares', async () => {
    const cancel = sandbox.fail({ kind: 'status', status: 503, probability: 0 });
    await works();
    cancel();
  });

  it.each([{ probability: 1.1 }, { probability: Number.NaN }, { times: 0 }])('are refused as %o', (rule) => {
    expect(() => sandbox.fail({ kind: 'hang', ...rule })).toThrow(RangeError);
  });

  it('cost a token, and are not wasted on a request that gets none', async () => {
    const limited = await open({ rateLimit: { capacity: 2, refillPerSecond: 1 } });
    limited.sandbox.store('11').drainBucket(1);
    limited.sandbox.fail({ kind: 'status', status: 500, times: 2 });
    expect([(await limited.get('/test')).status, (await limited.get('/test')).status]).toEqual([500, 429]);
    expect(limited.sandbox.counters().byStore['11']).toMatchObject({ granted: 1, rateLimited: 1 });
    await limited.sandbox.close();
  });

  it('status: an error envelope, with headers of choice', async () => {
    sandbox.fail({ kind: 'status', status: 429, message: 'Slow down', headers: { 'X-Retry-After': '7' } });
    const { status, headers, body } = await get('/test');
    expect([status, headers.get('x-retry-after'), body.message]).toEqual([429, '7', 'Slow down']);
    sandbox.fail({ kind: 'status', status: 302, headers: { Location: 'https://example.com/' } });
    expect((await get('/test')).headers.get('location')).toBe('https://example.com/');
  });

  it('error200: an error under status 200', async () => {
    sandbox.fail({ kind: 'error200', message: 'No' });
    const { status, body } = await get('/orders');
    expect([status, body]).toEqual([
      200,
      { status: 'error', message: 'No', execution_time: expect.any(String) },
    ]);
  });

  it('malformed and html: what is no JSON', async () => {
    sandbox.fail({ kind: 'malformed' });
    const malformed = await get('/store');
    expect([malformed.status, malformed.body]).toEqual([200, undefined]);
    expect(malformed.text).toContain('"status":"success"');
    sandbox.fail({ kind: 'html' });
    const html = await get('/store');
    expect([html.status, html.headers.get('content-type'), html.body]).toEqual([502, 'text/html', undefined]);
  });

  it('delay: the right answer, late', async () => {
    sandbox.fail({ kind: 'delay', ms: 60 });
    const startedAt = performance.now();
    await works();
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(55);
  });

  it('hang: nothing until the client gives up', async () => {
    sandbox.fail({ kind: 'hang' });
    await expect(leave('/test')).rejects.toThrow(/abort/i);
    await works();
  });

  it.each(['reset', 'truncated'] as const)('%s: the connection breaks', async (kind) => {
    sandbox.fail({ kind });
    await expect(get('/store')).rejects.toThrow(/terminated|fetch failed/);
    await works();
  });

  it('huge: valid JSON of the size told', async () => {
    sandbox.fail({ kind: 'huge', bytes: 1_000_000 });
    const { body, text } = await get('/test');
    expect(body.status).toBe('success');
    expect(text.length).toBeGreaterThan(1_000_000);
  });

  it('huge without end: goes on until the client stops reading', async () => {
    sandbox.fail({ kind: 'huge', bytes: Number.POSITIVE_INFINITY });
    const cut = new AbortController();
    const response = await fetch(`${sandbox.url}/test`, { headers: credentials(), signal: cut.signal });
    let read = 0;
    for await (const chunk of response.body ?? []) {
      read += chunk.length;
      if (read > 2_000_000) break;
    }
    cut.abort();
    expect(read).toBeGreaterThan(2_000_000);
    await works();
  });
});

const ANSWER_TO_A_WRITE: readonly (readonly [Fault, applied: boolean, seen: string])[] = [
  [{ kind: 'status', status: 429 }, false, '429 error'],
  [{ kind: 'status', status: 503 }, false, '503 error'],
  [{ kind: 'error200' }, false, '200 error'],
  [{ kind: 'html' }, false, '502 no JSON'],
  [{ kind: 'html', status: 504 }, false, '504 no JSON'],
  [{ kind: 'hang' }, false, 'no answer'],
  [{ kind: 'reset' }, false, 'no answer'],
  [{ kind: 'delay', ms: 5 }, true, '201 success'],
  [{ kind: 'hang_after' }, true, 'no answer'],
  [{ kind: 'reset_after' }, true, 'no answer'],
  [{ kind: 'truncated' }, true, 'no answer'],
  [{ kind: 'malformed' }, true, '201 no JSON'],
  [{ kind: 'huge', bytes: 1000 }, true, '200 success'],
];

describe('a write that meets a fault', () => {
  it.each(ANSWER_TO_A_WRITE)('%o: applied %s, seen as %s', async (fault, applied, seen) => {
    const email = `${JSON.stringify(fault).replaceAll(/\W/g, '')}@example.com`;
    const order = { email, shipping: { company: 'Example' }, order_items: [{ name: 'Mug' }] };
    const written = () =>
      sandbox
        .store('11')
        .orders()
        .filter((candidate) => candidate.email === email);
    sandbox.fail({ ...fault, match: { method: 'POST', path: '/orders' } });

    const seenBefore = sandbox.counters().total;
    const cut = new AbortController();
    const sent = get('/orders', {
      method: 'POST',
      headers: { ...credentials(), 'Content-Type': 'application/json' },
      body: JSON.stringify(order),
      signal: cut.signal,
    });
    const outcome = sent.then(
      ({ status, body }) => `${status} ${body?.status ?? 'no JSON'}`,
      () => 'no answer',
    );
    if (fault.kind.startsWith('hang')) {
      await vi.waitFor(() => expect(sandbox.counters().total).toBe(seenBefore + 1), { timeout: 10_000 });
      cut.abort();
    }

    expect(await outcome).toBe(seen);
    expect(written()).toHaveLength(applied ? 1 : 0);
  });
});

describe('a read that meets a fault', () => {
  it.each([
    ['reset_after', (path: string) => get(path)],
    ['hang_after', leave],
  ] as const)('%s: gets no answer', async (kind, send) => {
    sandbox.fail({ kind });
    await expect(send('/store')).rejects.toThrow();
    await works();
  });
});
