/** Order Desk behind an HTTP proxy: what the proxy gets to see, and what its refusal means for a read and for a write. */
import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryCache } from '../../../src/cache/memory.js';
import type { ClientLimits } from '../../../src/orderdesk/client.js';
import { createOrderDesk, type OrderDesk } from '../../../src/orderdesk/orderdesk.js';
import { reachOrderDesk } from '../../../src/orderdesk/reach.js';
import type { WriteRequest } from '../../../src/orderdesk/write-request.js';
import { startSandbox } from '../../../src/sandbox/index.js';
import { Secret } from '../../../src/tenancy/secret.js';
import {
  type ConnectProxy,
  type ConnectProxyOptions,
  startConnectProxy,
} from '../../support/connect-proxy.js';
import { storeEntry } from '../../unit/orderdesk/records.js';
import { API_KEY, startUpstream } from './upstream.js';

const PASSWORD = 'pass word';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close();
});

const opened = <T extends { close(): Promise<void> }>(resource: T): T => {
  open.push(resource);
  return resource;
};

const withPassword = (url: URL): Secret =>
  new Secret(`http://operator:${encodeURIComponent(PASSWORD)}@${url.host}`);

/** The room behind a proxy, before an upstream that agrees to everything. */
async function behindProxy(options: ConnectProxyOptions = {}, limits: Partial<ClientLimits> = {}) {
  const proxy = opened(await startConnectProxy(options));
  const upstream = opened(
    await startUpstream((_request, response) => {
      response.end('{"status":"success","records_count":0,"total_records":0,"orders":[]}');
    }),
  );
  return { proxy, upstream, orderDesk: orderDeskAt(upstream.url, proxy, limits) };
}

const orderDeskAt = (baseUrl: URL, proxy: ConnectProxy, limits: Partial<ClientLimits> = {}): OrderDesk =>
  opened(
    createOrderDesk({
      baseUrl,
      proxy: withPassword(proxy.url),
      version: '1.2.3',
      credentials: {
        credential: async (store) => ({ storeId: store.orderDeskId, apiKey: new Secret(API_KEY) }),
        markContact: async () => {},
      },
      cache: createMemoryCache(),
      observe: () => {},
      onContactFailure: (error) => {
        throw error;
      },
      limits,
      random: () => 0,
    }),
  );

const store = storeEntry();
const { signal } = new AbortController();
const update: WriteRequest = { method: 'PUT', route: '/orders/{id}', ids: ['5'], body: '{"id":"5"}' };

/** All that an error would put into a log. */
const wordsOf = (error: unknown): string =>
  error instanceof Error
    ? `${JSON.stringify({ ...error })} ${error.stack} ${wordsOf(error.cause)}`
    : String(error);

