/** Callers who come with the same key at the same time put one question to the database: each of them waits for it. */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CONTACT_MADE } from '../../../src/app/foundation.js';
import { readConfig } from '../../../src/app/read-config.js';
import { createServices, type Services } from '../../../src/app/services.js';
import { openPostgres } from '../../../src/storage/postgres.js';
import { createWaits } from '../../../src/telemetry/waits.js';
import { makeRingText, parseKeyRing } from '../../../src/tenancy/rings/key-ring.js';
import { deferred } from '../../support/deferred.js';
import { createMigratedDatabase } from '../../support/services/index.js';

let services: Services;
let close: () => Promise<void>;
let header: string;

/** Milliseconds: of the waits, and since 1970. */
let elapsed = 0;
let wallClock = Date.UTC(2026, 0, 1);
/** While there is one, questions of the database's own jobs wait for it. */
let held: ReturnType<typeof deferred<void>> | undefined;
let questions = 0;
const waits = createWaits(() => elapsed);

beforeAll(async () => {
  const { serviceUrl, drop } = await createMigratedDatabase();
  const real = openPostgres({ url: serviceUrl });
  const foundation = {
    database: {
      asTenant: real.asTenant.bind(real),
      asSystem: (async (job, fn) => {
        questions += 1;
        await held?.promise;
        return real.asSystem(job, fn);
      }) satisfies typeof real.asSystem,
      close: () => real.close(),
    },
    contact: CONTACT_MADE,
    kmsRing: parseKeyRing(makeRingText('k1', randomBytes), 'MCP_KMS_KEY'),
    pepperRing: parseKeyRing(makeRingText('p1', randomBytes), 'MCP_KEY_PEPPER'),
    close: () => real.close(),
  };
  const upstream = {
    baseUrl: new URL('http://127.0.0.1:9/'),
    sandboxStores: undefined,
    close: async () => {},
  };
  const config = readConfig({ NODE_ENV: 'test', AUTH_BCRYPT_COST: '4' });
  const log = pino({ level: 'silent' });
  services = createServices(foundation, upstream, config, log, { waits }, () => wallClock);
  const { createTenant, createKey } = services.operations;
  await createTenant.run({ name: 'joined' });
  const { key } = await createKey.run({ tenant: 'joined', name: 'test', role: 'agent' });
  header = `Bearer ${key}`;
  close = async () => {
    await services.close();
    await real.close();
    await drop();
  };
});
afterAll(() => close());

/** What two who come together waited for, while the database took 100 ms. */
async function timesOfTwo() {
  held = deferred();
  questions = 0;
  const callers = [1, 2].map(() => {
    const account = waits.open();
    const verified = account.within(() => services.authenticator.authenticate(header));
    return { account, verified };
  });
  elapsed += 100;
  held.resolve();
  await Promise.all(callers.map(({ verified }) => verified));
  expect(questions).toBe(1);
  return callers.map(({ account }) => account.close());
}

const WAITED = { ownMs: 0, totalMs: 100, waitMs: { postgres: 100 } };

it('for the first use of a key', async () => {
  expect(await timesOfTwo()).toMatchObject([WAITED, WAITED]);
});

it('for a key that comes back after a pause', async () => {
  wallClock += 60_000;
  expect(await timesOfTwo()).toMatchObject([WAITED, WAITED]);
});
