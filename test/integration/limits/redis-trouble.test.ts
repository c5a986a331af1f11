/** Redis goes away in the middle: limits go on by themselves, say so, and nobody gains a burst on either change. */
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Allowance, Limiter, LimiterMode } from '../../../src/limits/port.js';
import { createRedisLimiter } from '../../../src/limits/redis.js';
import { connectRedis } from '../../../src/redis/connection.js';
import { type OwnSharedRedis, shareRedis } from '../../../src/redis/shared-redis.js';
import { beImpatient, bePatient, connectPatiently } from '../../support/patient-redis.js';
import { type RedisServer, startRedis } from '../../support/services/index.js';
import { redisCommand } from '../../support/services/redis.js';

/** Next to nothing comes back while a test runs. */
const SLOW: Allowance = { burst: 10, perSecond: 0.01 };
const RETRY_MS = 50;

function limiterOn(redis: Redis, onMode: (mode: LimiterMode) => void = () => {}): Limiter {
  const shared = shareRedis({ redis, retryMs: RETRY_MS });
  shared.onChange((state) => onMode(state === 'away' ? 'local' : 'shared'));
  const limiter = createRedisLimiter({ shared });
  return {
    get mode() {
      return limiter.mode;
    },
    take: limiter.take,
    close: async () => {
      await limiter.close();
      shared.close();
    },
  };
}

