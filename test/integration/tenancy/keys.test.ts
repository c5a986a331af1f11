import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Database } from '../../../src/storage/port.js';
import { makeRingText, parseKeyRing } from '../../../src/tenancy/rings/key-ring.js';
import { openTestDatabase } from '../../support/database.js';
import { AcceptedCredentials, newRing, replica } from './support.js';

const anyRow = z.record(z.string(), z.unknown());
const kms = newRing('k1');
const peppers = newRing('p1');
const orderDesk = new AcceptedCredentials();
let database: Database;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const start = (clock = { ahead: 0 }) => ({ ...replica(database, orderDesk, { kms, peppers, clock }), clock });

let tenants = 0;
async function tenantWithKey(one: ReturnType<typeof start>) {
  tenants += 1;
  const tenant = await one.operations.createTenant.run({ name: `Tenant ${tenants}` });
  const key = await one.operations.createKey.run({ tenant: tenant.name, name: 'reporting', role: 'agent' });
  return { tenant, key, header: `Bearer ${key.key}` };
}

describe('a key that was made', () => {
  it('opens the door of its tenant, in any process', async () => {
    const { tenant, key, header } = await tenantWithKey(start());
    const other = start();
    expect(await other.authenticator.authenticate(header)).toMatchObject({
      tenantId: tenant.tenantId,
      kid: key.kid,
      keyName: 'reporting',
      role: 'agent',
      scope: { stores: 'all' },
    });
    expect(other.hasher.compares).toBe(1);
  });

  it('is nowhere in the database', async () => {
    const { tenant, key } = await tenantWithKey(start());
    const rows = await database.asTenant(tenant.tenantId, (tx) => tx.rows(anyRow, 'select * from api_keys'));
    const stored = JSON.stringify(rows, (_, value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    );
    expect(rows).toHaveLength(1);
    expect(stored).toContain(key.kid);
    expect(stored).not.toContain(key.key.slice(15, 47));
  });

  it('is listed without its secret, with its last use to the minute', async () => {
    const one = start();
    const { tenant, key, header } = await tenantWithKey(one);
    await one.authenticator.authenticate(header);
    await one.authenticator.housekeep();
    const listed = await one.operations.listKeys.run({ tenant: tenant.tenantId });
    expect(listed).toEqual([
      {
        kid: key.kid,
        name: 'reporting',
        role: 'agent',
        stores: 'all',
        toolsets: ['default'],
        exclude: [],
        readOnly: false,
        mask: false,
        dailyWriteCap: 'none',
        confirm: [],
        confirmBatchesAbove: 'none',
        expiresAt: null,
        revokedAt: null,
        lastUsedAt: expect.stringMatching(/:00\.000Z$/),
        replacedBy: null,
        createdAt: key.createdAt,
      },
    ]);
    expect(JSON.stringify(listed)).not.toContain(key.key.slice(15));
  });

  it('keeps the later of two last uses', async () => {
    const [now, ahead] = [start(), start({ ahead: 300_000 })];
    const { tenant, header } = await tenantWithKey(now);
    await now.authenticator.authenticate(header);
    await ahead.authenticator.authenticate(header);
    await ahead.authenticator.housekeep();
    const [late] = await now.operations.listKeys.run({ tenant: tenant.name });
    await now.authenticator.housekeep();
    const [after] = await now.operations.listKeys.run({ tenant: tenant.name });
    expect(after?.lastUsedAt).toBe(late?.lastUsedAt);
  });
});

describe('a revocation', () => {
  it('holds at once where it was made, and elsewhere after the next question', async () => {
    const [a, b] = [start(), start()];
    const { key, header } = await tenantWithKey(a);
    await a.authenticator.authenticate(header);
    await b.authenticator.authenticate(header);
    await a.operations.revokeKey.run({ kid: key.kid });
    await expect(a.authenticator.authenticate(header)).rejects.toMatchObject({ code: 'unauthorized' });
    await b.authenticator.refresh();
    await expect(b.authenticator.authenticate(header)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('holds elsewhere within two seconds without any question but the caller’s own', async () => {
    const [a, b] = [start(), start()];
    const { key, header } = await tenantWithKey(a);
    await b.authenticator.authenticate(header);
    await a.operations.revokeKey.run({ kid: key.kid });
    b.clock.ahead += 2_001;
    await expect(b.authenticator.authenticate(header)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('done twice keeps its first time', async () => {
    const one = start();
    const { key } = await tenantWithKey(one);
    const first = await one.operations.revokeKey.run({ kid: key.kid });
    one.clock.ahead += 60_000;
    expect(await one.operations.revokeKey.run({ kid: key.kid })).toEqual(first);
  });

  it('of a key that does not exist says so', async () => {
    await expect(start().operations.revokeKey.run({ kid: '0000000000' })).rejects.toMatchObject({
      code: 'not_found',
      field: 'kid',
    });
  });
});

describe('a tenant that is suspended', () => {
  it('is refused, and back in when it is resumed', async () => {
    const one = start();
    const { tenant, header } = await tenantWithKey(one);
    await one.authenticator.authenticate(header);
    const setStatus = (status: string) =>
      database.asTenant(tenant.tenantId, (tx) =>
        tx.run('update tenants set status = $1 where tenant_id = $2', [status, tenant.tenantId]),
      );
    await setStatus('suspended');
    await one.authenticator.refresh();
    await expect(one.authenticator.authenticate(header)).rejects.toMatchObject({ code: 'unauthorized' });
    await setStatus('active');
    await one.authenticator.refresh();
    expect((await one.authenticator.authenticate(header)).tenantId).toBe(tenant.tenantId);
    expect(one.hasher.compares).toBe(1);
  });
});

describe('a scope that a newer release wrote', () => {
  it('closes its key, and no other', async () => {
    const one = start();
    const { tenant, key, header } = await tenantWithKey(one);
    const other = await tenantWithKey(one);
    await one.authenticator.authenticate(header);
    await one.authenticator.authenticate(other.header);
    await database.asTenant(tenant.tenantId, (tx) =>
      tx.run(`update api_keys set scope = '{"stores": "all", "dailyCalls": 5}' where kid = $1`, [key.kid]),
    );
    await one.authenticator.refresh();
    await expect(one.authenticator.authenticate(header)).rejects.toMatchObject({ code: 'unauthorized' });
    expect((await one.authenticator.authenticate(other.header)).kid).toBe(other.key.kid);
    const [listed] = await one.operations.listKeys.run({ tenant: tenant.name });
    expect(listed?.stores).toBeNull();
  });
});

describe('a change of the pepper', () => {
  it('moves the stored key to the new pepper on use, and back again works likewise', async () => {
    const texts = ['p1', 'p2'].map((id) => makeRingText(id, randomBytes));
    const old = replica(database, orderDesk, { kms, peppers: parseKeyRing(texts[0] ?? '', 'X') });
    const both = parseKeyRing(texts.toReversed().join(','), 'X');
    const tenant = await old.operations.createTenant.run({ name: 'Pepper' });
    const { key } = await old.operations.createKey.run({ tenant: tenant.name, name: 'a', role: 'owner' });
    const rotating = replica(database, orderDesk, { kms, peppers: both });
    await rotating.authenticator.authenticate(`Bearer ${key}`);
    await rotating.authenticator.housekeep();
    const retired = replica(database, orderDesk, { kms, peppers: parseKeyRing(texts[1] ?? '', 'X') });
    expect((await retired.authenticator.authenticate(`Bearer ${key}`)).tenantId).toBe(tenant.tenantId);
  });
});
