/** The client against real connections: what it sends, and what it makes of every kind of answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import type { ClientLimits } from '../../../src/orderdesk/client.js';
import { Secret } from '../../../src/tenancy/secret.js';
import type { CredentialSource } from '../../../src/tenancy/stores.js';
import { storeEntry } from '../../unit/orderdesk/records.js';
import { API_KEY, type ClientUnderTest, clientFor, startUpstream, type Upstream } from './upstream.js';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close();
});

async function against(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  options: Parameters<typeof clientFor>[1] = {},
): Promise<{ upstream: Upstream; client: ClientUnderTest }> {
  const upstream = await startUpstream(answer);
  const client = clientFor(upstream.url, options);
  open.push(upstream, client);
  return { upstream, client };
}

const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

const OK = { status: 'success', orders: [] };

describe('what the client sends', () => {
  it('is a GET with the credential, no Content-Type and no body', async () => {
    const { upstream, client } = await against(json(OK));
    await client.get({ query: new URLSearchParams({ email: 'a+b@shop.example', limit: '5' }) });
    const [asked] = upstream.asked;
    expect(asked).toMatchObject({
      method: 'GET',
      url: '/api/v2/orders?email=a%2Bb%40shop.example&limit=5',
      headers: {
        'orderdesk-store-id': '11',
        'orderdesk-api-key': API_KEY,
        'user-agent': 'orderdesk-mcp/1.2.3',
        accept: 'application/json',
      },
    });
    for (const header of ['content-type', 'content-length', 'transfer-encoding']) {
      expect(asked?.headers).not.toHaveProperty(header);
    }
  });

  it('fills an id into its path', async () => {
    const { upstream, client } = await against(json(OK));
    await client.get({ route: '/orders/{id}', ids: ['42'] });
    expect(upstream.asked[0]?.url).toBe('/api/v2/orders/42');
  });

  it('asks for the kept credential of the very store, at each call anew', async () => {
    const revealed: string[] = [];
    const credentials: CredentialSource = {
      credential: async (store) => {
        revealed.push(store.rowId);
        return { storeId: store.orderDeskId, apiKey: new Secret(`key-${revealed.length}`) };
      },
      markContact: async () => {},
    };
    const { upstream, client } = await against(json(OK), { credentials });
    const store = storeEntry({ row: 'row-z', orderDeskId: '77' });
    for (let i = 0; i < 2; i += 1) await client.get({ account: { kind: 'kept', store } });
    expect(revealed).toEqual(['row-z', 'row-z']);
    expect(upstream.asked.map(({ headers }) => headers['orderdesk-api-key'])).toEqual(['key-1', 'key-2']);
    expect(upstream.asked[0]?.headers['orderdesk-store-id']).toBe('77');
  });

  it('is nothing at all with a key that no header can carry', async () => {
    const { upstream, client } = await against(json(OK), { apiKey: 'two\r\nlines' });
    await expect(client.get()).rejects.toMatchObject({ code: 'upstream_credentials_refused' });
    expect(upstream.asked).toHaveLength(0);
  });

  it.each([
    ['POST', '/orders', [], '/api/v2/orders'],
    ['PUT', '/orders/{id}', ['5'], '/api/v2/orders/5'],
    ['PUT', '/orders/{id}/shipments/{id}', ['5', '7'], '/api/v2/orders/5/shipments/7'],
    ['POST', '/batch-shipments', [], '/api/v2/batch-shipments'],
  ] as const)('is JSON with its type for %s %s', async (method, route, ids, url) => {
    const { upstream, client } = await against(json(OK));
    const body = '{"name":"Ž"}';
    await client.get({ method, route, ids, body });
    const headers = { 'content-type': 'application/json', 'content-length': '13' };
    expect(upstream.asked).toMatchObject([{ method, url, headers, body }]);
  });

  it('is a DELETE without a body and its headers', async () => {
    const { upstream, client } = await against(json(OK));
    await client.get({ method: 'DELETE', route: '/orders/{id}/order-items/{id}', ids: ['5', '6'] });
    const [asked] = upstream.asked;
    expect(asked).toMatchObject({ method: 'DELETE', url: '/api/v2/orders/5/order-items/6', body: '' });
    for (const header of ['content-type', 'content-length', 'transfer-encoding']) {
      expect(asked?.headers).not.toHaveProperty(header);
    }
  });

  it('goes over kept connections, a bounded number of them', async () => {
    const { upstream, client } = await against(json(OK), { limits: { connections: 4 } });
    await Promise.all(Array.from({ length: 40 }, () => client.get()));
    expect(upstream.asked).toHaveLength(40);
    expect(await upstream.connections()).toBeLessThanOrEqual(4);
  });
});

describe('an answer', () => {
  it('is the JSON object of the body, with the tokens that are left', async () => {
    const { client } = await against(json({ ...OK, extra: [1, null] }, 200, { 'x-tokens-remaining': '17' }));
    expect(await client.get()).toEqual({
      body: { ...OK, extra: [1, null] },
      tookMs: expect.any(Number),
      tokensRemaining: 17,
    });
  });

  it('says how long it took, from its departure on', async () => {
    let clock = 0;
    const upstream = await startUpstream((request, response) => {
      clock += 50;
      json(OK)(request, response);
    });
    const client = clientFor(upstream.url, {
      now: () => clock,
      turn: (next) => (call) => {
        clock += 5_000;
        return next(call);
      },
    });
    open.push(upstream, client);
    expect((await client.get()).tookMs).toBe(50);
  });

  it.each<[string, number, string, string]>([
    ['HTTP 400 with JSON', 400, '{"status":"error","message":"Bad filter"}', 'upstream_rejected'],
    ['HTTP 401', 401, '{"status":"error","message":"x"}', 'upstream_credentials_refused'],
    ['HTTP 403 with a page', 403, '<html>', 'upstream_credentials_refused'],
    ['HTTP 405', 405, '', 'upstream_rejected'],
    ['HTTP 422', 422, '{"message":"No"}', 'upstream_rejected'],
    ['HTTP 429', 429, '', 'upstream_rate_limited'],
    ['HTTP 500 with a page', 500, '<html>', 'upstream_unavailable'],
    ['HTTP 502', 502, '', 'upstream_unavailable'],
    ['HTTP 200 that says error', 200, '{"status":"error","message":"No"}', 'upstream_rejected'],
    ['HTTP 200 with a page', 200, '<html></html>', 'upstream_malformed'],
    ['HTTP 200 with nothing', 200, '', 'upstream_malformed'],
    ['HTTP 200 with broken JSON', 200, '{"status":"success","orders":[', 'upstream_malformed'],
    ['HTTP 200 with a list', 200, '[]', 'upstream_malformed'],
    ['HTTP 200 with null', 200, 'null', 'upstream_malformed'],
    ['HTTP 200 with text', 200, '"success"', 'upstream_malformed'],
  ])('of %s is told as such and observed', async (_name, status, body, code) => {
    const { client } = await against(json(body, status));
    await expect(client.get()).rejects.toMatchObject({ code });
    expect(client.events).toEqual([
      { method: 'GET', route: '/orders', status, outcome: code, durationMs: expect.any(Number) },
    ]);
  });

  it("quotes Order Desk's words but never the key, in no part of the error", async () => {
    const { client } = await against(
      json({ status: 'error', message: `Key ${API_KEY}\u0000 "unknown"` }, 400),
    );
    const error: unknown = await client.get().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: `Order Desk says: "Key [redacted] 'unknown'"` });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(API_KEY);
  });

  it.each([
    [{ 'x-retry-after': '9' }, 9],
    [{ 'retry-after': '8' }, 8],
    [{ 'x-retry-after': '9', 'retry-after': '8' }, 9],
    [{}, 30],
  ])('of 429 with %j says how long to wait', async (headers, retryAfterS) => {
    const { client } = await against(json('', 429, headers));
    await expect(client.get()).rejects.toMatchObject({ code: 'upstream_rate_limited', retryAfterS });
  });

  it('of HTTP 429 stays that when its body breaks off', async () => {
    const { client } = await against((_request, response) => {
      response.writeHead(429, { 'content-length': '500', 'x-retry-after': '4' });
      response.write('{"status"', () => response.destroy());
    });
    await expect(client.get()).rejects.toMatchObject({ code: 'upstream_rate_limited', retryAfterS: 4 });
  });

  it.each<[number, Record<string, string>, object]>([
    [200, { 'x-tokens-remaining': '17' }, { tokensRemaining: 17 }],
    [200, { 'x-retry-after': '9' }, { tokensRemaining: undefined, retryAfterS: undefined }],
    [429, { 'x-tokens-remaining': '0', 'x-retry-after': '9' }, { tokensRemaining: 0, retryAfterS: 9 }],
    [429, { 'retry-after': '999' }, { retryAfterS: 300 }],
    [429, {}, { retryAfterS: 30 }],
    [503, {}, { tokensRemaining: undefined, retryAfterS: undefined }],
  ])('of %i with %j tells what its headers say before its body is there', async (status, headers, facts) => {
    let finish = (): void => {};
    const { client } = await against((_request, response) => {
      response.writeHead(status, headers);
      response.write('{"status":');
      finish = () => void response.end('"success"}');
    });
    const told: unknown[] = [];
    const reply = client.get({
      onReply: (said) => {
        told.push(said);
        finish();
      },
    });
    await reply.catch(() => undefined);
    expect(told).toMatchObject([{ status, ...facts }]);
  });

  it('of another place is not followed, and the key goes nowhere', async () => {
    const elsewhere = await against(json(OK));
    for (const status of [301, 302, 307, 308]) {
      const { client } = await against(
        json('', status, { location: new URL('/api/v2/orders', elsewhere.upstream.url).href }),
      );
      const error: unknown = await client.get().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'upstream_malformed', field: 'status' });
      expect(String(error)).not.toContain('127.0.0.1');
    }
    expect(elsewhere.upstream.asked).toHaveLength(0);
  });

  it('in bytes that are not UTF-8 is refused, since its text could not be written back unharmed', async () => {
    const { client } = await against((_request, response) => {
      response.end(Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xe9]), Buffer.from('"}')]));
    });
    await expect(client.get()).rejects.toMatchObject({ code: 'upstream_malformed', field: 'body' });
  });

  it('survives unharmed in every script', async () => {
    const name = 'Žofie 日本 🧺 "quoted"';
    const { client } = await against(json({ name }));
    expect((await client.get()).body).toEqual({ name });
  });
});

describe('a body', () => {
  const small: Partial<ClientLimits> = { maxBodyBytes: 1024 * 1024 };

  it('that never ends is cut off with bounded memory, and its connection ended', async () => {
    let written = 0;
    const { upstream, client } = await against(
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const chunk = Buffer.alloc(64 * 1024, 0x20);
        const pour = (): void => {
          while (!response.destroyed && response.write(chunk)) written += chunk.length;
        };
        response.on('drain', pour);
        pour();
      },
      { limits: small },
    );
    await expect(client.get()).rejects.toMatchObject({ code: 'upstream_malformed', field: 'body' });
    await expect.poll(() => upstream.cutOff).toBe(1);
    // What lies in the sockets' buffers comes on top of the bound, no more.
    expect(written).toBeLessThan(16 * 1024 * 1024);
  });

  it('that is announced as too large is not read', async () => {
    const { upstream, client } = await against(
      (_request, response) => {
        response.writeHead(200, { 'content-length': String(20 * 1024 * 1024) });
        response.write('{');
      },
      { limits: small },
    );
    await expect(client.get()).rejects.toMatchObject({ code: 'upstream_malformed', field: 'body' });
    await expect.poll(() => upstream.cutOff).toBe(1);
  });

  it('of exactly the bound is read', async () => {
    const body = JSON.stringify({ pad: 'x'.repeat(1024 * 1024 - 10) });
    expect(Buffer.byteLength(body)).toBe(1024 * 1024);
    const { client } = await against(json(body), { limits: small });
    expect((await client.get()).body).toHaveProperty('pad');
  });

  it('of an error that never ends leaves the error as its status tells', async () => {
    const { upstream, client } = await against((_request, response) => {
      response.writeHead(400);
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(64 * 1024, 0x20)));
      };
      response.on('drain', pour);
      pour();
    });
    await expect(client.get()).rejects.toMatchObject({ code: 'upstream_rejected' });
    await expect.poll(() => upstream.cutOff).toBe(1);
  });

  it('that breaks off is an upstream that failed', async () => {
    const { client } = await against((_request, response) => {
      response.writeHead(200, { 'content-length': '500' });
      response.write('{"status":"success"', () => response.destroy());
    });
    await expect(client.get()).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect(client.events).toMatchObject([{ status: 200, outcome: 'upstream_unavailable' }]);
  });

  it('that dries up is a timeout', async () => {
    const { client } = await against(
      (_request, response) => {
        response.writeHead(200);
        response.write('{"status":');
      },
      { limits: { bodyTimeoutMs: 200 } },
    );
    await expect(client.get()).rejects.toMatchObject({ code: 'upstream_timeout' });
  });

  it('that drips on and on is a timeout of the whole call', async () => {
    const { upstream, client } = await against(
      (_request, response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(drip));
      },
      { limits: { callTimeoutMs: 300 } },
    );
    await expect(client.get()).rejects.toMatchObject({ code: 'upstream_timeout' });
    await expect.poll(() => upstream.cutOff).toBe(1);
  });
});

describe('an upstream that does not answer', () => {
  it('is unavailable when nothing listens, and its address is not told', async () => {
    const { upstream } = await against(json(OK));
    await upstream.close();
    open.splice(0, 1);
    const client = clientFor(upstream.url);
    open.push(client);
    const error: unknown = await client.get().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'upstream_unavailable' });
    expect(String(error)).not.toContain('127.0.0.1');
    expect(client.events).toMatchObject([{ status: null, outcome: 'upstream_unavailable' }]);
  });

  it('is unavailable when it resets the connection', async () => {
    const { client } = await against((request) => request.socket.resetAndDestroy());
    await expect(client.get()).rejects.toMatchObject({ code: 'upstream_unavailable' });
  });

  it('is unavailable when it does not speak HTTP', async () => {
    const server = createTcpServer((socket) => socket.end('220 mail.example for wilhelmina\r\n'));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const client = clientFor(new URL(`http://127.0.0.1:${port}/api/v2`));
    open.push({ close: async () => void server.close() }, client);
    const error: unknown = await client.get().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'upstream_unavailable' });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('wilhelmina');
  });

  it('is a timeout when its headers do not come', async () => {
    const { client } = await against(() => {}, { limits: { headersTimeoutMs: 200 } });
    await expect(client.get()).rejects.toMatchObject({ code: 'upstream_timeout' });
  });
});

describe('a deadline', () => {
  it('ends a read that could not be answered by then', async () => {
    const hour = 3_600_000;
    const { client } = await against(() => {}, { limits: { callTimeoutMs: hour, headersTimeoutMs: hour } });
    const deadlineAt = performance.now() + 300;
    await expect(client.get({ deadlineAt })).rejects.toMatchObject({ code: 'upstream_timeout' });
  });

  it('that is as good as over lets nothing be sent', async () => {
    const { upstream, client } = await against(json(OK));
    const deadlineAt = performance.now() + 40;
    await expect(client.get({ deadlineAt })).rejects.toMatchObject({ code: 'upstream_timeout' });
    expect(upstream.asked).toHaveLength(0);
  });
});

describe('a caller who leaves', () => {
  it('before the call makes none', async () => {
    const { upstream, client } = await against(json(OK));
    await expect(client.get({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
    expect(upstream.asked).toHaveLength(0);
  });

  it.each(['before the headers', 'in the middle of the body'])(
    '%s ends the call and its connection',
    async (when) => {
      const caller = new AbortController();
      const { upstream, client } = await against((_request, response) => {
        if (when === 'in the middle of the body') response.write('{"status":');
        setTimeout(() => caller.abort(), 50);
      });
      await expect(client.get({ signal: caller.signal })).rejects.toMatchObject({ code: 'cancelled' });
      await expect.poll(() => upstream.cutOff).toBe(1);
      expect(client.events).toMatchObject([{ outcome: 'cancelled' }]);
    },
  );

  it('by a deadline gets the deadline as the error', async () => {
    const caller = new AbortController();
    const deadline = new AppError('upstream_timeout', 'The call took longer than 25 seconds.');
    const { client } = await against(() => caller.abort(deadline));
    await expect(client.get({ signal: caller.signal })).rejects.toBe(deadline);
  });

  it('while waiting for a connection does not wait on', async () => {
    const { upstream, client } = await against(() => {}, { limits: { connections: 1 } });
    const caller = new AbortController();
    let blocked = true;
    const blocking = client.get().catch((thrown: unknown) => {
      blocked = false;
      return thrown;
    });
    await expect.poll(() => upstream.asked.length).toBe(1);
    const waiting = client.get({ signal: caller.signal });
    setImmediate(() => caller.abort());
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    expect(blocked).toBe(true);
    await client.close();
    expect(await blocking).toMatchObject({ code: 'upstream_unavailable' });
    expect(upstream.asked).toHaveLength(1);
  });
});
