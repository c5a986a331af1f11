/** The whole product with Redis beside it: limits are shared, Redis hangs, calls go on, and the metrics say so. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { callTool } from '../../support/call-tool.js';
import { type RedisServer, startRedis } from '../../support/services/index.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STORE = { id: '711', apiKey: 'sandbox-key-711', name: 'Store', timeZone: 'UTC', seed: 1 } as const;

describe('a server with Redis', () => {
  let redis: RedisServer;
  let server: TestServer;
  let key: string;
  beforeAll(async () => {
    redis = await startRedis();
    server = await startTestServer({ stores: [STORE], env: { REDIS_URL: redis.url } });
    ({ key } = await server.addTenant('first', STORE.id));
  });
  afterAll(async () => {
    await server?.close();
    await redis?.stop();
  });

  const metrics = async () => {
    const text = await (await fetch(new URL('/metrics', server.url))).text();
    return (series: string) =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${series} `))
          ?.split(' ')[1] ?? 0,
      );
  };
  const mode = async () => {
    const value = await metrics();
    const modes = ['local', 'shared'].filter((each) => value(`rate_limiter_mode{mode="${each}"}`) === 1);
    expect(modes).toHaveLength(1);
    return modes[0];
  };
  const untilShared = () =>
    vi.waitFor(async () => expect(await mode()).toBe('shared'), { timeout: 20_000, interval: 100 });
  const statusOfCall = async () => (await callTool(server.url, key, 'list_stores')).status;

  it('shares its limits, goes on alone while Redis hangs, and shares them again', async () => {
    expect(await statusOfCall()).toBe(200);
    await untilShared();
    redis.pause();
    for (let i = 0; i < 10; i += 1) expect(await statusOfCall()).toBe(200);
    expect(await mode()).toBe('local');
    redis.resume();
    await untilShared();
    expect(await statusOfCall()).toBe(200);
  });

  it('counts tenants that call, decisions and failures', async () => {
    await statusOfCall();
    await callTool(server.url, key, 'get_order', { store: 'no such store', order_id: '1' });
    await callTool(server.url, 'odm_wrong', 'list_stores');
    const value = await metrics();
    expect(value('active_tenants')).toBe(1);
    expect(value('inbound_limits_total{limit="key",outcome="passed"}')).toBeGreaterThan(0);
    expect(value('inbound_limits_total{limit="tenant",outcome="passed"}')).toBeGreaterThan(0);
    expect(value('inbound_limits_total{limit="address",outcome="passed"}')).toBe(1);
    expect(value('errors_total{type="client",code="unauthorized"}')).toBe(1);
    expect(value('errors_total{type="client",code="unknown_store"}')).toBe(1);
  });

  it('without Redis counts for itself and says so', async () => {
    const alone = await startTestServer({ stores: [STORE] });
    const text = await (await fetch(new URL('/metrics', alone.url))).text();
    expect(text).toContain('rate_limiter_mode{mode="local"} 1\n');
    expect(text).toContain('rate_limiter_mode{mode="shared"} 0\n');
    await alone.close();
  });
});
