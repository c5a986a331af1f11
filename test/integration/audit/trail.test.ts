import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import type { Database } from '../../../src/storage/port.js';
import { AuditTrail } from '../../../src/tenancy/audit/audit-trail.js';
import { DailyRetention, deleteOldRows } from '../../../src/tenancy/audit/retention.js';
import { openTestDatabase } from '../../support/database.js';
import { AcceptedCredentials, newRing, replica } from '../tenancy/support.js';
import { insertOld, told, trail } from './support.js';

const STORE_KEY = 'made-up-key-1001';
const rings = { kms: newRing('k1'), peppers: newRing('p1') };
const orderDesk = new AcceptedCredentials();
const clock = { ahead: 0 };
let database: Database;
let one: ReturnType<typeof replica>;
let operations: ReturnType<typeof replica>['operations'];

beforeAll(async () => {
  database = await openTestDatabase();
  one = replica(database, orderDesk, { ...rings, clock });
  operations = one.operations;
  orderDesk.accept('1001', STORE_KEY);
});
afterAll(() => database.close());

const makeTrail = (given: Database = database) =>
  new AuditTrail({
    database: given,
    now: () => Date.now() + clock.ahead,
    random: randomBytes,
    onBackgroundError: () => {},
    onRetention: () => {},
  });

