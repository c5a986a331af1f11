/** What is measured of requests to Order Desk, and of the connections to it. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { cappedLabel, MOST_CONSTANTS } from './labels.js';
import {
  BREAKER_SCOPES,
  BREAKER_STATES,
  UPSTREAM_OUTCOMES,
  type UpstreamMetrics,
  type UpstreamPoolUse,
} from './port.js';

/** A request that crosses the internet, in seconds. */
const BUCKETS = [0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 2, 5, 10, 30];

const NOTHING_OPEN: UpstreamPoolUse = { connected: 0, free: 0, pending: 0, running: 0, queued: 0 };

export function createUpstreamMetrics(registry: Registry): UpstreamMetrics {
  const registers = [registry];
  const calls = new Counter({
    name: 'orderdesk_api_calls_total',
    help: 'Requests to Order Desk by outcome; not_sent for those that never left.',
    labelNames: ['route', 'outcome'],
    registers,
  });
  const duration = new Histogram({
    name: 'orderdesk_api_duration_seconds',
    help: 'Time that requests to Order Desk took.',
    labelNames: ['route'],
    buckets: BUCKETS,
    registers,
  });
  const retries = new Counter({
    name: 'orderdesk_api_retries_total',
    help: 'Requests to Order Desk that were made again, by what went wrong before.',
    labelNames: ['route', 'reason'],
    registers,
  });
  const breaker = new Counter({
    name: 'orderdesk_breaker_changes_total',
    help: 'How often a store, or Order Desk as a whole, was left alone after failures, tried and asked again.',
    labelNames: ['scope', 'to'],
    registers,
  });
  for (const scope of BREAKER_SCOPES) {
    for (const to of BREAKER_STATES) breaker.inc({ scope, to }, 0);
  }
  let poolUse = () => NOTHING_OPEN;
  new Gauge({
    name: 'orderdesk_pool_connections',
    help: 'Connections to Order Desk: all that are open, and those of them that carry no request.',
    labelNames: ['state'],
    registers,
    collect() {
      const { connected, free } = poolUse();
      this.set({ state: 'connected' }, connected);
      this.set({ state: 'free' }, free);
    },
  });
  new Gauge({
    name: 'orderdesk_pool_requests',
    help: 'Requests to Order Desk: given to a connection, sent, and waiting for a connection.',
    labelNames: ['state'],
    registers,
    collect() {
      const { pending, running, queued } = poolUse();
      this.set({ state: 'pending' }, pending);
      this.set({ state: 'running' }, running);
      this.set({ state: 'queued' }, queued);
    },
  });
  const routeLabel = cappedLabel(MOST_CONSTANTS);
  return {
    expectUpstream(routes) {
      for (const route of routes.map(routeLabel)) {
        for (const outcome of UPSTREAM_OUTCOMES) calls.inc({ route, outcome }, 0);
      }
    },
    observeUpstream(event) {
      const route = routeLabel(event.route);
      calls.inc({ route, outcome: event.outcome });
      if (event.outcome !== 'not_sent') duration.observe({ route }, event.durationMs / 1000);
    },
    countRetry(route, reason) {
      retries.inc({ route: routeLabel(route), reason });
    },
    countBreaker(scope, to) {
      breaker.inc({ scope, to });
    },
    watchUpstreamPool(use) {
      poolUse = use;
    },
  };
}
