/** What is measured of HTTP requests. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { DURATION_BUCKETS } from './buckets.js';
import { cappedLabel, closedLabel, MOST_CONSTANTS } from './labels.js';
import type { HttpMetrics } from './port.js';

const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

export function createHttpMetrics(registry: Registry): HttpMetrics {
  const registers = [registry];
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'HTTP requests answered.',
    labelNames: ['route', 'method', 'status'],
    registers,
  });
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer.',
    labelNames: ['route', 'method'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  let inFlight = () => 0;
  new Gauge({
    name: 'http_requests_in_flight',
    help: 'HTTP requests that are being answered now, the one that asks for this among them.',
    registers,
    collect() {
      this.set(inFlight());
    },
  });
  const methodLabel = closedLabel(HTTP_METHODS);
  const routeLabel = cappedLabel(MOST_CONSTANTS);
  return {
    observeHttp(event) {
      const labels = { route: routeLabel(event.route), method: methodLabel(event.method) };
      requests.inc({ ...labels, status: event.status });
      if (event.durationMs !== undefined) duration.observe(labels, event.durationMs / 1000);
    },
    watchRequests(count) {
      inFlight = count;
    },
  };
}
