/** What is to be seen in an outage and after it, whatever is away. */
import { expect } from 'vitest';
import { z } from 'zod';
import { disagreements, ledgerOf } from '../../support/stack/tenants.js';
import { metricValue, REPLICAS } from './installation.js';
import type { Outage } from './outage.js';
import type { Seen } from './watch.js';

/** Milliseconds until a server has noticed; and after the return, until all is as before. */
const NOTICED_MS = 3_000;
export const RECOVERED_MS = 5_000;
/** How much later an answer may come that does not need what is away, in milliseconds. */
const LATER_BY_MS = 3_000;
/** Until something is refused: the time-outs of a statement and of two connections. */
const REFUSED_WITHIN_MS = 9_000;
export const READS = ['read', 'read again', 'list_stores'];
const POOL_MAX = 10;

/** Milliseconds. */
export const longest = (all: readonly Seen[]): number =>
  Math.max(...all.map(({ sentAt, endedAt }) => endedAt - sentAt));
export const outcomes = (all: readonly Seen[]): readonly string[] => [
  ...new Set(all.map(({ outcome }) => outcome)),
];

/** What a busy machine adds to any answer: the longest that one took that asks nothing of anybody. */
const slackOf = ({ watch }: Outage): number =>
  longest(watch.seen.filter(({ what }) => what === '/health/live'));

/** Asked for steadily on every replica meanwhile, and answered well each time. */
export function expectWell(outage: Outage, what: string): void {
  const all = outage.meanwhile(what);
  expect(outcomes(all), what).toEqual(['ok']);
  for (const replica of REPLICAS) {
    expect(all.filter((each) => each.replica === replica).length, what).toBeGreaterThan(1);
  }
}

/** Likewise, and no later than by a bound. */
export function expectSoon(outage: Outage, what: string): void {
  expectWell(outage, what);
  expect(longest(outage.meanwhile(what)), what).toBeLessThan(LATER_BY_MS + slackOf(outage));
}

/** Told to wait, and soon; what is answered well was answered after the return. */
export function expectRefused(outage: Outage, what: string): void {
  const all = outage.meanwhile(what);
  const refused = all.filter(({ endedAt }) => endedAt < outage.backAt);
  expect(refused.length, what).toBeGreaterThanOrEqual(REPLICAS.length);
  for (const { outcome, retryAfterS } of refused) {
    expect({ outcome, retryAfterS }, what).toEqual({ outcome: 'storage_unavailable', retryAfterS: 5 });
  }
  expect(longest(refused), what).toBeLessThan(REFUSED_WITHIN_MS + slackOf(outage));
}

const readiness = z.object({ status: z.string(), limits: z.string(), degraded: z.array(z.string()) });

/** Alive and ready all the time; says what it does without from when it has noticed, until just after the return. */
export function expectProbes(outage: Outage, lost: z.infer<typeof readiness>): void {
  for (const path of ['/health', '/health/live', '/health/ready']) {
    const all = outage.watch.seen.filter(({ what }) => what === path);
    expect(outcomes(all), path).toEqual(['200']);
  }
  const meanwhile = outage
    .meanwhile('/health/ready')
    .filter(({ sentAt, endedAt }) => sentAt > outage.lostAt + NOTICED_MS && endedAt < outage.backAt);
  expect(meanwhile.length).toBeGreaterThan(4);
  for (const { told } of meanwhile) expect(readiness.parse(told)).toEqual(lost);
  const afterwards = outage.afterwards('/health/ready', RECOVERED_MS);
  expect(afterwards.length).toBeGreaterThan(2);
  for (const { told } of afterwards) {
    expect(readiness.parse(told)).toEqual({ status: 'ready', limits: 'shared', degraded: [] });
  }
}

/** All kinds of calls work again on every replica; no process was started anew, and no connection is lost or kept. */
export function expectRecovered(outage: Outage): void {
  for (const what of [...READS, 'list_changes', 'preview', 'write', 'first use of a key']) {
    const all = outage.afterwards(what, RECOVERED_MS);
    expect(outcomes(all), what).toEqual(['ok']);
    expect(new Set(all.map(({ replica }) => replica)).size, what).toBe(REPLICAS.length);
  }
  const [before, after] = outage.startTimes;
  expect(before).not.toContain(undefined);
  expect(after).toEqual(before);
  for (const { told } of outage.afterwards('/metrics', RECOVERED_MS)) {
    const open = ['in_use', 'idle'].map(
      (state) => metricValue(told, `db_pool_connections{state="${state}"}`) ?? 0,
    );
    expect(open[0]).toBeLessThan(POOL_MAX);
    expect(metricValue(told, 'db_pool_waiting')).toBe(0);
    expect(metricValue(told, 'redis_up')).toBe(1);
  }
}

/** Everything that was asked for was made once or not at all, as its answer and the ledger say. */
export async function expectTrueLedger({ installation, writes, underWay }: Outage): Promise<void> {
  const storeId = installation.storeId('write');
  const asked = [...writes, ...underWay].map(({ orderId, email, seen }) => ({
    ...{ storeId, orderId, email, idempotencyKey: email },
    answer: seen.outcome === 'ok' ? ('applied' as const) : ('failed' as const),
  }));
  const ledger = await ledgerOf(installation.operations, [storeId]);
  expect(disagreements(asked, ledger, installation.arrived, installation.sandbox)).toEqual([]);
}

export const metricsOf = (outage: Outage, series: string): readonly (number | undefined)[] => [
  ...new Set(
    outage
      .meanwhile('/metrics')
      .filter(({ sentAt, endedAt }) => sentAt > outage.lostAt + NOTICED_MS && endedAt < outage.backAt)
      .map(({ told }) => metricValue(told, series)),
  ),
];

const detailed = z.object({ status: z.string(), reasons: z.array(z.string()) });

export function expectDetailed(outage: Outage, status: string, ...reasons: readonly string[]): void {
  const all = outage
    .meanwhile('/health/detailed')
    .filter(({ sentAt, endedAt }) => sentAt > outage.lostAt + 2 * NOTICED_MS && endedAt < outage.backAt);
  expect(all.length).toBeGreaterThan(1);
  for (const { told } of all) {
    expect(detailed.parse(told)).toMatchObject({ status, reasons: expect.arrayContaining([...reasons]) });
  }
  expect(longest(all)).toBeLessThan(LATER_BY_MS + slackOf(outage));
}
