/**
 * The rehearsal of docs/BACKUP.md: an installation with tenants, keys, stores, changes and a trail is dumped and lost,
 * and another server of Postgres, which has seen none of its roles, goes on with the dump and the key rings.
 */
import { createHash, randomBytes } from 'node:crypto';
import { copyFile, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.js';
import { migratePostgres } from '../../../src/storage/postgres-migrate.js';
import { makeRingText } from '../../../src/tenancy/rings/key-ring.js';
import { callTool } from '../../support/call-tool.js';
import { replicaEnv } from '../../support/replica-env.js';
import {
  madeUpStores,
  type SeededTenant,
  seedTenants,
  startReplica,
} from '../../support/seeded-installation.js';
import {
  execute,
  type PostgresServer,
  startPostgres,
  type TestDatabase,
} from '../../support/services/index.js';
import { suiteFolder, temporaryFolder } from '../../support/temporary-folder.js';
import { countsOf, dumpWithoutScript, rowsOf, runScript, shapeOf, spyOn, textOf } from './support.js';

const STORES = madeUpStores(3);
const NOTE = `Left with the neighbour ${randomBytes(6).toString('hex')}`;

let first: PostgresServer;
let second: PostgresServer;
let sandbox: Sandbox;
let folder: Awaited<ReturnType<typeof suiteFolder>>;
let lost: TestDatabase;
let env: NodeJS.ProcessEnv;
let tenants: readonly SeededTenant[];
let dump: string;
let before: { readonly counts: Awaited<ReturnType<typeof countsOf>>; readonly shape: unknown };

beforeAll(async () => {
  [first, second, folder] = await Promise.all([startPostgres(), startPostgres(), suiteFolder()]);
  sandbox = await startSandbox({ stores: STORES, rateLimit: false });
  lost = await first.createDatabase();
  await migratePostgres(lost);
  env = replicaEnv(lost.serviceUrl, sandbox.url);
  const replica = await startReplica(env);
  tenants = await seedTenants(replica, STORES, NOTE);
  await replica.server.close();
  before = { counts: await countsOf(lost.superuserUrl), shape: await shapeOf(lost.superuserUrl) };
});
afterAll(async () => {
  await sandbox?.close();
  await Promise.all([first?.stop(), second?.stop(), folder?.remove()]);
});

describe('a backup', () => {
  const backup = (more: NodeJS.ProcessEnv = {}, ...args: string[]) =>
    runScript('backup', [folder.path, ...args], { MIGRATE_DATABASE_URL: lost.migrateUrl, ...more });

  it('is refused, and leaves nothing, while the policies would hide rows from it', async () => {
    const { code, stderr, stdout } = await backup();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /create role orderdesk_backup nologin bypassrls.*grant orderdesk_backup to "migrator";/,
    );
    expect(await readdir(folder.path)).toEqual([]);
    // Postgres itself refuses it likewise, so that there is no half dump, whoever makes one.
    expect(() => dumpWithoutScript(lost.migrateUrl)).toThrow(/row-level security/);
  });

  it('is made by the role for it: for this user alone, with its sum, and no address among the arguments', async () => {
    await execute(first.superuserUrl, [
      'create role orderdesk_backup nologin bypassrls',
      'grant pg_read_all_data to orderdesk_backup',
      'grant orderdesk_backup to migrator',
    ]);
    const password = 'pass%word:of/tests';
    const address = new URL(lost.migrateUrl);
    address.password = encodeURIComponent(password);
    const file = join(await temporaryFolder(), 'address');
    await writeFile(file, `${address.href}\n`);
    const spies = await spyOn(await temporaryFolder(), ['pg_dump', 'pg_restore', 'psql']);
    const made = await runScript('backup', [folder.path], { MIGRATE_DATABASE_URL_FILE: file }, spies.folder);
    expect(made.code, made.stderr).toBe(0);
    dump = made.stdout.trim();
    expect(await readdir(folder.path)).toEqual([basename(dump), `${basename(dump)}.sha256`]);
    expect([(await stat(dump)).mode & 0o777, (await stat(`${dump}.sha256`)).mode & 0o777]).toEqual([
      0o600, 0o600,
    ]);
    const { given, passwords } = await spies.seen();
    expect(given).toContain('--role=orderdesk_backup');
    expect(given).not.toMatch(/pass%|postgres:|127\.0\.0\.1/);
    expect(new Set(passwords)).toEqual(new Set([password]));
  });

  it('holds no credential and no key in clear, nor the text of a change', async () => {
    const text = textOf(dump).toLowerCase();
    expect(text).toContain('tenant of 801');
    const keys = tenants.flatMap(({ key }) => [key, key.slice(-20)]);
    const secrets = [...keys, ...STORES.map(({ apiKey }) => apiKey), NOTE];
    const rings = [env.MCP_KMS_KEY, env.MCP_KEY_PEPPER].map((ring = '') => ring.slice(3));
    for (const secret of [...secrets, ...rings]) {
      expect(text.includes(secret.toLowerCase())).toBe(false);
      expect(text.includes(Buffer.from(secret).toString('hex'))).toBe(false);
    }
  });

  it('deletes older ones when told to, once it is there, and nothing else', async () => {
    const old = join(folder.path, 'orderdesk-20260101T000000Z.dump');
    const other = join(folder.path, 'of-somebody-else.dump');
    for (const file of [old, `${old}.sha256`, other]) {
      await writeFile(file, 'old');
      await utimes(file, new Date('2026-01-01'), new Date('2026-01-01'));
    }
    const failed = await backup(
      { MIGRATE_DATABASE_URL: 'postgres://migrator@127.0.0.1:9/none' },
      '--keep',
      '7',
    );
    expect(failed.code).toBe(1);
    expect(await readdir(folder.path)).toContain('orderdesk-20260101T000000Z.dump');
    expect((await backup({}, '--keep', '7')).code).toBe(0);
    const left = await readdir(folder.path);
    expect(left.filter((name) => name.includes('20260101'))).toEqual([]);
    expect(left).toContain('of-somebody-else.dump');
    expect(left.filter((name) => name.startsWith('.'))).toEqual([]);
    expect(left).toContain(basename(dump));
  });
});

