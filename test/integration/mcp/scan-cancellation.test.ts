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

interface CallEnded {
  readonly outcome: string;
  readonly at: number;
}

let server: TestServer;
let key: string;
let orderId: string;
/** Told of the next call of the tool that ends, and of the searches that reach Order Desk. */
let onScanEnded: (event: CallEnded) => void = () => {};
let onSearch: () => void = () => {};

beforeAll(async () => {
  const log = pino(
    { level: 'trace' },
    {
      write(line: string) {
        const { msg, tool, outcome } = JSON.parse(line);
        if (msg === 'tool call' && tool === SCAN.name) onScanEnded({ outcome, at: performance.now() });
      },
    },
  );
  server = await startTestServer({ stores: [STORE], log });
  key = (await server.addTenant('scanned', STORE.id)).key;
  orderId = server.sandbox.store(STORE.id).orders()[0]?.id ?? '';
  // What a scan needs beside orders is in the cache from now on.
  await callTool(server.url, key, 'get_store');
  server.sandbox.fail({
    kind: 'delay',
    ms: ANSWER_MS,
    times: Number.POSITIVE_INFINITY,
    match: (_method, path) => {
      if (path === '/orders') onSearch();
      return path.startsWith('/orders');
    },
  });
});
afterAll(() => server.close());

/** Begins a scan, and hangs up when its second page is being read. @returns how the scan ended, and when it was left */
async function scanAndHangUp(
  request: { headers: Record<string, string>; body: unknown },
  beforeThat: () => Promise<void> = async () => {},
) {
  const ended = deferred<CallEnded>();
  const reading = deferred<void>();
  let searches = 0;
  onScanEnded = ended.resolve;
  onSearch = () => {
    searches += 1;
    if (searches === 2) reading.resolve();
  };
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(socket, 'connect');
  const body = JSON.stringify(request.body);
  const headers = Object.entries({ ...request.headers, authorization: `Bearer ${key}` });
  const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.write(
    `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${head}\r\n${body}`,
  );
  await reading.promise;
  await beforeThat();
  socket.destroy();
  const leftAt = performance.now();
  return { ended: await ended.promise, leftAt, searches: () => searches };
}

describe('a client that hangs up in the middle of a scan', () => {
  it('ends it within 200 ms under 2026-07-28, and no further request reaches Order Desk', async () => {
    const { ended, leftAt, searches } = await scanAndHangUp(modern('tools/call', SCAN));
    expect(ended.outcome).toBe('cancelled');
    expect(ended.at - leftAt).toBeLessThan(200);
    // Takes as long as the page that was being read: a scan that went on would have asked for the next one by its end.
    const order = await callTool(server.url, key, 'get_order', { order_id: orderId });
    expect(order.result?.structuredContent).toMatchObject({ store: STORE.name });
    expect(searches()).toBe(2);
  });

  it('does not end it under 2025-11-25, where a notification names no call that a stateless server knows', async () => {
    const scan = legacy('tools/call', SCAN);
    const { ended, searches } = await scanAndHangUp(scan, async () => {
      const { headers, body } = legacy('notifications/cancelled', { requestId: scan.body.id });
      const { id: _id, ...notification } = body;
      const answer = await fetch(server.url, {
        method: 'POST',
        headers: { ...headers, authorization: `Bearer ${key}` },
        body: JSON.stringify(notification),
      });
      expect(answer.status).toBe(202);
    });
    expect(ended.outcome).toBe('ok');
    expect(searches()).toBeGreaterThan(2);
  });
});

it('a server that shuts down answers a scan with what it read', async () => {
  const reading = deferred<void>();
  let searches = 0;
  onSearch = () => {
    searches += 1;
    if (searches === 2) reading.resolve();
  };
  const scan = callTool(server.url, key, SCAN.name, LAST_90_DAYS);
  await reading.promise;
  const closed = server.close();
  expect((await scan).result?.structuredContent).toMatchObject({
    coverage: { scanned: 99, complete: false },
  });
  await closed;
  expect(searches).toBe(2);
});
