import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/storage/port.js';
import { openTestDatabase } from '../../support/database.js';
import { AcceptedCredentials, newRing, replica } from './support.js';

const HOUR = 3_600_000;
const rings = { kms: newRing('k1'), peppers: newRing('p1') };
const clock = { ahead: 0 };
let database: Database;
let one: ReturnType<typeof replica>;
let operations: ReturnType<typeof replica>['operations'];

beforeAll(async () => {
  database = await openTestDatabase();
  one = replica(database, new AcceptedCredentials(), { ...rings, clock });
  operations = one.operations;
  await operations.createTenant.run({ name: 'Acme' });
});
afterAll(() => database.close());

const make = (more: { expiresAt?: string; readOnly?: boolean } = {}) =>
  operations.createKey.run({ tenant: 'Acme', name: 'bot', role: 'agent', ...more });
const call = (key: string) => one.authenticator.authenticate(`Bearer ${key}`);
const listed = async (kid: string) =>
  (await operations.listKeys.run({ tenant: 'Acme' })).find((key) => key.kid === kid);
const refused = { code: 'unauthorized' };
const inHours = (hours: number) => new Date(Date.now() + clock.ahead + hours * HOUR).toISOString();

describe('a rotation', () => {
  it('makes a key of the same scope, and both hold until the overlap has passed', async () => {
    const old = await make({ readOnly: true });
    await call(old.key);
    const next = await operations.rotateKey.run({ kid: old.kid, overlap: '2h' });
    expect(next).toMatchObject({ name: 'bot', role: 'agent', replaces: old.kid, expiresAt: null });
    expect(next.key).toContain(next.kid);
    const [before, after] = [await call(old.key), await call(next.key)];
    expect(after.scope).toEqual(before.scope);
    expect(after.scope.readOnly).toBe(true);
    expect(await listed(old.kid)).toMatchObject({
      replacedBy: next.kid,
      expiresAt: next.replacedExpiresAt,
    });
    clock.ahead += 2 * HOUR + 1;
    await expect(call(old.key)).rejects.toMatchObject(refused);
    expect((await call(next.key)).kid).toBe(next.kid);
  });

  it('lasts a day unless said otherwise, and never beyond the end that the key had', async () => {
    const lasting = await make();
    const { replacedExpiresAt } = await operations.rotateKey.run({ kid: lasting.kid });
    const overlap = Date.parse(replacedExpiresAt) - Date.now() - clock.ahead;
    expect(overlap).toBeGreaterThan(23.9 * HOUR);
    expect(overlap).toBeLessThanOrEqual(24 * HOUR);

    const end = inHours(1);
    const ending = await make({ expiresAt: end });
    const next = await operations.rotateKey.run({ kid: ending.kid, overlap: '7d' });
    expect(next).toMatchObject({ replacedExpiresAt: end, expiresAt: end });
  });

  it('with no overlap ends the old key at once', async () => {
    const old = await make();
    await call(old.key);
    await operations.rotateKey.run({ kid: old.kid, overlap: '0m' });
    await expect(call(old.key)).rejects.toMatchObject(refused);
  });

  it('copies a scope that this release cannot read as it is', async () => {
    const { kid } = await make();
    const newer = '{"stores": "all", "somethingNew": [1]}';
    const [tenant] = await operations.listTenants.run({});
    if (tenant === undefined) throw new Error('no tenant');
    await database.asTenant(tenant.tenantId, (tx) =>
      tx.run('update api_keys set scope = $1::jsonb where kid = $2', [newer, kid]),
    );
    const next = await operations.rotateKey.run({ kid });
    expect(await listed(next.kid)).toMatchObject({ stores: null, readOnly: null });
    await expect(call(next.key)).rejects.toMatchObject(refused);
  });

  it('is made once, also by two commands at once', async () => {
    const { kid } = await make();
    const outcomes = await Promise.allSettled([
      operations.rotateKey.run({ kid }),
      operations.rotateKey.run({ kid }),
    ]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await expect(operations.rotateKey.run({ kid })).rejects.toMatchObject({
      code: 'conflict',
      field: 'kid',
      hint: expect.stringContaining('Rotate '),
    });
  });
});

describe('a key', () => {
  it('takes another name, and its calls say so', async () => {
    const { kid, key } = await make();
    await call(key);
    expect(await operations.renameKey.run({ kid, name: ' robot ' })).toEqual({ kid, name: 'robot' });
    expect((await listed(kid))?.name).toBe('robot');
    expect((await call(key)).keyName).toBe('robot');
  });

  it('ends when it is told to, sooner or later than before', async () => {
    const { kid, key } = await make({ expiresAt: inHours(2) });
    await call(key);
    expect(await operations.expireKey.run({ kid, at: inHours(5) })).toMatchObject({ kid });
    clock.ahead += 3 * HOUR;
    expect((await call(key)).kid).toBe(kid);
    await operations.expireKey.run({ kid, at: inHours(1) });
    clock.ahead += HOUR + 1;
    await expect(call(key)).rejects.toMatchObject(refused);
  });

  it.each(['revoked', 'expired'])('that is %s comes back by nothing', async (how) => {
    const { kid, key } = await make({ expiresAt: inHours(1) });
    if (how === 'revoked') await operations.revokeKey.run({ kid });
    else clock.ahead += HOUR + 1;
    const conflict = { code: 'conflict', field: 'kid', hint: expect.stringContaining('key create') };
    await expect(operations.expireKey.run({ kid, at: inHours(9) })).rejects.toMatchObject(conflict);
    await expect(operations.rotateKey.run({ kid })).rejects.toMatchObject(conflict);
    await expect(call(key)).rejects.toMatchObject(refused);
  });
});

describe('what does not fit', () => {
  it.each([
    ['rotateKey', 'overlap', { overlap: 'tomorrow' }],
    ['rotateKey', 'overlap', { overlap: '31d' }],
    ['rotateKey', 'overlap', { overlap: '-1h' }],
    ['rotateKey', 'overlap', { overlap: '24' }],
    ['renameKey', 'name', { name: '' }],
    ['expireKey', 'at', { at: '2030-01-01' }],
    ['expireKey', 'at', { at: '2001-01-01T00:00:00Z' }],
  ] as const)('%s names the field %s for %o', async (name, field, input) => {
    const { kid } = await make();
    const named: Readonly<Record<string, { run(input: unknown): Promise<unknown> }>> = operations;
    await expect(named[name]?.run({ kid, ...input })).rejects.toMatchObject({
      code: 'invalid_argument',
      field,
      message: expect.stringMatching(new RegExp(`^${field}: `)),
    });
  });

  it.each([
    ['rotateKey', {}],
    ['renameKey', { name: 'x' }],
    ['expireKey', { at: '2999-01-01T00:00:00Z' }],
    ['revokeKey', {}],
  ] as const)('%s says that there is no such key', async (name, input) => {
    const named: Readonly<Record<string, { run(input: unknown): Promise<unknown> }>> = operations;
    await expect(named[name]?.run({ kid: 'unknown000', ...input })).rejects.toMatchObject({
      code: 'not_found',
      field: 'kid',
      hint: expect.stringContaining('key list'),
    });
  });
});
