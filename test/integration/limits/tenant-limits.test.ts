/** Limits of one tenant: set by the operator, read with the state of its keys, and harmless when they cannot be read. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Database } from '../../../src/storage/port.js';
import type { TenantId } from '../../../src/tenancy/ids.js';
import { sqlKeyRepository } from '../../../src/tenancy/keys/sql-key-repository.js';
import { openTestDatabase } from '../../support/database.js';
import { AcceptedCredentials, newRing, replica } from '../tenancy/support.js';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const rings = { kms: newRing('k1'), peppers: newRing('p1') };
const start = () => replica(database, new AcceptedCredentials(), rings);

async function tenantWithKey(one: ReturnType<typeof start>, name: string) {
  const { tenantId } = await one.operations.createTenant.run({ name });
  const { key, kid } = await one.operations.createKey.run({ tenant: name, name: 'made-up', role: 'agent' });
  return { tenantId, kid, header: `Bearer ${key}` };
}

const store = (tenantId: TenantId, limits: string) =>
  database.asTenant(tenantId, (tx) =>
    tx.run('update tenants set limits = $1::jsonb where tenant_id = $2', [limits, tenantId]),
  );

describe('limits of a tenant', () => {
  it('come with its keys, reach keys in use with their next state, and no other tenant', async () => {
    const [here, there] = [start(), start()];
    const wide = await tenantWithKey(here, 'Wide');
    const usual = await tenantWithKey(here, 'Usual');
    expect((await there.authenticator.authenticate(wide.header)).limits).toBeUndefined();
    await there.authenticator.authenticate(usual.header);

    await here.operations.setTenantLimits.run({ tenant: 'wide', keyBurst: 80, waitMs: 250 });
    await there.authenticator.refresh();
    expect((await there.authenticator.authenticate(wide.header)).limits).toEqual({
      keyBurst: 80,
      waitMs: 250,
    });
    expect((await there.authenticator.authenticate(usual.header)).limits).toBeUndefined();
    expect((await start().authenticator.authenticate(wide.header)).limits).toEqual({
      keyBurst: 80,
      waitMs: 250,
    });
  });

  it('are added to, told, and forgotten', async () => {
    const { operations } = start();
    const { tenantId } = await operations.createTenant.run({ name: 'Changing' });
    const nothing = { keyBurst: null, keyPerSecond: null, concurrency: null, queue: null, waitMs: null };
    const run = (input: object) => operations.setTenantLimits.run({ tenant: 'Changing', ...input });
    expect(await run({})).toEqual({ tenantId, name: 'Changing', ...nothing });
    await run({ keyPerSecond: 2.5 });
    expect(await run({ concurrency: 3 })).toMatchObject({ ...nothing, keyPerSecond: 2.5, concurrency: 3 });
    expect(await run({ usual: true, queue: 0 })).toMatchObject({ ...nothing, queue: 0 });
    expect(await run({ usual: true })).toMatchObject(nothing);
  });

  it('leave a line in the trail for each change, and none for a look', async () => {
    const { operations } = start();
    const { tenantId } = await operations.createTenant.run({ name: 'Watched' });
    await operations.setTenantLimits.run({ tenant: 'Watched' });
    await operations.setTenantLimits.run({ tenant: 'Watched', keyBurst: 50 });
    const events = await database.asTenant(tenantId, (tx) =>
      tx.rows(
        z.object({ action: z.string(), detail: z.unknown() }),
        'select action, detail from audit_events',
      ),
    );
    expect(events.filter(({ action }) => action === 'tenant.limits_changed')).toEqual([
      { action: 'tenant.limits_changed', detail: { usual: 0, keyBurst: 50 } },
    ]);
  });

  it.each([
    { keyBurst: 0 },
    { keyBurst: 9 },
    { queue: -1 },
    { concurrency: 1.5 },
    { keyPerSecond: Number.NaN },
  ])('are refused where they make no sense: %o', async (limits) => {
    const { operations } = start();
    await operations.createTenant.run({ name: `Refused ${JSON.stringify(limits)}` });
    await expect(
      operations.setTenantLimits.run({ tenant: `Refused ${JSON.stringify(limits)}`, ...limits }),
    ).rejects.toMatchObject({ code: 'invalid_argument', field: Object.keys(limits)[0] });
  });

  it('that cannot be read leave the key usable with the usual ones, and warn once, not every second', async () => {
    const one = start();
    const { tenantId, kid } = await tenantWithKey(one, 'Broken');
    const warned: TenantId[] = [];
    const keys = sqlKeyRepository(database, (id) => warned.push(id));
    for (const limits of ['{"keyBurst": "many"}', '[1]', '7', '{"keyBurst": -3}']) {
      await store(tenantId, limits);
      expect(await keys.states([kid])).toMatchObject([{ kid, tenantActive: true, limits: undefined }]);
    }
    expect((await keys.find(kid))?.limits).toBeUndefined();
    expect(warned).toEqual([tenantId]);
  });

  it('of a later release are read as far as they are known', async () => {
    const { tenantId, kid } = await tenantWithKey(start(), 'Later');
    await store(tenantId, '{"queue": 5, "colour": "blue"}');
    expect((await sqlKeyRepository(database).find(kid))?.limits).toEqual({ queue: 5 });
  });
});
