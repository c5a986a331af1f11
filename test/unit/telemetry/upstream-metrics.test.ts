import { afterEach, describe, expect, it } from 'vitest';
import { REQUEST_NAMES } from '../../../src/orderdesk/requests.js';
import { createMetrics, type MetricsRegistry } from '../../../src/telemetry/metrics.js';
import { BUDGET_OUTCOMES, BUDGET_PRIORITIES, UPSTREAM_OUTCOMES } from '../../../src/telemetry/port.js';

let metrics: MetricsRegistry | undefined;
afterEach(() => metrics?.close());
const open = (): MetricsRegistry => {
  metrics = createMetrics({ tools: [], version: '0' });
  return metrics;
};

describe('the metrics of the way to Order Desk', () => {
  it('show 0 for every outcome of the requests that are to be expected, so that a rate sees the first', async () => {
    const m = open();
    m.expectUpstream(REQUEST_NAMES);
    const text = await m.text();
    const shown = [...text.matchAll(/^orderdesk_api_calls_total\{route="(.+)",outcome="(\w+)"\} 0$/gm)];
    const expected = REQUEST_NAMES.flatMap((route) => UPSTREAM_OUTCOMES.map((outcome) => [route, outcome]));
    expect(shown.map(([, route, outcome]) => [route, outcome])).toEqual(expected);
    expect(text).not.toContain('route="_unknown"');
  });

  it('count in a series that is there', async () => {
    const m = open();
    m.expectUpstream(REQUEST_NAMES);
    m.observeUpstream({ route: 'PUT /orders/{id}', outcome: 'timeout', durationMs: 5 });
    const text = await m.text();
    expect(text.match(/^orderdesk_api_calls_total\{.*\} \d+$/gm)).toHaveLength(
      REQUEST_NAMES.length * UPSTREAM_OUTCOMES.length,
    );
    expect(text).toContain('orderdesk_api_calls_total{route="PUT /orders/{id}",outcome="timeout"} 1\n');
  });

  it('show 0 waits for a token from the start, for every end and priority', async () => {
    const text = await open().text();
    for (const outcome of BUDGET_OUTCOMES) {
      for (const priority of BUDGET_PRIORITIES) {
        const labels = `outcome="${outcome}",priority="${priority}"`;
        expect(text).toContain(`rate_budget_wait_seconds_count{${labels}} 0\n`);
        expect(text).toContain(`rate_budget_wait_seconds_bucket{le="+Inf",${labels}} 0\n`);
      }
    }
  });

  it('count repeated requests by what went wrong before', async () => {
    const m = open();
    m.countRetry('GET /orders', 'rate_limited');
    m.countRetry('GET /orders', 'timeout');
    m.countRetry('GET /orders', 'timeout');
    const text = await m.text();
    expect(text).toContain('orderdesk_api_retries_total{route="GET /orders",reason="rate_limited"} 1\n');
    expect(text).toContain('orderdesk_api_retries_total{route="GET /orders",reason="timeout"} 2\n');
  });

  it('show how long tokens were waited for, in seconds, and how that ended', async () => {
    const m = open();
    m.observeBudget({ outcome: 'granted', priority: 'interactive', waitMs: 1_500 });
    m.observeBudget({ outcome: 'exhausted', priority: 'background', waitMs: 0 });
    const text = await m.text();
    expect(text).toContain('rate_budget_wait_seconds_sum{outcome="granted",priority="interactive"} 1.5\n');
    expect(text).toContain(
      'rate_budget_wait_seconds_bucket{le="0.005",outcome="exhausted",priority="background"} 1\n',
    );
  });

  it('show one mode of the budget at a time', async () => {
    const m = open();
    for (const [mode, other] of [
      ['shared', 'local'],
      ['local', 'shared'],
    ] as const) {
      m.setBudgetMode(mode);
      const text = await m.text();
      expect(text).toContain(`rate_budget_mode{mode="${mode}"} 1\n`);
      expect(text).toContain(`rate_budget_mode{mode="${other}"} 0\n`);
    }
  });

  it('count foreign use, and what the breaker does by its reach', async () => {
    const m = open();
    m.countForeignUse();
    m.countBreaker('store', 'open');
    m.countBreaker('host', 'closed');
    const text = await m.text();
    expect(text).toContain('rate_budget_foreign_use_total 1\n');
    expect(text).toContain('orderdesk_breaker_changes_total{scope="store",to="open"} 1\n');
    expect(text).toContain('orderdesk_breaker_changes_total{scope="host",to="closed"} 1\n');
  });
});

describe('the metrics of the cache', () => {
  it('count operations by resource, and ask for the entries when they are asked', async () => {
    const m = open();
    m.countCache('stale_generation', 'order');
    m.countCache('set', 'orders');
    let items = 3;
    m.setCacheItems(() => items);
    expect(await m.text()).toContain('cache_items 3\n');
    items = 4;
    const text = await m.text();
    expect(text).toContain('cache_items 4\n');
    expect(text).toContain('cache_operations_total{operation="stale_generation",resource="order"} 1\n');
    expect(text).toContain('cache_operations_total{operation="set",resource="orders"} 1\n');
  });
});
