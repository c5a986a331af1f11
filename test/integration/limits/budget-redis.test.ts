/** Two replicas and one Redis, which goes away and comes back: nobody gains a burst, and pauses hold. */
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRedisBudget } from '../../../src/limits/budget/redis.js';
import type { Budget, Token } from '../../../src/limits/budget.js';
import { type SharedRedis, shareRedis } from '../../../src/redis/shared-redis.js';
import { beImpatient, bePatient, connectPatiently } from '../../support/patient-redis.js';
import { type RedisServer, startRedis } from '../../support/services/index.js';
import { redisCommand } from '../../support/services/redis.js';

const BUCKET = 'od:20001';
const RETRY_MS = 50;

interface Replica {
  readonly redis: Redis;
  readonly shared: SharedRedis;
  readonly budget: Budget;
}

let server: RedisServer;
let replicas: Replica[];
/** Milliseconds, for all replicas and for Redis; it stands still unless a test moves it. */
let time: number;

async function startReplica(): Promise<Replica> {
  const redis = await connectPatiently(server.url);
  const shared = shareRedis({ redis, retryMs: RETRY_MS });
  const budget = createRedisBudget({
    shared,
    share: 1 / 2,
    now: () => time,
    sharedTime: () => 1_700_000_000_000_000 + time * 1_000,
  });
  const replica = { redis, shared, budget };
  replicas.push(replica);
  return replica;
}

beforeEach(async () => {
  time = 1_000;
  replicas = [];
  server = await startRedis();
});
afterEach(async () => {
  for (const { budget, shared, redis } of replicas) {
    await budget.close();
    shared.close();
    redis.disconnect();
  }
  await server.stop();
});

async function takeAll({ budget }: Replica): Promise<Token[]> {
  const tokens: Token[] = [];
  for (;;) {
    const answer = await budget.reserve(BUCKET, 'interactive');
    if (!answer.granted) return tokens;
    tokens.push(answer.token);
  }
}
const waitOf = async ({ budget }: Replica): Promise<number> => {
  const answer = await budget.reserve(BUCKET, 'interactive');
  return answer.granted ? 0 : answer.waitMs;
};
async function freeze(...all: Replica[]): Promise<void> {
  beImpatient(...all.map(({ redis }) => redis));
  server.pause();
  // Three time-outs, about a bucket that no test looks at.
  for (const { budget } of all) {
    for (let i = 0; i < 3; i += 1) await budget.reserve('od:other', 'interactive');
    expect(budget.mode).toBe('local');
  }
}
async function thaw(...all: Replica[]): Promise<void> {
  server.resume();
  bePatient(...all.map(({ redis }) => redis));
  for (const { budget } of all) {
    await vi.waitFor(() => expect(budget.mode).toBe('shared'), { timeout: 10_000, interval: 10 });
  }
}

