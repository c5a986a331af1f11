import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../../src/errors.js';
import type { Database } from '../../../src/storage/port.js';
import type { Principal } from '../../../src/tenancy/principal.js';
import { Secret } from '../../../src/tenancy/secret.js';
import { openTestDatabase } from '../../support/database.js';
import { AcceptedCredentials, newRing, replica } from './support.js';

const storedRow = z.object({ name: z.string(), credential: z.instanceof(Uint8Array) });
const rings = { kms: newRing('k1'), peppers: newRing('p1') };
const orderDesk = new AcceptedCredentials();
let database: Database;
let one: ReturnType<typeof replica>;
const clock = { ahead: 0 };

beforeAll(async () => {
  database = await openTestDatabase();
  one = replica(database, orderDesk, { ...rings, clock });
  orderDesk.accept('1001', 'made-up-key-1001');
  orderDesk.accept('1002', 'made-up-key-1002');
  orderDesk.accept('2001', 'made-up-key-2001');
});
afterAll(() => database.close());

let tenants = 0;
/** A tenant with its two stores, "Main" (1001) and "EU" (1002), and an owner's principal. */
async function tenantWithStores(...ids: readonly string[]) {
  tenants += 1;
  const tenant = await one.operations.createTenant.run({ name: `Merchant ${tenants}` });
  const names: Record<string, string> = { '1001': 'Main', '1002': 'EU', '2001': 'Second' };
  for (const orderDeskStoreId of ids) {
    await one.operations.addStore.run({
      tenant: tenant.name,
      name: names[orderDeskStoreId],
      orderDeskStoreId,
      apiKey: `made-up-key-${orderDeskStoreId}`,
    });
  }
  return { tenant, owner: await principalOf(tenant.name, { role: 'owner' }) };
}

async function principalOf(
  tenant: string,
  key: { role: 'owner' | 'agent'; stores?: string[] },
): Promise<Principal> {
  const made = await one.operations.createKey.run({ tenant, name: 'a key', ...key });
  return one.authenticator.authenticate(`Bearer ${made.key}`);
}

const failure = async (promise: Promise<unknown>): Promise<AppError> => {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof AppError) return thrown;
  throw new Error('it succeeded');
};
const shown = ({ code, message, hint, field }: AppError) => JSON.stringify({ code, message, hint, field });

describe('adding a store', () => {
  it('asks Order Desk first, and stores nothing that it refuses', async () => {
    const { tenant } = await tenantWithStores();
    const error = await failure(
      one.operations.addStore.run({
        tenant: tenant.name,
        name: 'Main',
        orderDeskStoreId: '1001',
        apiKey: 'a wrong key'.replaceAll(' ', '-'),
      }),
    );
    expect(error.code).toBe('upstream_credentials_refused');
    expect(error.message).toContain('Nothing was stored');
    expect(shown(error)).not.toContain('a-wrong-key');
    expect(await one.operations.listStores.run({ tenant: tenant.name })).toEqual([]);
  });

  it('stores nothing either while Order Desk cannot be asked', async () => {
    const { tenant } = await tenantWithStores();
    orderDesk.down = true;
    const input = { tenant: tenant.name, orderDeskStoreId: '1001', apiKey: 'made-up-key-1001' };
    expect((await failure(one.operations.addStore.run(input))).code).toBe('upstream_unavailable');
    orderDesk.down = false;
    expect(await one.operations.listStores.run({ tenant: tenant.name })).toEqual([]);
  });

  it('keeps the credential encrypted, and gives it to the client alone', async () => {
    const { tenant, owner } = await tenantWithStores('1001');
    const [row] = await database.asTenant(tenant.tenantId, (tx) =>
      tx.rows(storedRow, 'select name, credential from stores'),
    );
    expect(Buffer.from(row?.credential ?? []).toString('latin1')).not.toContain('made-up-key');
    const store = await one.directory.resolve(owner, undefined);
    expect(JSON.stringify(store)).not.toContain('made-up-key');
    const credential = await one.credentials.credential(store);
    expect(credential.storeId).toBe('1001');
    expect(credential.apiKey.reveal()).toBe('made-up-key-1001');
    expect(JSON.stringify(credential)).not.toContain('made-up-key');
  });

  it('takes the name that Order Desk tells when none is given, and the key as a secret', async () => {
    const { tenant } = await tenantWithStores();
    const added = await one.operations.addStore.run({
      tenant: tenant.tenantId,
      orderDeskStoreId: '1001',
      apiKey: new Secret('made-up-key-1001'),
    });
    expect(added).toMatchObject({
      name: 'Store 1001',
      orderDeskStoreId: '1001',
      isDefault: false,
      refusedAt: null,
    });
    expect(added.verifiedAt).toMatch(/Z$/);
    expect(JSON.parse(JSON.stringify(added))).toEqual(added);
  });

  it.each([
    ['the same name in another case', { name: 'MAIN', orderDeskStoreId: '1002' }],
    ['the same Order Desk id', { name: 'Other', orderDeskStoreId: '1001' }],
  ])('refuses %s within a tenant, and says so', async (_, input) => {
    const { tenant } = await tenantWithStores('1001');
    const apiKey = `made-up-key-${input.orderDeskStoreId}`;
    const error = await failure(one.operations.addStore.run({ tenant: tenant.name, apiKey, ...input }));
    expect(error.code).toBe('conflict');
    expect(error.hint).toContain('store list');
    expect(await one.operations.listStores.run({ tenant: tenant.name })).toHaveLength(1);
  });

  it('moves the default to the newest that asks for it, and keeps it when that fails', async () => {
    const { tenant } = await tenantWithStores();
    const add = (id: string, name: string) =>
      one.operations.addStore.run({
        tenant: tenant.name,
        name,
        orderDeskStoreId: id,
        apiKey: `made-up-key-${id}`,
        isDefault: true,
      });
    await add('1001', 'Zebra');
    await add('1002', 'Apple');
    expect((await failure(add('2001', 'zebra'))).code).toBe('conflict');
    const listed = await one.operations.listStores.run({ tenant: tenant.name });
    expect(listed.map((store) => [store.name, store.isDefault])).toEqual([
      ['Apple', true],
      ['Zebra', false],
    ]);
  });
});

