import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../../src/errors.js';
import type { Database, Tx } from '../../../src/storage/port.js';
import { credentialPlace } from '../../../src/tenancy/directory/store-rows.js';
import { openTestDatabase } from '../../support/database.js';
import { AcceptedCredentials, newRing, replica } from './support.js';

const rings = { kms: newRing('k1'), peppers: newRing('p1') };
const orderDesk = new AcceptedCredentials();
let database: Database;
const start = (given: Database = database) => replica(given, orderDesk, rings);

beforeAll(async () => {
  database = await openTestDatabase();
  orderDesk.accept('1001', 'made-up-key-1001');
});
afterAll(() => database.close());

async function tenantWithStore(name: string) {
  const one = start();
  const tenant = await one.operations.createTenant.run({ name });
  const store = await one.operations.addStore.run({
    tenant: name,
    name: `${name} store`,
    orderDeskStoreId: '1001',
    apiKey: 'made-up-key-1001',
  });
  const key = await one.operations.createKey.run({ tenant: name, name: `${name} bot`, role: 'agent' });
  return { one, tenant, store, key, header: `Bearer ${key.key}` };
}

const refused = { code: 'unauthorized' };

describe('a suspended tenant', () => {
  it('has its keys refused, here at once and elsewhere after the next question, until it is resumed', async () => {
    const { one, tenant, header } = await tenantWithStore('Resting');
    const other = start();
    await one.authenticator.authenticate(header);
    await other.authenticator.authenticate(header);
    expect(await one.operations.suspendTenant.run({ tenant: 'resting' })).toEqual({
      ...tenant,
      status: 'suspended',
    });
    await expect(one.authenticator.authenticate(header)).rejects.toMatchObject(refused);
    await other.authenticator.refresh();
    await expect(other.authenticator.authenticate(header)).rejects.toMatchObject(refused);
    await expect(start().authenticator.authenticate(header)).rejects.toMatchObject(refused);

    expect(await one.operations.resumeTenant.run({ tenant: 'Resting' })).toEqual(tenant);
    await other.authenticator.refresh();
    for (const replicaOf of [one, other]) {
      expect((await replicaOf.authenticator.authenticate(header)).tenantId).toBe(tenant.tenantId);
      expect(replicaOf.hasher.compares).toBe(1);
    }
  });

  it('takes nothing from others', async () => {
    const [resting, working] = [await tenantWithStore('Resting too'), await tenantWithStore('Working')];
    await resting.one.operations.suspendTenant.run({ tenant: 'Resting too' });
    expect((await working.one.authenticator.authenticate(working.header)).kid).toBe(working.key.kid);
  });
});

describe('a renamed tenant', () => {
  it('is found by its new name only, and its keys go on', async () => {
    const { one, tenant, header } = await tenantWithStore('Before');
    expect(await one.operations.renameTenant.run({ tenant: 'Before', name: 'After' })).toEqual({
      ...tenant,
      name: 'After',
    });
    expect(await one.operations.listStores.run({ tenant: 'AFTER' })).toHaveLength(1);
    await expect(one.operations.listStores.run({ tenant: 'Before' })).rejects.toMatchObject({
      code: 'not_found',
      field: 'tenant',
    });
    expect((await one.authenticator.authenticate(header)).tenantId).toBe(tenant.tenantId);
  });

  it('cannot take the name of another, but its own in other letters', async () => {
    const { one } = await tenantWithStore('Taken');
    await tenantWithStore('Wanting');
    const taking = one.operations.renameTenant.run({ tenant: 'Wanting', name: 'TAKEN' });
    await expect(taking).rejects.toMatchObject({ code: 'conflict', field: 'name' });
    expect(await one.operations.renameTenant.run({ tenant: 'Wanting', name: 'WANTING' })).toMatchObject({
      name: 'WANTING',
    });
  });
});

