/** The tables of changes from the side of the database: what each role can do with them, and what none can. */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Database } from '../../../src/storage/port.js';
import type { TenantId } from '../../../src/tenancy/ids.js';
import { insertTenant } from '../../support/database.js';

const idRow = z.object({ tenant_id: z.string() });
const DENIED = { code: 'internal', cause: { code: '42501' } };
const TABLES = ['changes', 'write_counts', 'used_confirmations'] as const;

const INSERT = {
  changes: `insert into changes (change_id, tenant_id, store_row_id, orderdesk_store_id, key_id, kid, key_name, tool, kind,
      fingerprint, state, owner, lease_until)
    values (gen_random_uuid(), $1, gen_random_uuid(), '1', gen_random_uuid(), 'k', 'x', 'x', 'note_add', '', 'pending',
      gen_random_uuid(), now() - interval '1 hour')`,
  write_counts: `insert into write_counts (tenant_id, key_id, day, effects) values ($1, gen_random_uuid(), current_date, 1)`,
  used_confirmations: `insert into used_confirmations (tenant_id, confirmation_id, change_id)
    values ($1, gen_random_uuid()::text, gen_random_uuid())`,
};

export function changesContract(database: () => Database): void {
  describe('the tables of changes', () => {
    let ours: TenantId;
    let theirs: TenantId;
    const asOurs = (sql: string, params: readonly string[] = []) =>
      database().asTenant(ours, (tx) => tx.run(sql, params));

    beforeAll(async () => {
      ours = await insertTenant(database());
      theirs = await insertTenant(database());
      for (const tenant of [ours, theirs]) {
        await database().asTenant(tenant, async (tx) => {
          for (const table of TABLES) await tx.run(INSERT[table], [tenant]);
        });
      }
    });

    it.each(TABLES)('show, change and delete only own rows of %s', async (table) => {
      const rows = await database().asTenant(ours, (tx) => tx.rows(idRow, `select tenant_id from ${table}`));
      expect(rows).toEqual([{ tenant_id: ours }]);
      expect(await asOurs(`update ${table} set tenant_id = tenant_id where tenant_id = $1`, [theirs])).toBe(
        0,
      );
      expect(await asOurs(`delete from ${table} where tenant_id = $1`, [theirs])).toBe(0);
      const left = await database().asTenant(theirs, (tx) =>
        tx.rows(idRow, `select tenant_id from ${table}`),
      );
      expect(left).toEqual([{ tenant_id: theirs }]);
    });

    it.each(TABLES)(
      'take no row for another tenant or without one in %s, and give none away',
      async (table) => {
        await expect(asOurs(INSERT[table], [theirs])).rejects.toMatchObject(DENIED);
        await expect(asOurs(`update ${table} set tenant_id = $1`, [theirs])).rejects.toMatchObject(DENIED);
        const nobody = database().asTenant(ours, async (tx) => {
          await tx.run(`select set_config('app.tenant_id', '', true)`);
          await tx.run(INSERT[table], [ours]);
        });
        await expect(nobody).rejects.toMatchObject(DENIED);
      },
    );

    it('of a tenant go with it', async () => {
      const tenant = await insertTenant(database());
      await database().asTenant(tenant, async (tx) => {
        for (const table of TABLES) await tx.run(INSERT[table], [tenant]);
      });
      await database().asTenant(tenant, (tx) => tx.run('delete from tenants'));
      for (const table of TABLES) {
        const left = await database().asTenant(tenant, (tx) =>
          tx.rows(idRow, `select tenant_id from ${table}`),
        );
        expect(left).toEqual([]);
      }
    });

    it('show one lock to all tenants', async () => {
      const name = `od:1|order:${randomUUID()}`;
      await asOurs(
        `insert into change_locks (lock_name, owner, lease_until) values ($1, gen_random_uuid(), now())`,
        [name],
      );
      const again = database().asTenant(theirs, (tx) =>
        tx.run(
          `insert into change_locks (lock_name, owner, lease_until) values ($1, gen_random_uuid(), now())`,
          [name],
        ),
      );
      await expect(again).rejects.toMatchObject({ code: 'conflict' });
    });

    it('let the sweep see what is not finished, of all tenants, and take only what is over', async () => {
      await asOurs(INSERT.changes, [ours]);
      await asOurs(
        `update changes set state = 'applied' where change_id = (select change_id from changes limit 1)`,
      );
      const states = z.object({ tenant_id: z.string(), state: z.string() });
      const seen = await database().asSystem('sweep', (tx) =>
        tx.rows(states, 'select tenant_id, state from changes where tenant_id = any($1::uuid[])', [
          [ours, theirs],
        ]),
      );
      expect(seen.map(({ state }) => state)).toEqual(['pending', 'pending']);
      const own = 'where tenant_id = any($1::uuid[])';
      const take = `update changes set lease_until = now() + interval '1 hour' ${own}`;
      expect(await database().asSystem('sweep', (tx) => tx.run(take, [[ours, theirs]]))).toBe(2);
      expect(await database().asSystem('sweep', (tx) => tx.run(take, [[ours, theirs]]))).toBe(0);
    });

    it.each([
      ['sweep', `update changes set state = 'applied'`],
      ['sweep', 'update changes set images = null'],
      ['sweep', 'delete from changes'],
      ['sweep', 'select effects from write_counts'],
      ['sweep', 'select lock_name from change_locks'],
      ['sweep', 'select wrapped from tenant_data_keys'],
      ['sweep', 'select credential from stores'],
      ['retention', `update changes set state = 'applied'`],
      ['retention', 'select key_name from changes'],
      ['retention', 'update change_locks set lease_until = now()'],
      ['retention', 'update write_counts set effects = 0'],
      ['authenticate', 'select change_id from changes'],
      ['operate', 'select change_id from changes'],
      ['audit', 'select change_id from changes'],
      ['rewrap', 'select images from changes'],
    ] as const)('let the job %s not: %s', async (job, sql) => {
      await expect(database().asSystem(job, (tx) => tx.run(sql))).rejects.toMatchObject(DENIED);
    });
  });
}
