/** What is measured of limits: those on inbound calls, and each store's budget at Order Desk. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import {
  BUDGET_OUTCOMES,
  BUDGET_PRIORITIES,
  INBOUND_LIMITS,
  LIMIT_OUTCOMES,
  type LimitMetrics,
  type SharingMode,
} from './port.js';

/** From no wait at all to the longest that a call may take, in seconds. */
const WAIT_BUCKETS = [0.005, 0.05, 0.25, 0.5, 1, 2, 5, 10, 25];

export function createLimitMetrics(registry: Registry): LimitMetrics {
  const registers = [registry];
  const budgetWaits = new Histogram({
    name: 'rate_budget_wait_seconds',
    help: "Time that requests to Order Desk waited for a token of the store's budget, by how that ended.",
    labelNames: ['outcome', 'priority'],
    buckets: WAIT_BUCKETS,
    registers,
  });
  for (const outcome of BUDGET_OUTCOMES) {
    for (const priority of BUDGET_PRIORITIES) budgetWaits.zero({ outcome, priority });
  }
  const foreignUse = new Counter({
    name: 'rate_budget_foreign_use_total',
    help: "Answers that showed somebody else using a store's budget.",
    registers,
  });
  const inbound = new Counter({
    name: 'inbound_limits_total',
    help: 'Decisions of the limits on inbound calls: by key, address, tenant and the pressure on the process.',
    labelNames: ['limit', 'outcome'],
    registers,
  });
  for (const limit of INBOUND_LIMITS) {
    for (const outcome of LIMIT_OUTCOMES) inbound.inc({ limit, outcome }, 0);
  }
  return {
    observeBudget({ outcome, priority, waitMs }) {
      budgetWaits.observe({ outcome, priority }, waitMs / 1000);
    },
    setBudgetMode: modeGauge(
      registry,
      'rate_budget_mode',
      "1 for how each store's budget is kept: shared by all replicas, or local to this process.",
    ),
    countForeignUse() {
      foreignUse.inc();
    },
    countLimit(limit, outcome) {
      inbound.inc({ limit, outcome });
    },
    setLimiterMode: modeGauge(
      registry,
      'rate_limiter_mode',
      '1 for how limits are counted: shared by all replicas, or local to this process.',
    ),
  };
}

/** A gauge that is 1 for one of the two modes at a time. */
function modeGauge(registry: Registry, name: string, help: string): (mode: SharingMode) => void {
  const gauge = new Gauge({ name, help, labelNames: ['mode'], registers: [registry] });
  return (mode) => {
    gauge.set({ mode: 'local' }, mode === 'local' ? 1 : 0);
    gauge.set({ mode: 'shared' }, mode === 'shared' ? 1 : 0);
  };
}
