/** What is measured of where the time of a call goes, in the registry of an app. */
import { Counter, Histogram, type Registry } from 'prom-client';
import { closedLabel } from './labels.js';
import type { CallMetrics } from './port.js';
import { WAIT_KINDS } from './waits.js';

/** From an answer out of memory to one that computes for long, in seconds; 0.05 is what nearly all calls keep below. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** @param tools names of all tools: any other counts as `_unknown` */
export function createCallMetrics(registry: Registry, tools: readonly string[]): CallMetrics {
  const registers = [registry];
  const overhead = new Histogram({
    name: 'mcp_tool_overhead_seconds',
    help: 'Time that calls of tools took, less all time in which they waited for Order Desk, its budget, Redis, Postgres or a lock.',
    labelNames: ['tool'],
    buckets: BUCKETS,
    registers,
  });
  const waited = new Counter({
    name: 'mcp_tool_wait_seconds_total',
    help: 'Time in which calls of tools waited, by what for; a call may wait for several at once.',
    labelNames: ['on'],
    registers,
  });
  for (const on of WAIT_KINDS) waited.inc({ on }, 0);
  const toolLabel = closedLabel(tools);
  return {
    observeCallTimes(tool, { ownMs, waitMs }) {
      overhead.observe({ tool: toolLabel(tool) }, ownMs / 1000);
      for (const on of WAIT_KINDS) if (waitMs[on] > 0) waited.inc({ on }, waitMs[on] / 1000);
    },
  };
}
