/** Keys that are no longer good, never were, or are somebody else's: refused in the same bytes, without any bcrypt. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { randomBase62 } from '../../../src/tenancy/keys/base62.js';
import { legacy } from '../../support/mcp-messages.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import { comparable, forgedKey, LIST_TOOLS, sendLines, WIDE_LIMITS } from './wire.js';

const STORES = [
  { id: '701', apiKey: 'sandbox-key-701', name: 'First store', timeZone: 'UTC', seed: 1 },
  { id: '702', apiKey: 'sandbox-key-702', name: 'Second store', timeZone: 'UTC', seed: 2 },
] as const;

/** Requests under way at the same time. */
const PARALLEL = 20;

let server: TestServer;
let first: { readonly key: string; readonly kid: string };
let second: { readonly key: string; readonly kid: string };
/** What a key gets that is no key at all. */
let refusal: string;
let compares: number;
beforeAll(async () => {
  // Strong enough to be seen by the clock if it were ever run for a wrong key.
  server = await startTestServer({ stores: STORES, env: { ...WIDE_LIMITS, AUTH_BCRYPT_COST: '10' } });
  first = await server.addTenant('first', '701');
  second = await server.addTenant('second', '702');
  expect((await withKey(first.key)).status).toBe(200);
  refusal = comparable((await withKey('not-a-key')).text);
});
afterAll(() => server?.close());
beforeEach(() => {
  compares = server.server.hasher.compares;
});

const withKey = (key: string) => sendLines(server.url, [`Authorization: Bearer ${key}`]);

async function expectRefused(keys: readonly string[]): Promise<void> {
  for (let at = 0; at < keys.length; at += PARALLEL) {
    const answers = await Promise.all(keys.slice(at, at + PARALLEL).map(withKey));
    for (const { text } of answers) expect(comparable(text)).toBe(refusal);
  }
  expect(server.server.hasher.compares).toBe(compares);
}

describe('the refusal of a key', () => {
  it('is a 401 that says how to send one, and nothing else of it', () => {
    expect(refusal).toMatch(/^HTTP\/1.1 401 /);
    expect(refusal).toMatch(/^www-authenticate: Bearer\r$/m);
    expect(refusal).not.toMatch(/unknown|wrong|expired|revoked|suspended|malformed/i);
  });

  it('is that of a forged key, with a kid that exists or none', async () => {
    await expectRefused([
      forgedKey(),
      forgedKey({ kid: first.kid }),
      forgedKey({ kid: first.kid, secret: '0'.repeat(32) }),
      forgedKey({ secret: first.key.slice(15, 47) }),
    ]);
  });

  it('is that of a key cut at any length, or longer', async () => {
    const cut = Array.from({ length: first.key.length }, (_, length) => first.key.slice(0, length));
    await expectRefused([...cut, `${first.key}0`, `${first.key}${first.key}`]);
  });

  it('is that of a key with any bit flipped, where it still is a header', async () => {
    const flipped = Array.from({ length: first.key.length * 8 }, (_, bit) => {
      const bytes = Buffer.from(first.key, 'latin1');
      const at = bit >> 3;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
      return bytes.toString('latin1');
    });
    await expectRefused(flipped.filter((key) => /^[\x20-\x7e\x80-\xff]+$/.test(key)));
  });

  it('is that of a key with one character of its secret changed and the checksum made to fit', async () => {
    const secret = first.key.slice(15, 47);
    const changed = [...secret].map(
      (character, at) => secret.slice(0, at) + (character === 'a' ? 'b' : 'a') + secret.slice(at + 1),
    );
    await expectRefused(changed.map((text) => forgedKey({ kid: first.kid, secret: text })));
  });

  it("is that of one tenant's secret under another tenant's kid", async () => {
    await expectRefused([
      forgedKey({ kid: first.kid, secret: second.key.slice(15, 47) }),
      forgedKey({ kid: second.kid, secret: first.key.slice(15, 47) }),
    ]);
  });

  it.each(['never used', 'in use'])(
    'is that of a key that was %s and is revoked, expired, suspended or deleted',
    async (before) => {
      const { operations } = server.server;
      const name = `ending ${before}`;
      await operations.createTenant.run({ name });
      const make = async (tenant: string) =>
        operations.createKey.run({ tenant, name: randomBase62(8, randomBytes), role: 'agent' });
      const [revoked, expired] = [await make('first'), await make('first')];
      const suspended = await make(name);
      await operations.createTenant.run({ name: `${name} for good` });
      const deleted = await make(`${name} for good`);
      const keys = [revoked, expired, suspended, deleted];
      if (before === 'in use') {
        for (const { key } of keys) expect((await withKey(key)).status).toBe(200);
      }
      await operations.expireKey.run({ kid: expired.kid, at: new Date(Date.now() + 1_000).toISOString() });
      await operations.revokeKey.run({ kid: revoked.kid });
      await operations.suspendTenant.run({ tenant: name });
      await operations.deleteTenant.run({ tenant: `${name} for good`, confirmation: `${name} for good` });
      compares = server.server.hasher.compares;
      // The expiry is judged by the clock of the server, which is this one.
      await expect.poll(async () => (await withKey(expired.key)).status, { timeout: 5_000 }).toBe(401);
      compares = server.server.hasher.compares;
      await expectRefused(keys.map(({ key }) => key));
    },
  );
});

