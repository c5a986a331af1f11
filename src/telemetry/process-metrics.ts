/**
 * The process and its event loop under the names that Prometheus clients share. prom-client's own default set is not
 * used: three of its gauges end in `_total`, which `promtool check metrics` refuses, and it cannot be switched off again.
 */
import { readdir } from 'node:fs/promises';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';

/** Between two samples of the event loop, in milliseconds. A sample is that plus the delay. */
const RESOLUTION_MS = 10;

/** Returns the function that ends the sampling. */
export function registerProcessMetrics(registry: Registry): () => void {
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  loop.enable();

  const gauge = (name: string, help: string, read: () => number | Promise<number>) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(await read());
      },
    });

  gauge('nodejs_eventloop_lag_p50_seconds', 'Median delay of the event loop since the last scrape.', () =>
    delay(loop.percentile(50)),
  );
  gauge(
    'nodejs_eventloop_lag_p99_seconds',
    '99th percentile of the event loop delay since the last scrape.',
    () => delay(loop.percentile(99)),
  );
  gauge('nodejs_eventloop_lag_max_seconds', 'Longest delay of the event loop since the last scrape.', () => {
    const longest = delay(loop.max);
    loop.reset();
    return longest;
  });

  let lastUtilization = performance.eventLoopUtilization();
  gauge(
    'nodejs_eventloop_utilization_ratio',
    'Share of time the event loop was busy since the last scrape.',
    () => {
      const current = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(current, lastUtilization);
      lastUtilization = current;
      return utilization;
    },
  );

  gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', () => process.memoryUsage.rss());
  gauge(
    'nodejs_heap_size_used_bytes',
    'JavaScript heap in use, in bytes.',
    () => process.memoryUsage().heapUsed,
  );
  gauge(
    'nodejs_external_memory_bytes',
    'Memory outside the JavaScript heap, in bytes.',
    () => process.memoryUsage().external,
  );
  gauge('process_open_fds', 'Open file descriptors; -1 where the system does not tell.', openFileDescriptors);

  const startedAt = Date.now() / 1000 - process.uptime();
  gauge('process_start_time_seconds', 'Start of the process, in seconds since 1970.', () => startedAt);

  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time spent, in seconds.',
    registers: [registry],
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  return () => loop.disable();
}

/** Of a sample in nanoseconds, in seconds. A window without samples has no delay. */
const delay = (nanoseconds: number): number =>
  Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1000) : 0;

async function openFileDescriptors(): Promise<number> {
  try {
    return (await readdir('/proc/self/fd')).length;
  } catch (thrown) {
    // Only Linux has /proc.
    if (thrown instanceof Error && 'code' in thrown) return -1;
    throw thrown;
  }
}