describe('a shared limiter', () => {
  let server: RedisServer;
  let redis: Redis;
  let limiter: Limiter;
  let modes: LimiterMode[];

  beforeEach(async () => {
    server = await startRedis();
    redis = await connectPatiently(server.url);
    modes = [];
    limiter = limiterOn(redis, (mode) => modes.push(mode));
  });
  afterEach(async () => {
    await limiter.close();
    redis.disconnect();
    await server.stop();
  });

  const takeAll = async (key: string, times: number) => {
    let allowed = 0;
    for (let i = 0; i < times; i += 1) if ((await limiter.take(key, SLOW)).allowed) allowed += 1;
    return allowed;
  };
  const pause = () => {
    beImpatient(redis);
    server.pause();
  };
  const resume = () => {
    server.resume();
    bePatient(redis);
  };
  const untilMode = (mode: LimiterMode) =>
    vi.waitFor(() => expect(limiter.mode).toBe(mode), { timeout: 10_000, interval: 10 });

  it('goes on alone after three time-outs, and is shared again when Redis answers', async () => {
    expect(await takeAll('key:a', 4)).toBe(4);
    pause();
    expect(await takeAll('key:a', 3)).toBe(3);
    expect(limiter.mode).toBe('local');
    // Four of ten were taken while it was shared, three since.
    expect(await takeAll('key:a', 20)).toBe(3);
    resume();
    await untilMode('shared');
    expect(await takeAll('key:a', 20)).toBe(0);
    expect(modes).toEqual(['local', 'shared']);
  });

  it('tells Redis what it let through alone, so that other replicas count it too', async () => {
    const other = limiterOn(redis);
    pause();
    for (let i = 0; i < 3; i += 1) await limiter.take('key:other', SLOW);
    expect(await takeAll('key:a', 7)).toBe(7);
    resume();
    await untilMode('shared');
    await limiter.take('key:a', SLOW);
    expect(await other.take('key:a', SLOW)).toMatchObject({ allowed: true, remaining: 1 });
    await other.close();
  });

  it('makes no caller wait while it is away', async () => {
    pause();
    for (let i = 0; i < 3; i += 1) await limiter.take('key:a', SLOW);
    expect(limiter.mode).toBe('local');
    const startedAt = performance.now();
    for (let i = 0; i < 1_000; i += 1) await limiter.take(`key:${i}`, SLOW);
    // A thousand waits of a tenth of a second each would take 100 s.
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('goes on alone at once when the connection is lost', async () => {
    expect(await takeAll('key:a', 4)).toBe(4);
    await server.stop();
    await vi.waitFor(() => expect(redis.status).not.toBe('ready'), { timeout: 10_000 });
    expect(await takeAll('key:a', 20)).toBe(6);
    expect(modes).toEqual(['local']);
  });

  it('carries the script again when Redis has forgotten it', async () => {
    expect(await takeAll('key:a', 4)).toBe(4);
    await redisCommand(server.url, 'SCRIPT FLUSH');
    expect(await takeAll('key:a', 20)).toBe(6);
    expect(modes).toEqual([]);
  });

  it('leaves nothing in Redis for ever, and nothing but public names', async () => {
    await takeAll('key:kid0000001', 3);
    expect(await redis.keys('*')).toEqual(['odm:limit:key:kid0000001']);
    expect(await redis.pttl('odm:limit:key:kid0000001')).toBeGreaterThan(0);
  });

  it('starts while Redis hangs, alone, and joins the others when it answers', async () => {
    server.pause();
    const startedAt = performance.now();
    const late = await connectRedis(server.url, { onError: () => {} });
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    const own = limiterOn(late);
    for (let i = 0; i < 3; i += 1) expect(await own.take('key:a', SLOW)).toMatchObject({ allowed: true });
    expect(own.mode).toBe('local');
    server.resume();
    bePatient(late);
    await vi.waitFor(() => expect(own.mode).toBe('shared'), { timeout: 10_000, interval: 10 });
    expect(await own.take('key:a', SLOW)).toMatchObject({ allowed: true, remaining: 6 });
    await own.close();
    late.disconnect();
  });

  it('starts without Redis, alone', async () => {
    await server.stop();
    const lonely = await connectRedis(server.url, { onError: () => {} });
    const own = limiterOn(lonely);
    expect(await own.take('key:a', SLOW)).toMatchObject({ allowed: true, remaining: 9 });
    expect(own.mode).toBe('local');
    await own.close();
    lonely.disconnect();
  });
});

/** What a process says of Redis, whether or not anybody asks. */
describe('a process that shares a Redis', () => {
  let server: RedisServer;
  let redis: Redis;
  let shared: OwnSharedRedis;
  let states: string[];

  beforeEach(async () => {
    server = await startRedis();
    redis = await connectPatiently(server.url);
    states = [];
    shared = shareRedis({ redis, retryMs: RETRY_MS });
    shared.onChange((state) => states.push(state));
  });
  afterEach(async () => {
    shared.close();
    redis.disconnect();
    await server.stop();
  });

  const until = (state: string) =>
    vi.waitFor(() => expect(shared.state).toBe(state), { timeout: 10_000, interval: 10 });
  const write = () =>
    shared.ask((client) => client.set('odm:limit:a', '1', 'PX', 60_000)).catch(() => undefined);
  /** Calls go on while Redis is asked three times whether it is back. */
  async function stayAway() {
    const sent = vi.spyOn(redis, 'evalsha');
    await vi.waitFor(
      async () => {
        await write();
        expect(sent.mock.calls.length).toBeGreaterThanOrEqual(3);
      },
      { timeout: 10_000, interval: 5 },
    );
    sent.mockRestore();
    expect(states).toEqual(['away']);
  }

  it('finds it there at the start, and leaves nothing in it', async () => {
    await shared.start();
    expect(shared.state).toBe('there');
    await vi.waitFor(async () => expect(await redis.keys('*')).toEqual([]), { timeout: 10_000 });
  });

  it('knows at the start that it hangs', async () => {
    beImpatient(redis);
    server.pause();
    await shared.start();
    expect(states).toEqual(['away']);
    server.resume();
    bePatient(redis);
    await until('there');
  });

  it('knows that it died although nobody asked, and that another came in its place', async () => {
    await server.stop();
    await until('away');
    server = await server.startAgain();
    await until('there');
    expect(states).toEqual(['away', 'there']);
  });

  it('does not take its own end for trouble', async () => {
    shared.close();
    const closed = new Promise((resolve) => redis.once('close', resolve));
    redis.disconnect();
    await closed;
    expect(states).toEqual([]);
  });

  it('goes on alone as long as it is full', async () => {
    await redisCommand(server.url, 'CONFIG SET maxmemory 1');
    await write();
    await stayAway();
    await redisCommand(server.url, 'CONFIG SET maxmemory 0');
    await until('there');
    expect(await write()).toBe('OK');
    expect(states).toEqual(['away', 'there']);
  });

  it('goes on alone as long as it permits no writes', async () => {
    await redisCommand(server.url, 'ACL SETUSER default -@write');
    await write();
    await stayAway();
    await redisCommand(server.url, 'ACL SETUSER default +@all');
    await until('there');
    expect(states).toEqual(['away', 'there']);
  });

  it('leaves the connection to a Redis that is a replica now', async () => {
    const before = await redis.client('ID');
    await redisCommand(server.url, 'REPLICAOF 127.0.0.1 1');
    await write();
    await stayAway();
    await redisCommand(server.url, 'REPLICAOF NO ONE');
    await until('there');
    expect(await redis.client('ID')).not.toBe(before);
    expect(states).toEqual(['away', 'there']);
  });
});
