/** The whole way of a call, over real connections: what becomes of a write, and of everybody else's calls meanwhile. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryCache } from '../../../src/cache/memory.js';
import type { CallEvent } from '../../../src/orderdesk/call.js';
import type { ClientLimits } from '../../../src/orderdesk/client.js';
import { createOrderDesk, type OrderDesk } from '../../../src/orderdesk/orderdesk.js';
import type { WriteRequest } from '../../../src/orderdesk/write-request.js';
import { Secret } from '../../../src/tenancy/secret.js';
import { storeEntry, storeReply } from '../../unit/orderdesk/records.js';
import { API_KEY, startUpstream, type Upstream } from './upstream.js';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close();
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

interface Room {
  readonly upstream: Upstream;
  readonly orderDesk: OrderDesk;
  readonly events: readonly CallEvent[];
}

function roomAt(url: URL, limits: Partial<ClientLimits>, now?: () => number): Omit<Room, 'upstream'> {
  const events: CallEvent[] = [];
  const orderDesk = createOrderDesk({
    baseUrl: url,
    version: '1.2.3',
    credentials: {
      credential: async (store) => ({ storeId: store.orderDeskId, apiKey: new Secret(API_KEY) }),
      markContact: async () => {},
    },
    cache: createMemoryCache(),
    observe: (event) => events.push(event),
    onContactFailure: (error) => {
      throw error;
    },
    limits,
    random: () => 0,
    ...(now === undefined ? {} : { now }),
  });
  open.push(orderDesk);
  return { orderDesk, events };
}

async function against(
  answer: Answer,
  limits: Partial<ClientLimits> = {},
  now?: () => number,
): Promise<Room> {
  const upstream = await startUpstream(answer);
  open.push(upstream);
  return { upstream, ...roomAt(upstream.url, limits, now) };
}

const body = '{"id":"5","email":"wilhelmina@shop.example"}';
const update: WriteRequest = { method: 'PUT', route: '/orders/{id}', ids: ['5'], body };
const store = storeEntry();
const { signal } = new AbortController();

const success = (response: ServerResponse): void => void response.end('{"status":"success"}');
const isWrite = ({ method }: { readonly method?: string | undefined }): boolean => method !== 'GET';

describe('a batch that is answered with an error in HTTP 200', () => {
  const move: WriteRequest = { method: 'POST', route: '/move-orders', orderIds: ['5', '6'], body: '{}' };
  const write = async (reply: unknown, request: WriteRequest = move) => {
    const { orderDesk } = await against((_request, response) => void response.end(JSON.stringify(reply)));
    return orderDesk.writes.write(store, request, { signal });
  };

  it('has been taken where it tells of its lines, each of which is judged by itself', async () => {
    const reply = { status: 'error', message: '1 failed', results: [{ order_id: 5 }] };
    expect(await write(reply)).toEqual({ outcome: 'applied', body: reply });
  });

  it('may be done in part where it tells of none', async () => {
    expect(await write({ status: 'error', message: '1 failed' })).toMatchObject({ outcome: 'unknown' });
    expect(await write({ status: 'error', message: '1 failed', results: '' })).toMatchObject({
      outcome: 'unknown',
    });
  });

  it('is no batch where the request is about one thing', async () => {
    expect(await write({ status: 'error', message: 'No', results: [] }, update)).toMatchObject({
      outcome: 'failed',
    });
  });
});

describe('a write', () => {
  it('is carried out to its end when its caller leaves after the first byte', async () => {
    const caller = new AbortController();
    const { upstream, orderDesk } = await against((_request, response) => {
      caller.abort();
      setTimeout(() => success(response), 50);
    });
    const outcome = await orderDesk.writes.write(store, update, { signal: caller.signal });
    expect(outcome).toEqual({ outcome: 'applied', body: { status: 'success' } });
    expect(upstream.asked).toMatchObject([{ method: 'PUT', url: '/api/v2/orders/5', body }]);
    expect(upstream.cutOff).toBe(0);
  });

  it('is not sent when its caller has left before', async () => {
    const { upstream, orderDesk } = await against((_request, response) => success(response));
    const outcome = await orderDesk.writes.write(store, update, { signal: AbortSignal.abort() });
    expect(outcome).toMatchObject({ outcome: 'failed', error: { code: 'cancelled' } });
    expect(upstream.asked).toHaveLength(0);
  });

  it('is not sent, not even later, when its caller leaves while it waits for a connection', async () => {
    const held: ServerResponse[] = [];
    const caller = new AbortController();
    const { upstream, orderDesk } = await against((_request, response) => void held.push(response), {
      connections: 1,
    });
    const first = orderDesk.writes.write(store, update, { signal });
    await expect.poll(() => held.length).toBe(1);
    const second = orderDesk.writes.write(store, update, { signal: caller.signal });
    setImmediate(() => caller.abort());
    expect(await second).toMatchObject({ outcome: 'failed', error: { code: 'cancelled' } });
    for (const response of held) success(response);
    expect(await first).toMatchObject({ outcome: 'applied' });
    const third = orderDesk.writes.write(store, update, { signal });
    await expect.poll(() => held.length).toBe(2);
    for (const response of held) success(response);
    expect(await third).toMatchObject({ outcome: 'applied' });
    expect(upstream.asked).toHaveLength(2);
  });

  it('is not begun with under ten seconds left', async () => {
    const { upstream, orderDesk } = await against((_request, response) => success(response));
    const late = { signal, deadlineAt: performance.now() + 9_999 };
    expect(await orderDesk.writes.write(store, update, late)).toMatchObject({
      outcome: 'failed',
      error: {
        code: 'store_busy',
        message: 'Too little time was left to make this change; nothing was sent.',
        retryAfterS: 1,
        hint: 'Make the same call again.',
      },
    });
    expect(upstream.asked).toHaveLength(0);
    const inTime = { signal, deadlineAt: performance.now() + 20_000 };
    expect(await orderDesk.writes.write(store, update, inTime)).toMatchObject({ outcome: 'applied' });
  });

  it('is not begun when its time runs down to that while it waits for a connection', async () => {
    const held: ServerResponse[] = [];
    const { upstream, orderDesk } = await against((_request, response) => void held.push(response), {
      connections: 1,
    });
    const first = orderDesk.writes.write(store, update, { signal });
    await expect.poll(() => held.length).toBe(1);
    const second = { signal, deadlineAt: performance.now() + 10_100 };
    expect(await orderDesk.writes.write(store, update, second)).toMatchObject({
      outcome: 'failed',
      error: { code: 'store_busy' },
    });
    for (const response of held) success(response);
    expect(await first).toMatchObject({ outcome: 'applied' });
    expect(upstream.asked).toHaveLength(1);
  });

  it('is stopped at its first byte when its time has run out unnoticed', async () => {
    const held: ServerResponse[] = [];
    let ahead = 0;
    const now = (): number => performance.now() + ahead;
    const { upstream, orderDesk } = await against(
      (_request, response) => void held.push(response),
      { connections: 1 },
      now,
    );
    const first = orderDesk.writes.write(store, update, { signal });
    await expect.poll(() => held.length).toBe(1);
    const second = orderDesk.writes.write(store, update, { signal, deadlineAt: now() + 19_000 });
    // Past the reading of its key, so that it waits for the connection.
    await new Promise((resolve) => setImmediate(resolve));
    ahead = 9_500;
    for (const response of held) success(response);
    expect(await first).toMatchObject({ outcome: 'applied' });
    expect(await second).toMatchObject({ outcome: 'failed', error: { code: 'store_busy' } });
    expect(upstream.asked).toHaveLength(1);
  });

  it('has failed when nothing listens, after it was tried again', async () => {
    const upstream = await startUpstream(() => {});
    await upstream.close();
    const { orderDesk, events } = roomAt(upstream.url, {});
    expect(await orderDesk.writes.write(store, update, { signal })).toMatchObject({
      outcome: 'failed',
      error: { code: 'upstream_unavailable' },
    });
    expect(events).toHaveLength(3);
  });

  it('has failed when no secure connection comes about', async () => {
    const server = createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    open.push({ close: async () => void server.close() });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { orderDesk } = roomAt(new URL(`https://127.0.0.1:${port}/api/v2`), {});
    expect(await orderDesk.writes.write(store, update, { signal })).toMatchObject({ outcome: 'failed' });
  });

  it.each<[string, Answer, string]>([
    ['resets the connection', (request) => request.socket.resetAndDestroy(), 'upstream_unavailable'],
    ['closes the connection', (request) => request.socket.end(), 'upstream_unavailable'],
    ['fails', (_request, response) => void response.writeHead(500).end(), 'upstream_unavailable'],
    ['answers with a page', (_request, response) => void response.end('<html>'), 'upstream_malformed'],
    [
      'breaks off its answer',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '99' });
        response.write('{"status":"success"', () => response.destroy());
      },
      'upstream_unavailable',
    ],
    ['does not answer', () => {}, 'upstream_timeout'],
    [
      'is said by a proxy to be late',
      (_request, response) => void response.writeHead(408).end(),
      'upstream_timeout',
    ],
  ])('is unknown when Order Desk %s, and is not sent again', async (_name, answer, code) => {
    const { upstream, orderDesk } = await against(
      (request, response) => {
        if (isWrite(request)) answer(request, response);
        else response.end(JSON.stringify(storeReply()));
      },
      { writeTimeoutMs: 300 },
    );
    // Over a connection that was kept from a read, where a transport might be tempted to try another.
    await orderDesk.gateway.store(store, { signal });
    expect(await orderDesk.writes.write(store, update, { signal })).toMatchObject({
      outcome: 'unknown',
      error: { code },
      check: { route: '/orders/{id}', ids: ['5'] },
    });
    expect(upstream.asked.filter(isWrite)).toHaveLength(1);
  });

  it.each([
    [400, '{"status":"error","message":"No"}', 'upstream_rejected'],
    [404, '', 'not_found'],
    [401, '', 'upstream_credentials_refused'],
    [200, '{"status":"error","message":"Shipment Not Added"}', 'upstream_rejected'],
  ])('has failed when Order Desk refuses it with HTTP %i %s', async (status, reply, code) => {
    const { upstream, orderDesk } = await against((_request, response) => {
      response.writeHead(status).end(reply);
    });
    expect(await orderDesk.writes.write(store, update, { signal })).toMatchObject({
      outcome: 'failed',
      error: { code },
    });
    expect(upstream.asked).toHaveLength(1);
  });
});

describe('closing', () => {
  it('waits for a write under way, and refuses those that have not begun', async () => {
    const held: ServerResponse[] = [];
    const { upstream, orderDesk } = await against((_request, response) => void held.push(response), {
      connections: 1,
    });
    const running = orderDesk.writes.write(store, update, { signal });
    await expect.poll(() => held.length).toBe(1);
    const waiting = orderDesk.writes.write(store, update, { signal });
    // Past the reading of its key, so that it waits for the connection.
    await new Promise((resolve) => setImmediate(resolve));
    let isClosed = false;
    const closed = orderDesk.close().then(() => {
      isClosed = true;
    });
    const refused = { outcome: 'failed', error: { code: 'shutting_down' } };
    expect(await waiting).toMatchObject(refused);
    expect(await orderDesk.writes.write(store, update, { signal })).toMatchObject(refused);
    expect(isClosed).toBe(false);
    for (const response of held) success(response);
    expect(await running).toMatchObject({ outcome: 'applied' });
    await closed;
    expect(upstream.asked).toHaveLength(1);
  });

  it('is bounded by the time of a write that gets no answer', async () => {
    const { upstream, orderDesk } = await against(() => {}, { writeTimeoutMs: 200 });
    const running = orderDesk.writes.write(store, update, { signal });
    await expect.poll(() => upstream.asked.length).toBe(1);
    await orderDesk.close();
    expect(await running).toMatchObject({ outcome: 'unknown', error: { code: 'upstream_timeout' } });
  });
});

describe('a store that fails', () => {
  const failing = storeEntry({ row: 'row-1', orderDeskId: '1' });
  const healthy = storeEntry({ row: 'row-2', orderDeskId: '2' });
  const onlyHealthy =
    (otherwise: Answer): Answer =>
    (request, response) => {
      if (request.headers['orderdesk-store-id'] !== '2') otherwise(request, response);
      else response.end(JSON.stringify(storeReply()));
    };

  it('by hanging takes eight connections, and another store is served meanwhile', async () => {
    const { upstream, orderDesk } = await against(onlyHealthy(() => {}));
    const callers = Array.from({ length: 30 }, () => new AbortController());
    const ended = Promise.allSettled(
      callers.map((caller, id) => orderDesk.gateway.getOrder(failing, String(id + 1), caller)),
    );
    await expect.poll(() => upstream.asked.length).toBe(8);
    expect((await orderDesk.gateway.store(healthy, { signal })).name).toBe('Test Store');
    expect(upstream.asked).toHaveLength(9);
    for (const caller of callers) caller.abort();
    expect((await ended).every(({ status }) => status === 'rejected')).toBe(true);
    expect(upstream.asked).toHaveLength(9);
  });

  it('is left alone: its callers are answered at once, another store as ever', async () => {
    const { upstream, orderDesk } = await against(
      onlyHealthy((_request, response) => void response.writeHead(502).end()),
    );
    const ask = (): Promise<unknown> => orderDesk.gateway.store(failing, { signal });
    for (let i = 0; i < 5; i += 1)
      await expect(ask()).rejects.toMatchObject({ code: 'upstream_unavailable' });
    const asked = upstream.asked.length;
    await expect(ask()).rejects.toMatchObject({ code: 'upstream_unavailable', retryAfterS: 10 });
    expect(await orderDesk.writes.write(failing, update, { signal })).toMatchObject({
      outcome: 'failed',
      error: { code: 'upstream_unavailable', retryAfterS: 10 },
    });
    expect(upstream.asked).toHaveLength(asked);
    expect((await orderDesk.gateway.store(healthy, { signal })).name).toBe('Test Store');
  });
});
