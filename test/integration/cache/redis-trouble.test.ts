/** What the shared cache does with what others put into Redis, and without Redis. */
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Cache } from '../../../src/cache/port.js';
import { createRedisCache } from '../../../src/cache/redis.js';
import { type SharedRedis, shareRedis } from '../../../src/redis/shared-redis.js';
import { beImpatient, bePatient, connectPatiently } from '../../support/patient-redis.js';
import { emptyRedis, type RedisServer, startRedis } from '../../support/services/index.js';
import { redisCommand } from '../../support/services/redis.js';

const RETRY_MS = 20;
const SCOPES = ['row:a:order:5', 'od:11:order:5'];

interface Replica {
  readonly redis: Redis;
  readonly shared: SharedRedis;
  readonly cache: Cache;
  end(): Promise<void>;
}

async function replicaOn(url: string): Promise<Replica> {
  const redis = await connectPatiently(url);
  const shared = shareRedis({ redis, retryMs: RETRY_MS });
  const cache = createRedisCache({ shared });
  return {
    redis,
    shared,
    cache,
    async end() {
      await cache.close();
      shared.close();
      redis.disconnect();
    },
  };
}

async function keep(cache: Cache, value: string, key = 'key') {
  const { ticket } = await cache.lookup(key, SCOPES);
  return cache.store(key, SCOPES, ticket ?? 'none', Buffer.from(value), 60_000);
}
const find = async (cache: Cache, key = 'key') => (await cache.lookup(key, SCOPES)).value?.toString();

describe('the cache in Redis', () => {
  let replica: Replica;
  let cache: Cache;
  let redis: Redis;

  beforeEach(async () => {
    replica = await replicaOn((await emptyRedis()).url);
    ({ cache, redis } = replica);
  });
  afterEach(() => replica.end());

  const ENTRY = 'odm:cache:key';

  it('keeps entries and generations under names of its own, none of them for ever', async () => {
    expect(await keep(cache, 'x')).toBe('set');
    expect((await redis.keys('*')).sort()).toEqual([
      'odm:cache:key',
      'odm:gen:everything',
      'odm:gen:od:11:order:5',
      'odm:gen:row:a:order:5',
    ]);
    for (const key of await redis.keys('odm:gen:*')) {
      expect(await redis.pttl(key)).toBeGreaterThan(await redis.pttl(ENTRY));
    }
    expect(await redis.pttl(ENTRY)).toBeGreaterThan(0);
    expect(await redis.pttl(ENTRY)).toBeLessThanOrEqual(60_000);
    expect(cache.items).toBe(0);
  });

  it('takes nothing for an entry that it did not store under the present generations', async () => {
    await keep(cache, 'x');
    const good = await redis.getBuffer(ENTRY);
    if (good === null) throw new Error('nothing was stored');
    const foreign: [string, () => Promise<unknown>][] = [
      ['somebody else’s string', () => redis.set(ENTRY, 'hello')],
      ['an empty string', () => redis.set(ENTRY, '')],
      ['a part of it', () => redis.set(ENTRY, good.subarray(0, 40))],
      ['other generations', () => redis.set(ENTRY, Buffer.from(good).fill('A', 0, 66))],
      ['a list', () => redis.del(ENTRY).then(() => redis.rpush(ENTRY, 'a'))],
      ['a hash', () => redis.del(ENTRY).then(() => redis.hset(ENTRY, 'a', 'b'))],
      ['a set', () => redis.del(ENTRY).then(() => redis.sadd(ENTRY, 'a'))],
    ];
    for (const [what, put] of foreign) {
      await put();
      expect(await find(cache), what).toBeUndefined();
      expect(await keep(cache, 'again'), what).toBe('set');
      expect(await find(cache), what).toBe('again');
    }
    expect(replica.shared.state).toBe('there');
  });

  it('goes on when somebody else uses the key of a generation, at the cost of a miss', async () => {
    for (const put of [
      () => redis.set('odm:gen:row:a:order:5', 'hello'),
      () => redis.hset('odm:gen:row:a:order:5', 'a', 'b'),
    ]) {
      await keep(cache, 'x');
      const { ticket } = await cache.lookup('key', SCOPES);
      await redis.del('odm:gen:row:a:order:5');
      await put();
      expect(await cache.store('key', SCOPES, ticket ?? '', Buffer.from('y'), 1_000)).toBe(
        'stale_generation',
      );
      expect(await find(cache)).toBeUndefined();
      expect(await keep(cache, 'new')).toBe('set');
      expect(await find(cache)).toBe('new');
      await cache.raise(SCOPES);
      expect(await find(cache)).toBeUndefined();
    }
    expect(replica.shared.state).toBe('there');
  });

  it('stores up to a mebibyte and no more', async () => {
    expect(await keep(cache, 'x'.repeat(1024 * 1024))).toBe('set');
    expect((await find(cache))?.length).toBe(1024 * 1024);
    expect(await keep(cache, 'x'.repeat(1024 * 1024 + 1), 'larger')).toBe('too_large');
    expect(await redis.exists('odm:cache:larger')).toBe(0);
  });

  it('sends one command for a look-up, a store and a raise each', async () => {
    await keep(cache, 'x');
    await cache.raise(SCOPES);
    const sent = vi.spyOn(redis, 'sendCommand');
    const { ticket } = await cache.lookup('key', SCOPES);
    expect(sent).toHaveBeenCalledTimes(1);
    await cache.store('key', SCOPES, ticket ?? '', Buffer.from('x'), 1_000);
    expect(sent).toHaveBeenCalledTimes(2);
    await cache.raise(SCOPES);
    expect(sent).toHaveBeenCalledTimes(3);
  });

  it('shows every replica at once what another has raised', async () => {
    const other = await replicaOn(connectionUrl(redis));
    await keep(cache, 'old');
    expect(await find(other.cache)).toBe('old');
    const { ticket } = await other.cache.lookup('key', SCOPES);
    await cache.raise(SCOPES);
    expect(await find(other.cache)).toBeUndefined();
    expect(await other.cache.store('key', SCOPES, ticket ?? '', Buffer.from('old'), 1_000)).toBe(
      'stale_generation',
    );
    await other.end();
  });
});

