/** A client that closes its connection in the middle of a write: what was sent has its true outcome in the ledger, what was not leaves nothing. */
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { callTool } from '../support/call-tool.js';
import { modern } from '../support/mcp-messages.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const STORE = { id: '801', apiKey: 'sandbox-key-801', name: 'Left alone', orderCount: 160 };
/** What Order Desk takes for a request that the client does not wait for. */
const SLOW_MS = 4_000;

let server: TestServer;
let key: string;
let tenants = 0;

beforeAll(async () => {
  server = await startTestServer({ stores: [STORE], database: 'postgres' });
});
afterAll(() => server?.close());
beforeEach(async () => {
  tenants += 1;
  ({ key } = await server.addTenant(`tenant ${tenants}`, STORE.id));
  server.sandbox.resetCounters();
});

const upstream = () => server.sandbox.store(STORE.id);
const order = (at: number) => upstream().orders()[at]?.id ?? '';
const asked = (route: string) => server.sandbox.counters().requests[route] ?? 0;

interface Entry {
  readonly status: string;
}

async function entries(): Promise<readonly Entry[]> {
  const { result } = await callTool(server.url, key, 'list_changes');
  const { rows } = result?.structuredContent ?? {};
  return Array.isArray(rows) ? rows : [];
}

/** Makes a call, and closes its connection once Order Desk has been asked this. */
async function goneAt(route: string, tool: string, args: Record<string, unknown>): Promise<void> {
  const connection = new AbortController();
  const { headers, body } = modern('tools/call', { name: tool, arguments: args });
  const call = fetch(server.url, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
    signal: connection.signal,
  });
  const ended = expect(call).rejects.toThrow('abort');
  await vi.waitFor(() => expect(asked(route)).toBeGreaterThan(0), { timeout: 10_000, interval: 10 });
  connection.abort();
  await ended;
}

const eventually = (claim: () => Promise<void>) => vi.waitFor(claim, { timeout: 20_000, interval: 100 });

it.each([
  ['answered late', { kind: 'delay', ms: SLOW_MS }],
  ['never answered', { kind: 'reset_after' }],
] as const)('an update that was sent, and is %s, is applied in the ledger', async (_, fault) => {
  const orderId = order(tenants);
  const changes = { email: `gone${tenants}@example.com` };
  server.sandbox.fail({ ...fault, match: { method: 'PUT' } });
  await goneAt('PUT /orders/{id}', 'update_order', { order_id: orderId, changes });
  await eventually(async () => expect(await entries()).toMatchObject([{ status: 'applied' }]));
  expect(upstream().order(orderId)?.email).toBe(changes.email);
  expect(asked('PUT /orders/{id}')).toBe(1);
});

it('an update that was not sent leaves no entry and no lock', async () => {
  const orderId = order(tenants);
  const before = upstream().order(orderId)?.email;
  server.sandbox.fail({ kind: 'delay', ms: SLOW_MS, match: { method: 'GET', path: '/orders/{id}' } });
  const args = { order_id: orderId, changes: { email: 'never@example.com' } };
  await goneAt('GET /orders/{id}', 'update_order', args);
  await eventually(async () => expect(await entries()).toEqual([]));
  expect(upstream().order(orderId)?.email).toBe(before);
  const next = await callTool(server.url, key, 'update_order', {
    order_id: orderId,
    changes: { email: 'next@example.com' },
  });
  expect(next.result?.structuredContent).toMatchObject({ outcome: 'applied' });
  expect(asked('PUT /orders/{id}')).toBe(1);
  expect(await entries()).toHaveLength(1);
});

it('a batch stops after the request under way, and the same call goes on with the rest', async () => {
  const ids = Array.from({ length: 150 }, (_none, at) => order(at));
  const moves = (id: string) =>
    upstream()
      .history(id)
      .filter(({ note }) => note.startsWith('Order Moved')).length;
  const before = ids.map(moves);
  const folder = upstream().folders()[1];
  const args = { order_ids: ids, folder: String(folder?.id), idempotency_key: 'batch' };
  server.sandbox.fail({ kind: 'delay', ms: SLOW_MS, match: { method: 'POST' } });
  await goneAt('POST /move-orders', 'move_orders', args);
  await eventually(async () => expect(await entries()).toMatchObject([{ status: 'applied' }]));
  expect(asked('POST /move-orders')).toBe(1);
  const again = await callTool(server.url, key, 'move_orders', args);
  expect(again.result?.structuredContent).toMatchObject({ outcome: 'applied' });
  expect(asked('POST /move-orders')).toBe(2);
  expect(new Set(ids.map((id, index) => moves(id) - (before[index] ?? 0)))).toEqual(new Set([1]));
  expect(await entries()).toHaveLength(1);
});
