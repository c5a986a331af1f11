/** A client that hangs up in the middle of a scan: under 2026-07-28 nothing more is read for it. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callTool } from '../../support/call-tool.js';
import { deferred } from '../../support/deferred.js';
import { legacy, modern } from '../../support/mcp-messages.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STORE = { id: '612', apiKey: 'sandbox-key-612', name: 'Scanned', seed: 4, orderCount: 700 };
/** Milliseconds that Order Desk takes for an answer, so that a scan is under way for a while. */
const ANSWER_MS = 60;
const LAST_90_DAYS = {
  added_from: new Date(Date.now() - 90 * 86_400_000).toISOString(),
  added_to: new Date(Date.now() + 86_400_000).toISOString(),
};
const SCAN = {
  name: 'summarize_orders',
  arguments: LAST_90_DAYS,
  _meta: { progressToken: 'p-1' },
};

let server: TestServer;
let key: string;
let orderId: string;
/** Told how the next call of the tool ends. */
let onScanEnded: (outcome: string) => void = () => {};
/** Told of each search that reaches Order Desk, and says whether it is ever answered. */
let onSearch: () => 'answered' | 'left' = () => 'answered';

beforeAll(async () => {
  const log = pino(
    { level: 'trace' },
    {
      write(line: string) {
        const { msg, tool, outcome } = JSON.parse(line);
        if (msg === 'tool call' && tool === SCAN.name) onScanEnded(outcome);
      },
    },
  );
  server = await startTestServer({ stores: [STORE], log });
  key = (await server.addTenant('scanned', STORE.id)).key;
  orderId = server.sandbox.store(STORE.id).orders()[0]?.id ?? '';
  // What a scan needs beside orders is in the cache from now on.
  await callTool(server.url, key, 'get_store');
  server.sandbox.fail({
    kind: 'hang',
    times: Number.POSITIVE_INFINITY,
    match: (_method, path) => path === '/orders' && onSearch() === 'left',
  });
  server.sandbox.fail({
    kind: 'delay',
    ms: ANSWER_MS,
    times: Number.POSITIVE_INFINITY,
    match: { path: '/orders' },
  });
});
afterAll(() => server.close());

/** Counts the searches of a scan, of which the second is answered or left without an answer. */
function watchSearches(second: 'answered' | 'left') {
  const reading = deferred<void>();
  let searches = 0;
  onSearch = () => {
    searches += 1;
    if (searches !== 2) return 'answered';
    reading.resolve();
    return second;
  };
  return { reading: reading.promise, searches: () => searches };
}

/** Begins a scan, and hangs up when its second page is being read. @returns how the scan ended */
async function scanAndHangUp(
  request: { headers: Record<string, string>; body: unknown },
  second: 'answered' | 'left',
  beforeThat: () => Promise<void> = async () => {},
) {
  const ended = deferred<string>();
  onScanEnded = ended.resolve;
  const { reading, searches } = watchSearches(second);
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(socket, 'connect');
  const body = JSON.stringify(request.body);
  const headers = Object.entries({ ...request.headers, authorization: `Bearer ${key}` });
  const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.write(
    `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${head}\r\n${body}`,
  );
  await reading;
  await beforeThat();
  socket.destroy();
  return { outcome: await ended.promise, searches };
}

describe('a client that hangs up in the middle of a scan', () => {
  it('ends it under 2026-07-28, though its page never comes, and no further request reaches Order Desk', async () => {
    const { outcome, searches } = await scanAndHangUp(modern('tools/call', SCAN), 'left');
    expect(outcome).toBe('cancelled');
    const order = await callTool(server.url, key, 'get_order', { order_id: orderId });
    expect(order.result?.structuredContent).toMatchObject({ store: STORE.name });
    expect(searches()).toBe(2);
  });

  it('does not end it under 2025-11-25, where a notification names no call that a stateless server knows', async () => {
    const scan = legacy('tools/call', SCAN);
    const { outcome, searches } = await scanAndHangUp(scan, 'answered', async () => {
      const { headers, body } = legacy('notifications/cancelled', { requestId: scan.body.id });
      const { id: _id, ...notification } = body;
      const answer = await fetch(server.url, {
        method: 'POST',
        headers: { ...headers, authorization: `Bearer ${key}` },
        body: JSON.stringify(notification),
      });
      expect(answer.status).toBe(202);
    });
    expect(outcome).toBe('ok');
    expect(searches()).toBeGreaterThan(2);
  });
});

it('a server that shuts down answers a scan with what it read', async () => {
  const { reading, searches } = watchSearches('left');
  const scan = callTool(server.url, key, SCAN.name, LAST_90_DAYS);
  await reading;
  const closed = server.close();
  expect((await scan).result?.structuredContent).toMatchObject({
    coverage: { scanned: 99, complete: false },
    remarks: expect.arrayContaining([expect.stringContaining('this server is being restarted')]),
  });
  await closed;
  expect(searches()).toBe(2);
});
