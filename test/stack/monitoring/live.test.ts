/**
 * What rules, dashboards and runbook ask for is there: by name and label on `/metrics` of the running product, and by a
 * real Prometheus that scrapes it.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type AuthOutcome,
  BUDGET_OUTCOMES,
  type CacheOperation,
  type ChangeMetricOutcome,
  type InboundLimit,
  type LimitOutcome,
  type Outcome,
  type SweepVerdict,
  UPSTREAM_OUTCOMES,
} from '../../../src/telemetry/port.js';
import { type Prometheus, startPrometheus } from '../../support/stack/prometheus.js';
import { dashboardQueries, rules, runbookQueries } from '../../unit/monitoring/files.js';
import { groupings, selectors } from '../../unit/monitoring/promql.js';
import { type BusyProduct, startBusyProduct } from './product.js';

/** The values of the labels that queries select by, as the types have them. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'mcp_tool_calls_total outcome': ['ok', 'client', 'upstream', 'server'] satisfies Outcome[],
  'orderdesk_api_calls_total outcome': UPSTREAM_OUTCOMES,
  'rate_budget_wait_seconds_count outcome': BUDGET_OUTCOMES,
  'orderdesk_breaker_changes_total scope': ['store', 'host'],
  'orderdesk_breaker_changes_total to': ['open', 'half_open', 'closed'],
  'orderdesk_changes_total outcome': [
    'applied',
    'partly',
    'failed',
    'unknown',
    'unchanged',
    'replayed',
    'refused',
  ] satisfies ChangeMetricOutcome[],
  'orderdesk_changes_swept_total verdict': [
    'applied',
    'failed',
    'unknown',
    'abandoned',
    'open',
  ] satisfies SweepVerdict[],
  'auth_attempts_total outcome': ['accepted', 'refused', 'overloaded', 'unavailable'] satisfies AuthOutcome[],
  'cache_operations_total operation': [
    'hit',
    'miss',
    'set',
    'stale_generation',
    'error',
  ] satisfies CacheOperation[],
  'inbound_limits_total limit': ['key', 'address', 'tenant', 'pressure'] satisfies InboundLimit[],
  'inbound_limits_total outcome': ['passed', 'queued', 'left', 'refused'] satisfies LimitOutcome[],
  'errors_total type': ['client', 'upstream', 'server'],
  'rate_limiter_mode mode': ['local', 'shared'],
  'rate_budget_mode mode': ['local', 'shared'],
  'server_degraded part': ['redis', 'postgres', 'pressure'],
  'auth_hashes state': ['running', 'waiting'],
  'db_query_duration_seconds_count outcome': ['ok', 'error'],
};
/** Given by Prometheus, or checked by what a selector finds. */
const ANY_VALUE = new Set(['job', 'instance', 'tool', 'route', 'status', 'le']);

const recorded = new Set(rules().flatMap(({ record }) => (record === undefined ? [] : [record])));
const expressions = [...rules().map(({ expr }) => expr), ...dashboardQueries('1m'), ...runbookQueries()];
const selected = expressions.flatMap(selectors);
const fromReplicas = selected.filter(({ metric }) => metric !== 'up' && !recorded.has(metric));

let product: BusyProduct;
let exposition: string;
beforeAll(async () => {
  product = await startBusyProduct();
  await product.work();
  await product.trouble();
  exposition = await (await fetch(product.metricsUrl)).text();
});
afterAll(() => product?.close());

/** The label names of the samples of a metric. */
const labelsOf = (metric: string): Set<string> =>
  new Set(
    [...exposition.matchAll(new RegExp(`^${metric}\\{(.*)\\} `, 'gm'))].flatMap(([, labels = '']) =>
      [...labels.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)].map(([, name = '']) => name),
    ),
  );

const namesOf = (text: string): Set<string> =>
  new Set(
    [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
    ),
  );

