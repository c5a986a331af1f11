import { afterEach, describe, expect, it } from 'vitest';
import { createMetrics, type MetricsRegistry } from '../../../src/telemetry/metrics.js';

const open: MetricsRegistry[] = [];
function metrics(): MetricsRegistry {
  const made = createMetrics({ tools: ['list_orders', 'get_order'], version: '1.2.3' });
  open.push(made);
  return made;
}
afterEach(() => {
  for (const made of open.splice(0)) made.close();
});

/** Gauges that end like counters: names that dashboards know them by. */
const SECOND_NAMES = ['active_tenants_total', 'cache_items_total'];

/** Every series name with its labels, without the value. */
const series = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.slice(0, line.lastIndexOf(' ')));

describe('metrics', () => {
  it('count what happened, in seconds', async () => {
    const m = metrics();
    m.observeHttp({ route: '/mcp', method: 'POST', status: 200, durationMs: 20 });
    m.observeTool({ tool: 'list_orders', outcome: 'ok', durationMs: 1500 });
    m.observeUpstream({ route: 'GET /orders', outcome: 'timeout', durationMs: 10_000 });
    m.countAuth('accepted');
    m.countCache('hit', 'order');
    const text = await m.text();
    for (const line of [
      'http_requests_total{route="/mcp",method="POST",status="200"} 1',
      'http_request_duration_seconds_sum{route="/mcp",method="POST"} 0.02',
      'mcp_tool_calls_total{tool="list_orders",outcome="ok"} 1',
      'mcp_tool_duration_seconds_sum{tool="list_orders"} 1.5',
      'orderdesk_api_calls_total{route="GET /orders",outcome="timeout"} 1',
      'orderdesk_api_duration_seconds_count{route="GET /orders"} 1',
      'auth_attempts_total{outcome="accepted"} 1',
      'cache_operations_total{operation="hit",resource="order"} 1',
      `build_info{version="1.2.3",node="${process.version}",commit="unknown"} 1`,
    ]) {
      expect(text).toContain(`${line}\n`);
    }
  });

  it('belong to one app: another starts from nothing', async () => {
    metrics().countAuth('refused');
    expect(await metrics().text()).not.toContain('auth_attempts_total{');
  });

  it('do not grow by what a client makes up', async () => {
    const m = metrics();
    const measure = (from: number, to: number) => {
      for (let i = from; i < to; i += 1) {
        m.observeTool({ tool: `made_up_${i}`, outcome: 'client', durationMs: 1 });
        m.observeHttp({ route: `/made-up/${i}`, method: `VERB${i}`, status: 404, durationMs: 1 });
        m.observeUpstream({ route: `GET /${i}`, outcome: 'ok', durationMs: 1 });
        m.countCache('miss', `resource-${i}`);
      }
    };
    measure(0, 100);
    const before = series(await m.text());
    measure(100, 1000);
    const after = series(await m.text());
    expect(after).toEqual(before);
    expect(after.filter((name) => name.startsWith('mcp_tool_calls_total'))).toEqual([
      'mcp_tool_calls_total{tool="_unknown",outcome="client"}',
    ]);
    expect(after.length).toBeLessThan(2_000);
  });

  it('follow the naming rules of Prometheus: only counters end in _total, units are base units, all have help', async () => {
    const text = await metrics().text();
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => ({ name, type }));
    expect(types.length).toBeGreaterThan(15);
    for (const { name, type } of types) {
      expect(name, name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(name.endsWith('_total'), name).toBe(type === 'counter' || SECOND_NAMES.includes(name));
      expect(name, name).not.toMatch(/milliseconds|_ms$|_count$|_sum$|_bucket$/);
      expect(text).toMatch(new RegExp(`^# HELP ${name} \\S`, 'm'));
    }
  });

  it('show a live process', async () => {
    const text = await metrics().text();
    const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    expect(value('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(value('process_start_time_seconds')).toBeLessThanOrEqual(Date.now() / 1000);
    expect(value('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
    expect(value('nodejs_eventloop_utilization_ratio')).toBeLessThanOrEqual(1);
  });
});