const connectionUrl = (redis: Redis): string =>
  `redis://${redis.options.host}:${redis.options.port}/${redis.options.db}`;

describe('the cache without Redis', () => {
  let server: RedisServer;
  let here: Replica;
  let there: Replica;

  beforeEach(async () => {
    server = await startRedis();
    here = await replicaOn(server.url);
    there = await replicaOn(server.url);
  });
  afterEach(async () => {
    await here.end();
    await there.end();
    await server.stop();
  });

  const untilState = (replica: Replica, state: string) =>
    vi.waitFor(() => expect(replica.shared.state).toBe(state), { timeout: 10_000, interval: 5 });

  /** Three time-outs in a row. */
  async function freeze(...replicas: readonly Replica[]) {
    beImpatient(...replicas.map(({ redis }) => redis));
    server.pause();
    for (const { cache } of replicas) {
      for (let i = 0; i < 3; i += 1) await cache.lookup('key', SCOPES);
    }
    for (const replica of replicas) expect(replica.shared.state).toBe('away');
  }
  function thaw() {
    server.resume();
    bePatient(here.redis, there.redis);
  }

  it('finds and stores nothing and fails nobody, without delay once it is known to be away', async () => {
    await keep(here.cache, 'x');
    const { ticket } = await here.cache.lookup('key', SCOPES);
    await freeze(here);
    const startedAt = performance.now();
    for (let i = 0; i < 200; i += 1) {
      expect(await here.cache.lookup('key', SCOPES)).toEqual({ value: undefined, ticket: undefined });
      expect(await here.cache.store('key', SCOPES, ticket ?? '', Buffer.from('y'), 1_000)).toBe(
        'unavailable',
      );
    }
    // 400 waits of a tenth of a second each would take 40 s.
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    thaw();
    await untilState(here, 'there');
    expect(await find(here.cache)).toBe('x');
  });

  it('carries out what was raised in the meantime before it finds anything again', async () => {
    await keep(here.cache, 'old');
    await freeze(here, there);
    await here.cache.raise(SCOPES);
    thaw();
    await untilState(here, 'there');
    expect(await find(here.cache)).toBeUndefined();
    await untilState(there, 'there');
    expect(await find(there.cache)).toBeUndefined();
  });

  it('carries it out by itself as well, for the other replicas', async () => {
    await keep(here.cache, 'old');
    await freeze(here);
    await here.cache.raise(SCOPES);
    thaw();
    await untilState(here, 'there');
    await vi.waitFor(async () => expect(await find(there.cache)).toBeUndefined(), {
      timeout: 10_000,
      interval: 5,
    });
  });

  it('raises everything when more is owed than it remembers', async () => {
    await keep(here.cache, 'old');
    await freeze(here);
    for (let i = 0; i <= 1_000; i += 1) await here.cache.raise([`row:a:order:${1_000 + i}`]);
    thaw();
    await untilState(here, 'there');
    expect(await find(here.cache)).toBeUndefined();
    expect(await keep(here.cache, 'new')).toBe('set');
    expect(await find(here.cache)).toBe('new');
  });

  it('does not store what was read before a raise that came late', async () => {
    const { ticket } = await here.cache.lookup('key', SCOPES);
    await freeze(here);
    await here.cache.raise(SCOPES);
    thaw();
    await untilState(here, 'there');
    expect(await here.cache.store('key', SCOPES, ticket ?? '', Buffer.from('old'), 1_000)).toBe(
      'stale_generation',
    );
  });

  it('raises and answers in a Redis that is full, and stores nothing there', async () => {
    await keep(here.cache, 'old');
    await redisCommand(server.url, 'CONFIG SET maxmemory 1');
    const { ticket } = await here.cache.lookup('key', SCOPES);
    expect(await here.cache.store('key', SCOPES, ticket ?? '', Buffer.from('x'), 1_000)).toBe('unavailable');
    await here.cache.raise(SCOPES);
    expect(await here.cache.lookup('key', SCOPES)).toEqual({ value: undefined, ticket: undefined });
    // By the cache alone: limits and budgets need writes, and make it count as away.
    expect(here.shared.state).toBe('there');
    await redisCommand(server.url, 'CONFIG SET maxmemory 0');
    expect(await find(here.cache)).toBeUndefined();
    expect(await keep(here.cache, 'new')).toBe('set');
  });

  it('carries out what was raised while a full Redis counted as away for others’ sake', async () => {
    await keep(here.cache, 'old');
    await redisCommand(server.url, 'CONFIG SET maxmemory 1');
    await here.shared.ask((redis) => redis.set('odm:limit:a', '1', 'PX', 1)).catch(() => undefined);
    expect(here.shared.state).toBe('away');
    await here.cache.raise(SCOPES);
    await redisCommand(server.url, 'CONFIG SET maxmemory 0');
    await untilState(here, 'there');
    expect(await find(here.cache)).toBeUndefined();
  });

  it('carries the scripts again when Redis has forgotten them', async () => {
    await keep(here.cache, 'x');
    await redisCommand(server.url, 'SCRIPT FLUSH');
    expect(await find(here.cache)).toBe('x');
    await redisCommand(server.url, 'SCRIPT FLUSH');
    expect(await keep(here.cache, 'y')).toBe('set');
  });

  it('starts again empty when Redis does', async () => {
    await keep(here.cache, 'x');
    const { ticket } = await here.cache.lookup('key', SCOPES);
    await redisCommand(server.url, 'FLUSHALL');
    expect(await here.cache.store('key', SCOPES, ticket ?? '', Buffer.from('x'), 1_000)).toBe(
      'stale_generation',
    );
    expect(await find(here.cache)).toBeUndefined();
  });
});
