import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/index.js';
import { credentials, type Get, open, store } from './client.js';

let sandbox: Sandbox;
let get: Get;
beforeAll(async () => {
  ({ sandbox, get } = await open({ stores: [store, { ...store, id: '12' }] }));
});
afterAll(() => sandbox.close());

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
    await expect(get('/test', { signal: AbortSignal.timeout(60) })).rejects.toThrow(/timeout|abort/i);
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
