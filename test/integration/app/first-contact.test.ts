/** What becomes of a server that listens before it has reached its database. */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../../src/app/read-config.js';
import { createServer } from '../../../src/app.js';
import { AppError } from '../../../src/errors.js';
import { makeRingText, parseKeyRing } from '../../../src/tenancy/rings/key-ring.js';
import { deferred } from '../../support/deferred.js';

/** A server whose contact with the database is made when the test says so. */
async function subject() {
  let made = false;
  const first = deferred<void>();
  const away = () => Promise.reject(new AppError('storage_unavailable'));
  const server = await createServer(
    {
      database: { asTenant: away, asSystem: away, close: async () => {} },
      kmsRing: parseKeyRing(makeRingText('k1', randomBytes), 'MCP_KMS_KEY'),
      pepperRing: parseKeyRing(makeRingText('p1', randomBytes), 'MCP_KEY_PEPPER'),
      contact: { isMade: () => made, first: first.promise },
      close: async () => {},
    },
    { baseUrl: new URL('http://127.0.0.1:9'), sandboxStores: undefined, close: async () => {} },
    readConfig({ NODE_ENV: 'test', PORT: '0', ORDERDESK_API_URL: 'http://127.0.0.1:9' }),
    pino({ level: 'silent' }),
  );
  const makeContact = () => {
    made = true;
    first.resolve();
  };
  return { server, makeContact };
}

describe('a server that has said that all else is in place', () => {
  it('becomes ready with the first contact, and says that it did', async () => {
    const { server, makeContact } = await subject();
    onTestFinished(() => server.close('soon'));
    const ready = async () => (await fetch(new URL('/health/ready', url))).status;
    const url = await server.listen();
    const becomesReady = server.declareReady();
    expect(await ready()).toBe(503);
    makeContact();
    expect(await becomesReady).toBe(true);
    expect(await ready()).toBe(200);
  });

  it('does not become ready, nor says so, when it goes down before that', async () => {
    const { server, makeContact } = await subject();
    const becomesReady = server.declareReady();
    const closed = server.close('soon');
    makeContact();
    expect(await becomesReady).toBe(false);
    await closed;
  });
});
