/** A connection to Redis that dies without a word, as when its host loses power, is replaced by one that works. */
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectRedis } from '../../../src/redis/connection.js';
import { type OwnSharedRedis, shareRedis } from '../../../src/redis/shared-redis.js';
import { type RedisServer, startRedis } from '../../support/services/index.js';
import { redisCommand } from '../../support/services/redis.js';
import { type SilentLine, startSilentLine } from '../../support/silent-line.js';

describe('a connection to Redis', () => {
  let server: RedisServer;
  let line: SilentLine;
  let redis: Redis;
  let shared: OwnSharedRedis;
  beforeEach(async () => {
    server = await startRedis();
    line = await startSilentLine(Number(new URL(server.url).port));
    redis = await connectRedis(`redis://127.0.0.1:${line.port}`, { onError: () => {} });
    shared = shareRedis({ redis });
    await shared.start();
  });
  afterEach(async () => {
    shared.close();
    redis.disconnect();
    await line.close();
    await server.stop();
  });

  const count = () => shared.ask((client) => client.incr('odm:limit:counted'));
  const until = (state: string) =>
    vi.waitFor(() => expect(shared.state).toBe(state), { timeout: 20_000, interval: 10 });

  it('that goes silent for good is replaced within seconds, and nothing is sent twice', async () => {
    await until('there');
    line.goSilent();
    const before = line.made();
    const failed = await Promise.allSettled([count(), count(), count()]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    // What a single stall ends counts once: so one after another, until it is away.
    while (shared.state === 'there') await expect(count()).rejects.toThrow();

    await until('there');
    expect(line.made()).toBeGreaterThan(before);
    expect(await redisCommand(server.url, 'EXISTS odm:limit:counted')).toBe(':0\r\n');
    await vi.waitFor(async () => expect(await count()).toBeGreaterThan(0), { timeout: 20_000 });
  });

  it('is kept for as long as it owes no answer', async () => {
    await until('there');
    const before = line.made();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      expect(await count()).toBe(1);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(await count()).toBe(2);
    } finally {
      vi.useRealTimers();
    }
    expect(line.made()).toBe(before);
  });
});