describe('choosing a store', () => {
  it.each(['Main', 'main', ' MAIN ', '1001', 'Ｍain'])('finds it as %j', async (requested) => {
    const { owner } = await tenantWithStores('1001', '1002');
    expect((await one.directory.resolve(owner, requested)).orderDeskId).toBe('1001');
  });

  it('takes the only one when none is named', async () => {
    const { owner } = await tenantWithStores('1001');
    expect((await one.directory.resolve(owner, undefined)).name).toBe('Main');
  });

  it('takes the only one of the scope, and a default only from within the scope', async () => {
    const { tenant } = await tenantWithStores('1002', '2001');
    await one.operations.addStore.run({
      tenant: tenant.name,
      name: 'Main',
      orderDeskStoreId: '1001',
      apiKey: 'made-up-key-1001',
      isDefault: true,
    });
    const single = await principalOf(tenant.name, { role: 'agent', stores: ['EU'] });
    const pair = await principalOf(tenant.name, { role: 'agent', stores: ['EU', '2001'] });
    const all = await principalOf(tenant.name, { role: 'agent' });
    expect((await one.directory.resolve(single, undefined)).name).toBe('EU');
    expect((await one.directory.resolve(all, undefined)).name).toBe('Main');
    const error = await failure(one.directory.resolve(pair, undefined));
    expect(error.message).toContain('name one');
    expect(error.hint).toBe('Stores of this key: "EU", "Second".');
  });

  it('answers alike for a store out of scope, of another tenant, and of nobody', async () => {
    const { tenant } = await tenantWithStores('1001', '1002');
    const stranger = await tenantWithStores('2001');
    const agent = await principalOf(tenant.name, { role: 'agent', stores: ['Main'] });
    const foreign = await one.directory.resolve(stranger.owner, undefined);
    const requests = [
      'EU',
      '1002',
      'Second',
      '2001',
      foreign.rowId,
      stranger.tenant.tenantId,
      'x',
      '',
      '9'.repeat(500),
    ];
    const errors = await Promise.all(
      requests.map((request) => failure(one.directory.resolve(agent, request))),
    );
    expect([...new Set(errors.map(shown))]).toEqual([
      JSON.stringify({
        code: 'unknown_store',
        message: 'No such store for this key.',
        hint: 'Stores of this key: "Main".',
        field: 'store',
      }),
    ]);
  });

  it('says what to do where the key has no store', async () => {
    const { owner } = await tenantWithStores();
    expect((await failure(one.directory.resolve(owner, 'Main'))).hint).toContain('store add');
    expect(await one.directory.list(owner)).toEqual([]);
  });

  it('lists the scope only', async () => {
    const { tenant, owner } = await tenantWithStores('1001', '1002');
    const agent = await principalOf(tenant.name, { role: 'agent', stores: ['1001'] });
    expect((await one.directory.list(owner)).map((store) => store.name)).toEqual(['EU', 'Main']);
    expect((await one.directory.list(agent)).map((store) => store.name)).toEqual(['Main']);
  });

  it('knows of a store added in another process within a second', async () => {
    const { tenant, owner } = await tenantWithStores('1001');
    await one.directory.list(owner);
    await replica(database, orderDesk, rings).operations.addStore.run({
      tenant: tenant.name,
      name: 'EU',
      orderDeskStoreId: '1002',
      apiKey: 'made-up-key-1002',
    });
    clock.ahead += 1_000;
    expect(await one.directory.list(owner)).toHaveLength(2);
  });
});

