/** Real calls against the sandbox, whose answers take their time: what the log and the metrics make of them. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/telemetry/logger.js';
import { callTool } from '../../support/call-tool.js';
import { legacy, modern } from '../../support/mcp-messages.js';
import { patientUrl } from '../../support/patient-redis.js';
import { emptyRedis } from '../../support/services/index.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STORE = { id: '612', apiKey: 'sandbox-key-612', name: 'Slow store', timeZone: 'UTC', seed: 4 };
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const OTHER_TRACE = 'a'.repeat(32);

let server: TestServer;
let key: string;
let kid: string;
// biome-ignore lint/suspicious/noExplicitAny: lines of the log, checked by what they hold
const lines: any[] = [];
let written = '';

beforeAll(async () => {
  const destination = {
    write: (line: string) => {
      written += line;
      lines.push(JSON.parse(line));
    },
  };
  server = await startTestServer({
    stores: [STORE],
    database: 'postgres',
    env: { REDIS_URL: patientUrl((await emptyRedis()).url), METRICS_TOKEN: METRICS },
    log: createLogger({ level: 'debug', pretty: false, destination }),
  });
  ({ key, kid } = await server.addTenant('slow', STORE.id));
  // What only a first call does is not measured.
  await callTool(server.url, key, 'list_orders', { limit: 1 });
});
afterAll(() => server.close());

const METRICS = 'metrics-token-of-this-test-0123456789';

const lineOf = (id: string, msg: string) =>
  lines.find(({ request_id, msg: said }) => request_id === id && said === msg);

/** The line of a request is written when its answer has gone: it may come after the answer has been read. */
async function linesOf(id: string) {
  await expect.poll(() => lineOf(id, 'request')).toBeDefined();
  return { request: lineOf(id, 'request'), call: lineOf(id, 'tool call') };
}

let requests = 0;
async function post(
  message: { readonly headers: Record<string, string>; readonly body: unknown },
  headers: Record<string, string> = {},
) {
  requests += 1;
  const id = `time-request-${requests}`;
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { ...message.headers, authorization: `Bearer ${key}`, 'x-request-id': id, ...headers },
    body: JSON.stringify(message.body),
  });
  expect(response.headers.get('x-request-id')).toBe(id);
  await response.text();
  return linesOf(id);
}

const getStore = { name: 'get_store', arguments: {} };
const listOrders = (source: string) => ({
  name: 'list_orders',
  arguments: { limit: 1, source_name: source },
});

async function metric(pattern: RegExp): Promise<number> {
  const response = await fetch(server.url.replace(/mcp$/, 'metrics'), {
    headers: { authorization: `Bearer ${METRICS}` },
  });
  return Number(pattern.exec(await response.text())?.[1]);
}

describe('a call that waits for Order Desk', () => {
  it('shows that wait as upstream and only the rest as ours, in the log and in the metrics', async () => {
    const sum = /mcp_tool_overhead_seconds_sum\{tool="list_orders"\} ([\d.e-]+)/;
    const upstream = /mcp_tool_wait_seconds_total\{on="upstream"\} ([\d.e-]+)/;
    const [oursBefore, waitedBefore] = [await metric(sum), await metric(upstream)];
    server.sandbox.fail({ kind: 'delay', ms: 200, match: { path: '/orders' } });
    const { request, call } = await post(modern('tools/call', listOrders('one')));
    expect(call).toMatchObject({ tool: 'list_orders', outcome: 'ok', level: 'info', kid });
    expect(call.wait_ms.upstream).toBeGreaterThanOrEqual(180);
    expect(call.wait_ms.redis).toBeGreaterThan(0);
    expect(call.own_ms + call.wait_ms.upstream).toBeLessThanOrEqual(call.duration_ms + 1);
    expect(request).toMatchObject({ method: 'POST', status: 200, outcome: 'ok', level: 'info', kid });
    expect(request.tenant_id).toBe(call.tenant_id);
    // The same wait, once more for the request around the call.
    expect(request.wait_ms.upstream).toBeGreaterThanOrEqual(call.wait_ms.upstream - 1);
    expect(request.own_ms + request.wait_ms.upstream).toBeLessThanOrEqual(request.duration_ms + 1);
    expect((await metric(upstream)) - waitedBefore).toBeGreaterThanOrEqual(0.18);
    expect((await metric(sum)) - oursBefore).toBeCloseTo(call.own_ms / 1_000, 3);
  });

  it('shows a wait for somebody who changes the same as a lock', async () => {
    const { id } = server.sandbox.store(STORE.id).insertOrder({});
    server.sandbox.fail({ kind: 'delay', ms: 250, match: { method: 'PUT', path: '/orders/{id}' } });
    const update = (phone: string) => ({
      name: 'update_order',
      arguments: { order_id: id, changes: { shipping: { phone } } },
    });
    const both = await Promise.all(
      ['555 0111', '555 0112'].map((phone) => post(modern('tools/call', update(phone)))),
    );
    const lockMs = both.map(({ call }) => call.wait_ms.lock ?? 0);
    expect(both.map(({ call }) => call.outcome)).toEqual(['ok', 'ok']);
    expect(Math.max(...lockMs)).toBeGreaterThanOrEqual(100);
    expect(Math.min(...lockMs)).toBe(0);
  });

  it('shows a wait for Postgres as one', async () => {
    const { call } = await post(modern('tools/call', { name: 'list_changes', arguments: {} }));
    expect(call.outcome).toBe('ok');
    expect(call.wait_ms.postgres).toBeGreaterThan(0);
  });
});