describe('everything that rules, dashboards and runbook ask for', () => {
  it('is a metric of the product, or recorded by a rule', () => {
    const live = namesOf(exposition);
    const missing = fromReplicas.map(({ metric }) => metric).filter((metric) => !live.has(metric));
    expect([...new Set(missing)]).toEqual([]);
    const unrecorded = selected.filter(({ metric }) => metric.includes(':') && !recorded.has(metric));
    expect(unrecorded).toEqual([]);
  });

  it('has the labels that it is selected by', () => {
    const wrong = fromReplicas.flatMap(({ metric, labels }) =>
      labels
        .filter(({ name }) => name !== 'job' && name !== 'instance')
        .filter(({ name }) => !labelsOf(metric).has(name))
        .map(({ name }) => `${metric} ${name}`),
    );
    expect([...new Set(wrong)]).toEqual([]);
  });

  it('is selected by values that exist', () => {
    const wrong = fromReplicas.flatMap(({ metric, labels }) =>
      labels
        .filter(({ name }) => !ANY_VALUE.has(name))
        .flatMap(({ name, value }) => value.split('|').map((each) => ({ label: `${metric} ${name}`, each })))
        .filter(({ label, each }) => VALUES[label]?.includes(each) !== true)
        .map(({ label, each }) => `${label}=${each}`),
    );
    expect([...new Set(wrong)]).toEqual([]);
  });

  it('has the bucket that the promise on the overhead counts by', () => {
    expect(exposition).toMatch(/^mcp_tool_overhead_seconds_bucket\{.*le="0\.05".*\} \d+$/m);
  });

  it('is grouped by labels that some metric of the expression has', () => {
    const wrong = [...rules().map(({ expr }) => expr), ...dashboardQueries('1m')].flatMap((expression) => {
      const metrics = selectors(expression).map(({ metric }) => metric);
      const known = new Set(['instance', 'job', ...metrics.flatMap((metric) => [...labelsOf(metric)])]);
      return groupings(expression)
        .filter((label) => !known.has(label))
        .map((label) => `${label}: ${expression}`);
    });
    expect(wrong).toEqual([]);
  });
});

/** Nothing has gone wrong in these ways, so that there is nothing to show; asking is no error. */
const MAY_BE_EMPTY = /outcome="(error|rate_limited)"/;

describe('a real Prometheus', () => {
  let prometheus: Prometheus;
  beforeAll(async () => {
    prometheus = await startPrometheus({
      targets: [product.metricsUrl.host],
      metricsToken: 'none',
      everyS: 1,
    });
    await untilScraped(2);
    await product.work();
    await untilScraped(5);
  });
  afterAll(() => prometheus?.stop());

  /** @param times scrapes in all, and rules evaluated after them */
  async function untilScraped(times: number): Promise<void> {
    const scraped = `sum_over_time(up{job="orderdesk-mcp"}[5m]) >= ${times} and on () count_over_time(slo:events:rate5m{slo="availability"}[5m]) >= ${times}`;
    await vi.waitUntil(async () => (await prometheus.query(scraped)).length > 0, {
      timeout: 60_000,
      interval: 250,
    });
  }
  const loaded = async () => (await prometheus.ruleGroups()).flatMap((group) => group.rules);

  it('loads every rule', async () => {
    expect((await loaded()).map(({ name }) => name).sort()).toEqual(
      rules()
        .map(({ alert, record }) => alert ?? record)
        .sort(),
    );
  });

  it('answers every query of the dashboards, and with something where there is something', async () => {
    const empty: string[] = [];
    for (const query of new Set(dashboardQueries('20s'))) {
      const values = await prometheus.query(query);
      if (values.length === 0 && !MAY_BE_EMPTY.test(query)) empty.push(query);
    }
    expect(empty).toEqual([]);
  });

  it('answers every query of the runbook', async () => {
    for (const query of runbookQueries()) await expect(prometheus.query(query)).resolves.toBeDefined();
    await expect(prometheus.query('rate(up)')).rejects.toThrow('expected type range vector');
  });

  it('sees no alert fire on a product that is well', async () => {
    expect((await loaded()).filter(({ state }) => state === 'firing')).toEqual([]);
  });
});
