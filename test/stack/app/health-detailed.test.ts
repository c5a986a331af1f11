/** `/health/detailed` of the whole product: who may read it, what is in it, and what asking for it costs. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detailedSchema, healthSchema, liveSchema, readySchema } from '../../../src/http/health-schemas.js';
import { makeRingText } from '../../../src/tenancy/rings/key-ring.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STORE = { id: '711', apiKey: 'sandbox-key-711', name: 'Only store', timeZone: 'UTC', seed: 4 };
const made = () => randomBytes(24).toString('base64url');
const SECRETS = {
  ADMIN_TOKEN: made(),
  METRICS_TOKEN: made(),
  MCP_KMS_KEY: makeRingText('k1', randomBytes),
  MCP_KEY_PEPPER: makeRingText('p1', randomBytes),
};

let server: TestServer;
let schemaReads = 0;
beforeAll(async () => {
  server = await startTestServer({ stores: [STORE], env: SECRETS });
  const { asSystem } = server.database;
  Object.assign(server.database, {
    asSystem: (...call: Parameters<typeof asSystem>) => {
      if (call[0] === 'operate') schemaReads += 1;
      return asSystem(...call);
    },
  });
});
afterAll(() => server.close());

const ask = (path: string, token?: string) =>
  fetch(new URL(path, server.url), {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });

describe('who may read it', () => {
  it.each([
    ['nothing', undefined],
    ['another token', made()],
    ['the token of the metrics', SECRETS.METRICS_TOKEN],
    ['the beginning of the token', SECRETS.ADMIN_TOKEN.slice(0, -1)],
  ])('not who shows %s', async (_what, token) => {
    const reply = await ask('/health/detailed', token);
    expect(reply.status).toBe(401);
    expect(await reply.text()).not.toMatch(/uptime|configuration/);
  });

  it('who shows the token, and it opens nothing else', async () => {
    expect((await ask('/health/detailed', SECRETS.ADMIN_TOKEN)).status).toBe(200);
    expect((await ask('/metrics', SECRETS.ADMIN_TOKEN)).status).toBe(401);
  });

  it('nobody where there is no token, but on the machine of a developer: as if it were not there', async () => {
    const open = await startTestServer({
      stores: [STORE],
      env: { NODE_ENV: 'staging', AUTH_BCRYPT_COST: '10', MCP_DRAIN_DELAY: '0' },
    });
    try {
      const at = (path: string) => fetch(new URL(path, open.url));
      const [closed, unknown] = await Promise.all([at('/health/detailed'), at('/health/elsewhere')]);
      expect([closed.status, unknown.status]).toEqual([404, 404]);
      const code = async (reply: Response) => (await reply.text()).replace(/"request_?id":"[^"]*"/i, '');
      expect(await code(closed)).toBe(await code(unknown));
    } finally {
      await open.close();
    }
  });
});

describe('what is in it', () => {
  it('has the documented form, like the other answers about health', async () => {
    const bodies = await Promise.all(
      ['/health', '/health/live', '/health/ready', '/health/detailed'].map(async (path) =>
        (await ask(path, SECRETS.ADMIN_TOKEN)).json(),
      ),
    );
    for (const [index, schema] of [healthSchema, liveSchema, readySchema, detailedSchema].entries()) {
      expect(schema.safeParse(bodies[index])).toMatchObject({ success: true });
    }
  });

  it('is what the server is', async () => {
    const body: unknown = await (await ask('/health/detailed', SECRETS.ADMIN_TOKEN)).json();
    expect(body).toMatchObject({
      server: { profile: 'test', phase: 'ready' },
      database: { status: 'ok', error: null, schema_version: expect.any(Number) },
      cache: { status: 'ok', kind: 'memory' },
      redis: null,
      limits: { limiter: 'local', budget: 'local' },
      configuration: {
        ADMIN_TOKEN: 'set',
        MCP_KMS_KEY: 'set',
        DATABASE_URL: 'not set',
        AUTH_BCRYPT_COST: '4',
      },
    });
  });

  it('holds no secret, in whole or in part', async () => {
    const text = await (await ask('/health/detailed', SECRETS.ADMIN_TOKEN)).text();
    for (const [name, secret] of [...Object.entries(SECRETS), ['apiKey', STORE.apiKey] as const]) {
      const key = secret.split(':').at(-1) ?? secret;
      expect(text.includes(key), name).toBe(false);
      expect(text.includes(key.slice(0, 12)), name).toBe(false);
    }
  });
});

it('a hundred who ask cost the database one statement', async () => {
  const before = schemaReads;
  const startedAt = performance.now();
  const replies = await Promise.all(
    Array.from({ length: 100 }, () => ask('/health/detailed', SECRETS.ADMIN_TOKEN)),
  );
  const times = new Set(
    await Promise.all(replies.map(async (reply) => detailedSchema.parse(await reply.json()).as_of)),
  );
  expect(replies.every(({ status }) => status === 200)).toBe(true);
  // An answer holds for two seconds. That before these may still hold, and may just have ended.
  const renewals = Math.floor((performance.now() - startedAt) / 2_000);
  expect(times.size).toBeLessThanOrEqual(2 + renewals);
  expect(schemaReads - before).toBeLessThanOrEqual(times.size);
  expect(schemaReads).toBeGreaterThan(0);
});
