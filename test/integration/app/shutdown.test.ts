import { describe, expect, it } from 'vitest';
import { callTool } from '../../support/call-tool.js';
import { deferred } from '../../support/deferred.js';
import { startTestServer } from '../../support/test-server.js';

const STORE = { id: '611', apiKey: 'sandbox-key-611', name: 'Only store', timeZone: 'UTC', seed: 4 };

describe('closing the server', () => {
  it('lets a call in flight finish, and accepts no new one', async () => {
    const server = await startTestServer({ stores: [STORE] });
    const { key } = await server.addTenant('only', STORE.id);
    await callTool(server.url, key, 'get_store');
    const atOrderDesk = deferred<void>();
    server.sandbox.fail({
      kind: 'delay',
      ms: 300,
      match: (_method, path) => {
        if (path === '/orders') atOrderDesk.resolve();
        return path === '/orders';
      },
    });
    const inFlight = callTool(server.url, key, 'list_orders', { limit: 1 });
    await atOrderDesk.promise;
    const closed = server.close();
    expect((await inFlight).result?.structuredContent).toMatchObject({ returned: 1 });
    await closed;
    await expect(fetch(server.url)).rejects.toThrow('fetch failed');
  });
});

describe('a store whose calls fail', () => {
  it('gives errors that say whose fault it is and when to try again', async () => {
    const env = { UPSTREAM_DEADLINE: '5', UPSTREAM_TIMEOUT: '2' };
    const server = await startTestServer({ stores: [STORE], env });
    const { key } = await server.addTenant('only', STORE.id);
    const failing = async (fault: Parameters<typeof server.sandbox.fail>[0]) => {
      const heal = server.sandbox.fail(fault);
      const { error } = await callTool(server.url, key, 'list_orders', {
        limit: 1,
        source_name: `${Math.random()}`,
      });
      heal();
      return error;
    };
    await callTool(server.url, key, 'get_store');
    const always = { times: Number.POSITIVE_INFINITY };
    expect(await failing({ kind: 'status', status: 503, ...always })).toMatchObject({
      code: 'upstream_unavailable',
    });
    expect(await failing({ kind: 'error200', message: 'Bad filter' })).toMatchObject({
      code: 'upstream_rejected',
      message: expect.stringContaining('Order Desk refused the request'),
    });
    expect(await failing({ kind: 'html', ...always })).toMatchObject({ code: 'upstream_unavailable' });
    expect(await failing({ kind: 'status', status: 401 })).toMatchObject({
      code: 'upstream_credentials_refused',
    });
    const stores = await callTool(server.url, key, 'list_stores');
    expect(stores.text).toMatch(/refused/);
    const limited = { kind: 'status', status: 429, headers: { 'X-Retry-After': '7' } } as const;
    expect(await failing(limited)).toMatchObject({ code: 'upstream_rate_limited', retry_after_s: 7 });
    const next = await callTool(server.url, key, 'list_orders', { limit: 1 });
    expect(next.error).toMatchObject({ code: 'rate_budget_exhausted', retry_after_s: expect.any(Number) });
    await server.close();
  });
});
