import { afterEach, describe, expect, it } from 'vitest';
import { createMetrics, type MetricsRegistry } from '../../../src/telemetry/metrics.js';

let metrics: MetricsRegistry | undefined;
afterEach(() => metrics?.close());
const open = (): MetricsRegistry => {
  metrics = createMetrics({ tools: ['update_order', 'move_orders'], version: '0' });
  return metrics;
};

describe('the metrics of writes', () => {
  it('count them by tool and outcome, and say how long they took', async () => {
    const m = open();
    m.observeChange({ tool: 'update_order', outcome: 'applied', durationMs: 300 });
    m.observeChange({ tool: 'update_order', outcome: 'refused', durationMs: 100 });
    m.observeChange({ tool: 'move_orders', outcome: 'unknown', durationMs: 30_000 });
    const text = await m.text();
    for (const line of [
      'orderdesk_changes_total{tool="update_order",outcome="applied"} 1',
      'orderdesk_changes_total{tool="update_order",outcome="refused"} 1',
      'orderdesk_changes_total{tool="move_orders",outcome="unknown"} 1',
      'orderdesk_change_duration_seconds_sum{tool="update_order"} 0.4',
      'orderdesk_change_duration_seconds_count{tool="move_orders"} 1',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
  });

  it('do not grow by names that are no tools', async () => {
    const m = open();
    for (let i = 0; i < 50; i += 1) {
      m.observeChange({ tool: `made_up_${i}`, outcome: 'applied', durationMs: 1 });
    }
    const text = await m.text();
    expect(text).toContain('orderdesk_changes_total{tool="_unknown",outcome="applied"} 50\n');
    expect(text).not.toContain('made_up');
  });

  it('count what sweeps found, and show the changes that nobody has finished', async () => {
    const m = open();
    expect(await m.text()).toContain('orderdesk_changes_unfinished 0\n');
    m.countSwept('failed');
    m.countSwept('open');
    m.countSwept('open');
    m.setUnfinishedChanges({ count: 3, oldestS: 90.5 });
    const text = await m.text();
    expect(text).toContain('orderdesk_changes_swept_total{verdict="failed"} 1\n');
    expect(text).toContain('orderdesk_changes_swept_total{verdict="open"} 2\n');
    expect(text).toContain('orderdesk_changes_unfinished 3\n');
    expect(text).toContain('orderdesk_changes_oldest_unfinished_seconds 90.5\n');
  });
});
