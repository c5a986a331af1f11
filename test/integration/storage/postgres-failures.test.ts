import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Database } from '../../../src/storage/port.js';
import { openPostgres, type PostgresTimeouts } from '../../../src/storage/postgres.js';
import { migratePostgres } from '../../../src/storage/postgres-migrate.js';
import type { TenantId } from '../../../src/tenancy/ids.js';
import { insertTenant } from '../../support/database.js';
import { deferred } from '../../support/deferred.js';
import {
  createMigratedDatabase,
  execute,
  type PostgresServer,
  startPostgres,
  type TestDatabase,
} from '../../support/services/index.js';

const pidRow = z.object({ pid: z.int() });
const unavailable = { code: 'storage_unavailable' };

const pidIn = (db: Database, tenant: TenantId) =>
  db.asTenant(tenant, async (tx) => (await tx.rows(pidRow, 'select pg_backend_pid() as pid'))[0]?.pid);

/** Asks again: a slow moment is as long as the short time-outs here, and a lost connection is noticed a little later. */
const untilAnswered = <T>(question: () => Promise<T>) => vi.waitFor(question, { timeout: 15_000 });

describe('Postgres', () => {
  let made: TestDatabase;
  let db: Database;
  let tenant: TenantId;
  let opened: Database[];
  const open = (options: { timeouts?: Partial<PostgresTimeouts>; poolMax?: number; url?: string } = {}) => {
    const database = openPostgres({ url: made.serviceUrl, ...options });
    opened.push(database);
    return database;
  };

  beforeAll(async () => {
    made = await createMigratedDatabase();
  });
  afterAll(() => made?.drop());
  beforeEach(async () => {
    opened = [];
    db = open({ poolMax: 4 });
    tenant = await insertTenant(db);
  });
  afterEach(async () => {
    await Promise.all(opened.map((database) => database.close()));
  });

  it('runs transactions at the same time, each on a connection and for a tenant of its own', async () => {
    const tenants = await Promise.all([insertTenant(db), insertTenant(db), insertTenant(db)]);
    const inside = deferred<void>();
    let waiting = 0;
    const seen = await Promise.all(
      tenants.map((each) =>
        db.asTenant(each, async (tx) => {
          waiting += 1;
          if (waiting === tenants.length) inside.resolve();
          // None goes on before all are inside.
          await inside.promise;
          return tx.rows(
            z.object({ pid: z.int(), tenant_id: z.string() }),
            'select pg_backend_pid() as pid, tenant_id from tenants',
          );
        }),
      ),
    );
    expect(seen.map(([row]) => row?.tenant_id)).toEqual(tenants);
    expect(new Set(seen.map(([row]) => row?.pid)).size).toBe(3);
  });

  it('survives that a connection is ended in the middle of a transaction', async () => {
    const attempt = db.asTenant(tenant, async (tx) => {
      const [row] = await tx.rows(pidRow, 'select pg_backend_pid() as pid');
      await execute(made.superuserUrl, [`select pg_terminate_backend(${row?.pid})`]);
      await tx.run(`update tenants set name = 'never'`);
    });
    await expect(attempt).rejects.toMatchObject({
      ...unavailable,
      message: expect.not.stringContaining('update'),
    });
    const rows = await db.asTenant(tenant, (tx) =>
      tx.rows(z.object({ name: z.string() }), 'select name from tenants'),
    );
    expect(rows[0]?.name).not.toBe('never');
  });

  it('survives that idle connections are ended, and gives none of them out', async () => {
    const pids = await Promise.all([pidIn(db, tenant), pidIn(db, tenant)]);
    await execute(
      made.superuserUrl,
      pids.map((pid) => `select pg_terminate_backend(${pid})`),
    );
    const pid = await untilAnswered(() => pidIn(db, tenant));
    expect(pid).toEqual(expect.any(Number));
    expect(pids).not.toContain(pid);
  });

  it('ends a statement that takes too long, and keeps the connection', async () => {
    const short = open({ poolMax: 1, timeouts: { statement: 100 } });
    const pid = await untilAnswered(() => pidIn(short, tenant));
    await expect(short.asTenant(tenant, (tx) => tx.run('select pg_sleep(30)'))).rejects.toMatchObject({
      ...unavailable,
      cause: { code: '57014' },
    });
    expect(await untilAnswered(() => pidIn(short, tenant))).toBe(pid);
  });

  it('gives a connection up whose answer does not come', async () => {
    const short = open({ poolMax: 1, timeouts: { query: 100 } });
    const pid = await untilAnswered(() => pidIn(short, tenant));
    await expect(short.asTenant(tenant, (tx) => tx.run('select pg_sleep(1)'))).rejects.toMatchObject(
      unavailable,
    );
    expect(await untilAnswered(() => pidIn(short, tenant))).not.toBe(pid);
  });

  it('waits for a connection no longer than to connect', async () => {
    const narrow = open({ poolMax: 1, timeouts: { connect: 150 } });
    // The one connection is made before it is held.
    await untilAnswered(() => pidIn(narrow, tenant));
    const [held, end] = [deferred<void>(), deferred<void>()];
    const holder = narrow.asTenant(tenant, () => {
      held.resolve();
      return end.promise;
    });
    await held.promise;
    await expect(pidIn(narrow, tenant)).rejects.toMatchObject(unavailable);
    end.resolve();
    await holder;
    expect(await pidIn(narrow, tenant)).toEqual(expect.any(Number));
  });

  it('ends a transaction in which nothing happens', async () => {
    const short = open({ timeouts: { idleTransaction: 100 } });
    const attempt = short.asTenant(tenant, async (tx) => {
      await tx.run(`update tenants set name = 'held'`);
      await setTimeout(400);
      await tx.run('select 1');
    });
    await expect(attempt).rejects.toMatchObject(unavailable);
  });

  it('is unavailable where nobody listens, where the password is wrong and where the database is missing', async () => {
    const elsewhere = new URL(made.serviceUrl);
    elsewhere.port = '1';
    const noRole = made.serviceUrl.replace(/\/\/[^@]+@/, '//nobody_here@');
    const noDatabase = new URL(made.serviceUrl);
    noDatabase.pathname = '/not_there';
    for (const url of [elsewhere.href, noRole, noDatabase.href]) {
      const error = await pidIn(open({ url }), tenant).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        ...unavailable,
        message: 'The database cannot be reached. Try again shortly.',
      });
    }
  });

  it('is not talked to in the clear when the address demands encryption', async () => {
    for (const mode of ['require', 'verify-full']) {
      await expect(pidIn(open({ url: `${made.serviceUrl}?sslmode=${mode}` }), tenant)).rejects.toMatchObject({
        ...unavailable,
        cause: { message: expect.stringContaining('does not support SSL') },
      });
    }
    expect(await pidIn(open({ url: `${made.serviceUrl}?sslmode=disable` }), tenant)).toEqual(
      expect.any(Number),
    );
  });

  it('refuses an address that names a missing certificate', () => {
    expect(() => open({ url: `${made.serviceUrl}?sslmode=verify-full&sslrootcert=/not/there.pem` })).toThrow(
      /address of the database cannot be used/,
    );
  });
});

describe('a Postgres that hangs', () => {
  let server: PostgresServer;
  let made: TestDatabase;
  beforeAll(async () => {
    server = await startPostgres();
    made = await server.createDatabase();
    await migratePostgres(made);
  });
  afterAll(() => server?.stop());

  it('holds nobody longer than the time-outs say, and is used again when it answers', async () => {
    const db = openPostgres({ url: made.serviceUrl, poolMax: 2, timeouts: { connect: 300, query: 500 } });
    const tenant = await untilAnswered(() => insertTenant(db));
    server.pause();
    try {
      const startedAt = performance.now();
      const outcomes = await Promise.all(
        Array.from({ length: 6 }, () => pidIn(db, tenant).catch((thrown: unknown) => thrown)),
      );
      for (const outcome of outcomes) expect(outcome).toMatchObject(unavailable);
      expect(performance.now() - startedAt).toBeLessThan(20_000);
    } finally {
      server.resume();
    }
    expect(await untilAnswered(() => pidIn(db, tenant))).toEqual(expect.any(Number));
    server.pause();
    try {
      const startedAt = performance.now();
      await db.close();
      expect(performance.now() - startedAt).toBeLessThan(20_000);
    } finally {
      server.resume();
    }
  });
});
