import { describe, expect, it } from 'vitest';
import { failure, load, PRODUCTION, ring, variablesIn } from './load.js';

/** Production on one machine, as the overrides allow it. */
const ALONE = {
  ...PRODUCTION,
  DATABASE_URL: undefined,
  REDIS_URL: undefined,
  ALLOW_EMBEDDED: '1',
  ALLOW_NO_REDIS: '1',
};

describe('production', () => {
  it('starts with everything it demands, and no override in force', () => {
    const config = load(PRODUCTION);
    expect(config.http.host).toBe('0.0.0.0');
    expect(config.upstream.baseUrl).toBe('https://app.orderdesk.me/api/v2');
    expect(config.overrides).toEqual([]);
    expect(config.database).toMatchObject({ kind: 'postgres', migrateUrl: undefined, poolMax: 10 });
    expect(config.redisUrl?.reveal()).toBe(PRODUCTION.REDIS_URL);
  });

  it('starts without Postgres and Redis when that is said by name, and lists the overrides in force', () => {
    const config = load(ALONE);
    expect(config.database).toEqual({ kind: 'embedded' });
    expect(config.overrides.map(({ variable }) => variable)).toEqual(['ALLOW_EMBEDDED', 'ALLOW_NO_REDIS']);
    expect(load({ ...ALONE, ...PRODUCTION }).overrides).toEqual([]);
  });

  it('takes 0 for an override that is not given', () => {
    const error = failure({ ...ALONE, ALLOW_EMBEDDED: '0' });
    expect(variablesIn(error)).toEqual(['DATABASE_URL']);
    expect(error.message).toContain('ALLOW_EMBEDDED=1');
  });

  it('wants to be told whether the way to Postgres is encrypted, unless it ends on this machine', () => {
    const on = (url: string) => ({ ...PRODUCTION, DATABASE_URL: url });
    expect(variablesIn(failure(on('postgres://service@db.example.com/orderdesk')))).toEqual(['DATABASE_URL']);
    for (const url of [
      'postgres://service@db.example.com/orderdesk?sslmode=disable',
      'postgres://service@127.0.0.1/orderdesk',
      'postgres://service@localhost/orderdesk',
    ]) {
      expect(load(on(url)).database).toMatchObject({ kind: 'postgres' });
    }
  });

  it('says when stores may get more requests than Order Desk is known to grant', () => {
    const more = load({ ...PRODUCTION, UPSTREAM_BUDGET_BURST: '21', UPSTREAM_BUDGET_RATE: '3.1' });
    expect(more.overrides.map(({ variable }) => variable)).toEqual([
      'UPSTREAM_BUDGET_BURST',
      'UPSTREAM_BUDGET_RATE',
    ]);
    expect(load({ ...PRODUCTION, UPSTREAM_BUDGET_BURST: '20' }).overrides).toEqual([]);
  });

  it('keeps to a part of the budget without Redis only where there are replicas', () => {
    expect(load(PRODUCTION).upstream.replicas).toBe(3);
    expect(load({ ...PRODUCTION, UPSTREAM_REPLICAS: '5' }).upstream.replicas).toBe(5);
    expect(load({ ...ALONE, UPSTREAM_REPLICAS: '5' }).upstream.replicas).toBe(1);
  });

  it('closes /metrics without a token', () => {
    expect(load(PRODUCTION).metrics).toEqual({ kind: 'closed' });
    expect(load({ ...PRODUCTION, METRICS_TOKEN: 'correct-horse-battery' }).metrics.kind).toBe('token');
  });

  it.each(['PUBLIC_URL', 'MCP_KMS_KEY', 'MCP_KEY_PEPPER', 'DATABASE_URL', 'REDIS_URL'])(
    'refuses to start without %s',
    (name) => {
      expect(variablesIn(failure({ ...PRODUCTION, [name]: undefined }))).toEqual([name]);
    },
  );

  it('sends credentials elsewhere only when the address is said twice', () => {
    const elsewhere = { ...PRODUCTION, ORDERDESK_API_URL: 'https://proxy.example.com/api/v2' };
    expect(variablesIn(failure(elsewhere))).toEqual(['ORDERDESK_API_URL']);
    expect(
      variablesIn(failure({ ...elsewhere, ALLOW_UPSTREAM: 'https://other.example.com/api/v2' })),
    ).toEqual(['ORDERDESK_API_URL']);

    const config = load({ ...elsewhere, ALLOW_UPSTREAM: 'https://proxy.example.com/api/v2/' });
    expect(config.upstream.baseUrl).toBe('https://proxy.example.com/api/v2');
    expect(config.overrides.map(({ variable }) => variable)).toContain('ALLOW_UPSTREAM');
  });

  it('refuses weak hashing and weak or shared key material, with no override', () => {
    const zeros = `k1:${Buffer.alloc(32).toString('base64')}`;
    expect(variablesIn(failure({ ...PRODUCTION, AUTH_BCRYPT_COST: '9' }))).toEqual(['AUTH_BCRYPT_COST']);
    expect(variablesIn(failure({ ...PRODUCTION, MCP_KMS_KEY: zeros }))).toEqual(['MCP_KMS_KEY']);
    expect(variablesIn(failure({ ...PRODUCTION, METRICS_TOKEN: 'x'.repeat(40) }))).toEqual(['METRICS_TOKEN']);
    const shared = ring('p1', 1);
    expect(
      variablesIn(failure({ ...PRODUCTION, MCP_KMS_KEY: ring('k1', 1), MCP_KEY_PEPPER: shared })),
    ).toEqual(['MCP_KEY_PEPPER']);
  });
});

describe('staging', () => {
  it('starts like development, but with metrics closed and hashing at full strength', () => {
    const staging = { NODE_ENV: 'staging' };
    expect(load(staging).metrics).toEqual({ kind: 'closed' });
    expect(load(staging).http.host).toBe('127.0.0.1');
    expect(variablesIn(failure({ ...staging, AUTH_BCRYPT_COST: '9' }))).toEqual(['AUTH_BCRYPT_COST']);
  });
});

describe('development', () => {
  it('closes /metrics when it listens beyond this machine', () => {
    expect(load({ MCP_HOST: '0.0.0.0' }).metrics).toEqual({ kind: 'closed' });
    expect(load({ MCP_HOST: '::1' }).metrics).toEqual({ kind: 'open' });
  });
});
