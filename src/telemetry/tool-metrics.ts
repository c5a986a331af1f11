/** What is measured of calls of tools. */
import { Counter, Histogram, type Registry } from 'prom-client';
import { DURATION_BUCKETS } from './buckets.js';
import { closedLabel, UNKNOWN } from './labels.js';
import { OUTCOMES, type ToolMetrics } from './port.js';

/** @param tools names of all tools: any other counts as `_unknown` */
export function createToolMetrics(registry: Registry, tools: readonly string[]): ToolMetrics {
  const registers = [registry];
  const calls = new Counter({
    name: 'mcp_tool_calls_total',
    help: 'Calls of tools by outcome: ok, or by whose making they failed.',
    labelNames: ['tool', 'outcome'],
    registers,
  });
  const duration = new Histogram({
    name: 'mcp_tool_duration_seconds',
    help: 'Time that calls of tools took.',
    labelNames: ['tool'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  for (const tool of [...tools, UNKNOWN]) {
    for (const outcome of OUTCOMES) calls.inc({ tool, outcome }, 0);
  }
  const toolLabel = closedLabel(tools);
  return {
    observeTool(event) {
      const tool = toolLabel(event.tool);
      calls.inc({ tool, outcome: event.outcome });
      duration.observe({ tool }, event.durationMs / 1000);
    },
  };
}
