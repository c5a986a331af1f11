/**
 * Redis is lost in the middle of a run, killed or frozen, and comes back. Three replicas go on, each with its part of
 * every store's budget: no call is lost that the budget has room for, and Order Desk never answers 429.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Arrival, type Load, type LoadCall, overload, steadyLoad } from '../support/budget-load.js';
import { type Fleet, startFleet } from '../support/fleet.js';
import { type RedisServer, startRedis } from '../support/services/index.js';

const HALF = { id: '20001', apiKey: 'sandbox-key-for-store-20001', name: 'Half load (sandbox)' };
const FULL = { id: '20002', apiKey: 'sandbox-key-for-store-20002', name: 'Full load (sandbox)' };

/** What Order Desk grants each store. */
const REFILL_PER_SECOND = 3;
/** Requests above that rate that are no burst yet: latency pushes some together, and a quiet bucket holds some. */
const BURST = 7;
/** More agents at a time than can be served within the deadline, so that some are refused in every phase. */
const AGENTS_AT_FULL_LOAD = 24;

const RECOVERED_WITHIN_MS = 5_000;
/** Each replica finds out by calls of its own, which come when the budget has room for them. */
const NOTICED_WITHIN_MS = 20_000;

interface Loss {
  readonly how: string;
  lose(redis: RedisServer): Promise<void> | void;
  /** @returns the one that runs now */
  bringBack(redis: RedisServer): Promise<RedisServer>;
}

const LOSSES: readonly Loss[] = [
  {
    how: 'killed',
    lose: (redis) => redis.stop(),
    bringBack: (redis) => redis.startAgain(),
  },
  {
    how: 'frozen',
    lose: (redis) => redis.pause(),
    bringBack: async (redis) => {
      redis.resume();
      return redis;
    },
  },
];

describe('three replicas whose Redis is lost', () => {
  let redis: RedisServer;
  let fleet: Fleet;
  let arrivals: Arrival[];

  beforeEach(async () => {
    arrivals = [];
    redis = await startRedis();
    fleet = await startFleet({
      replicas: 3,
      redisUrl: redis.url,
      sandbox: {
        stores: [HALF, FULL],
        latency: { arrival: [20, 100], answer: [20, 60] },
        onRequest: ({ headers }) =>
          arrivals.push({ store: `${headers['orderdesk-store-id']}`, at: performance.now() }),
      },
      env: {
        UPSTREAM_TIMEOUT: '3',
        UPSTREAM_DEADLINE: '5',
        MCP_LIMIT_TENANT_CONCURRENCY: '100',
        CACHE_TTL_ORDERS: '1',
      },
    });
  });
  afterEach(async () => {
    await fleet.close();
    await redis.stop();
  });

  const ordersOf = (store: string) =>
    fleet.sandbox
      .store(store)
      .orders()
      .map(({ id }) => id);
  const untilLimitsAre = (mode: 'local' | 'shared', withinMs: number) =>
    vi.waitFor(async () => expect(await fleet.limits()).toEqual([mode, mode, mode]), {
      timeout: withinMs,
      interval: 50,
    });

  it.each(LOSSES.map((loss) => [loss.how, loss] as const))(
    'go on within the budget while it is %s, and share it again within 5 s of its return',
    async (_, loss) => {
      const half: Load = steadyLoad({
        urls: fleet.urls,
        key: await fleet.addTenant('half', HALF.id),
        orderIds: ordersOf(HALF.id),
        perSecond: REFILL_PER_SECOND / 2,
      });
      const full: Load = overload({
        urls: fleet.urls,
        key: await fleet.addTenant('full', FULL.id),
        orderIds: ordersOf(FULL.id),
        agents: AGENTS_AT_FULL_LOAD,
      });
      await pause(6_000);
      await untilLimitsAre('shared', NOTICED_WITHIN_MS);

      const lostAt = performance.now();
      await loss.lose(redis);
      await untilLimitsAre('local', NOTICED_WITHIN_MS);
      await pause(6_000);

      const backAt = performance.now();
      const stalls = monitorEventLoopDelay();
      stalls.enable();
      redis = await loss.bringBack(redis);
      await untilLimitsAre('shared', RECOVERED_WITHIN_MS);
      await pause(6_000);

      const endedAt = performance.now();
      stalls.disable();
      const [halfCalls, fullCalls] = await Promise.all([half.stop(), full.stop()]);

      expect(codesOf(halfCalls)).toEqual([]);
      expect(codesOf(fullCalls.filter((call) => !isToldToWait(call)))).toEqual([]);
      for (const [from, to] of [[lostAt, backAt] as const, [backAt, endedAt] as const]) {
        // Half of what is granted, so that a replica which stands still would be noticed.
        const least = (((to - from) / 1_000) * REFILL_PER_SECOND) / 2;
        expect(answeredBetween(fullCalls, from, to)).toBeGreaterThan(least);
      }
      expect(fleet.sandbox.counters().rateLimited).toBe(0);
      // What was granted while this process stood still leaves it all at once.
      const burst = BURST + (stalls.max / 1e9) * REFILL_PER_SECOND;
      for (const { id } of [HALF, FULL]) expect(largestExcess(arrivals, id, backAt)).toBeLessThan(burst);
    },
  );
});

const isToldToWait = ({ refusal }: LoadCall): boolean =>
  refusal?.code === 'rate_budget_exhausted' && refusal.retryAfterS !== undefined && refusal.retryAfterS > 0;

const codesOf = (calls: readonly LoadCall[]): readonly string[] => [
  ...new Set(calls.flatMap(({ refusal }) => (refusal === undefined ? [] : [refusal.code]))),
];

const answeredBetween = (calls: readonly LoadCall[], from: number, to: number): number =>
  calls.filter(({ endedAt, refusal }) => refusal === undefined && endedAt >= from && endedAt < to).length;

/** By how many requests any stretch of time since `from` was above what comes back in it. */
function largestExcess(arrivals: readonly Arrival[], store: string, from: number): number {
  const times = arrivals
    .filter((arrival) => arrival.store === store && arrival.at >= from)
    .map(({ at }) => at);
  let largest = 0;
  for (const [first, start] of times.entries()) {
    for (const [last, end] of times.entries()) {
      const excess = last - first + 1 - ((end - start) / 1_000) * REFILL_PER_SECOND;
      if (last >= first) largest = Math.max(largest, excess);
    }
  }
  return largest;
}
