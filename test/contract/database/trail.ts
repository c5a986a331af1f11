/** The audit trail from the side of the database: what each role can do with it, and what none can. */
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Database } from '../../../src/storage/port.js';
import type { TenantId } from '../../../src/tenancy/ids.js';
import { insertTenant } from '../../support/database.js';

const counted = z.object({ n: z.number() });
const DENIED = { code: 'internal', cause: { code: '42501' } };
const INSERT_EVENT = `insert into audit_events (event_id, tenant_id, occurred_at, actor, action, subject, outcome)
  values (gen_random_uuid(), $1, now() - make_interval(days => $2::integer), 'operator', 'x', 'x', 'done')`;

export function trailContract(database: () => Database): void {
  describe('the audit trail', () => {
    let ours: TenantId;
    let theirs: TenantId;
    const insert = (tenant: TenantId, days: number) =>
      database().asTenant(tenant, (tx) => tx.run(INSERT_EVENT, [tenant, days]));
    const eventsOf = async (tenant: TenantId) => {
      const [row] = await database().asSystem('audit', (tx) =>
        tx.rows(counted, 'select count(*)::integer as n from audit_events where tenant_id = $1', [tenant]),
      );
      return row?.n;
    };

    beforeAll(async () => {
      ours = await insertTenant(database());
      theirs = await insertTenant(database());
      for (const tenant of [ours, theirs]) await insert(tenant, 0);
    });

    it.each([
      `update audit_events set actor = 'x'`,
      'delete from audit_events',
      'truncate audit_events',
      `insert into operator_events (event_id, occurred_at, actor, action, subject, outcome)
       values (gen_random_uuid(), now(), 'x', 'x', 'x', 'done')`,
      'select actor from operator_events',
      'select address from auth_refusals',
    ])('lets no tenant’s work do: %s', async (sql) => {
      await expect(database().asTenant(ours, (tx) => tx.run(sql))).rejects.toMatchObject(DENIED);
    });

    it('takes no event for another tenant or without one, and shows none of one', async () => {
      const intrude = database().asTenant(ours, (tx) => tx.run(INSERT_EVENT, [theirs, 0]));
      await expect(intrude).rejects.toMatchObject(DENIED);
      const nobody = database().asTenant(ours, async (tx) => {
        await tx.run(`select set_config('app.tenant_id', '', true)`);
        await tx.run(INSERT_EVENT, [ours, 0]);
      });
      await expect(nobody).rejects.toMatchObject(DENIED);
      const seen = await database().asTenant(ours, (tx) =>
        tx.rows(counted, 'select count(*)::integer as n from audit_events'),
      );
      expect(seen).toEqual([{ n: await eventsOf(ours) }]);
    });

    it.each([
      ['audit', `update audit_events set actor = 'x'`],
      ['audit', 'delete from auth_refusals'],
      ['audit', 'update auth_refusals set refusals = 1'],
      ['audit', 'insert into audit_events select * from audit_events'],
      ['audit', 'select wrapped from tenant_data_keys'],
      ['audit', 'select hash from api_keys'],
      ['rewrap', 'delete from operator_events'],
      ['rewrap', `update operator_events set actor = 'x'`],
      ['rewrap', 'select actor from audit_events'],
      ['rewrap', 'select hash from api_keys'],
      ['rewrap', 'delete from tenant_data_keys'],
      ['rewrap', 'update tenant_data_keys set tenant_id = tenant_id'],
      ['rewrap', 'select credential from stores'],
      ['retention', 'update audit_events set occurred_at = now()'],
      ['retention', 'select actor from audit_events'],
      ['retention', 'delete from tenants'],
      ['authenticate', 'select address from auth_refusals'],
      ['operate', 'select actor from audit_events'],
    ] as const)('lets the job %s not: %s', async (job, sql) => {
      await expect(database().asSystem(job, (tx) => tx.run(sql))).rejects.toMatchObject(DENIED);
    });

    it('outlives its tenant', async () => {
      const tenant = await insertTenant(database());
      await insert(tenant, 0);
      await database().asTenant(tenant, (tx) => tx.run('delete from tenants'));
      expect(await eventsOf(tenant)).toBe(1);
    });

    it('keeps what is younger than 400 days, also where retention forgets its WHERE', async () => {
      const tenant = await insertTenant(database());
      for (const days of [0, 399, 401]) await insert(tenant, days);
      await database().asSystem('retention', (tx) => tx.run('delete from audit_events'));
      expect(await eventsOf(tenant)).toBe(2);
    });
  });
}
