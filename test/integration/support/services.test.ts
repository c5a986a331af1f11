import { existsSync } from 'node:fs';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { databaseForTest, emptyRedis, startPostgres, startRedis } from '../../support/services/index.js';
import { redisCommand } from '../../support/services/redis.js';

const ask = async (url: string, sql: string) => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
};

describe('the services of the tests', () => {
  it('give a database with a service role that owns nothing and an owner that may make roles', async () => {
    const { serviceUrl, migrateUrl } = await databaseForTest();
    const roles = 'select rolsuper, rolcreaterole from pg_roles where rolname = current_user';
    expect(await ask(serviceUrl, roles)).toEqual([{ rolsuper: false, rolcreaterole: false }]);
    expect(await ask(migrateUrl, roles)).toEqual([{ rolsuper: false, rolcreaterole: true }]);
  });

  it('give an empty Redis', async () => {
    const { url } = await emptyRedis();
    expect(url).toMatch(/\/\d+$/);
    const number = new URL(url).pathname.slice(1);
    expect(await redisCommand(url, `SELECT ${number}`, 'DBSIZE')).toBe('+OK\r\n:0\r\n');
  });

  it('end servers that a test started, and remove what they wrote', async () => {
    const [postgres, redis] = [await startPostgres({ release: 'newer' }), await startRedis()];
    expect(await ask(postgres.superuserUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect([postgres.folder, redis.folder].every((folder) => existsSync(folder))).toBe(true);
    await Promise.all([postgres.stop(), redis.stop()]);
    await expect(ask(postgres.superuserUrl, 'select 1')).rejects.toThrow(/ECONNREFUSED/);
    await expect(redisCommand(redis.url, 'PING')).rejects.toThrow(/ECONNREFUSED/);
    expect([postgres.folder, redis.folder].filter((folder) => existsSync(folder))).toEqual([]);
  });
});