describe.each([
  ['2026-07-28', modern],
  ['2025-11-25', legacy],
] as const)('the trace of a request under %s', (_revision, message) => {
  const header = { traceparent: `00-${TRACE}-${SPAN}-01` };
  const inTrace = { trace_id: TRACE, parent_span_id: SPAN };

  it('is on both lines', async () => {
    const { request, call } = await post(message('tools/call', getStore), header);
    expect(request).toMatchObject(inTrace);
    expect(call).toMatchObject(inTrace);
  });

  it('is the one that the call names, for the call', async () => {
    const own = { ...getStore, _meta: { traceparent: `00-${OTHER_TRACE}-${SPAN}-01` } };
    const { request, call } = await post(message('tools/call', own), header);
    expect(request).toMatchObject(inTrace);
    expect(call).toMatchObject({ trace_id: OTHER_TRACE, parent_span_id: SPAN });
  });

  it.each([
    ['another version', `01-${TRACE}-${SPAN}-01`],
    ['JSON', `00-x","level":"fatal","injected":"yes`],
    ['zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a key', `odm_live_${'a'.repeat(40)}`],
  ])('is none where it is %s, and nothing of it is written', async (_what, traceparent) => {
    const before = written.length;
    const { request, call } = await post(
      message('tools/call', { ...getStore, _meta: { traceparent: `${traceparent}\n{"injected":"yes"}` } }),
      { traceparent },
    );
    for (const line of [request, call]) {
      expect(line).not.toHaveProperty('trace_id');
      expect(line).not.toHaveProperty('parent_span_id');
      expect(line.level).toBe('info');
    }
    const since = written.slice(before);
    expect(since).not.toContain('injected');
    expect(since).not.toContain(traceparent);
    expect(since).not.toMatch(/0{32}|a{40}/);
  });
});