describe('two replicas', () => {
  let one: Replica;
  let other: Replica;
  beforeEach(async () => {
    [one, other] = [await startReplica(), await startReplica()];
  });

  it('share one bucket, what is seen of it, and its pauses', async () => {
    await takeAll(one);
    time += 10_000;
    const [token] = await takeAll(one);
    expect(await takeAll(other)).toEqual([]);
    time += 20_000;
    if (token === undefined) throw new Error('no token');
    const fresh = await other.budget.reserve(BUCKET, 'interactive');
    if (!fresh.granted) throw new Error('not full again');
    expect(await one.budget.observe(BUCKET, fresh.token, 14)).toBe(true);
    // Seventeen less three less the head room is twelve, and ten are left to others.
    expect(await takeAll(other)).toHaveLength(2);
    await one.budget.pause(BUCKET, 7_000);
    expect(await waitOf(other)).toBeGreaterThan(7_000);
  });

  it('show what each could send: all of the bucket, or its share while Redis is away', async () => {
    await takeAll(one);
    time += 10_000;
    await takeAll(other);
    time += 1_002;
    const shared = { mode: 'shared', capacity: 18, perSecond: 3, pauseMs: 0 };
    for (const { budget } of [one, other]) {
      const { tokens, ...rest } = await budget.peek(BUCKET);
      expect({ whole: Math.floor(tokens), ...rest }).toEqual({ whole: 3, ...shared });
    }
    await other.budget.pause(BUCKET, 20_000);
    await freeze(one, other);
    const local = { mode: 'local', capacity: 9, perSecond: 1.5 };
    for (let times = 0; times < 2; times += 1) {
      // One last saw five tokens taken long ago; the other was told of the pause.
      expect(await one.budget.peek(BUCKET)).toEqual({ ...local, tokens: 2.5, pauseMs: 0 });
      expect(await other.budget.peek(BUCKET)).toEqual({ ...local, tokens: 0, pauseMs: 20_000 });
    }
    // Looking has not changed what either hands out.
    expect(await takeAll(one)).toHaveLength(2);
    expect((await one.budget.peek(BUCKET)).tokens).toBeCloseTo(0.5, 4);
    expect(await takeAll(other)).toHaveLength(0);
    await thaw(one, other);
    expect(await one.budget.peek(BUCKET)).toMatchObject({ ...shared, tokens: 0, pauseMs: 20_000 });
  });

  it('keep to their shares while Redis is away, and begin low', async () => {
    await takeAll(one);
    time += 60_000;
    expect(await takeAll(one)).toHaveLength(18);
    await freeze(one, other);
    // One knows that nothing is left; the other knows nothing.
    expect(await takeAll(one)).toHaveLength(0);
    expect(await takeAll(other)).toHaveLength(2);
    const grants = [0, 0];
    for (let second = 0; second < 60; second += 1) {
      time += 1_000;
      grants[0] = (grants[0] ?? 0) + (await takeAll(one)).length;
      grants[1] = (grants[1] ?? 0) + (await takeAll(other)).length;
    }
    for (const each of grants) {
      expect(each).toBeGreaterThanOrEqual(88);
      expect(each).toBeLessThanOrEqual(90);
    }
    time += 60_000;
    expect((await takeAll(one)).length + (await takeAll(other)).length).toBe(18);
  });

  it('get no burst when Redis is back: what one knows counts for all', async () => {
    await takeAll(one);
    await freeze(one, other);
    await waitOf(one);
    time += 60_000;
    expect(await takeAll(one)).toHaveLength(9);
    await thaw(one, other);
    // In Redis the bucket would be full.
    expect(await takeAll(one)).toHaveLength(0);
    expect(await takeAll(other)).toHaveLength(0);
    time += 1_001;
    expect(await takeAll(other)).toHaveLength(3);
  });

  it('begin with five at most when Redis is back, however quiet it was meanwhile', async () => {
    await takeAll(one);
    await freeze(one);
    await waitOf(one);
    time += 60_000;
    await thaw(one);
    expect(await takeAll(one)).toHaveLength(5);
    time += 60_000;
    // Told once.
    expect(await takeAll(one)).toHaveLength(18);
  });

  it('go on alone at once when Redis is killed', async () => {
    await takeAll(one);
    time += 10_000;
    await waitOf(one);
    await server.stop();
    await vi.waitFor(() => expect(one.redis.status).not.toBe('ready'), { timeout: 10_000 });
    // Half of five, although seventeen were left.
    expect(await takeAll(one)).toHaveLength(2);
    expect(one.budget.mode).toBe('local');
  });

  it('obey alone a pause that they know, and carry home one that began meanwhile', async () => {
    await one.budget.pause(BUCKET, 30_000);
    expect(await waitOf(other)).toBeGreaterThanOrEqual(30_000);
    await freeze(one, other);
    time += 10_000;
    expect(await waitOf(one)).toBeGreaterThanOrEqual(20_000);
    expect(await waitOf(other)).toBeGreaterThanOrEqual(20_000);
    await one.budget.pause(BUCKET, 60_000);
    await thaw(one, other);
    expect(await waitOf(one)).toBeGreaterThanOrEqual(60_000);
    expect(await waitOf(other)).toBeGreaterThanOrEqual(60_000);
  });

  it('start low with a Redis that has forgotten all, at what Order Desk last said less the head room', async () => {
    time += 10_000;
    const answer = await one.budget.reserve(BUCKET, 'interactive');
    if (!answer.granted) throw new Error('no token');
    await one.budget.observe(BUCKET, answer.token, 4);
    time += 1;
    await redisCommand(server.url, 'FLUSHALL', 'SCRIPT FLUSH');
    expect(await takeAll(one)).toHaveLength(2);
    // A token from before says nothing about the new bucket, and gives it nothing.
    expect(await one.budget.observe(BUCKET, answer.token, 0)).toBe(false);
    await one.budget.giveBack(BUCKET, answer.token);
    expect(await takeAll(other)).toEqual([]);
  });

  it('obey a pause that Redis has forgotten, whichever of them it was told by', async () => {
    await one.budget.pause(BUCKET, 60_000);
    expect(await waitOf(other)).toBeGreaterThanOrEqual(60_000);
    for (const each of [one, other]) {
      time += 10_000;
      await redisCommand(server.url, 'FLUSHALL');
      expect(await takeAll(each)).toEqual([]);
    }
    time += 39_999;
    expect(await takeAll(one)).toEqual([]);
    expect(await takeAll(other)).toEqual([]);
    time += 11 * 334;
    expect(await takeAll(one)).toHaveLength(1);
  });

  it('obey a forgotten pause that began while they asked', async () => {
    await takeAll(one);
    time += 10_000;
    await Promise.all([waitOf(one), one.budget.pause(BUCKET, 60_000)]);
    await redisCommand(server.url, 'FLUSHALL');
    expect(await waitOf(one)).toBeGreaterThanOrEqual(60_000);
    expect(await waitOf(other)).toBeGreaterThanOrEqual(60_000);
  });

  it('carry a forgotten pause into the bucket that one who knew nothing began', async () => {
    await one.budget.pause(BUCKET, 60_000);
    time += 10_000;
    await redisCommand(server.url, 'FLUSHALL');
    expect(await waitOf(other)).toBe(0);
    expect(await waitOf(one)).toBeGreaterThanOrEqual(50_000);
    expect(await waitOf(other)).toBeGreaterThanOrEqual(50_000);
  });

  it('begin a forgotten bucket with no more than was left in it', async () => {
    expect(await takeAll(one)).toHaveLength(5);
    await redisCommand(server.url, 'FLUSHALL');
    expect(await takeAll(one)).toEqual([]);
    time += 1_001;
    await redisCommand(server.url, 'FLUSHALL');
    expect(await takeAll(one)).toHaveLength(3);
  });

  it('lower once a bucket that one who knew less began', async () => {
    const answer = await one.budget.reserve(BUCKET, 'interactive');
    if (!answer.granted) throw new Error('no token');
    await one.budget.observe(BUCKET, answer.token, 2);
    time += 1;
    await redisCommand(server.url, 'FLUSHALL');
    expect(await waitOf(other)).toBe(0);
    expect(await takeAll(one)).toEqual([]);
    expect(await takeAll(other)).toEqual([]);
    time += 60_000;
    expect(await takeAll(one)).toHaveLength(18);
  });

  it('lower nothing by asking about a bucket for the first time', async () => {
    await takeAll(one);
    time += 60_000;
    expect(await takeAll(other)).toHaveLength(18);
  });

  it('are not confused by tokens from the other side of a change', async () => {
    await takeAll(one);
    time += 10_000;
    const [shared] = await takeAll(one);
    await freeze(one);
    time += 10_000;
    const [alone] = await takeAll(one);
    if (shared === undefined || alone === undefined) throw new Error('no token');
    expect(await one.budget.observe(BUCKET, shared, 0)).toBe(false);
    await one.budget.giveBack(BUCKET, shared);
    expect(await takeAll(one)).toEqual([]);
    await thaw(one);
    await takeAll(one);
    time += 10_000;
    expect(await one.budget.observe(BUCKET, alone, 0)).toBe(false);
    expect(await takeAll(one)).toHaveLength(18);
  });

  it('leave nothing in Redis for ever, and nothing but public names', async () => {
    await takeAll(one);
    await one.budget.pause('row:9', 5_000);
    expect((await one.redis.keys('*')).sort()).toEqual(['odm:budget:od:20001', 'odm:budget:row:9']);
    for (const key of await one.redis.keys('*')) {
      expect(await one.redis.pttl(key)).toBeGreaterThan(0);
      expect(await one.redis.get(key)).toMatch(/^[\d ]+$/);
    }
  });

  it('begin anew with a bucket that holds something else', async () => {
    await one.redis.set(`odm:budget:${BUCKET}`, 'made up by somebody else');
    expect(await takeAll(one)).toHaveLength(5);
    expect(one.budget.mode).toBe('shared');
  });
});