describe('the trail', () => {
  it('tells each change of a tenant, its keys and its stores, in order', async () => {
    const { tenantId } = await operations.createTenant.run({ name: 'Told' });
    const store = { tenant: 'Told', name: 'Main', orderDeskStoreId: '1001', apiKey: STORE_KEY };
    const { storeRowId } = await operations.addStore.run(store);
    await operations.verifyStore.run({ tenant: 'Told', store: 'Main' });
    await operations.changeCredential.run({ tenant: 'Told', store: 'Main', apiKey: STORE_KEY });
    const { kid } = await operations.createKey.run({ tenant: 'Told', name: 'bot', role: 'agent' });
    await operations.renameKey.run({ kid, name: 'robot' });
    await operations.expireKey.run({ kid, at: '2999-01-01T00:00:00Z' });
    const next = await operations.rotateKey.run({ kid });
    await operations.revokeKey.run({ kid: next.kid });
    await operations.suspendTenant.run({ tenant: 'Told' });
    await operations.resumeTenant.run({ tenant: 'Told' });
    await operations.renameTenant.run({ tenant: 'Told', name: 'Retold' });
    await operations.removeStore.run({ tenant: 'Retold', store: 'Main' });
    await operations.deleteTenant.run({ tenant: 'Retold', confirmation: 'Retold' });

    const entries = await trail(operations, { tenant: tenantId });
    expect(told(entries).toSorted()).toEqual(
      [
        `operator tenant.created tenant:${tenantId} done`,
        `operator store.added store:${storeRowId} done`,
        `operator store.verified store:${storeRowId} done`,
        `operator store.credential_changed store:${storeRowId} done`,
        `operator key.created key:${kid} done`,
        `operator key.renamed key:${kid} done`,
        `operator key.expiry_changed key:${kid} done`,
        `operator key.rotated key:${kid} done`,
        `operator key.created key:${next.kid} done`,
        `operator key.revoked key:${next.kid} done`,
        `operator tenant.suspended tenant:${tenantId} done`,
        `operator tenant.resumed tenant:${tenantId} done`,
        `operator tenant.renamed tenant:${tenantId} done`,
        `operator store.removed store:${storeRowId} done`,
        `operator tenant.deleted tenant:${tenantId} done`,
        `operator tenant.purged tenant:${tenantId} done`,
      ].toSorted(),
    );
    expect(entries.map(({ at }) => at)).toEqual(entries.map(({ at }) => at).toSorted());
    const text = JSON.stringify(entries);
    for (const secret of [STORE_KEY, next.key.slice(15), 'robot', 'Main', 'Retold']) {
      expect(text).not.toContain(secret);
    }
  });

  it('says nothing of what was refused or changed nothing', async () => {
    const { tenantId } = await operations.createTenant.run({ name: 'Quiet' });
    const { kid } = await operations.createKey.run({ tenant: 'Quiet', name: 'bot', role: 'agent' });
    await operations.revokeKey.run({ kid });
    const before = told(await trail(operations, { tenant: 'Quiet' }));
    await operations.revokeKey.run({ kid });
    await operations.resumeTenant.run({ tenant: 'Quiet' });
    const attempts = [
      () => operations.rotateKey.run({ kid }),
      () => operations.expireKey.run({ kid, at: '2999-01-01T00:00:00Z' }),
      () => operations.deleteTenant.run({ tenant: 'Quiet', confirmation: 'Loud' }),
      () => operations.addStore.run({ tenant: 'Quiet', orderDeskStoreId: '7', apiKey: 'wrong' }),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toBeInstanceOf(AppError);
    expect(told(await trail(operations, { tenant: tenantId }))).toEqual(before);
  });

  it('tells that Order Desk refused the credential of a store', async () => {
    await operations.createTenant.run({ name: 'Refused' });
    const store = { tenant: 'Refused', name: 'Main', orderDeskStoreId: '1001', apiKey: STORE_KEY };
    const { storeRowId } = await operations.addStore.run(store);
    orderDesk.accept('1001', 'changed-in-order-desk');
    const refused = operations.verifyStore.run({ tenant: 'Refused', store: 'Main' });
    await expect(refused).rejects.toMatchObject({ code: 'upstream_credentials_refused' });
    orderDesk.accept('1001', STORE_KEY);
    expect(told(await trail(operations, { tenant: 'Refused' }))).toContain(
      `operator store.verified store:${storeRowId} refused`,
    );
  });

  it('names who acted', async () => {
    const { tenantId } = await operations.createTenant.run({ name: 'Console' });
    const { kid } = await operations.createKey.run({ tenant: 'Console', name: 'owner', role: 'owner' });
    const asOwner = replica(database, orderDesk, { ...rings, actor: `key:${kid}` }).operations;
    const made = await asOwner.createKey.run({ tenant: 'Console', name: 'bot', role: 'agent' });
    expect(told(await trail(operations, { tenant: tenantId }))).toContain(
      `key:${kid} key.created key:${made.kid} done`,
    );
  });

  it('stands or falls with the change', async () => {
    const { tenantId } = await operations.createTenant.run({ name: 'Whole' });
    const { kid } = await operations.createKey.run({ tenant: 'Whole', name: 'bot', role: 'agent' });
    const failing: Database = {
      ...database,
      asTenant: (tenant, fn) =>
        database.asTenant(tenant, async (tx) => {
          await fn(tx);
          throw new AppError('storage_unavailable');
        }),
    };
    const broken = replica(failing, orderDesk, rings).operations;
    await expect(broken.revokeKey.run({ kid })).rejects.toMatchObject({ code: 'storage_unavailable' });
    const [key] = await operations.listKeys.run({ tenant: 'Whole' });
    expect(key?.revokedAt).toBeNull();
    expect(told(await trail(operations, { tenant: tenantId }))).not.toContain(
      `operator key.revoked key:${kid} done`,
    );
  });

  it('is read from a time on', async () => {
    const { tenantId } = await operations.createTenant.run({ name: 'Since' });
    await insertOld(database, tenantId, 10);
    const since = new Date(Date.now() - 86_400_000).toISOString();
    expect(await trail(operations, { tenant: 'Since' })).toHaveLength(2);
    expect(await trail(operations, { tenant: 'Since', since })).toHaveLength(1);
    expect(await trail(operations, { since: '2999-01-01T00:00:00Z' })).toEqual([]);
  });

  it('is read page by page without a gap or a repetition', async () => {
    const { tenantId } = await operations.createTenant.run({ name: 'Long' });
    await database.asTenant(tenantId, (tx) =>
      tx.run(
        `insert into audit_events (event_id, tenant_id, occurred_at, actor, action, subject, outcome)
         select gen_random_uuid(), $1, now(), 'operator', 'key.created', 'key:' || n, 'done' from generate_series(1, 4100) n`,
        [tenantId],
      ),
    );
    const entries = await trail(operations, { tenant: 'Long' });
    expect(entries).toHaveLength(4_101);
    expect(new Set(entries.map(({ id }) => id)).size).toBe(4_101);
    expect((await operations.readAudit.run({ tenant: 'Long' })).entries).toHaveLength(2_000);
  });

  it.each([
    ['since', { since: 'yesterday' }],
    ['after', { after: 'x' }],
    ['tenant', { tenant: 'Nobody' }],
  ])('names %s when it is not understood', async (field, input) => {
    await expect(operations.readAudit.run(input)).rejects.toMatchObject({ field });
  });
});

describe('refusals', () => {
  const refusals = async (address: string) =>
    (await trail(operations)).filter(({ subject }) => subject === `address:${address}`);

  it('are written once a minute and address, not once a request', async () => {
    const audit = makeTrail();
    for (let i = 0; i < 500; i += 1) {
      audit.record({ kind: 'key_refused', address: '192.0.2.7', reason: 'wrong_secret' });
    }
    await audit.write('ended');
    expect(await refusals('192.0.2.7')).toEqual([]);
    clock.ahead += 60_000;
    await audit.write('ended');
    expect(await refusals('192.0.2.7')).toEqual([
      {
        id: expect.any(String),
        at: expect.stringMatching(/:00\.000Z$/),
        tenantId: null,
        actor: 'unknown',
        action: 'key.refused',
        subject: 'address:192.0.2.7',
        outcome: 'refused',
        detail: { reason: 'wrong_secret', count: 500 },
      },
    ]);
  });

  it('outside a scope are told of the key, in the trail of its tenant', async () => {
    const { tenantId } = await operations.createTenant.run({ name: 'Scoped' });
    const { kid } = await operations.createKey.run({ tenant: 'Scoped', name: 'bot', role: 'agent' });
    const audit = makeTrail();
    for (let i = 0; i < 3; i += 1) {
      audit.record({ kind: 'scope_violated', tenantId, kid, what: 'tool', name: 'get_order' });
    }
    await audit.stop();
    const entries = await trail(operations, { tenant: 'Scoped' });
    expect(entries.at(-1)).toMatchObject({
      actor: `key:${kid}`,
      action: 'scope.violated',
      subject: 'tool:get_order',
      outcome: 'refused',
      detail: { count: 3 },
    });
  });

  it('wait in memory while the database is away', async () => {
    let away = true;
    const flaky: Database = {
      ...database,
      asSystem: async (job, fn) => {
        if (away) throw new AppError('storage_unavailable');
        return database.asSystem(job, fn);
      },
    };
    const audit = makeTrail(flaky);
    audit.record({ kind: 'key_refused', address: '192.0.2.8', reason: 'malformed' });
    await expect(audit.write('all')).rejects.toMatchObject({ code: 'storage_unavailable' });
    audit.record({ kind: 'key_refused', address: '192.0.2.8', reason: 'malformed' });
    away = false;
    await audit.write('all');
    expect(await refusals('192.0.2.8')).toMatchObject([{ detail: { count: 2 } }]);
  });
});

describe('retention', () => {
  it('ends what is 400 days old, in batches, and nothing younger', async () => {
    const { tenantId } = await operations.createTenant.run({ name: 'Old' });
    for (const days of [399, 401, 800]) await insertOld(database, tenantId, days);
    await database.asTenant(tenantId, (tx) =>
      tx.run(
        `insert into audit_events (event_id, tenant_id, occurred_at, actor, action, subject, outcome)
         select gen_random_uuid(), $1, now() - interval '500 days', 'operator', 'key.created', 'key:x', 'done'
         from generate_series(1, 2500)`,
        [tenantId],
      ),
    );
    await database.asSystem('audit', (tx) =>
      tx.run(
        `insert into auth_refusals (refusal_id, minute, address, reason, refusals)
         values (gen_random_uuid(), now() - interval '401 days', '192.0.2.9', 'malformed', 1)`,
      ),
    );
    expect(await deleteOldRows(database)).toBe(2_503);
    expect(await trail(operations, { tenant: 'Old' })).toHaveLength(2);
    expect(await deleteOldRows(database)).toBe(0);
  });

  it('runs once a day, and again soon where it failed', async () => {
    const time = { now: 0 };
    let runs = 0;
    let away = false;
    const counting: Database = {
      ...database,
      asSystem: async (job, fn) => {
        if (away) throw new AppError('storage_unavailable');
        runs += 1;
        return database.asSystem(job, fn);
      },
    };
    const retention = new DailyRetention(counting, () => time.now);
    expect(await retention.step()).toBe(0);
    time.now += 86_399_999;
    expect(await retention.step()).toBeUndefined();
    time.now += 1;
    away = true;
    await expect(retention.step()).rejects.toBeInstanceOf(AppError);
    away = false;
    expect(await retention.step()).toBe(0);
    expect(runs).toBe(6);
  });
});
