/** Prometheus metrics, in a registry of their own for each app. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { ActiveTenants } from './active-tenants.js';
import { createChangeMetrics } from './change-metrics.js';
import { cappedLabel, closedLabel } from './labels.js';
import type { Metrics } from './port.js';
import { registerProcessMetrics } from './process-metrics.js';

export interface MetricsOptions {
  /** The names of all tools: any other counts as `_unknown`. */
  readonly tools: readonly string[];
  readonly version: string;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
}

export interface MetricsRegistry extends Metrics {
  readonly contentType: string;
  /** The exposition of everything measured so far. */
  text(): Promise<string>;
  /** Ends the sampling of the event loop. */
  close(): void;
}

const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** From an answer out of memory to a call that waits for its deadline, in seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** A request that crosses the internet, in seconds. */
const UPSTREAM_BUCKETS = [0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 2, 5, 10, 30];

/** From no wait at all to the longest that a call may take, in seconds. */
const WAIT_BUCKETS = [0.005, 0.05, 0.25, 0.5, 1, 2, 5, 10, 25];

/** More constants than a label needs; beyond it, something that is not a constant has been passed. */
const MOST_ROUTES = 50;

export function createMetrics({ tools, version, now }: MetricsOptions): MetricsRegistry {
  const registry = new Registry();
  const registers = [registry];
  const closeProcessMetrics = registerProcessMetrics(registry);

  const httpRequests = new Counter({
    name: 'http_requests_total',
    help: 'HTTP requests answered.',
    labelNames: ['route', 'method', 'status'],
    registers,
  });
  const httpDuration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer.',
    labelNames: ['route', 'method'],
    buckets: BUCKETS,
    registers,
  });
  const toolCalls = new Counter({
    name: 'mcp_tool_calls_total',
    help: 'Calls of tools by outcome: ok, or by whose making they failed.',
    labelNames: ['tool', 'outcome'],
    registers,
  });
  const toolDuration = new Histogram({
    name: 'mcp_tool_duration_seconds',
    help: 'Time that calls of tools took.',
    labelNames: ['tool'],
    buckets: BUCKETS,
    registers,
  });
  const upstreamCalls = new Counter({
    name: 'orderdesk_api_calls_total',
    help: 'Requests sent to Order Desk by outcome.',
    labelNames: ['route', 'outcome'],
    registers,
  });
  const upstreamDuration = new Histogram({
    name: 'orderdesk_api_duration_seconds',
    help: 'Time that requests to Order Desk took.',
    labelNames: ['route'],
    buckets: UPSTREAM_BUCKETS,
    registers,
  });
  const authAttempts = new Counter({
    name: 'auth_attempts_total',
    help: 'Verifications of API keys by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const cacheOperations = new Counter({
    name: 'cache_operations_total',
    help: 'Operations on the cache.',
    labelNames: ['operation', 'resource'],
    registers,
  });
  let countCacheItems = () => 0;
  new Gauge({
    name: 'cache_items',
    help: 'Entries in the cache of this process; 0 where the cache is in Redis.',
    registers,
    collect() {
      this.set(countCacheItems());
    },
  });
  const retries = new Counter({
    name: 'orderdesk_api_retries_total',
    help: 'Requests to Order Desk that were made again, by what went wrong before.',
    labelNames: ['route', 'reason'],
    registers,
  });
  const budgetWaits = new Histogram({
    name: 'rate_budget_wait_seconds',
    help: "Time that requests to Order Desk waited for a token of the store's budget, by how that ended.",
    labelNames: ['outcome', 'priority'],
    buckets: WAIT_BUCKETS,
    registers,
  });
  const budgetMode = new Gauge({
    name: 'rate_budget_mode',
    help: "1 for how each store's budget is kept: shared by all replicas, or local to this process.",
    labelNames: ['mode'],
    registers,
  });
  const foreignUse = new Counter({
    name: 'rate_budget_foreign_use_total',
    help: "Answers that showed somebody else using a store's budget.",
    registers,
  });
  const breaker = new Counter({
    name: 'orderdesk_breaker_changes_total',
    help: 'How often a store, or Order Desk as a whole, was left alone after failures, tried and asked again.',
    labelNames: ['scope', 'to'],
    registers,
  });
  const inboundLimits = new Counter({
    name: 'inbound_limits_total',
    help: 'Decisions of the limits on inbound calls: by key, address, tenant and the pressure on the process.',
    labelNames: ['limit', 'outcome'],
    registers,
  });
  const limiterMode = new Gauge({
    name: 'rate_limiter_mode',
    help: '1 for how limits are counted: shared by all replicas, or local to this process.',
    labelNames: ['mode'],
    registers,
  });
  const errors = new Counter({
    name: 'errors_total',
    help: 'Failures that were answered, by whose making they were and by code.',
    labelNames: ['type', 'code'],
    registers,
  });
  const activeTenants = new ActiveTenants(now ?? (() => performance.now()));
  new Gauge({
    name: 'active_tenants',
    help: 'Tenants with a call in the last five minutes.',
    registers,
    collect() {
      this.set(activeTenants.count());
    },
  });
  new Gauge({
    name: 'build_info',
    help: 'Always 1; the labels say what is running.',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version, node: process.version }, 1);

  const toolLabel = closedLabel(tools);
  const methodLabel = closedLabel(HTTP_METHODS);
  const httpRoute = cappedLabel(MOST_ROUTES);
  const upstreamRoute = cappedLabel(MOST_ROUTES);
  const resourceLabel = cappedLabel(MOST_ROUTES);

  return {
    ...createChangeMetrics(registry, tools),
    contentType: registry.contentType,
    text: () => registry.metrics(),
    close: closeProcessMetrics,
    observeHttp(event) {
      const labels = { route: httpRoute(event.route), method: methodLabel(event.method) };
      httpRequests.inc({ ...labels, status: event.status });
      httpDuration.observe(labels, event.durationMs / 1000);
    },
    observeTool(event) {
      const tool = toolLabel(event.tool);
      toolCalls.inc({ tool, outcome: event.outcome });
      toolDuration.observe({ tool }, event.durationMs / 1000);
    },
    observeUpstream(event) {
      const route = upstreamRoute(event.route);
      upstreamCalls.inc({ route, outcome: event.outcome });
      upstreamDuration.observe({ route }, event.durationMs / 1000);
    },
    countAuth(outcome) {
      authAttempts.inc({ outcome });
    },
    countCache(operation, resource) {
      cacheOperations.inc({ operation, resource: resourceLabel(resource) });
    },
    setCacheItems(count) {
      countCacheItems = count;
    },
    countRetry(route, reason) {
      retries.inc({ route: upstreamRoute(route), reason });
    },
    observeBudget({ outcome, priority, waitMs }) {
      budgetWaits.observe({ outcome, priority }, waitMs / 1000);
    },
    setBudgetMode(mode) {
      budgetMode.set({ mode: 'local' }, mode === 'local' ? 1 : 0);
      budgetMode.set({ mode: 'shared' }, mode === 'shared' ? 1 : 0);
    },
    countForeignUse() {
      foreignUse.inc();
    },
    countBreaker(scope, to) {
      breaker.inc({ scope, to });
    },
    countLimit(limit, outcome) {
      inboundLimits.inc({ limit, outcome });
    },
    setLimiterMode(mode) {
      limiterMode.set({ mode: 'local' }, mode === 'local' ? 1 : 0);
      limiterMode.set({ mode: 'shared' }, mode === 'shared' ? 1 : 0);
    },
    countError(error) {
      errors.inc({ type: error.class.source, code: error.code });
    },
    noteTenant(tenantId) {
      activeTenants.note(tenantId);
    },
  };
}