describe('a credential', () => {
  it("does not open in another store's row or another tenant's", async () => {
    const { tenant, owner } = await tenantWithStores('1001', '1002');
    const stranger = await tenantWithStores('2001');
    const [mine] = await database.asTenant(tenant.tenantId, (tx) =>
      tx.rows(storedRow, `select name, credential from stores where name = 'Main'`),
    );
    const place = (tenantId: Principal['tenantId'], name: string) =>
      database.asTenant(tenantId, (tx) =>
        tx.run('update stores set credential = $1 where name = $2', [mine?.credential ?? null, name]),
      );
    expect(await place(tenant.tenantId, 'EU')).toBe(1);
    expect(await place(stranger.tenant.tenantId, 'Second')).toBe(1);
    clock.ahead += 1_000;
    const moved = [
      await one.directory.resolve(owner, 'EU'),
      await one.directory.resolve(stranger.owner, 'Second'),
    ];
    const errors = await Promise.all(moved.map((store) => failure(one.credentials.credential(store))));
    expect(errors.map(shown)).toEqual(
      Array(2).fill('{"code":"internal","message":"A stored secret could not be read."}'),
    );
  });

  it('is not to be had once its store is removed', async () => {
    const { tenant, owner } = await tenantWithStores('1001');
    const store = await one.directory.resolve(owner, 'Main');
    const removed = await one.operations.removeStore.run({ tenant: tenant.name, store: 'main' });
    expect(removed.orderDeskStoreId).toBe('1001');
    expect((await failure(one.credentials.credential(store))).code).toBe('unknown_store');
    expect((await failure(one.operations.removeStore.run({ tenant: tenant.name, store: 'main' }))).code).toBe(
      'unknown_store',
    );
  });
});

describe('contact with Order Desk', () => {
  const current = async (owner: Principal) => {
    clock.ahead += 1_000;
    return one.directory.resolve(owner, 'Main');
  };

  it('is remembered: a refusal at once and until it is accepted again', async () => {
    const { owner } = await tenantWithStores('1001');
    const before = await current(owner);
    await one.credentials.markContact(before, 'refused');
    const refused = await current(owner);
    expect(refused.refusedAt).not.toBeNull();
    expect(refused.verifiedAt).toEqual(before.verifiedAt);
    clock.ahead += 10_000;
    await one.credentials.markContact(refused, 'refused');
    expect((await current(owner)).refusedAt).toEqual(refused.refusedAt);
    await one.credentials.markContact(refused, 'accepted');
    expect((await current(owner)).refusedAt).toBeNull();
  });

  it('is written once a minute while all is well', async () => {
    const { owner } = await tenantWithStores('1001');
    const before = await current(owner);
    clock.ahead += 30_000;
    await one.credentials.markContact(before, 'accepted');
    expect((await current(owner)).lastContactAt).toEqual(before.lastContactAt);
    clock.ahead += 30_000;
    await one.credentials.markContact(before, 'accepted');
    const after = await current(owner);
    expect(after.lastContactAt?.getTime()).toBeGreaterThan(before.lastContactAt?.getTime() ?? Infinity);
  });

  it('on request verifies the stored credential and remembers the outcome', async () => {
    const { tenant } = await tenantWithStores('1001');
    const input = { tenant: tenant.name, store: 'Main' };
    orderDesk.accept('1001', 'another-key');
    expect((await failure(one.operations.verifyStore.run(input))).code).toBe('upstream_credentials_refused');
    const [refused] = await one.operations.listStores.run({ tenant: tenant.name });
    expect(refused?.refusedAt).not.toBeNull();
    orderDesk.accept('1001', 'made-up-key-1001');
    clock.ahead += 5_000;
    const verified = await one.operations.verifyStore.run(input);
    expect(verified.refusedAt).toBeNull();
    expect(Date.parse(verified.verifiedAt ?? '')).toBeGreaterThan(Date.parse(refused?.verifiedAt ?? ''));
  });
});
