import { afterEach, describe, expect, it } from 'vitest';
import { createMetrics, type MetricsRegistry } from '../../../src/telemetry/metrics.js';

let metrics: MetricsRegistry | undefined;
afterEach(() => metrics?.close());
const open = (): MetricsRegistry => {
  metrics = createMetrics({ tools: [], version: '0', commit: 'abc1234' });
  return metrics;
};

describe('what is watched', () => {
  it('is read whenever the metrics are, and only then', async () => {
    const m = open();
    let asked = 0;
    m.watchPool(() => {
      asked += 1;
      return { inUse: 3, idle: 2, waiting: asked, max: 10 };
    });
    expect(asked).toBe(0);
    const first = await m.text();
    expect(first).toContain('db_pool_connections{state="in_use"} 3\n');
    expect(first).toContain('db_pool_connections{state="idle"} 2\n');
    expect(first).toContain('db_pool_max 10\n');
    const waiting = (text: string) => Number(/^db_pool_waiting (\d+)$/m.exec(text)?.[1]);
    expect(waiting(await m.text())).toBeGreaterThan(waiting(first));
  });

  it('shows the connections to Order Desk and the queue of bcrypt', async () => {
    const m = open();
    m.watchUpstreamPool(() => ({ connected: 5, free: 2, pending: 1, running: 3, queued: 7 }));
    m.watchHashes(() => ({ running: 2, waiting: 4 }));
    m.watchRequests(() => 9);
    const text = await m.text();
    for (const line of [
      'orderdesk_pool_connections{state="connected"} 5',
      'orderdesk_pool_connections{state="free"} 2',
      'orderdesk_pool_requests{state="pending"} 1',
      'orderdesk_pool_requests{state="running"} 3',
      'orderdesk_pool_requests{state="queued"} 7',
      'auth_hashes{state="running"} 2',
      'auth_hashes{state="waiting"} 4',
      'http_requests_in_flight 9',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
  });

  it('says nothing of a Redis that nobody has configured', async () => {
    expect(await open().text()).not.toContain('redis_');
  });

  it.each([
    [true, 1],
    [false, 0],
  ])('says whether Redis is there: %s', async (isThere, shown) => {
    const m = open();
    m.watchRedis(() => ({ isThere, queued: 6 }));
    const text = await m.text();
    expect(text).toContain(`redis_up ${shown}\n`);
    expect(text).toContain('redis_queue_length 6\n');
  });

  it('shows the disk, and no number where the system tells none', async () => {
    const m = open();
    let used: number | undefined = 0.25;
    m.watchDisk(async () => used);
    expect(await m.text()).toContain('disk_used_ratio 0.25\n');
    used = undefined;
    expect(await m.text()).toMatch(/^disk_used_ratio Nan$/im);
  });
});

describe('what is told', () => {
  it('counts statements by whose work they did, in seconds', async () => {
    const m = open();
    m.observeStatement({ work: 'tenant', outcome: 'ok', durationMs: 20 });
    m.observeStatement({ work: 'sweep', outcome: 'error', durationMs: 4_000 });
    const text = await m.text();
    expect(text).toContain('db_query_duration_seconds_sum{work="tenant",outcome="ok"} 0.02\n');
    expect(text).toContain('db_query_duration_seconds_count{work="sweep",outcome="error"} 1\n');
  });

  it('shows every part as there until it is told otherwise, and nothing as ready', async () => {
    const m = open();
    const before = await m.text();
    expect(before).toContain('server_ready 0\n');
    for (const part of ['redis', 'postgres', 'pressure']) {
      expect(before).toContain(`server_degraded{part="${part}"} 0\n`);
    }
    m.setReady(true);
    m.setDegraded('redis', true);
    const after = await m.text();
    expect(after).toContain('server_ready 1\n');
    expect(after).toContain('server_degraded{part="redis"} 1\n');
    expect(after).toContain('server_degraded{part="postgres"} 0\n');
  });

  it('names the build', async () => {
    expect(await open().text()).toContain(
      `build_info{version="0",node="${process.version}",commit="abc1234"} 1\n`,
    );
  });

  it('gives two gauges a second name, with the same value', async () => {
    const m = open();
    m.setCacheItems(() => 12);
    m.noteTenant('01900000-0000-7000-8000-00000000000a');
    const text = await m.text();
    for (const line of [
      'cache_items 12',
      'cache_items_total 12',
      'active_tenants 1',
      'active_tenants_total 1',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
  });
});