describe('a key that stands anywhere but in the Authorization header', () => {
  it.each([
    ['a cookie', 'Cookie: key=KEY; Authorization=Bearer KEY'],
    ['the password of Basic', 'Authorization: Basic BASE64'],
    ['X-Api-Key', 'X-Api-Key: KEY'],
    ['Proxy-Authorization', 'Proxy-Authorization: Bearer KEY'],
    ['X-Forwarded-Authorization', 'X-Forwarded-Authorization: Bearer KEY'],
    ['a session id', 'Mcp-Session-Id: KEY'],
  ])('such as %s is not looked at', async (_where, line) => {
    const base64 = Buffer.from(`:${first.key}`).toString('base64');
    const answer = await sendLines(server.url, [line.replaceAll('KEY', first.key).replace('BASE64', base64)]);
    expect(comparable(answer.text)).toBe(refusal);
  });

  it('such as the body is not looked at', async () => {
    const authorization = `Bearer ${first.key}`;
    const params = { authorization, key: first.key, _meta: { authorization, token: first.key } };
    const bodies = [legacy('tools/list', params).body, { ...LIST_TOOLS.body, authorization, key: first.key }];
    for (const body of bodies) {
      const answer = await sendLines(server.url, [], JSON.stringify(body));
      expect(comparable(answer.text)).toBe(refusal);
      expect(answer.text).not.toContain(first.key);
    }
  });

  it.each(['/mcp/KEY', '/mcp?key=KEY', '/mcp?x=KEY', '/mcp?access_token=KEY'])(
    'such as the address %s is told not to do that, whether it is good or not',
    async (address) => {
      const answers = [];
      for (const key of [first.key, forgedKey()]) {
        const requestLine = `POST ${address.replace('KEY', key)} HTTP/1.1`;
        const { status, text } = await sendLines(server.url, [], '{}', requestLine);
        expect(status).toBe(400);
        expect(text).not.toContain(key);
        answers.push(comparable(text));
      }
      expect(answers[0]).toBe(answers[1]);
    },
  );
});

describe('an unknown kid and a wrong secret', () => {
  it('take the same time, which is not that of a bcrypt', async () => {
    const timed = async (key: string) => {
      const startedAt = performance.now();
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { ...LIST_TOOLS.headers, authorization: `Bearer ${key}` },
        body: JSON.stringify(LIST_TOOLS.body),
      });
      await response.text();
      expect(response.status).toBe(401);
      return performance.now() - startedAt;
    };
    const median = (times: number[]) => times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
    const [unknown, wrong]: [number[], number[]] = [[], []];
    for (let i = 0; i < 300; i += 1) {
      unknown.push(await timed(forgedKey()));
      wrong.push(await timed(forgedKey({ kid: first.kid })));
    }
    const ratio = median(wrong) / median(unknown);
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(1.6);
    expect(server.server.hasher.compares).toBe(compares);
  });
});