describe('a restore', () => {
  let found: TestDatabase;
  const restore = (database: TestDatabase, file = dump) =>
    runScript('restore', [file], { MIGRATE_DATABASE_URL: database.migrateUrl });
  const isEmpty = async ({ superuserUrl }: TestDatabase) =>
    (await rowsOf(superuserUrl, `select from pg_tables where schemaname = 'public'`)).length === 0;

  beforeAll(async () => {
    await lost.drop();
    found = await second.createDatabase();
  });

  it('refuses a dump that is cut off, altered or has no sum, and changes nothing', async () => {
    const bytes = await readFile(dump);
    const copy = join(await temporaryFolder(), 'copy.dump');
    await writeFile(copy, bytes.subarray(0, bytes.length - 200));
    expect((await restore(found, copy)).stderr).toMatch(/sha256 is missing/);
    await copyFile(`${dump}.sha256`, `${copy}.sha256`);
    const cut = await restore(found, copy);
    expect(cut).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/not what was dumped: its SHA-256 differs/),
    });
    // Also one whose sum was made when it was cut off already.
    const sum = createHash('sha256')
      .update(await readFile(copy))
      .digest('hex');
    await writeFile(`${copy}.sha256`, `${sum}  copy.dump\n`);
    expect((await restore(found, copy)).code).not.toBe(0);
    expect(await isEmpty(found)).toBe(true);
  });

  it('refuses a name that pg_restore would take for the address of another database', async () => {
    const name = new URL(found.superuserUrl).pathname.slice(1);
    for (const misleading of [`dbname=${name}`, `postgres://127.0.0.1/${name}`]) {
      await execute(second.superuserUrl, [`create database "${misleading}" owner migrator`]);
      const address = new URL(found.migrateUrl);
      address.pathname = `/${encodeURIComponent(misleading)}`;
      const refused = await runScript('restore', [dump], { MIGRATE_DATABASE_URL: address.href });
      expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/in its name/) });
      expect(await isEmpty(found)).toBe(true);
    }
  });

  it('on a server that has never seen the installation brings back every row, right and policy', async () => {
    const done = await restore(found);
    expect(done.code, done.stderr).toBe(0);
    expect(done.stdout).toMatch(/holds schema \d+ of orderdesk-.*Next: orderdesk-mcp migrate/);
    expect(done.stderr).toBe('');
    const analyzed = 'select reltuples from pg_class where oid = $$tenants$$::regclass';
    expect(await rowsOf(found.superuserUrl, analyzed)).toEqual([{ reltuples: 3 }]);
    expect(await countsOf(found.superuserUrl)).toEqual(before.counts);
    expect(before.counts).toMatchObject({
      tenants: 3,
      tenant_data_keys: 3,
      stores: 3,
      api_keys: 3,
      changes: 3,
    });
    expect(before.counts.audit_events).toBeGreaterThanOrEqual(9);
    expect(await shapeOf(found.superuserUrl)).toEqual(before.shape);
    const { problems } = await migratePostgres(found);
    expect(problems).toEqual([]);
  });

  it('into a database that is not empty is refused and changes nothing', async () => {
    const again = await restore(found);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/is not empty: it holds \d+ tables.*nothing was changed/);
    expect(await countsOf(found.superuserUrl)).toEqual(before.counts);
  });

  it('lets the service go on: keys are accepted, credentials open, the ledger can be read', async () => {
    const { url, server } = await startReplica({ ...env, DATABASE_URL: found.serviceUrl });
    try {
      for (const { tenant, storeId, key, orderId } of tenants) {
        const verified = await server.operations.verifyStore.run({ tenant, store: storeId });
        expect(verified).toMatchObject({ orderDeskStoreId: storeId });
        const reply = await callTool(url, key, 'get_order', { order_id: orderId });
        expect(reply.result?.structuredContent).toMatchObject({ order: { id: orderId } });
        const { entries } = await server.operations.listChanges.run({ tenant });
        expect(entries).toHaveLength(1);
        const shown = await server.operations.showChange.run({ tenant, change: entries[0]?.id ?? '' });
        expect(JSON.stringify(shown.lines)).toContain(NOTE);
      }
      const [{ key, orderId } = { key: '', orderId: '' }] = tenants;
      const written = await callTool(url, key, 'add_order_note', { order_id: orderId, note: 'After' });
      expect(written.result?.structuredContent, written.text).toBeDefined();
    } finally {
      await server.close();
    }
  });

  it('keeps the fence between tenants', async () => {
    const [own, other] = await rowsOf(found.superuserUrl, 'select tenant_id from tenants order by name');
    const asOwn = (sql: string) =>
      rowsOf(found.serviceUrl, sql, [
        'set role orderdesk_tenant',
        `select set_config('app.tenant_id', '${own?.tenant_id}', false)`,
      ]);
    for (const table of ['tenants', 'stores', 'api_keys', 'tenant_data_keys', 'changes']) {
      expect(await asOwn(`select distinct tenant_id from ${table}`)).toEqual([own]);
    }
    const moved = asOwn(`update stores set tenant_id = '${other?.tenant_id}'`);
    await expect(moved).rejects.toMatchObject({ code: '42501' });
    await expect(rowsOf(found.serviceUrl, 'select from stores')).rejects.toMatchObject({ code: '42501' });
  });

  it('beside another ring does not start, and names MCP_KMS_KEY', async () => {
    const other = { ...env, DATABASE_URL: found.serviceUrl, MCP_KMS_KEY: makeRingText('k1', randomBytes) };
    await expect(startReplica(other)).rejects.toMatchObject({
      message: expect.stringMatching(/^MCP_KMS_KEY does not open this database: .*3 data keys need it/),
      field: 'MCP_KMS_KEY',
    });
  });
});
