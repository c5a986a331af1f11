/** Redis is lost in the middle of writes: they go on, exclude each other and are made once, since no write leans on it. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { callTool } from '../support/call-tool.js';
import { type Fleet, startFleet } from '../support/fleet.js';
import { type RedisServer, startRedis } from '../support/services/index.js';

const STORE = { id: '901', apiKey: 'sandbox-key-901', name: 'Without Redis', orderCount: 10 };

let redis: RedisServer;
let fleet: Fleet;
let key: string;

beforeEach(async () => {
  redis = await startRedis();
  fleet = await startFleet({
    replicas: 2,
    redisUrl: redis.url,
    sandbox: { stores: [STORE], rateLimit: false },
  });
  key = await fleet.addTenant('without', STORE.id);
});
afterEach(async () => {
  await fleet?.close();
  await redis?.stop();
});

const order = (at: number) => fleet.sandbox.store(STORE.id).orders()[at]?.id ?? '';
const puts = () => fleet.sandbox.counters().requests['PUT /orders/{id}'] ?? 0;
const write = (replica: number, orderId: string, changes: Record<string, unknown>, idempotencyKey: string) =>
  callTool(fleet.urls[replica] ?? '', key, 'update_order', {
    order_id: orderId,
    changes,
    idempotency_key: idempotencyKey,
  });

it.each([
  ['killed', () => redis.stop()],
  ['frozen', async () => redis.pause()],
] as const)('writes go on while it is %s', async (_, lose) => {
  fleet.sandbox.fail({ kind: 'delay', ms: 1_000, match: { method: 'PUT' } });
  const underWay = write(0, order(0), { email: 'first@example.com' }, 'a');
  await vi.waitFor(() => expect(puts()).toBe(1), { timeout: 20_000, interval: 10 });
  await lose();
  expect((await underWay).result?.structuredContent).toMatchObject({ outcome: 'applied' });
  const replies = await Promise.all([
    write(0, order(0), { customer_id: '11' }, 'b'),
    write(1, order(0), { shipping_method: 'Slow boat' }, 'c'),
    write(1, order(1), { email: 'other@example.com' }, 'd'),
  ]);
  for (const { result } of replies) expect(result?.structuredContent).toMatchObject({ outcome: 'applied' });
  expect(fleet.sandbox.store(STORE.id).order(order(0))).toMatchObject({
    email: 'first@example.com',
    customer_id: '11',
    shipping_method: 'Slow boat',
  });
  const again = await write(1, order(0), { email: 'first@example.com' }, 'a');
  expect(again.result?.structuredContent).toMatchObject({ outcome: 'applied', replayed: true });
  expect(puts()).toBe(4);
});
