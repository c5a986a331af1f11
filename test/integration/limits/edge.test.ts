/** The limits as a client meets them: status, `Retry-After`, and a JSON-RPC error that says the same. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { InboundLimitSettings } from '../../../src/limits/inbound.js';
import type { CallContext, Catalogue } from '../../../src/mcp/catalogue.js';
import { type BareServer, startBareServer } from '../../support/bare-server.js';
import { deferred } from '../../support/deferred.js';
import { testLimits } from '../../support/limits.js';
import { legacy, modern } from '../../support/mcp-messages.js';

type Message = { headers: Record<string, string>; body: unknown };

/** Calls of `wait`, in the order in which they began. Each ends when the test says so. */
function waitingTool() {
  const calls: { ctx: CallContext; end(): void }[] = [];
  const catalogue: Catalogue = {
    serverInfo: { name: 'test', version: '0' },
    instructions: '',
    tools: [
      {
        name: 'wait',
        description: 'waits',
        inputSchema: { type: 'object' },
        handle: async (_args, ctx) => {
          const done = deferred<void>();
          calls.push({ ctx, end: () => done.resolve() });
          await ctx.progress(1, 2);
          await done.promise;
          return { content: [] };
        },
      },
    ],
  };
  return { calls, catalogue };
}

const servers: BareServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(settings: Partial<InboundLimitSettings>, now?: () => number) {
  const tool = waitingTool();
  const { limits, decisions } = testLimits(settings, now === undefined ? {} : { now });
  const server = await startBareServer(tool.catalogue, { limits });
  servers.push(server);
  return { ...tool, decisions, url: server.url };
}

async function send(url: string, { headers, body }: Message, signal?: AbortSignal) {
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    json: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined,
  };
}

const ping = () => legacy('ping');
const callOf = (id: number) => legacy('tools/call', { name: 'wait' }, '2025-11-25', id);

describe('a key that sends too much', () => {
  const key = { burst: 10, perSecond: 2 };

  it('is answered 429 with the time to wait, in the header and in the JSON-RPC error', async () => {
    let time = 0;
    const { url } = await start({ key }, () => time);
    for (let i = 0; i < 10; i += 1) expect((await send(url, ping())).status).toBe(200);
    const refused = await send(url, ping());
    expect(refused).toMatchObject({
      status: 429,
      retryAfter: '1',
      json: {
        jsonrpc: '2.0',
        id: null,
        error: { code: -32603, data: { code: 'rate_limited', retry_after_s: 1 } },
      },
    });
    expect(refused.json.error.message).toMatch(/Too many messages/);
    time = 500;
    expect((await send(url, ping())).status).toBe(200);
  });

  it('is refused before its body is read', async () => {
    const { url } = await start({ key }, () => 0);
    for (let i = 0; i < 10; i += 1) await send(url, ping());
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{',
    );
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1.1 429 /);
    socket.destroy();
  });

  it('counts an array as the messages in it', async () => {
    const { url } = await start({ key }, () => 0);
    const array = (length: number) => ({
      headers: legacy('ping', {}, '2025-03-26').headers,
      body: Array.from({ length }, (_, id) => legacy('ping', {}, '2025-03-26', id).body),
    });
    expect((await send(url, array(7))).json).toHaveLength(7);
    expect(await send(url, array(4))).toMatchObject({
      status: 429,
      json: { error: { data: { code: 'rate_limited' } } },
    });
    // The refused array cost the one message that it was counted as before it was read.
    expect((await send(url, array(2))).json).toHaveLength(2);
    expect((await send(url, ping())).status).toBe(429);
  });

  it('pays one message for an array that the protocol refuses', async () => {
    const { url, decisions } = await start({ key });
    const body = Array.from({ length: 11 }, (_, id) => legacy('ping', {}, '2025-03-26', id).body);
    const { headers } = legacy('ping', {}, '2025-03-26');
    expect((await send(url, { headers, body })).status).toBe(400);
    expect(decisions.filter((decision) => decision.startsWith('key'))).toEqual(['key passed']);
  });
});