describe('a proxy that makes tunnels', () => {
  it('sees host and port of Order Desk, and who we are to it, but no request', async () => {
    const sandboxStore = { id: '10001', apiKey: API_KEY, name: 'First', timeZone: 'UTC', orderCount: 3 };
    const sandbox = opened(await startSandbox({ stores: [sandboxStore] }));
    const proxy = opened(await startConnectProxy());
    const orderDesk = orderDeskAt(new URL(sandbox.url), proxy);
    const { storeName } = await orderDesk.verifyCredential('10001', new Secret(API_KEY), signal);
    expect(storeName).toBe('First');

    const { host } = new URL(sandbox.url);
    const pair = Buffer.from(`operator:${PASSWORD}`).toString('base64');
    expect(proxy.asked.length).toBeGreaterThan(0);
    for (const { line, headers } of proxy.asked) {
      expect(line).toBe(`CONNECT ${host}`);
      expect(headers).toMatchObject({ host, 'proxy-authorization': `Basic ${pair}` });
      expect(JSON.stringify(headers)).not.toContain(API_KEY);
    }
    expect(proxy.carried()).toContain('GET /api/v2/store');
    expect(proxy.carried()).not.toContain('proxy-authorization');
  });

  it('is told a password that has no user', async () => {
    const { proxy, upstream } = await behindProxy();
    const { host } = proxy.url;
    await reachOrderDesk(upstream.url, new Secret(`http://:token@${host}`));
    await reachOrderDesk(upstream.url, new Secret(`http://${host}`));
    const [withToken, without] = proxy.asked.map(({ headers }) => headers['proxy-authorization']);
    expect(withToken).toBe(`Basic ${Buffer.from(':token').toString('base64')}`);
    expect(without).toBeUndefined();
  });

  it('is asked for a connection, not for each request: they are used again, by writes too', async () => {
    const { proxy, upstream, orderDesk } = await behindProxy();
    for (let number = 1; number <= 6; number += 1) {
      expect(await orderDesk.writes.write(store, update, { signal })).toMatchObject({ outcome: 'applied' });
    }
    expect(upstream.asked.map(({ method }) => method)).toEqual(Array(6).fill('PUT'));
    expect(proxy.asked.length).toBeLessThanOrEqual(2);
  });

  it('leaves a write unknown whose tunnel breaks before the answer', async () => {
    const { upstream, orderDesk } = await behindProxy({ cutAfter: 1 });
    expect(await orderDesk.writes.write(store, update, { signal })).toMatchObject({ outcome: 'unknown' });
    expect(upstream.asked).toHaveLength(1);
  });
});

describe('a proxy that makes no tunnel', () => {
  it.each([403, 407, 502])(
    'and answers %i: nothing is sent, and nobody is told its password',
    async (status) => {
      const { proxy, upstream, orderDesk } = await behindProxy({ refuseWith: status });
      const written = await orderDesk.writes.write(store, update, { signal });
      expect(written).toMatchObject({ outcome: 'failed', error: { code: 'upstream_unavailable' } });
      const read = await orderDesk
        .verifyCredential('11', new Secret(API_KEY), signal)
        .catch((error) => error);
      expect(read).toMatchObject({ code: 'upstream_unavailable', cause: { code: `PROXY_HTTP_${status}` } });

      expect(upstream.asked).toEqual([]);
      const words = wordsOf(read) + ('error' in written ? wordsOf(written.error) : '');
      expect(words).toContain(`The proxy answered HTTP ${status}.`);
      for (const hidden of [PASSWORD, encodeURIComponent(PASSWORD), 'operator', 'Basic ', proxy.url.host]) {
        expect(words).not.toContain(hidden);
      }
    },
  );

  it('and says nothing: the time for connecting ends it, and nothing is sent', async () => {
    const { upstream, orderDesk } = await behindProxy({ refuseWith: 0 }, { connectTimeoutMs: 60 });
    const written = await orderDesk.writes.write(store, update, { signal });
    expect(written).toMatchObject({ outcome: 'failed', error: { code: 'upstream_timeout' } });
    expect(upstream.asked).toEqual([]);
  });

  it('because it is none, or is not there', async () => {
    const plain = await startUpstream((_request, response) => void response.end('{}'));
    const target = new URL('http://127.0.0.1:9/api/v2');
    await expect(reachOrderDesk(target, withPassword(plain.url))).rejects.toMatchObject({
      name: 'ProxyFailed',
    });
    await plain.close();
    await expect(reachOrderDesk(target, withPassword(plain.url))).rejects.toMatchObject({
      name: 'ProxyFailed',
      code: 'ECONNREFUSED',
      message: 'The proxy cannot be used (ECONNREFUSED).',
    });
  });

  it('does not hold up the end: what is still being asked of it ends with the client', async () => {
    const { proxy, orderDesk } = await behindProxy({ refuseWith: 0 });
    const read = orderDesk.verifyCredential('11', new Secret(API_KEY), signal).catch((error) => error);
    await expect.poll(() => proxy.asked.length).toBe(1);
    await orderDesk.close();
    expect(await read).toMatchObject({ code: 'upstream_unavailable' });
    await expect.poll(() => proxy.connections()).toBe(0);
  });
});