describe('a request that is refused', () => {
  it('is one line, at the level of its error and with its code', async () => {
    const { request, call } = await post(modern('tools/call', getStore), {
      origin: 'https://elsewhere.example',
    });
    expect(call).toBeUndefined();
    expect(request).toMatchObject({ status: 403, outcome: 'origin_not_allowed', level: 'warn' });
    expect(request).not.toHaveProperty('tenant_id');
    expect(lines.filter(({ request_id }) => request_id === request.request_id)).toHaveLength(1);
  });

  it('is one even if its address cannot be read', async () => {
    await fetch(`${server.url}/%ff`, { method: 'POST', headers: { 'x-request-id': 'unreadable-address' } });
    const { request } = await linesOf('unreadable-address');
    expect(request).toMatchObject({ status: 400, outcome: 'invalid_argument', route: 'none', level: 'info' });
    expect(request).not.toHaveProperty('own_ms');
    // Nobody knows when it began: 0 would be a lie, and a good one for the histogram.
    expect(request).not.toHaveProperty('duration_ms');
    const counted = /http_requests_total\{route="none",method="POST",status="400"\} (\d+)/;
    const timed = /http_request_duration_seconds_count\{route="none",method="POST"\} (\d+)/;
    expect(await metric(counted)).toBe(1);
    expect(await metric(timed)).toBeNaN();
  });

  it('is one even if the client leaves before it is answered, told by its outcome', async () => {
    const leaving = new AbortController();
    server.sandbox.fail({
      kind: 'hang',
      match: (_method, path) => {
        if (path === '/orders') leaving.abort();
        return path === '/orders';
      },
    });
    const message = modern('tools/call', listOrders('left'));
    const answer = fetch(server.url, {
      method: 'POST',
      headers: { ...message.headers, authorization: `Bearer ${key}`, 'x-request-id': 'client-that-left' },
      body: JSON.stringify(message.body),
      signal: leaving.signal,
    });
    await expect(answer).rejects.toThrow('aborted');
    const { request } = await linesOf('client-that-left');
    expect(request).toMatchObject({ status: 499, outcome: 'cancelled', level: 'debug', kid });
    await expect.poll(() => lineOf('client-that-left', 'tool call')).toMatchObject({ outcome: 'cancelled' });
  });

  it('tells what failed when the client did not do it', async () => {
    server.sandbox.fail({ kind: 'status', status: 401 });
    const { request, call } = await post(modern('tools/call', listOrders('refused')));
    expect(call).toMatchObject({ level: 'warn', outcome: 'upstream_credentials_refused' });
    expect(call.err).toMatchObject({ code: 'upstream_credentials_refused' });
    // The request itself was answered well: that the call failed is part of its result.
    expect(request).toMatchObject({ level: 'info', outcome: 'ok', status: 200 });
  });
});

describe('what is no call', () => {
  const MADE_UP = 'made_up_by_a_client';
  const unknown = { name: MADE_UP, arguments: {} };

  it.each([
    ['2026-07-28', modern],
    ['2025-11-25', legacy],
  ] as const)(
    'a tool that there is not leaves its trace under %s, and its name nowhere',
    async (_, message) => {
      const counted = /mcp_tool_calls_total\{tool="_unknown",outcome="client"\} (\d+)/;
      const failed = /errors_total\{type="client",code="unknown_tool"\} (\d+)/;
      const before = [(await metric(counted)) || 0, (await metric(failed)) || 0];
      const { request, call } = await post(message('tools/call', unknown));
      expect(call).toMatchObject({ tool: '_unknown', outcome: 'unknown_tool', level: 'info', kid });
      expect(request).toMatchObject({ status: 200, outcome: '-32602', level: 'info', kid });
      expect([(await metric(counted)) - (before[0] ?? 0), (await metric(failed)) - (before[1] ?? 0)]).toEqual(
        [1, 1],
      );
      expect(written).not.toContain(MADE_UP);
    },
  );

  it('a method that there is not, and a revision, are told by the code of the protocol', async () => {
    const { request } = await post(legacy('no/such'));
    expect(request).toMatchObject({ status: 200, outcome: '-32601' });
    const refused = await post(legacy('ping', {}, '1999-01-01'));
    expect(refused.request).toMatchObject({ status: 400, outcome: expect.stringMatching(/^-32\d{3}$/) });
    expect((await post(legacy('ping'))).request).toMatchObject({ status: 200, outcome: 'ok' });
  });

  it('bytes that are no HTTP are counted, with one line that holds nothing of them', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.end(`${MADE_UP}\r\n\r\n`);
    let answer = '';
    for await (const chunk of socket) answer += chunk;
    expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
    const told = lines.filter(({ msg }) => msg === 'unreadable request');
    expect(told).toEqual([
      expect.objectContaining({
        level: 'debug',
        status: 400,
        outcome: 'invalid_request',
        route: 'none',
        method: '_unknown',
      }),
    ]);
    expect(written).not.toContain(MADE_UP);
    expect(await metric(/http_requests_total\{route="none",method="_unknown",status="400"\} (\d+)/)).toBe(1);
    expect(
      await metric(/http_request_duration_seconds_count\{route="none",method="_unknown"\} (\d+)/),
    ).toBeNaN();
  });
});

it('leaves keys and credentials out of all these lines', () => {
  expect(written.length).toBeGreaterThan(0);
  expect(written).not.toContain(key);
  expect(written).not.toContain(key.slice(-20));
  expect(written).not.toContain(STORE.apiKey);
});
