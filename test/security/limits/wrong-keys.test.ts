/** Floods of wrong keys: they cost no bcrypt, lock nobody out who is known, and cannot hide behind made-up addresses. */
import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomBase62, toBase62 } from '../../../src/tenancy/keys/base62.js';
import { legacy } from '../../support/mcp-messages.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STORES = [
  { id: '701', apiKey: 'sandbox-key-701', name: 'First store', timeZone: 'UTC', seed: 1 },
  { id: '702', apiKey: 'sandbox-key-702', name: 'Second store', timeZone: 'UTC', seed: 2 },
] as const;

const BURST = 20;
/** Requests of a flood that are under way at the same time. */
const PARALLEL = 20;
const ADDRESS_LIMITS = {
  MCP_LIMIT_ADDRESS_FAILURES_BURST: String(BURST),
  MCP_LIMIT_ADDRESS_FAILURES_RATE: '1',
};

/** One server without and one with a trusted proxy in front; each test behind the proxy has addresses of its own. */
let direct: TestServer;
let proxied: TestServer;
let first: { readonly key: string; readonly kid: string };
beforeAll(async () => {
  direct = await startTestServer({ stores: STORES, env: ADDRESS_LIMITS });
  proxied = await startTestServer({ stores: STORES, env: { ...ADDRESS_LIMITS, TRUST_PROXY: '127.0.0.1' } });
  first = await proxied.addTenant('first', '701');
});
afterAll(async () => {
  await direct?.close();
  await proxied?.close();
});

async function ping(server: TestServer, key: string | undefined, headers: Record<string, string> = {}) {
  const request = legacy('ping');
  const response = await fetch(server.url, {
    method: 'POST',
    headers: {
      ...request.headers,
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...headers,
    },
    body: JSON.stringify(request.body),
  });
  const body = await response.json();
  return { status: response.status, retryAfter: response.headers.get('retry-after'), body };
}

const from = (address: string) => ({ 'x-forwarded-for': address });

/** A well-formed key that opens nothing. @param kid of a key that exists; else of none */
function wrongKey(kid = randomBase62(10, randomBytes)): string {
  const body = `odm_${kid}_${randomBase62(32, randomBytes)}`;
  return body + toBase62(crc32(body), 6);
}

/** Sends `times` requests, some at the same time. */
async function flood<T>(times: number, send: (index: number) => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  let next = 0;
  const sender = async () => {
    while (next < times) {
      const index = next;
      next += 1;
      answers.push(await send(index));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, sender));
  return answers;
}

const count = (answers: readonly { status: number }[], status: number) =>
  answers.filter((answer) => answer.status === status).length;

