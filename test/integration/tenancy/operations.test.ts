import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import type { Database } from '../../../src/storage/port.js';
import type { NamedOperation } from '../../../src/tenancy/operations/index.js';
import { openTestDatabase } from '../../support/database.js';
import { AcceptedCredentials, newRing, replica } from './support.js';

let database: Database;
let operations: ReturnType<typeof replica>['operations'];
let named: Readonly<Record<string, NamedOperation>>;

beforeAll(async () => {
  database = await openTestDatabase();
  const orderDesk = new AcceptedCredentials();
  operations = replica(database, orderDesk, { kms: newRing('k1'), peppers: newRing('p1') }).operations;
  named = operations;
  await operations.createTenant.run({ name: 'Acme' });
});
afterAll(() => database.close());

async function failure(name: string, input: unknown): Promise<AppError> {
  const thrown = await named[name]?.run(input).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof AppError) return thrown;
  throw new Error('it succeeded');
}

describe('tenants', () => {
  it('are found by name in any case and by id, and listed by name', async () => {
    const made = await operations.createTenant.run({ name: '  Zürich Traders ' });
    expect(made).toMatchObject({ name: 'Zürich Traders', status: 'active' });
    const listed = await operations.listTenants.run({});
    expect(listed).toContainEqual(made);
    expect(listed.map((tenant) => tenant.name)).toEqual(['Acme', 'Zürich Traders']);
    for (const tenant of ['ZÜRICH TRADERS', made.tenantId, made.tenantId.toUpperCase()]) {
      expect(await operations.listKeys.run({ tenant })).toEqual([]);
    }
  });

  it('are not made twice under one name', async () => {
    expect(await failure('createTenant', { name: 'ACME' })).toMatchObject({
      code: 'conflict',
      field: 'name',
    });
  });
});

describe('keys', () => {
  it('are limited to the stores that are named, which must exist', async () => {
    const error = await failure('createKey', {
      tenant: 'Acme',
      name: 'a',
      role: 'agent',
      stores: ['Nowhere'],
    });
    expect(error).toMatchObject({ code: 'unknown_store', field: 'stores' });
  });

  it('carry their expiry', async () => {
    const made = await operations.createKey.run({
      tenant: 'Acme',
      name: 'short-lived',
      role: 'agent',
      expiresAt: '2999-01-01T02:00:00+02:00',
    });
    expect(made.expiresAt).toBe('2999-01-01T00:00:00.000Z');
    expect(await operations.listKeys.run({ tenant: 'Acme' })).toContainEqual(
      expect.objectContaining({ kid: made.kid, expiresAt: '2999-01-01T00:00:00.000Z' }),
    );
    expect(JSON.parse(JSON.stringify(made))).toEqual(made);
  });
});

describe('input that does not fit', () => {
  const key = { tenant: 'Acme', name: 'a', role: 'agent' };
  const store = { tenant: 'Acme', name: 'a', orderDeskStoreId: '1', apiKey: 'made-up-key-77' };
  it.each<[string, string, string, unknown]>([
    ['createTenant', 'name', 'an empty name', { name: ' ' }],
    ['createTenant', 'name', 'a long name', { name: 'x'.repeat(65) }],
    ['createTenant', 'name', 'a control character', { name: 'a\u0007b' }],
    ['createTenant', 'name', 'an invisible character', { name: 'a\u200bb' }],
    ['createTenant', 'name', 'a line separator', { name: 'a\u2028b' }],
    ['createTenant', 'name', 'a name like an id', { name: '017f22e2-79b0-7cc3-98c4-dc0c0c07398f' }],
    ['createTenant', 'name', 'no name', {}],
    ['createTenant', 'input', 'an unknown field', { name: 'New', nmae: 'x' }],
    ['createTenant', 'input', 'no object', 'Acme'],
    ['createKey', 'role', 'an unknown role', { ...key, role: 'admin' }],
    ['createKey', 'stores', 'no stores at all', { ...key, stores: [] }],
    ['createKey', 'stores', 'an owner key limited to stores', { ...key, role: 'owner', stores: ['a'] }],
    ['createKey', 'expiresAt', 'a time without zone', { ...key, expiresAt: '2030-01-01T00:00:00' }],
    ['createKey', 'expiresAt', 'a time in the past', { ...key, expiresAt: '2001-01-01T00:00:00Z' }],
    ['revokeKey', 'kid', 'a whole key', { kid: `odm_0123456789_${'x'.repeat(38)}` }],
    ['addStore', 'orderDeskStoreId', 'an id with letters', { ...store, orderDeskStoreId: 'shop' }],
    ['addStore', 'apiKey', 'a key with a space', { ...store, apiKey: 'made-up-key-77 made-up-key-77' }],
    ['addStore', 'apiKey', 'no key', { ...store, apiKey: '' }],
    ['addStore', 'apiKey', 'a key with a line break', { ...store, apiKey: 'made-up-key-77\r\nX: y' }],
    ['changeCredential', 'apiKey', 'no key', { tenant: 'Acme', store: 'a' }],
    [
      'changeCredential',
      'apiKey',
      'a key with a space',
      { tenant: 'Acme', store: 'a', apiKey: 'made-up-key-77 made-up-key-77' },
    ],
    ['changeCredential', 'store', 'no store', { tenant: 'Acme', store: ' ', apiKey: 'made-up-key-77' }],
  ])('%s names the field %s for %s, and repeats nothing', async (name, field, _, input) => {
    const error = await failure(name, input);
    expect(error).toMatchObject({ code: 'invalid_argument', field });
    expect(error.message).toMatch(new RegExp(`^${field}: .+`));
    expect(error.message).not.toContain('made-up-key-77');
    expect(error.message).not.toContain('xxxx');
  });

  it.each([
    ['createKey', { tenant: 'Nobody', name: 'a', role: 'agent' }],
    ['listKeys', { tenant: '017f22e2-79b0-7cc3-98c4-dc0c0c07398f' }],
    ['addStore', { tenant: 'Nobody', name: 'a', orderDeskStoreId: '1', apiKey: 'x' }],
    ['changeCredential', { tenant: 'Nobody', store: 'a', apiKey: 'x' }],
    ['listStores', { tenant: "x' or 1=1 --" }],
  ])('%s says that a tenant does not exist', async (name, input) => {
    expect(await failure(name, input)).toMatchObject({ code: 'not_found', field: 'tenant' });
  });
});
