import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AppError, ERROR_TABLE, type ErrorCode } from '../../../src/errors.js';
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

const isCode = (text: string): text is ErrorCode => Object.hasOwn(ERROR_TABLE, text);
const ERROR_CODES = Object.keys(ERROR_TABLE).filter(isCode);

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

  it('count a request whose beginning is not known, and have no time of it', async () => {
    const m = metrics();
    m.observeHttp({ route: 'none', method: '_unknown', status: 400, durationMs: undefined });
    const text = await m.text();
    expect(text).toContain('http_requests_total{route="none",method="_unknown",status="400"} 1\n');
    expect(text).not.toMatch(/^http_request_duration_seconds_count\{/m);
  });

  it('have no time of what was not sent to Order Desk', async () => {
    const m = metrics();
    m.observeUpstream({ route: 'POST /orders', outcome: 'not_sent', durationMs: 9_000 });
    const text = await m.text();
    expect(text).toContain('orderdesk_api_calls_total{route="POST /orders",outcome="not_sent"} 1\n');
    expect(text).not.toMatch(/^orderdesk_api_duration_seconds_count\{/m);
  });

  it('tell scans of a minute from those of two', async () => {
    const m = metrics();
    m.observeTool({ tool: 'list_orders', outcome: 'ok', durationMs: 45_000 });
    m.observeTool({ tool: 'list_orders', outcome: 'ok', durationMs: 90_000 });
    const text = await m.text();
    expect(text).toContain('mcp_tool_duration_seconds_bucket{le="60",tool="list_orders"} 1\n');
    expect(text).toContain('mcp_tool_duration_seconds_bucket{le="120",tool="list_orders"} 2\n');
  });

  it('belong to one app: another starts from nothing', async () => {
    metrics().countAuth('refused');
    expect(await metrics().text()).toContain('auth_attempts_total{outcome="refused"} 0\n');
  });

  it.each([
    'mcp_tool_calls_total{tool="get_order",outcome="server"}',
    'mcp_tool_calls_total{tool="_unknown",outcome="client"}',
    'orderdesk_breaker_changes_total{scope="host",to="open"}',
    'orderdesk_breaker_changes_total{scope="store",to="closed"}',
    'orderdesk_changes_total{tool="list_orders",outcome="unknown"}',
    'orderdesk_changes_swept_total{verdict="unknown"}',
    'auth_attempts_total{outcome="overloaded"}',
    'errors_total{type="server",code="internal"}',
    'errors_total{type="client",code="unauthorized"}',
    'inbound_limits_total{limit="pressure",outcome="refused"}',
    'rate_budget_foreign_use_total',
  ])('show %s as 0 from the start, so that a rate sees the first', async (name) => {
    expect(await metrics().text()).toContain(`${name} 0\n`);
  });

  it('have a failure of each code counted in the series that is there', async () => {
    const m = metrics();
    const before = series(await m.text());
    for (const code of ERROR_CODES) m.countError(new AppError(code));
    const text = await m.text();
    expect(series(text)).toEqual(before);
    expect(text.match(/^errors_total\{.*\} 1$/gm)).toHaveLength(ERROR_CODES.length);
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
    expect(await m.text()).toContain('mcp_tool_calls_total{tool="_unknown",outcome="client"} 1000\n');
    expect(after.filter((name) => name.includes('made_up'))).toEqual([]);
    expect(after.length).toBeLessThan(2_500);
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

  it('say of an event loop with nothing to do that it is hardly ever late', async () => {
    const m = metrics();
    const value = async (name: string) =>
      Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await m.text())?.[1]);
    await vi.waitFor(
      async () => {
        // The sampler has a clock of its own: a window of some tens of samples, which others may have made busy.
        await sleep(300);
        const median = await value('nodejs_eventloop_lag_p50_seconds');
        expect(median).toBeGreaterThanOrEqual(0);
        expect(median).toBeLessThan(0.005);
      },
      { timeout: 15_000 },
    );
    // After a scrape it counts from its next sample on.
    await sleep(50);
    const until = performance.now() + 60;
    while (performance.now() < until);
    await sleep(20);
    expect(await value('nodejs_eventloop_lag_max_seconds')).toBeGreaterThan(0.03);
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