describe('a tenant with too many calls at once', () => {
  const tenant = { concurrency: 1, queue: 1, waitMs: 10_000 };
  const until = (condition: () => boolean) =>
    vi.waitFor(() => expect(condition()).toBe(true), { timeout: 10_000, interval: 5 });

  it('waits in a short queue; beyond it, 429 with the time to wait and the id of the call', async () => {
    const { url, calls, decisions } = await start({ tenant });
    const first = send(url, callOf(1));
    await until(() => calls.length === 1);
    const second = send(url, callOf(2));
    await until(() => decisions.includes('tenant queued'));
    expect(await send(url, callOf(3))).toMatchObject({
      status: 429,
      retryAfter: '1',
      json: { jsonrpc: '2.0', id: 3, error: { data: { code: 'too_many_calls', retry_after_s: 1 } } },
    });
    expect(calls).toHaveLength(1);
    calls[0]?.end();
    await until(() => calls.length === 2);
    calls[1]?.end();
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
  });

  it('is refused when its turn does not come in time', async () => {
    const { url, calls } = await start({ tenant: { ...tenant, waitMs: 50 } });
    const first = send(url, callOf(1));
    await until(() => calls.length === 1);
    expect(await send(url, callOf(2))).toMatchObject({ status: 429, json: { id: 2 } });
    calls[0]?.end();
    expect((await first).status).toBe(200);
  });

  it('gets the turn of a client back that hangs up while it waits', async () => {
    const { url, calls, decisions } = await start({ tenant });
    const first = send(url, callOf(1));
    await until(() => calls.length === 1);
    const impatient = new AbortController();
    const second = send(url, callOf(2), impatient.signal).catch(() => 'gone');
    await until(() => decisions.includes('tenant queued'));
    impatient.abort();
    expect(await second).toBe('gone');
    await until(() => decisions.includes('tenant left'));
    const third = send(url, callOf(3));
    await until(() => decisions.filter((each) => each === 'tenant queued').length === 2);
    calls[0]?.end();
    await until(() => calls.length === 2);
    calls[1]?.end();
    expect([(await first).status, (await third).status]).toEqual([200, 200]);
  });

  it.each([
    ['a plain answer', { name: 'wait' }],
    ['a stream', { name: 'wait', _meta: { progressToken: 'p' } }],
  ])('keeps the place of a client that hung up until the call is over: %s', async (_, params) => {
    const { url, calls, decisions } = await start({ tenant });
    const impatient = new AbortController();
    const gone = send(url, legacy('tools/call', params), impatient.signal).catch(() => 'gone');
    await until(() => calls.length === 1);
    impatient.abort();
    expect(await gone).toBe('gone');
    // The server has seen the hang-up once a request on a later connection is answered.
    await fetch(url, { method: 'GET' });
    const next = send(url, callOf(2));
    await until(() => decisions.includes('tenant queued'));
    await calls[0]?.ctx.progress(2, 2);
    await fetch(url, { method: 'GET' });
    expect(calls).toHaveLength(1);
    calls[0]?.end();
    await until(() => calls.length === 2);
    calls[1]?.end();
    expect((await next).status).toBe(200);
  });

  it('keeps the place of a stream until its last message', async () => {
    const { url, calls, decisions } = await start({ tenant });
    const message = modern('tools/call', { name: 'wait', _meta: { progressToken: 'p' } });
    const response = await fetch(url, {
      method: 'POST',
      headers: message.headers,
      body: JSON.stringify(message.body),
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const next = send(url, callOf(2));
    await until(() => decisions.includes('tenant queued'));
    calls[0]?.end();
    expect(await response.text()).toContain('"result"');
    await until(() => calls.length === 2);
    calls[1]?.end();
    expect((await next).status).toBe(200);
  });

  it('gives the place back when the call fails or is refused', async () => {
    const { url } = await start({ tenant: { ...tenant, queue: 0 } });
    for (let i = 0; i < 3; i += 1) {
      expect((await send(url, legacy('no/such/method'))).status).toBe(200);
      expect((await send(`${url}/no-such-store`, ping())).status).toBe(404);
      expect((await send(url, { ...ping(), body: { no: 'message' } })).status).toBe(400);
    }
    expect((await send(url, ping())).status).toBe(200);
  });
});