describe('a deleted tenant', () => {
  const tables = z.object({ name: z.string() });
  const hits = z.object({ n: z.number() });

  /** Tables with a row that holds the text anywhere, seen by a superuser. */
  const tablesWith = (text: string): Promise<string[]> =>
    database.asSystem('migrate', async (tx: Tx) => {
      const all = await tx.rows(
        tables,
        `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'public' and c.relkind = 'r' order by 1`,
      );
      const found: string[] = [];
      for (const { name } of all) {
        const [row] = await tx.rows(
          hits,
          `select count(*)::integer as n from ${name} as t where strpos(t::text, $1) > 0`,
          [text],
        );
        if ((row?.n ?? 0) > 0) found.push(name);
      }
      return found;
    });

  const sealedOf = (tenantId: Parameters<Database['asTenant']>[0]) =>
    database.asTenant(tenantId, async (tx) => {
      const [row] = await tx.rows(
        z.object({ credential: z.instanceof(Uint8Array) }),
        'select credential from stores',
      );
      if (row === undefined) throw new Error('the store has no credential');
      return row.credential;
    });

  it('leaves its trail and no row besides; what it sealed opens no more', async () => {
    const { one, tenant, store, key, header } = await tenantWithStore('Leaving');
    const other = await tenantWithStore('Staying');
    const sealed = await sealedOf(tenant.tenantId);
    const open = () =>
      start().vault.decrypt(tenant.tenantId, 'vault', credentialPlace(store.storeRowId), sealed);
    expect(await open()).toBe('made-up-key-1001');
    await one.authenticator.authenticate(header);
    expect(await tablesWith(tenant.tenantId)).toEqual([
      'api_keys',
      'audit_events',
      'stores',
      'tenant_data_keys',
      'tenants',
    ]);

    const deleted = await one.operations.deleteTenant.run({ tenant: 'Leaving', confirmation: 'leaving' });
    expect(deleted).toEqual({ tenantId: tenant.tenantId, name: 'Leaving', deletedKeys: 1, deletedStores: 1 });
    expect(await tablesWith(tenant.tenantId)).toEqual(['audit_events']);
    for (const text of ['Leaving', key.name, store.name]) expect(await tablesWith(text)).toEqual([]);
    await expect(open()).rejects.toMatchObject({ code: 'internal' });
    await expect(
      one.vault.decrypt(tenant.tenantId, 'vault', credentialPlace(store.storeRowId), sealed),
    ).rejects.toMatchObject({ code: 'internal' });
    await expect(one.authenticator.authenticate(header)).rejects.toMatchObject(refused);
    await expect(start().authenticator.authenticate(header)).rejects.toMatchObject(refused);

    expect((await other.one.authenticator.authenticate(other.header)).kid).toBe(other.key.kid);
    expect(await other.one.operations.listStores.run({ tenant: 'Staying' })).toHaveLength(1);
    expect((await one.operations.createTenant.run({ name: 'Leaving' })).tenantId).not.toBe(tenant.tenantId);
  });

  it('must be confirmed by its name or id', async () => {
    const { one, tenant } = await tenantWithStore('Cautious');
    for (const confirmation of ['Staying', 'Cautio', ' ']) {
      const attempt = one.operations.deleteTenant.run({ tenant: 'Cautious', confirmation });
      await expect(attempt).rejects.toMatchObject({ code: 'invalid_argument', field: 'confirmation' });
    }
    expect(await one.operations.listStores.run({ tenant: 'Cautious' })).toHaveLength(1);
    await one.operations.deleteTenant.run({ tenant: tenant.tenantId, confirmation: tenant.tenantId });
  });

  it('whose deletion was cut short stays closed, and the deletion is finished by doing it again', async () => {
    const { tenant, header, store } = await tenantWithStore('Halfway');
    const sealed = await sealedOf(tenant.tenantId);
    let work = 0;
    const dying: Database = {
      ...database,
      asTenant: async (tenantId, fn) => {
        work += 1;
        if (work > 1) throw new AppError('storage_unavailable');
        return database.asTenant(tenantId, fn);
      },
    };
    const cut = start(dying).operations.deleteTenant.run({ tenant: 'Halfway', confirmation: 'Halfway' });
    await expect(cut).rejects.toMatchObject({ code: 'storage_unavailable' });

    const one = start();
    await expect(
      one.vault.decrypt(tenant.tenantId, 'vault', credentialPlace(store.storeRowId), sealed),
    ).rejects.toMatchObject({ code: 'internal' });
    await expect(one.authenticator.authenticate(header)).rejects.toMatchObject(refused);
    await expect(one.operations.resumeTenant.run({ tenant: 'Halfway' })).rejects.toMatchObject({
      code: 'conflict',
      hint: expect.stringContaining('tenant delete'),
    });
    await one.operations.deleteTenant.run({ tenant: 'Halfway', confirmation: 'Halfway' });
    expect(await tablesWith(tenant.tenantId)).toEqual(['audit_events']);
  });
});

describe('a tenant that there is not', () => {
  it.each([
    ['suspendTenant', {}],
    ['resumeTenant', {}],
    ['renameTenant', { name: 'x' }],
    ['deleteTenant', { confirmation: 'Nobody' }],
  ])('%s says so', async (name, input) => {
    const named: Readonly<Record<string, { run(input: unknown): Promise<unknown> }>> = start().operations;
    await expect(named[name]?.run({ tenant: 'Nobody', ...input })).rejects.toMatchObject({
      code: 'not_found',
      field: 'tenant',
      hint: expect.stringContaining('tenant list'),
    });
  });
});