describe('a flood of wrong keys', () => {
  it('costs no bcrypt, and keys in use behind the same address go on as if it were not there', async () => {
    const here = from('203.0.113.1');
    expect((await ping(proxied, first.key, here)).status).toBe(200);
    const { hasher } = proxied.server;
    const { compares } = hasher;
    expect(compares).toBe(1);

    const wrong = [() => wrongKey(first.kid), () => wrongKey(), () => 'odm_no-key-at-all', () => undefined];
    const flooding = flood(1_000, (index) => ping(proxied, wrong[index % wrong.length]?.(), here));
    const good: number[] = [];
    for (let i = 0; i < 100; i += 1) good.push((await ping(proxied, first.key, here)).status);
    const refused = await flooding;

    expect(good).toEqual(Array.from({ length: 100 }, () => 200));
    expect(hasher.compares).toBe(compares);
    expect(count(refused, 401) + count(refused, 429)).toBe(1_000);
    // The limit exactly, but for a token that may come back meanwhile: what was under way is answered 429 as well.
    expect(count(refused, 401)).toBeLessThanOrEqual(BURST + 2);
    const limited = refused.find(({ status }) => status === 429);
    expect(Number(limited?.retryAfter)).toBeGreaterThan(0);
    expect(limited?.body).toMatchObject({
      jsonrpc: '2.0',
      id: null,
      error: { data: { code: 'rate_limited', retry_after_s: expect.any(Number) } },
    });
  });

  it('reaches verification no more than the limit allows', async () => {
    const here = from('203.0.113.2');
    const measured = async () => {
      const text = await (await fetch(new URL('/metrics', proxied.url))).text();
      const value = (name: string) =>
        Number(
          text
            .split('\n')
            .find((line) => line.startsWith(`${name} `))
            ?.split(' ')[1] ?? 0,
        );
      return {
        verified: value('auth_attempts_total{outcome="refused"}'),
        turnedAway: value('inbound_limits_total{limit="address",outcome="refused"}'),
      };
    };
    for (let i = 0; i < BURST; i += 1) expect((await ping(proxied, wrongKey(), here)).status).toBe(401);
    const before = await measured();
    const refused = await flood(200, () => ping(proxied, wrongKey(), here));
    expect(count(refused, 429)).toBe(200);
    expect(await measured()).toEqual({ verified: before.verified, turnedAway: before.turnedAway + 200 });
  });

  it('holds the first use of a key back at its address only, and says for how long', async () => {
    const { key } = await proxied.addTenant('second', '702');
    for (let i = 0; i < BURST; i += 1) await ping(proxied, wrongKey(), from('203.0.113.3'));
    const held = await ping(proxied, key, from('203.0.113.3'));
    expect(held.status).toBe(429);
    expect(Number(held.retryAfter)).toBeGreaterThan(0);
    expect((await ping(proxied, key, from('203.0.113.4'))).status).toBe(200);
    // Proven by now, it is let through there too.
    expect((await ping(proxied, key, from('203.0.113.3'))).status).toBe(200);
  });

  it('from many addresses costs no bcrypt either', async () => {
    const { compares } = proxied.server.hasher;
    const answers = await flood(300, (index) =>
      ping(proxied, wrongKey(first.kid), from(`198.51.${index >> 8}.${index & 255}`)),
    );
    expect(count(answers, 401)).toBe(300);
    expect(proxied.server.hasher.compares).toBe(compares);
    expect((await ping(proxied, first.key)).status).toBe(200);
  });
});

describe('the address that failures are counted for', () => {
  const admitted = async (server: TestServer, headersOf: (index: number) => Record<string, string>) => {
    const answers = [];
    for (let i = 0; i < BURST + 5; i += 1) answers.push(await ping(server, wrongKey(), headersOf(i)));
    return count(answers, 401);
  };

  it('is that of the connection, whatever a client writes into forwarding headers', async () => {
    const headersOf = (index: number) => ({
      'x-forwarded-for': `203.0.113.${index}`,
      'x-real-ip': `203.0.113.${index}`,
      forwarded: `for=203.0.113.${index}`,
    });
    expect(await admitted(direct, headersOf)).toBe(BURST);
  });

  it('behind a trusted proxy is the one that the proxy saw, not what stood there before', async () => {
    expect(await admitted(proxied, (index) => from(`198.51.100.${index}, 203.0.113.5`))).toBe(BURST);
    expect((await ping(proxied, wrongKey(), from('203.0.113.5, 203.0.113.6'))).status).toBe(401);
  });

  it('is one for a whole IPv6 network of 64 bits', async () => {
    expect(await admitted(proxied, (index) => from(`2001:db8:0:1::${index.toString(16)}`))).toBe(BURST);
    expect((await ping(proxied, wrongKey(), from('2001:db8:0:2::1'))).status).toBe(401);
  });
});

describe('a tenant that uses all of its limits', () => {
  it('takes nothing from another, and an array counts for it as its messages', async () => {
    const small = await proxied.addTenant('small', '701');
    const other = await proxied.addTenant('other', '702');
    await proxied.server.operations.setTenantLimits.run({ tenant: 'small', keyBurst: 10, keyPerSecond: 0.1 });
    const here = from('203.0.113.7');
    const array = await fetch(proxied.url, {
      method: 'POST',
      headers: {
        ...legacy('ping', {}, '2025-03-26').headers,
        authorization: `Bearer ${small.key}`,
        ...here,
      },
      body: JSON.stringify(Array.from({ length: 8 }, (_, id) => legacy('ping', {}, '2025-03-26', id).body)),
    });
    expect(await array.json()).toHaveLength(8);
    const rest = [];
    for (let i = 0; i < 3; i += 1) rest.push((await ping(proxied, small.key, here)).status);
    expect(rest).toEqual([200, 200, 429]);
    for (let i = 0; i < 20; i += 1) expect((await ping(proxied, other.key, here)).status).toBe(200);
  });
});
