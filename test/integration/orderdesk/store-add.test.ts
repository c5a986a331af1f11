/** Whoever merely tries to add a store cannot slow it down, read what is kept of it or have it left alone. */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callTool } from '../../support/call-tool.js';
import { connectPatiently, patientUrl } from '../../support/patient-redis.js';
import { emptyRedis } from '../../support/services/index.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STORE = { id: '501', apiKey: 'key-of-501', name: 'Wanted', orderCount: 5 };
const SHARED_BUCKET = `odm:budget:od:${STORE.id}`;

describe('a store that one tenant uses', () => {
  let server: TestServer;
  let redis: Redis;
  let key: string;
  let asked = 0;

  beforeAll(async () => {
    const { url } = await emptyRedis();
    redis = await connectPatiently(url);
    server = await startTestServer({
      stores: [STORE],
      env: { REDIS_URL: patientUrl(url), UPSTREAM_BUDGET_BURST: '18', UPSTREAM_BUDGET_RATE: '3' },
    });
    ({ key } = await server.addTenant('owner', STORE.id));
    await server.server.operations.createTenant.run({ name: 'other' });
    await callTool(server.url, key, 'get_store');
    const orderId = server.sandbox.store(STORE.id).orders()[0]?.id ?? '';
    await callTool(server.url, key, 'get_order', { order_id: orderId });
  });
  beforeEach(() => server.sandbox.resetCounters());
  afterAll(async () => {
    await server.close();
    redis.disconnect();
  });

  const add = (apiKey: string) =>
    server.server.operations.addStore.run({ tenant: 'other', orderDeskStoreId: STORE.id, apiKey });

  /** Something that is not in the cache, so that it needs a token and a request. */
  const askAnew = (asking = key) => {
    asked += 1;
    return callTool(server.url, asking, 'list_orders', { source_name: `channel ${asked}` });
  };

  /** Every budget and generation, byte for byte. */
  async function shared(): Promise<Map<string, string>> {
    const keys = [...(await redis.keys('odm:budget:*')), ...(await redis.keys('odm:gen:*'))].toSorted();
    const values = await Promise.all(
      keys.map(async (name) => (await redis.getBuffer(name))?.toString('hex')),
    );
    return new Map(keys.map((name, at) => [name, values[at] ?? '']));
  }

  async function breakerChanges(): Promise<string[]> {
    const metrics = await (await fetch(new URL('/metrics', server.url))).text();
    return metrics.split('\n').filter((line) => line.startsWith('orderdesk_breaker') && !line.endsWith(' 0'));
  }

  async function expectUntouched(before: ReadonlyMap<string, string>): Promise<void> {
    expect([...before.keys()]).toContain(SHARED_BUCKET);
    expect(before.size).toBeGreaterThan(2);
    expect(await shared()).toEqual(before);
    expect(await breakerChanges()).toEqual([]);
    const requests = server.sandbox.counters().byStore[STORE.id]?.requests ?? 0;
    expect((await askAnew()).result?.isError ?? false).toBe(false);
    expect(server.sandbox.counters().byStore[STORE.id]?.requests).toBe(requests + 1);
  }

  it('is untouched by another who offers a wrong key for it, again and again', async () => {
    const before = await shared();
    for (let attempt = 0; attempt < 7; attempt += 1) {
      await expect(add('wrong-key')).rejects.toMatchObject({ code: 'upstream_credentials_refused' });
    }
    expect(server.sandbox.counters().requests).toEqual({ 'GET /test': 7 });
    await expectUntouched(before);
  });

  // A wrong key is refused before anything else can go wrong: what fails here is the attempt with a good one.
  it.each([
    ['429', 429, { 'X-Retry-After': '60' }, 'upstream_rate_limited'],
    ['429 without a time', 429, {}, 'upstream_rate_limited'],
    ['503', 503, {}, 'upstream_unavailable'],
    ['401', 401, {}, 'upstream_credentials_refused'],
  ])('is untouched when Order Desk answers such attempts with %s', async (_name, status, headers, code) => {
    const before = await shared();
    const calm = server.sandbox.fail({
      kind: 'status',
      status,
      headers,
      match: { path: '/test' },
      times: Number.POSITIVE_INFINITY,
    });
    const attempts = await Promise.allSettled(Array.from({ length: 7 }, () => add(STORE.apiKey)));
    for (const attempt of attempts) expect(attempt).toMatchObject({ status: 'rejected', reason: { code } });
    calm();
    await expectUntouched(before);
  });

  it('is left by a row whose key was refused later, and goes on for those with the new one', async () => {
    server.sandbox.store(STORE.id).replaceApiKey('new-key-of-501');
    expect((await askAnew()).error).toMatchObject({ code: 'upstream_credentials_refused' });
    const before = await shared();
    expect([...before.keys()].filter((name) => name.startsWith('odm:budget:row:'))).toEqual([]);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect((await askAnew()).error).toMatchObject({ code: 'upstream_credentials_refused' });
    }
    const after = await shared();
    for (const [name, value] of before) expect([name, after.get(name)]).toEqual([name, value]);
    expect([...after.keys()].filter((name) => name.startsWith('odm:budget:row:'))).toHaveLength(1);

    await add('new-key-of-501');
    const { key: others } = await server.server.operations.createKey.run({
      tenant: 'other',
      name: 'test',
      role: 'agent',
    });
    expect((await askAnew(others)).result?.isError ?? false).toBe(false);
    expect((await shared()).get(SHARED_BUCKET)).not.toBe(after.get(SHARED_BUCKET));
  });
});
