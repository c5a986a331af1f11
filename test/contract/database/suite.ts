/** What every adapter of the `Database` port must do. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../../src/errors.js';
import { StorageFailure } from '../../../src/storage/failures.js';
import type { Database, Tx } from '../../../src/storage/port.js';
import type { TenantId } from '../../../src/tenancy/ids.js';
import { insertPossessions, insertTenant, randomTenantId } from '../../support/database.js';
import type { DatabaseAdapter, OpenedAdapter } from './adapter.js';
import { changesContract } from './changes.js';
import { unfencedRelations } from './policies.js';
import { trailContract } from './trail.js';

const TABLES = ['tenants', 'tenant_data_keys', 'api_keys', 'stores'] as const;
const counted = z.object({ n: z.number() });
const idRow = z.object({ tenant_id: z.string() });

const countIn = async (tx: Tx, table: string, where = 'true', params: readonly string[] = []) =>
  (await tx.rows(counted, `select count(*) as n from ${table} where ${where}`, params))[0]?.n;

class Abandoned extends Error {}

export function databaseContract(adapter: DatabaseAdapter): void {
  describe(`database contract: ${adapter.name}`, () => {
    let opened: OpenedAdapter;
    let db: Database;
    let ours: TenantId;
    let theirs: TenantId;

    beforeAll(async () => {
      opened = await adapter.open();
      db = opened.database;
      ours = await insertTenant(db);
      theirs = await insertTenant(db);
      await insertPossessions(db, ours);
      await insertPossessions(db, theirs);
    });
    afterAll(() => opened?.close());

    describe('transactions', () => {
      it('keeps what fn wrote when it resolves, and passes its result on', async () => {
        const tenant = await insertTenant(db);
        const result = await db.asTenant(tenant, async (tx) => {
          await tx.run(`update tenants set name = 'Renamed'`);
          return 'done';
        });
        expect(result).toBe('done');
        const rows = await db.asTenant(tenant, (tx) =>
          tx.rows(z.object({ name: z.string() }), 'select name from tenants'),
        );
        expect(rows).toEqual([{ name: 'Renamed' }]);
      });

      it('undoes everything when fn rejects, and rejects with the very same value', async () => {
        const tenant = await insertTenant(db, `Kept ${randomUUID()}`);
        const reason = new Abandoned();
        const attempt = db.asTenant(tenant, async (tx) => {
          await tx.run('delete from tenants');
          throw reason;
        });
        await expect(attempt).rejects.toBe(reason);
        expect(await db.asTenant(tenant, (tx) => countIn(tx, 'tenants'))).toBe(1);
      });

      it('does not pretend to have committed when fn swallowed a failed statement', async () => {
        const tenant = await insertTenant(db);
        const attempt = db.asTenant(tenant, async (tx) => {
          await tx.run(`update tenants set name = 'Lost'`);
          await tx.run('select no_such_column from tenants').catch(() => 0);
        });
        await expect(attempt).rejects.toBeInstanceOf(AppError);
        const rows = await db.asTenant(tenant, (tx) =>
          tx.rows(z.object({ name: z.string() }), 'select name from tenants'),
        );
        expect(rows[0]?.name).not.toBe('Lost');
      });

      it('works on after a failed transaction', async () => {
        await expect(db.asTenant(ours, (tx) => tx.run('no sql'))).rejects.toMatchObject({ code: 'internal' });
        expect(await db.asTenant(ours, (tx) => countIn(tx, 'tenants'))).toBe(1);
      });

      it('throws at once when the port is used inside fn', async () => {
        const nested = db.asTenant(ours, () => db.asTenant(ours, async () => 'never'));
        await expect(nested).rejects.toThrow(/inside a transaction/);
        const nestedJob = db.asSystem('operate', () => db.asTenant(ours, async () => 'never'));
        await expect(nestedJob).rejects.toThrow(/inside a transaction/);
      });

      it('lets work that fn started use the port once the transaction has ended', async () => {
        let open = () => {};
        const ended = new Promise<void>((resolve) => {
          open = resolve;
        });
        const later = await db.asTenant(ours, async () => ({
          work: ended.then(() => db.asTenant(ours, (tx) => countIn(tx, 'tenants'))),
        }));
        open();
        expect(await later.work).toBe(1);
      });

      it('refuses a tx whose transaction has ended', async () => {
        const leaked = await db.asTenant(ours, async (tx) => ({ tx }));
        await expect(leaked.tx.run('select 1')).rejects.toThrow(/ended/);
      });

      it('does not mix tenants that work at the same time', async () => {
        const tenants = await Promise.all(Array.from({ length: 12 }, () => insertTenant(db)));
        const seen = await Promise.all(
          tenants.map((tenant) =>
            db.asTenant(tenant, async (tx) => {
              const first = await tx.rows(idRow, 'select tenant_id from tenants');
              await new Promise((resolve) => setImmediate(resolve));
              const second = await tx.rows(idRow, 'select tenant_id from tenants');
              return [first, second];
            }),
          ),
        );
        expect(seen).toEqual(tenants.map((tenant) => [[{ tenant_id: tenant }], [{ tenant_id: tenant }]]));
      });
    });

    describe('the fence between tenants', () => {
      it.each(TABLES)('shows only own rows of %s where the WHERE was forgotten', async (table) => {
        for (const tenant of [ours, theirs]) {
          const rows = await db.asTenant(tenant, (tx) => tx.rows(idRow, `select tenant_id from ${table}`));
          expect(rows).toEqual([{ tenant_id: tenant }]);
        }
      });

      it.each(TABLES)('finds, changes and deletes no row of another tenant in %s', async (table) => {
        const counts = await db.asTenant(ours, async (tx) => ({
          selected: await countIn(tx, table, 'tenant_id = $1', [theirs]),
          updated: await tx.run(`update ${table} set created_at = now() where tenant_id = $1`, [theirs]),
          deleted: await tx.run(`delete from ${table} where tenant_id = $1`, [theirs]),
        }));
        expect(counts).toEqual({ selected: 0, updated: 0, deleted: 0 });
        expect(await db.asTenant(theirs, (tx) => countIn(tx, table))).toBe(1);
      });

      it.each(TABLES)('lets nobody move a row of %s to another tenant', async (table) => {
        const move = db.asTenant(ours, (tx) =>
          tx.run(`update ${table} set tenant_id = $1`, [randomTenantId()]),
        );
        await expect(move).rejects.toMatchObject({ code: 'internal', cause: { code: '42501' } });
      });

      const insertInto = {
        tenants: `insert into tenants (tenant_id, name, name_key, status)
          values ($1, 'x', gen_random_uuid()::text, 'active')`,
        tenant_data_keys: `insert into tenant_data_keys (tenant_id, version, ring_key_id, wrapped)
          values ($1, 1, 'k1', '')`,
        api_keys: `insert into api_keys (key_id, tenant_id, kid, name, role, scope, check_tag, hash, pepper_id)
          values (gen_random_uuid(), $1, gen_random_uuid()::text, 'x', 'owner', '{}', '', 'h', 'p1')`,
        stores: `insert into stores (store_row_id, tenant_id, name, name_key, orderdesk_store_id, credential)
          values (gen_random_uuid(), $1, 'x', 'x', '1', '')`,
      };
      const unset = `select set_config('app.tenant_id', '', true)`;

      it.each(TABLES)('accepts no row of another tenant in %s', async (table) => {
        const stranger = table === 'tenants' ? randomTenantId() : await insertTenant(db);
        const intrude = db.asTenant(ours, (tx) => tx.run(insertInto[table], [stranger]));
        await expect(intrude).rejects.toMatchObject({ code: 'internal', cause: { code: '42501' } });
        const own = table === 'tenants' ? stranger : await insertTenant(db);
        expect(await db.asTenant(own, (tx) => tx.run(insertInto[table], [own]))).toBe(1);
      });

      it.each(TABLES)('shows nothing of %s and accepts nothing when no tenant is set', async (table) => {
        const outcome = await db.asTenant(ours, async (tx) => {
          await tx.run(unset);
          return { seen: await countIn(tx, table), deleted: await tx.run(`delete from ${table}`) };
        });
        expect(outcome).toEqual({ seen: 0, deleted: 0 });
        const insert = db.asTenant(ours, async (tx) => {
          await tx.run(unset);
          await tx.run(insertInto[table], [ours]);
        });
        await expect(insert).rejects.toMatchObject({ code: 'internal', cause: { code: '42501' } });
      });

      it('leaves neither role nor tenant behind on the connection', async () => {
        await db.asTenant(ours, (tx) => countIn(tx, 'tenants'));
        const rows = await db.asSystem('migrate', (tx) =>
          tx.rows(
            z.object({ tenant: z.string(), own: z.boolean() }),
            `select current_setting('app.tenant_id', true) as tenant, current_user = session_user as own`,
          ),
        );
        expect(rows).toEqual([{ tenant: '', own: true }]);
      });

      it('keeps the schema out of reach of tenant work', async () => {
        const attempts = [
          'select version from schema_migrations',
          'create table mine (id int)',
          'drop table stores',
        ];
        for (const sql of attempts) {
          await expect(db.asTenant(ours, (tx) => tx.run(sql))).rejects.toMatchObject({
            cause: { code: '42501' },
          });
        }
      });

      it('takes everything a tenant owns along when the tenant is deleted', async () => {
        const tenant = await insertTenant(db);
        await insertPossessions(db, tenant);
        expect(await db.asTenant(tenant, (tx) => tx.run('delete from tenants'))).toBe(1);
        const left = await db.asSystem('operate', (tx) =>
          countIn(tx, 'api_keys', 'tenant_id = $1', [tenant]),
        );
        expect(left).toBe(0);
      });
    });

    describe('system jobs', () => {
      const refused = { code: 'internal', cause: { code: '42501' } };
      const jobs = ['authenticate', 'operate'] as const;

      it('authenticate finds any key and the state of its tenant', async () => {
        const rows = await db.asSystem('authenticate', (tx) =>
          tx.rows(
            z.object({ tenant_id: z.string(), status: z.string(), hash: z.string() }),
            `select k.tenant_id, k.hash, t.status from api_keys k join tenants t using (tenant_id)
             where k.tenant_id = any($1) order by k.tenant_id`,
            [[ours, theirs]],
          ),
        );
        expect(rows.map((row) => row.tenant_id)).toEqual([ours, theirs].sort());
        expect(rows.map((row) => row.status)).toEqual(['active', 'active']);
      });

      it('authenticate notes the use of a key and re-hashes it', async () => {
        const touched = await db.asSystem('authenticate', (tx) =>
          tx.run(
            `update api_keys set hash = 'new', pepper_id = 'p2', check_tag = $2, last_used_at = now()
             where tenant_id = $1`,
            [ours, new Uint8Array([1, 2, 3, 4])],
          ),
        );
        expect(touched).toBe(1);
      });

      it.each([
        `insert into api_keys (key_id, tenant_id, kid, name, role, scope, check_tag, hash, pepper_id)
         values (gen_random_uuid(), gen_random_uuid(), 'k', 'x', 'owner', '{}', '', 'h', 'p1')`,
        'delete from api_keys',
        `update api_keys set role = 'owner'`,
        'update api_keys set revoked_at = null',
        `update tenants set status = 'active'`,
        'select name from tenants',
        'select wrapped from tenant_data_keys',
        'select credential from stores',
      ])('authenticate may not: %s', async (sql) => {
        await expect(db.asSystem('authenticate', (tx) => tx.run(sql))).rejects.toMatchObject(refused);
      });

      it('operate lists tenants and finds the tenant of a kid', async () => {
        const [tenants, keys] = await db.asSystem('operate', async (tx) => [
          await tx.rows(idRow, 'select tenant_id, name, status, created_at from tenants'),
          await tx.rows(idRow, 'select kid, tenant_id, name, role from api_keys'),
        ]);
        expect(tenants.map((row) => row.tenant_id)).toEqual(expect.arrayContaining([ours, theirs]));
        expect(keys.map((row) => row.tenant_id)).toEqual(expect.arrayContaining([ours, theirs]));
      });

      it.each([
        'select hash from api_keys',
        'select check_tag from api_keys',
        'select * from api_keys',
        'select credential from stores',
        'select wrapped from tenant_data_keys',
        `update tenants set status = 'suspended'`,
        'delete from tenants',
        `update api_keys set role = 'owner'`,
      ])('operate may not: %s', async (sql) => {
        await expect(db.asSystem('operate', (tx) => tx.run(sql))).rejects.toMatchObject(refused);
      });

      it.each(jobs)('%s gains nothing by naming a tenant', async (job) => {
        const attempt = db.asSystem(job, async (tx) => {
          await tx.run(`select set_config('app.tenant_id', $1, true)`, [ours]);
          await tx.run('delete from stores');
        });
        await expect(attempt).rejects.toMatchObject(refused);
      });
    });

    trailContract(() => db);
    changesContract(() => db);

    describe('values', () => {
      it('brings every type there and back', async () => {
        const at = new Date('2026-03-29T00:59:59.123Z');
        const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
        const json = { stores: ['a', 'b'], deep: { number: 1.5, text: 'ü "quoted" \\ 🎁', none: null } };
        const rows = await db.asTenant(ours, (tx) =>
          tx.rows(
            z.object({ at: z.date(), bytes: z.instanceof(Uint8Array) }).loose(),
            `select $1::text as text, $2::integer as int, $3::bigint as big, $4::boolean as yes, $5::timestamptz as at,
                    $6::bytea as bytes, $7::jsonb as json, $8::text[] as list, $9::uuid as id, $10::text as nothing,
                    $11::numeric as money, $12::uuid[] as ids, $13::text[] as empty`,
            [
              `line\nbreak, 'quote', ünïcode 🎁`,
              -7,
              4_294_967_296,
              true,
              at,
              bytes,
              JSON.stringify(json),
              ['one', 'two, three', '{"four"}', ''],
              ours,
              null,
              '12345678901234.10',
              [ours, theirs],
              [],
            ],
          ),
        );
        expect(rows[0]).toMatchObject({
          text: `line\nbreak, 'quote', ünïcode 🎁`,
          int: -7,
          big: 4_294_967_296,
          yes: true,
          at,
          json,
          list: ['one', 'two, three', '{"four"}', ''],
          id: ours,
          nothing: null,
          money: '12345678901234.10',
          ids: [ours, theirs],
          empty: [],
        });
        expect(Buffer.from(rows[0]?.bytes ?? []).equals(Buffer.from(bytes))).toBe(true);
      });

      it('rejects with the error of the parser for a row that does not fit', async () => {
        const attempt = db.asTenant(ours, (tx) => tx.rows(z.object({ n: z.string() }), 'select 1 as n'));
        await expect(attempt).rejects.toBeInstanceOf(z.ZodError);
      });
    });

    describe('failures', () => {
      const addStore = (tenant: TenantId, name: string, orderDeskId: string, isDefault = false) =>
        db.asTenant(tenant, (tx) =>
          tx.run(
            `insert into stores (store_row_id, tenant_id, name, name_key, orderdesk_store_id, credential, is_default)
             values ($1, $2, $3, $4, $5, $6, $7)`,
            [randomUUID(), tenant, name, name.toLowerCase(), orderDeskId, new Uint8Array([1]), isDefault],
          ),
        );

      it('makes a unique violation a conflict that names the constraint for the log only', async () => {
        const tenant = await insertTenant(db);
        await addStore(tenant, 'Secret Shop', '55');
        const error = await addStore(tenant, 'SECRET SHOP', '56').catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({
          code: 'conflict',
          message: 'That already exists.',
          cause: { code: '23505', constraint: 'stores_tenant_id_name_key_key' },
        });
        await expect(addStore(tenant, 'Other', '55')).rejects.toMatchObject({
          cause: { constraint: 'stores_tenant_id_orderdesk_store_id_key' },
        });
      });

      it('allows one default store per tenant', async () => {
        const tenant = await insertTenant(db);
        await addStore(tenant, 'One', '1', true);
        await expect(addStore(tenant, 'Two', '2', true)).rejects.toMatchObject({
          code: 'conflict',
          cause: { constraint: 'stores_one_default' },
        });
        expect(await addStore(tenant, 'Three', '3', false)).toBe(1);
      });

      it('allows the same store names and ids in two tenants', async () => {
        const [a, b] = [await insertTenant(db), await insertTenant(db)];
        expect(await addStore(a, 'Main', '77', true)).toBe(1);
        expect(await addStore(b, 'Main', '77', true)).toBe(1);
      });

      it('carries neither parameters nor row contents in an error', async () => {
        const tenant = await insertTenant(db);
        const secret = 'swordfish-4711';
        await addStore(tenant, secret, '1');
        const failures = await Promise.all([
          addStore(tenant, secret, '2').catch((thrown: unknown) => thrown),
          db.asTenant(tenant, (tx) => tx.run('select $1::uuid', [secret])).catch((thrown: unknown) => thrown),
          db
            .asTenant(tenant, (tx) => tx.run('update tenants set status = $1', [secret]))
            .catch((thrown: unknown) => thrown),
        ]);
        for (const failure of failures) {
          expect(failure).toBeInstanceOf(AppError);
          if (!(failure instanceof AppError)) continue;
          expect(failure.cause).toBeInstanceOf(StorageFailure);
          const { cause } = failure;
          expect(
            JSON.stringify([{ ...failure }, { ...Object(cause) }, failure.stack, String(cause)]),
          ).not.toContain(secret);
        }
      });
    });

    describe('the schema', () => {
      it('fences every relation that is not named as global', async () => {
        expect(await opened.owner.asSystem('migrate', unfencedRelations)).toEqual([]);
      });

      it.each([
        ['a table without policies', 'create table careless (tenant_id uuid)'],
        [
          'a table whose policy is not forced on its owner',
          `create table careless (tenant_id uuid);
           alter table careless enable row level security;
           create policy tenant_fence on careless to orderdesk_tenant
             using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
             with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)`,
        ],
        [
          'a table with another policy text',
          `create table careless (tenant_id uuid);
           alter table careless enable row level security; alter table careless force row level security;
           create policy tenant_fence on careless to orderdesk_tenant using (true) with check (true)`,
        ],
        [
          'a table with a second way in for everybody',
          `create table careless (tenant_id uuid);
           alter table careless enable row level security; alter table careless force row level security;
           create policy tenant_fence on careless to orderdesk_tenant
             using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
             with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
           create policy all_the_rest on careless using (true)`,
        ],
        ['a view, which reads as its owner', 'create view careless as select * from stores'],
      ])('would notice %s', async (_, sql) => {
        const found: string[] = [];
        const probe = opened.owner.asSystem('migrate', async (tx) => {
          for (const statement of sql.split(';')) await tx.run(statement);
          found.push(...(await unfencedRelations(tx)));
          throw new Abandoned();
        });
        await expect(probe).rejects.toBeInstanceOf(Abandoned);
        expect(found).toEqual(['careless']);
      });
    });

    it('refuses work after it was closed, and closing twice does no harm', async () => {
      const other = await adapter.open();
      await other.database.close();
      await other.database.close();
      await expect(other.database.asTenant(ours, async () => 'never')).rejects.toMatchObject({
        code: 'storage_unavailable',
      });
    });
  });
}
