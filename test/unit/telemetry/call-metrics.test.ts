import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMetrics, type MetricsRegistry } from '../../../src/telemetry/metrics.js';

let metrics: MetricsRegistry;
beforeEach(() => {
  metrics = createMetrics({ tools: ['get_order'], version: '0' });
});
afterEach(() => metrics.close());

const NO_WAIT = { upstream: 0, budget: 0, redis: 0, postgres: 0, lock: 0 };

describe('where the time of calls goes', () => {
  it('is shown for every wait there is, from the start', async () => {
    const text = await metrics.text();
    for (const on of Object.keys(NO_WAIT)) {
      expect(text).toContain(`mcp_tool_wait_seconds_total{on="${on}"} 0\n`);
    }
  });

  it('is what is ours by tool, and what it waited by what for, in seconds', async () => {
    const waitMs = { ...NO_WAIT, upstream: 200, redis: 20 };
    metrics.observeCallTimes('get_order', { totalMs: 230, ownMs: 7.8125, waitMs });
    metrics.observeCallTimes('get_order', { totalMs: 62.5, ownMs: 62.5, waitMs: NO_WAIT });
    const text = await metrics.text();
    expect(text).toContain('mcp_tool_overhead_seconds_bucket{le="0.01",tool="get_order"} 1\n');
    expect(text).toContain('mcp_tool_overhead_seconds_bucket{le="0.05",tool="get_order"} 1\n');
    expect(text).toContain('mcp_tool_overhead_seconds_bucket{le="0.1",tool="get_order"} 2\n');
    expect(text).toContain('mcp_tool_overhead_seconds_sum{tool="get_order"} 0.0703125\n');
    expect(text).toContain('mcp_tool_wait_seconds_total{on="upstream"} 0.2\n');
    expect(text).toContain('mcp_tool_wait_seconds_total{on="redis"} 0.02\n');
    expect(text).toContain('mcp_tool_wait_seconds_total{on="lock"} 0\n');
  });

  it.each([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1])('has a bucket that ends at %s seconds', async (bound) => {
    metrics.observeCallTimes('get_order', { totalMs: 1, ownMs: 1, waitMs: NO_WAIT });
    expect(await metrics.text()).toContain(
      `mcp_tool_overhead_seconds_bucket{le="${bound}",tool="get_order"} 1\n`,
    );
  });

  it('mints no series for a tool that there is not', async () => {
    metrics.observeCallTimes('drop_everything', { totalMs: 1, ownMs: 1, waitMs: NO_WAIT });
    const text = await metrics.text();
    expect(text).toContain('mcp_tool_overhead_seconds_count{tool="_unknown"} 1\n');
    expect(text).not.toContain('drop_everything');
  });
});
