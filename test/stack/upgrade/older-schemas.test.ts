/**
 * Upgrades with data in the tables: rows as each older schema held them are migrated to the newest, and the service
 * goes on with them. What this release accepts of a schema ahead of it is in `test/integration/storage/migrate.test.ts`.
 */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.js';
import { type Migration, readMigrations } from '../../../src/storage/migration-files.js';
import { migratePostgres } from '../../../src/storage/postgres-migrate.js';
import { callTool } from '../../support/call-tool.js';
import { replicaEnv } from '../../support/replica-env.js';
import {
  madeUpStores,
  type SeededTenant,
  seedTenants,
  startReplica,
} from '../../support/seeded-installation.js';
import {
  createMigratedDatabase,
  createTestDatabase,
  type TestDatabase,
} from '../../support/services/index.js';

const migrations = await readMigrations();
const OLDER = migrations.slice(0, -1).map(({ version }) => version);
const STORES = madeUpStores(2);

let sandbox: Sandbox;
let source: TestDatabase;
let env: NodeJS.ProcessEnv;
let tenants: readonly SeededTenant[];
beforeAll(async () => {
  sandbox = await startSandbox({ stores: STORES, rateLimit: false });
  source = await createMigratedDatabase();
  env = replicaEnv(source.serviceUrl, sandbox.url);
  const replica = await startReplica(env);
  tenants = await seedTenants(replica, STORES, 'Written before the upgrade');
  await replica.server.close();
});
afterAll(async () => {
  await sandbox?.close();
  await source?.drop();
});

describe.each(OLDER)('an installation at schema %i', (version) => {
  let made: TestDatabase;
  beforeAll(async () => {
    made = await createTestDatabase();
  });
  afterAll(() => made?.drop());

  it('keeps every row on its way to the newest schema, and the service goes on with them', async () => {
    await migrateTo(made, migrations.slice(0, version));
    const tables = await fill(made, source);
    expect(tables).toEqual(expect.arrayContaining(['tenants', 'tenant_data_keys', 'api_keys', 'stores']));
    const before = await rowsByTable(made, tables);
    await migrateTo(made, migrations);
    const after = await rowsByTable(made, tables);
    for (const table of tables) {
      const [was = [], is = []] = [before[table], after[table]];
      expect(was.length, table).toBeGreaterThan(0);
      expect(is, table).toHaveLength(was.length);
      expect(is, table).toEqual(expect.arrayContaining(was.map((row) => expect.objectContaining(row))));
    }

    const { url, server } = await startReplica({ ...env, DATABASE_URL: made.serviceUrl });
    try {
      for (const { tenant, storeId, key, orderId } of tenants) {
        await server.operations.verifyStore.run({ tenant, store: storeId });
        const written = await callTool(url, key, 'add_order_note', {
          order_id: orderId,
          note: `At ${version}`,
        });
        expect(written.result?.structuredContent, written.text).toBeDefined();
      }
    } finally {
      await server.close();
    }
  });
});

async function migrateTo(database: TestDatabase, wanted: readonly Migration[]): Promise<void> {
  const { schema, problems } = await migratePostgres({ ...database, migrations: wanted });
  expect(schema).toBe(wanted.length);
  // An older schema has not all the roles yet.
  if (wanted.length === migrations.length) expect(problems).toEqual([]);
}

async function using<T>({ superuserUrl }: TestDatabase, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

type Rows = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

const rowsByTable = (database: TestDatabase, tables: readonly string[]): Promise<Rows> =>
  using(database, async (client) => {
    const found: Record<string, Readonly<Record<string, unknown>>[]> = {};
    for (const table of tables) {
      const { rows } = await client.query(`select to_jsonb(t) as row from ${table} t`);
      found[table] = rows.map(({ row }) => row);
    }
    return found;
  });

/**
 * Fills the tables of `target` with those columns of the rows of `from` that they have.
 * @returns the tables that have rows now
 */
const fill = (target: TestDatabase, from: TestDatabase): Promise<readonly string[]> =>
  using(target, async (client) => {
    const { rows } = await client.query(
      `select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'schema_migrations'`,
    );
    const given = await rowsByTable(
      from,
      rows.map(({ name }) => name),
    );
    // In any order of the tables: what they refer to is all there at the end.
    await client.query('set session_replication_role = replica');
    for (const [table, content] of Object.entries(given)) {
      await client.query(
        `insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
        [JSON.stringify(content)],
      );
    }
    return Object.keys(given).filter((table) => (given[table]?.length ?? 0) > 0);
  });
