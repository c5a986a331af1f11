/** What is measured of writes, in the registry of an app. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { closedLabel } from './labels.js';
import { type ChangeMetrics, SWEEP_VERDICTS } from './port.js';

/** From a write that was there already to one that waits for its lock and its budget, in seconds. */
const BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** @param tools names of all tools: any other counts as `_unknown` */
export function createChangeMetrics(registry: Registry, tools: readonly string[]): ChangeMetrics {
  const registers = [registry];
  const changes = new Counter({
    name: 'orderdesk_changes_total',
    help: 'Writes at Order Desk by the tool that was called and how they ended.',
    labelNames: ['tool', 'outcome'],
    registers,
  });
  const duration = new Histogram({
    name: 'orderdesk_change_duration_seconds',
    help: 'Time that writes at Order Desk took, claim and ledger included.',
    labelNames: ['tool'],
    buckets: BUCKETS,
    registers,
  });
  const swept = new Counter({
    name: 'orderdesk_changes_swept_total',
    help: 'Changes whose process was gone or whose answer was lost, by what looking at Order Desk found.',
    labelNames: ['verdict'],
    registers,
  });
  const unfinished = new Gauge({
    name: 'orderdesk_changes_unfinished',
    help: 'Changes of all replicas that have been without an outcome for over a minute, as of the last sweep.',
    registers,
  });
  const oldest = new Gauge({
    name: 'orderdesk_changes_oldest_unfinished_seconds',
    help: 'Age of the oldest change of all replicas without an outcome, as of the last sweep; 0 where there is none.',
    registers,
  });
  // Of the outcomes the one that an alert waits for: all of them would be a hundred series of nothing.
  for (const tool of tools) changes.inc({ tool, outcome: 'unknown' }, 0);
  for (const verdict of SWEEP_VERDICTS) swept.inc({ verdict }, 0);
  const toolLabel = closedLabel(tools);
  return {
    observeChange(event) {
      const tool = toolLabel(event.tool);
      changes.inc({ tool, outcome: event.outcome });
      duration.observe({ tool }, event.durationMs / 1000);
    },
    countSwept(verdict) {
      swept.inc({ verdict });
    },
    setUnfinishedChanges({ count, oldestS }) {
      unfinished.set(count);
      oldest.set(oldestS);
    },
  };
}
