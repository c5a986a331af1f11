/**
 * Real Postgres and Redis for tests. One of each runs for a whole run of vitest (`global-setup.ts`); a test file takes
 * a database of its own. A test that freezes or kills a server starts its own with `startPostgres` or `startRedis`.
 */
import { inject, onTestFinished } from 'vitest';
import { migratePostgres } from '../../../src/storage/postgres-migrate.js';
import { clusterAt, type TestDatabase } from './postgres.js';
import './provided.js';
import { redisCommand } from './redis.js';

export { execute, type PostgresServer, startPostgres, type TestDatabase } from './postgres.js';
export { type RedisServer, startRedis } from './redis.js';

/** A new empty database on the shared Postgres. Call `drop` at the end. */
export const createTestDatabase = (): Promise<TestDatabase> =>
  clusterAt(inject('postgresUrl')).createDatabase();

/** The same, migrated by this release. */
export async function createMigratedDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await migratePostgres(database);
  return database;
}

/** A new empty one, dropped when the test has finished. */
export async function databaseForTest(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  return database;
}

/** The address of a database of the shared Redis that no other test file uses at the same time, emptied. */
export async function emptyRedis(): Promise<{ readonly url: string }> {
  const number = Number(process.env.VITEST_POOL_ID ?? '0') % 16;
  const url = inject('redisUrl');
  await redisCommand(url, `SELECT ${number}`, 'FLUSHDB');
  return { url: `${url.replace(/\/+$/, '')}/${number}` };
}
