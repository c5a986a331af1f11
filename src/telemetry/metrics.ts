/** Prometheus metrics, in a registry of their own for each app. What is measured stands in the files put together here. */
import { Registry } from 'prom-client';
import { createAuthMetrics } from './auth-metrics.js';
import { createCacheMetrics } from './cache-metrics.js';
import { createCallMetrics } from './call-metrics.js';
import { createChangeMetrics } from './change-metrics.js';
import { createHttpMetrics } from './http-metrics.js';
import { createLimitMetrics } from './limit-metrics.js';
import type { Metrics } from './port.js';
import { registerProcessMetrics } from './process-metrics.js';
import { createServerMetrics } from './server-metrics.js';
import { createStorageMetrics } from './storage-metrics.js';
import { createTenantMetrics } from './tenant-metrics.js';
import { createToolMetrics } from './tool-metrics.js';
import { createUpstreamMetrics } from './upstream-metrics.js';

export interface MetricsOptions {
  /** The names of all tools: any other counts as `_unknown`. */
  readonly tools: readonly string[];
  readonly version: string;
  /** Of the sources of this build; `unknown` unless told. */
  readonly commit?: string;
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

export function createMetrics(options: MetricsOptions): MetricsRegistry {
  const { tools, version, commit = 'unknown', now = () => performance.now() } = options;
  const registry = new Registry();
  const closeProcessMetrics = registerProcessMetrics(registry);
  return {
    ...createHttpMetrics(registry),
    ...createToolMetrics(registry, tools),
    ...createCallMetrics(registry, tools),
    ...createChangeMetrics(registry, tools),
    ...createUpstreamMetrics(registry),
    ...createLimitMetrics(registry),
    ...createAuthMetrics(registry),
    ...createCacheMetrics(registry),
    ...createStorageMetrics(registry),
    ...createTenantMetrics(registry, now),
    ...createServerMetrics(registry, { version, commit }),
    contentType: registry.contentType,
    text: () => registry.metrics(),
    close: closeProcessMetrics,
  };
}
