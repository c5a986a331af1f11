/**
 * The composition root: this file and `app/` are the only ones that know every adapter. They put the rooms together
 * bottom up: foundation, services, and here the server. Nothing decides anything about a request.
 */
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AppConfig, Foundation, Upstream } from './app/foundation.js';
import { openInboundLimits } from './app/inbound-limits.js';
import { observeRequests, observeTools } from './app/observers.js';
import { adminSocketPath } from './app/read-config.js';
import { createServices } from './app/services.js';
import { openSharedRedis } from './app/shared-redis.js';
import { VERSION } from './app/version.js';
import { AppError } from './errors.js';
import { healthRoutes, type Lifecycle } from './http/health.js';
import { mcpRoute } from './http/mcp-route.js';
import { metricsRoute } from './http/metrics-route.js';
import { createHttpServer } from './http/server.js';
import { Pressure, sampleEventLoop, shedding } from './http/shedding.js';
import { networkOf } from './limits/address.js';
import { createSdkLeg } from './mcp/sdk-leg.js';
import { serveAdminSocket } from './storage/admin-socket.js';
import type { Logger } from './telemetry/logger.js';
import { createMetrics } from './telemetry/metrics.js';
import { authOutcome } from './telemetry/outcomes.js';
import type { KeyHasher } from './tenancy/keys/key-hasher.js';
import { refusalReason } from './tenancy/keys/key-refusal.js';
import type { NamedOperation, Operations } from './tenancy/operations/index.js';
import { assertRingOpensDatabase } from './tenancy/vault/ring-check.js';
import { TOOL_NAMES } from './tools/index.js';

export interface McpServer {
  readonly operations: Operations;
  readonly hasher: KeyHasher;
  /** Takes the port; resolves with the address of the MCP endpoint. */
  listen(): Promise<string>;
  /** Tells probes that all is in place: now, or as soon as the database has been reached and found to fit. */
  declareReady(): void;
  /** Stops accepting, gives calls in flight their time of grace, then closes all that the server stands on. */
  close(): Promise<void>;
}

/**
 * Builds the server on an open foundation. Closing it closes foundation and upstream too.
 * @param now milliseconds since 1970: what keys, cursors and tools take for the present
 */
export async function createServer(
  foundation: Foundation,
  upstream: Upstream,
  config: AppConfig,
  log: Logger,
  now: () => number = Date.now,
): Promise<McpServer> {
  const metrics = createMetrics({ tools: TOOL_NAMES, version: VERSION });
  const redis = await openSharedRedis(config, metrics, log);
  const services = createServices(foundation, upstream, config, log, { metrics, redis: redis.shared }, now);
  const limits = openInboundLimits(config, foundation.pepperRing, redis.shared, metrics);
  const lifecycle: Lifecycle = { phase: 'starting' };
  const draining = new AbortController();
  const leg = createSdkLeg({
    catalogue: {
      serverInfo: { name: 'orderdesk-mcp', title: 'Order Desk', version: VERSION },
      ...services.catalogue(),
    },
    deadlineMs: config.upstream.deadlineMs,
    scanDeadlineMs: config.upstream.scanDeadlineMs,
    draining: draining.signal,
    observe: observeTools(metrics, log),
    onScopeViolation: ({ kind, name, principal, requestId }) => {
      const { tenantId, kid } = principal;
      log.warn(
        { request_id: requestId, tenant_id: tenantId, kid, [kind]: name },
        'outside the scope of the key',
      );
      services.audit.record({ kind: 'scope_violated', tenantId, kid, what: kind, name });
    },
    onError: (err, requestId) => log.warn({ request_id: requestId, err }, 'protocol'),
  });

  const http = createHttpServer({
    logger: log,
    trustProxy: config.http.trustProxy,
    observeRequest: observeRequests(metrics),
    isDraining: () => lifecycle.phase === 'draining',
  });
  const pressure = new Pressure(config.limits.pressure);
  await sampleEventLoop(http, pressure);
  await http.register(
    mcpRoute({
      leg,
      authenticator: services.authenticator,
      directory: services.toolDeps.directory,
      limits: limits.inbound,
      shed: shedding(pressure, () => metrics.countLimit('pressure', 'refused')),
      hostOrigin: {
        hostNames: new Set(config.http.allowedHosts),
        origins: new Set(config.http.allowedOrigins),
        loopbackOrigins: config.profile === 'development' || config.profile === 'test',
      },
      onAuthAttempt: (error, address) => {
        metrics.countAuth(authOutcome(error));
        const reason = refusalReason(error);
        if (reason === undefined) return;
        services.audit.record({ kind: 'key_refused', address: networkOf(address), reason });
      },
    }),
  );
  await http.register(
    healthRoutes({
      lifecycle,
      version: VERSION,
      uptime: () => process.uptime(),
      limits: () => limits.limiter.mode,
    }),
  );
  await http.register(metricsRoute(metrics, config.metrics));

  const ringFits = () => assertRingOpensDatabase(foundation.database, foundation.kmsRing);
  const refuseToServe = (err: unknown) => log.fatal({ err }, 'never ready with this database');
  const becomeReady = () => {
    if (lifecycle.phase === 'starting') lifecycle.phase = 'ready';
  };
  return {
    operations: services.operations,
    hasher: services.hasher,
    async listen() {
      services.authenticator.start();
      services.audit.start();
      services.changes.upkeep.start();
      await http.listen({ host: config.http.host, port: config.http.port });
      return endpointUrl(config, http.server.address());
    },
    declareReady() {
      if (foundation.contact.isMade()) becomeReady();
      else void foundation.contact.first.then(ringFits).then(becomeReady, refuseToServe);
    },
    async close() {
      lifecycle.phase = 'draining';
      services.refuseWrites();
      draining.abort();
      const cutOff = setTimeout(() => {
        log.warn('calls are cut off: the time of grace is over');
        http.server.closeAllConnections();
      }, config.shutdownGraceMs);
      await http.close().finally(() => clearTimeout(cutOff));
      await services.close();
      await limits.limiter.close();
      redis.close();
      await upstream.close();
      metrics.close();
      await foundation.close();
    },
  };
}

/** Milliseconds in which the answer of an operation gets through; a command that has not been sent by then never is. */
const ANSWERED_WITHIN_MS = 250;

/**
 * Lets the command line work through a running server. Closing lets operations that run finish, and waits for no
 * connection on which no command has arrived.
 */
export async function serveOperations(config: AppConfig, operations: Operations) {
  const byName: Readonly<Record<string, NamedOperation>> = operations;
  const running = new Set<Promise<unknown>>();
  const socket = await serveAdminSocket(adminSocketPath(config), async (command, input) => {
    const operation = Object.hasOwn(byName, command) ? byName[command] : undefined;
    if (operation === undefined) throw new AppError('invalid_argument', `Unknown operation: ${command}.`);
    const run = operation.run(input);
    running.add(run);
    return run.finally(() => running.delete(run));
  });
  return {
    async close(): Promise<void> {
      const closed = socket.close();
      await Promise.allSettled(running);
      await Promise.race([closed, sleep(ANSWERED_WITHIN_MS, undefined, { ref: false })]);
    },
  };
}

function endpointUrl(config: AppConfig, address: AddressInfo | string | null): string {
  if (config.http.publicUrl !== undefined) return `${config.http.publicUrl}/mcp`;
  const port = typeof address === 'object' && address !== null ? address.port : config.http.port;
  const everywhere = config.http.host === '0.0.0.0' || config.http.host === '::';
  const host = everywhere ? 'localhost' : config.http.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/mcp`;
}
