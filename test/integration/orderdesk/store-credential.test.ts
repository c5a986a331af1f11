/** The API key of a store is changed at Order Desk and then here, while servers run: they use it without a restart. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/telemetry/logger.js';
import type { Operations } from '../../../src/tenancy/operations/index.js';
import { callTool } from '../../support/call-tool.js';
import { type Fleet, startFleet } from '../../support/fleet.js';
import { patientUrl } from '../../support/patient-redis.js';
import { emptyRedis } from '../../support/services/index.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STORE = { id: '601', apiKey: 'first-key-of-601', name: 'Renewed', orderCount: 5 };
const OTHER = { id: '602', apiKey: 'only-key-of-602', name: 'Untouched', orderCount: 5 };
const TENANT = 'merchant';
/** Order Desk and the budget grant all: what keeps to a budget is tested elsewhere. */
const GENEROUS = { UPSTREAM_BUDGET_BURST: '100000', UPSTREAM_BUDGET_RATE: '10000' };

/** A key for all stores of the tenant, and one that is limited to the store whose API key changes. */
async function makeKeys(operations: Operations) {
  await operations.createTenant.run({ name: TENANT });
  for (const { id, apiKey, name } of [STORE, OTHER]) {
    await operations.addStore.run({ tenant: TENANT, orderDeskStoreId: id, apiKey, name });
  }
  const key = (name: string, stores?: string[]) =>
    operations.createKey.run({
      tenant: TENANT,
      name,
      role: 'agent',
      ...(stores === undefined ? {} : { stores }),
    });
  return { wide: (await key('wide')).key, narrow: (await key('narrow', [STORE.name])).key };
}

let asked = 0;
/** Something that no cache holds. @returns the code of the failure, or `ok` */
async function ask(url: string, key: string, store?: string): Promise<string> {
  asked += 1;
  const args = { source_name: `channel ${asked}`, ...(store === undefined ? {} : { store }) };
  return (await callTool(url, key, 'list_orders', args)).error?.code ?? 'ok';
}

const listed = async (operations: Operations) => {
  const stores = await operations.listStores.run({ tenant: TENANT });
  return stores.find(({ orderDeskStoreId }) => orderDeskStoreId === STORE.id);
};

async function stateFor(url: string, key: string): Promise<unknown> {
  const { result } = await callTool(url, key, 'list_stores');
  return result?.structuredContent;
}

describe('two replicas on one Postgres', () => {
  let fleet: Fleet;
  let keys: Awaited<ReturnType<typeof makeKeys>>;
  beforeAll(async () => {
    const { url } = await emptyRedis();
    fleet = await startFleet({
      replicas: 2,
      redisUrl: patientUrl(url),
      sandbox: { stores: [STORE, OTHER], rateLimit: false },
      env: GENEROUS,
    });
    keys = await makeKeys(fleet.operations);
  });
  afterAll(() => fleet?.close());

  it('refuse calls of a store whose API key was changed, and go on with the new one by the command alone', async () => {
    const { operations, urls, sandbox } = fleet;
    const everywhere = (key: string, store?: string) => Promise.all(urls.map((url) => ask(url, key, store)));
    expect(await everywhere(keys.narrow)).toEqual(['ok', 'ok']);
    const before = await listed(operations);

    sandbox.store(STORE.id).replaceApiKey('second-key-of-601');
    const refused = Array(2).fill('upstream_credentials_refused');
    expect(await everywhere(keys.narrow)).toEqual(refused);
    expect(await everywhere(keys.wide, STORE.name)).toEqual(refused);
    expect((await listed(operations))?.refusedAt).not.toBeNull();

    const input = { tenant: TENANT, store: STORE.name, apiKey: 'second-key-of-601' };
    const changed = await operations.changeCredential.run(input);
    expect(changed).toMatchObject({ storeRowId: before?.storeRowId, refusedAt: null });
    // The replica of the command at once, the other when it next reads its stores.
    expect(await ask(urls[0] ?? '', keys.narrow)).toBe('ok');
    await expect.poll(() => ask(urls[1] ?? '', keys.narrow), { timeout: 5_000 }).toBe('ok');
    expect(await everywhere(keys.wide, STORE.name)).toEqual(['ok', 'ok']);
    expect(await everywhere(keys.wide, OTHER.name)).toEqual(['ok', 'ok']);
    expect((await listed(operations))?.refusedAt).toBeNull();
    // The key that is limited to the store still is, and sees no other.
    for (const url of urls) {
      expect(await stateFor(url, keys.narrow)).toMatchObject({
        stores: [{ name: STORE.name, connection: 'working' }],
      });
    }
  });
});

describe('a server with an embedded database', () => {
  const lines: string[] = [];
  let server: TestServer;
  let keys: Awaited<ReturnType<typeof makeKeys>>;
  beforeAll(async () => {
    const destination = { write: (line: string) => lines.push(line) };
    const log = createLogger({ level: 'debug', pretty: false, destination });
    server = await startTestServer({ stores: [STORE, OTHER], log });
    keys = await makeKeys(server.server.operations);
  });
  afterAll(() => server?.close());

  it('uses the new API key with the next call, and shows it nowhere', async () => {
    const { operations } = server.server;
    const { url, sandbox } = server;
    const answers: unknown[] = [];
    sandbox.store(STORE.id).replaceApiKey('second-key-of-601');
    expect(await ask(url, keys.narrow)).toBe('upstream_credentials_refused');

    const offer = (apiKey: string) =>
      operations.changeCredential.run({ tenant: TENANT, store: STORE.id, apiKey });
    await expect(offer('mistyped-key-of-601')).rejects.toMatchObject({
      code: 'upstream_credentials_refused',
    });
    expect(await ask(url, keys.narrow)).toBe('upstream_credentials_refused');
    await expect(offer(OTHER.apiKey)).rejects.toMatchObject({ code: 'upstream_credentials_refused' });

    answers.push(await offer('second-key-of-601'));
    expect(await ask(url, keys.narrow)).toBe('ok');
    expect((await listed(operations))?.refusedAt).toBeNull();
    answers.push(await stateFor(url, keys.narrow), await operations.readAudit.run({ tenant: TENANT }));
    answers.push(await (await fetch(new URL('/metrics', url))).text());
    expect(lines.join('')).toContain('"msg":"tool call"');
    for (const text of [JSON.stringify(answers), lines.join('')]) {
      for (const apiKey of ['mistyped-key-of-601', 'second-key-of-601', STORE.apiKey, OTHER.apiKey]) {
        expect(text).not.toContain(apiKey);
      }
    }
  });
});
