/** What is to be seen in an outage and after it, whatever is away. */
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { z } from 'zod';
import { disagreements, ledgerOf } from '../../support/stack/tenants.js';
import { metricValue, REPLICAS } from './installation.js';
import type { Outage } from './outage.js';
import type { Seen } from './watch.js';

/** Milliseconds until a server has noticed; and after the return, until all is as before. */
const NOTICED_MS = 3_000;
export const RECOVERED_MS = 5_000;
/** Between two probes of one kind. */
const PROBED_EVERY_MS = 1_000;
/** How much later an answer may come that does not need what is away, in milliseconds. */
const LATER_BY_MS = 3_000;
/** Until something is refused: the time-outs of a statement and of two connections. */
const REFUSED_WITHIN_MS = 9_000;
export const READS = ['read', 'read again', 'list_stores'];
const POOL_MAX = 10;

const durations = (all: readonly Seen[]): readonly number[] =>
  all.map(({ sentAt, endedAt }) => endedAt - sentAt).sort((a, b) => a - b);
/** Milliseconds. */
const longest = (all: readonly Seen[]): number => Math.max(...durations(all));
/** Milliseconds, of the call in the middle. */
const usual = (all: readonly Seen[]): number =>
  durations(all)[Math.floor(all.length / 2)] ?? Number.POSITIVE_INFINITY;
export const outcomes = (all: readonly Seen[]): readonly string[] => [
  ...new Set(all.map(({ outcome }) => outcome)),
];

/**
 * What a busy machine adds to an answer: up to twice the longest that one took which waited for nothing that was away, a
 * probe that asks nothing of anybody or a call of the same kind while all was there.
 */
function slackOf({ watch, lostAt, returnedAt }: Outage, what: string): number {
  const isOutside = ({ sentAt, endedAt }: Seen) => endedAt < lostAt || sentAt > returnedAt + RECOVERED_MS;
  const unharmed = watch.seen.filter(
    (each) => each.what === '/health/live' || (each.what === what && isOutside(each)),
  );
  return 2 * longest(unharmed);
}

/** Asked for steadily on every replica meanwhile, and answered well each time. */
export function expectWell(outage: Outage, what: string): void {
  const all = outage.meanwhile(what);
  expect(outcomes(all), what).toEqual(['ok']);
  for (const replica of REPLICAS) {
    expect(all.filter((each) => each.replica === replica).length, what).toBeGreaterThan(1);
  }
}

/** Likewise, and as a rule no later than by a bound: any single call may have met a moment in which the machine was busy. */
export function expectSoon(outage: Outage, what: string): void {
  expectWell(outage, what);
  expect(usual(outage.meanwhile(what)), what).toBeLessThan(LATER_BY_MS + slackOf(outage, what));
}

/** Told to wait, and soon; what is answered well was answered after the return. */
export function expectRefused(outage: Outage, what: string): void {
  const all = outage.meanwhile(what);
  const refused = all.filter(({ endedAt }) => endedAt < outage.backAt);
  expect(refused.length, what).toBeGreaterThanOrEqual(REPLICAS.length);
  for (const { outcome, retryAfterS } of refused) {
    expect({ outcome, retryAfterS }, what).toEqual({ outcome: 'storage_unavailable', retryAfterS: 5 });
  }
  expect(longest(refused), what).toBeLessThan(REFUSED_WITHIN_MS + slackOf(outage, what));
}

const readiness = z.object({ status: z.string(), limits: z.string(), degraded: z.array(z.string()) });
type Readiness = z.infer<typeof readiness>;
const RECOVERED: Readiness = { status: 'ready', limits: 'shared', degraded: [] };

const says = ({ told }: Seen, expected: Readiness): boolean =>
  isDeepStrictEqual(readiness.parse(told), expected);

/**
 * Most probes say what is expected, and no probe anything else, but that Redis is away: for a second at a time it is
 * where a machine that is busy answers late.
 */
function expectMostly(all: readonly Seen[], expected: Readiness): void {
  const { status, degraded } = expected;
  const late = { status, limits: 'local', degraded: [...new Set(['redis', ...degraded])] };
  const others = all.filter((each) => !says(each, expected));
  for (const { told } of others) expect(readiness.parse(told)).toEqual(late);
  expect(others.length, JSON.stringify(expected)).toBeLessThan(all.length / 2);
}

/** Alive and ready all the time; says what it does without from when it has noticed, until just after the return. */
export function expectProbes(outage: Outage, lost: Readiness): void {
  for (const path of ['/health', '/health/live', '/health/ready']) {
    const all = outage.watch.seen.filter(({ what }) => what === path);
    expect(outcomes(all), path).toEqual(['200']);
  }
  const meanwhile = outage
    .meanwhile('/health/ready')
    .filter(({ sentAt, endedAt }) => sentAt > outage.goneAt + NOTICED_MS && endedAt < outage.backAt);
  expect(meanwhile.length).toBeGreaterThan(4);
  expectMostly(meanwhile, lost);
  const afterwards = outage.afterwards('/health/ready', RECOVERED_MS);
  expect(afterwards.length).toBeGreaterThan(2);
  expectMostly(afterwards, RECOVERED);
  for (const replica of REPLICAS) {
    const first = outage
      .afterwards('/health/ready', 0)
      .find((each) => each.replica === replica && says(each, RECOVERED));
    const after = (first?.sentAt ?? Number.POSITIVE_INFINITY) - outage.returnedAt;
    expect(after).toBeLessThan(RECOVERED_MS + PROBED_EVERY_MS + slackOf(outage, '/health/ready'));
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
  const metrics = outage.afterwards('/metrics', RECOVERED_MS);
  for (const { told } of metrics) {
    const open = ['in_use', 'idle'].map(
      (state) => metricValue(told, `db_pool_connections{state="${state}"}`) ?? 0,
    );
    expect(open[0]).toBeLessThan(POOL_MAX);
    expect(metricValue(told, 'db_pool_waiting')).toBe(0);
  }
  const withoutRedis = metrics.filter(({ told }) => metricValue(told, 'redis_up') !== 1);
  expect(withoutRedis.length).toBeLessThan(metrics.length / 2);
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
      .filter(({ sentAt, endedAt }) => sentAt > outage.goneAt + NOTICED_MS && endedAt < outage.backAt)
      .map(({ told }) => metricValue(told, series)),
  ),
];

const detailed = z.object({ status: z.string(), reasons: z.array(z.string()) });

export function expectDetailed(outage: Outage, status: string, ...reasons: readonly string[]): void {
  const all = outage
    .meanwhile('/health/detailed')
    .filter(({ sentAt, endedAt }) => sentAt > outage.goneAt + 2 * NOTICED_MS && endedAt < outage.backAt);
  expect(all.length).toBeGreaterThan(1);
  for (const { told } of all) {
    expect(detailed.parse(told)).toMatchObject({ status, reasons: expect.arrayContaining([...reasons]) });
  }
  expect(longest(all)).toBeLessThan(LATER_BY_MS + slackOf(outage, '/health/detailed'));
}
