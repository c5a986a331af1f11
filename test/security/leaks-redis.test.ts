/**
 * Seeds that cannot be mistaken pass through cache, budget and limits in Redis, through success and failure. Redis, log
 * and metrics must hold none of them; with the encryption off the same look into Redis must find them.
 */
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRedisCache } from '../../src/cache/redis.js';
import { createOrderDesk } from '../../src/orderdesk/orderdesk.js';
import { shareRedis } from '../../src/redis/shared-redis.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { Secret } from '../../src/tenancy/secret.js';
import { callTool } from '../support/call-tool.js';
import { patientUrl } from '../support/patient-redis.js';
import { emptyRedis } from '../support/services/index.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { storeEntry } from '../unit/orderdesk/records.js';

const SEEDS = {
  name: 'Zebulonqx',
  email: 'zebulonqx.seed@example.com',
  phone: '555-0199-7788',
  street: '77 Zebulonqx Crescent',
  note: 'leave it with neighbour Marmaladeqx',
};
const PERSONAL = Object.values(SEEDS);
const STORE_KEY = 'seeded-order-desk-key-qx81';
const STORE = { id: '902', apiKey: STORE_KEY, name: 'Seeded', timeZone: 'UTC', orderCount: 3 };
const ADDRESS = { first_name: SEEDS.name, last_name: SEEDS.name, address1: SEEDS.street, phone: SEEDS.phone };

/** Each seed as it is, and as it looks in the two forms in which bytes are written as text. */
const formsOf = (seed: string): string[] => [
  seed,
  Buffer.from(seed).toString('hex'),
  Buffer.from(seed).toString('base64url').slice(0, -2),
];
const found = (text: string, seeds: readonly string[]) =>
  seeds.filter((seed) => formsOf(seed).some((form) => text.includes(form)));

/** Every key with its whole value, whatever its type. */
async function everythingIn(redis: Redis): Promise<string> {
  const values = async (key: string): Promise<readonly (string | Buffer | null)[]> => {
    const type = await redis.type(key);
    switch (type) {
      case 'string':
        return [await redis.getBuffer(key)];
      case 'hash':
        return Object.entries(await redis.hgetallBuffer(key)).flat();
      case 'list':
        return redis.lrangeBuffer(key, 0, -1);
      case 'set':
        return redis.smembersBuffer(key);
      case 'zset':
        return redis.zrangeBuffer(key, '0', '-1');
      // Gone since it was listed.
      case 'none':
        return [];
      default:
        throw new Error(`This test cannot read a ${type}.`);
    }
  };
  const keys = await redis.keys('*');
  const texts = await Promise.all(
    keys.map(async (key) => [key, ...(await values(key)).map((value) => value?.toString('latin1'))]),
  );
  return texts.flat().join('\n');
}

describe('seeded secrets and customers, with Redis', () => {
  let url: string;
  let redis: Redis;
  let server: TestServer;
  let key: string;
  let orderId: string;
  const lines: string[] = [];

  beforeEach(async () => {
    ({ url } = await emptyRedis());
    redis = new Redis(url);
    const log = createLogger({
      level: 'debug',
      pretty: false,
      redaction: 'on',
      destination: { write: (line) => lines.push(line) },
    });
    server = await startTestServer({
      stores: [STORE],
      log,
      env: { REDIS_URL: patientUrl(url), UPSTREAM_BUDGET_BURST: '18', UPSTREAM_BUDGET_RATE: '3' },
    });
    ({ key } = await server.addTenant('seeded', STORE.id));
    ({ id: orderId } = server.sandbox.store(STORE.id).insertOrder({
      email: SEEDS.email,
      shipping: ADDRESS,
      customer: ADDRESS,
      order_notes: [{ date_added: '2026-01-09 23:12:05', username: SEEDS.name, content: SEEDS.note }],
    }));
  });
  afterEach(async () => {
    await server.close();
    redis.disconnect();
  });

  const call = async (name: string, args: Record<string, unknown> = {}) =>
    (await callTool(server.url, key, name, args)).text;

  const secrets = () => [key, key.slice(15), STORE_KEY, server.sandbox.store(STORE.id).smtpPassword];

  it('reach the agent, and no key or value in Redis, no log and no metric', async () => {
    const data = [
      await call('get_order', { order_id: orderId, include: ['addresses', 'notes'] }),
      await call('list_orders', { email: SEEDS.email, first_name: SEEDS.name, fields: ['email'] }),
      await call('get_store'),
    ].join('\n');
    const words = `no ${PERSONAL.join(' ')} ${secrets().join(' ')}`;
    for (const fault of [
      { kind: 'malformed' },
      { kind: 'status', status: 500, message: words },
      { kind: 'status', status: 401, message: words },
      { kind: 'error200', message: words },
      { kind: 'status', status: 429, message: words, headers: { 'X-Retry-After': '1' } },
      { kind: 'reset' },
    ] as const) {
      server.sandbox.fail({ ...fault, match: { path: '/orders' }, times: 3 });
      await call('list_orders', { last_name: SEEDS.name, limit: 1, source_name: fault.kind });
    }
    await callTool(server.url, `${key}x`, 'get_store');

    expect(found(data, PERSONAL)).toEqual(PERSONAL);
    const shown = await everythingIn(redis);
    for (const kind of ['odm:cache:', 'odm:gen:', 'odm:budget:', 'odm:limit:']) expect(shown).toContain(kind);
    const metrics = await (await fetch(new URL('/metrics', server.url))).text();
    expect(lines.join('')).toContain('"msg":"order desk"');
    for (const text of [shown, lines.join(''), metrics]) {
      expect(found(text, [...secrets(), ...PERSONAL])).toEqual([]);
    }
  });

  it('are found in Redis by the same look when the encryption is off, but for the secrets', async () => {
    const shared = shareRedis({ redis });
    const cache = createRedisCache({ shared });
    const orderDesk = createOrderDesk({
      baseUrl: new URL(server.sandbox.url),
      version: '1.2.3',
      credentials: {
        credential: async () => ({ storeId: STORE.id, apiKey: new Secret(STORE_KEY) }),
        markContact: async () => {},
      },
      cache,
      observe: () => {},
      onContactFailure: (error) => {
        throw error;
      },
    });
    const ctx = { signal: new AbortController().signal };
    const store = storeEntry({ orderDeskId: STORE.id });
    await orderDesk.gateway.getOrder(store, orderId, ctx);
    await orderDesk.gateway.store(store, ctx);
    const shown = await everythingIn(redis);
    expect(found(shown, PERSONAL)).toEqual(PERSONAL);
    expect(found(shown, secrets())).toEqual([]);
    await orderDesk.close();
    await cache.close();
    shared.close();
  });
});
