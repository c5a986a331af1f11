import { afterEach, describe, expect, it } from 'vitest';
import { createMetrics, type MetricsRegistry } from '../../../src/telemetry/metrics.js';

let metrics: MetricsRegistry | undefined;
afterEach(() => metrics?.close());
const open = (): MetricsRegistry => {
  metrics = createMetrics({ tools: [], version: '0' });
  return metrics;
};

describe('the metrics of the way to Order Desk', () => {
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
