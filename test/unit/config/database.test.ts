import { describe, expect, it } from 'vitest';
import { failure, load, ring, variablesIn } from './load.js';

const RINGS = { MCP_KMS_KEY: ring('k1', 1), MCP_KEY_PEPPER: ring('p1', 2) };
const URL = 'postgres://service:hunter2@localhost:5432/orderdesk';
const POSTGRES = { ...RINGS, DATABASE_URL: URL };

describe('the database', () => {
  it('is embedded unless a Postgres is named', () => {
    expect(load({}).database).toEqual({ kind: 'embedded' });
    expect(load({ ...POSTGRES, DATABASE_POOL_MAX: '20' }).database).toMatchObject({
      kind: 'postgres',
      poolMax: 20,
    });
  });

  it('is named by secrets, which can lie in files and are shown nowhere', () => {
    const files = { '/run/db': `${URL}\n`, '/run/owner': 'postgres://owner:letmein@localhost/orderdesk\n' };
    const config = load(
      { ...RINGS, DATABASE_URL_FILE: '/run/db', MIGRATE_DATABASE_URL_FILE: '/run/owner' },
      files,
    );
    if (config.database.kind !== 'postgres') throw new Error('expected Postgres');
    expect(config.database.url.reveal()).toBe(URL);
    expect(config.database.migrateUrl?.reveal()).toContain('owner');
    expect(JSON.stringify(config)).not.toMatch(/hunter2|letmein/);
  });

  it.each([
    'mysql://service@localhost/orderdesk',
    'postgres://localhost/orderdesk',
    'postgres://service@localhost',
    'postgres://service@localhost/',
    'postgres://service@localhost/orderdesk?sslmode=prefer',
    'postgres://service@localhost/orderdesk?sslmode=no-verify',
    'service@localhost/orderdesk',
  ])('is not named by %s', (text) => {
    expect(variablesIn(failure({ ...RINGS, DATABASE_URL: text }))).toEqual(['DATABASE_URL']);
  });

  it('needs the key rings to be given when replicas share it', () => {
    expect(variablesIn(failure({ DATABASE_URL: URL }))).toEqual(['MCP_KMS_KEY', 'MCP_KEY_PEPPER']);
  });

  it('is migrated by another role than the one that serves, and not alone', () => {
    const same = { ...POSTGRES, MIGRATE_DATABASE_URL: URL };
    expect(variablesIn(failure(same))).toEqual(['MIGRATE_DATABASE_URL']);
    const alone = { MIGRATE_DATABASE_URL: 'postgres://owner@localhost/orderdesk' };
    expect(variablesIn(failure(alone))).toEqual(['MIGRATE_DATABASE_URL']);
    expect(load({ ...POSTGRES, ...alone }).database).toMatchObject({ kind: 'postgres' });
  });

  it('repeats no password in what it says is wrong', () => {
    const wrong = failure({
      DATABASE_URL: 'postgres://service:hunter2@localhost',
      REDIS_URL: 'http://:hunter2@x',
    });
    expect(variablesIn(wrong).sort()).toEqual(['DATABASE_URL', 'REDIS_URL']);
    expect(wrong.message).not.toContain('hunter2');
  });
});

describe('Redis', () => {
  it('is named by a secret', () => {
    expect(load({}).redisUrl).toBeUndefined();
    const config = load({ REDIS_URL: 'rediss://:hunter2@redis.example.com' });
    expect(config.redisUrl?.reveal()).toContain('hunter2');
    expect(JSON.stringify(config)).not.toContain('hunter2');
  });
});
