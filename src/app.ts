/**
 * The composition root: this file and `app/` are the only ones that know every adapter. They put the rooms together
 * bottom up: foundation, services, and here the server. Nothing decides anything about a request.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { diskOf } from './app/disk.js';
import type { AppConfig, Foundation, Upstream } from './app/foundation.js';
import { healthReport } from './app/health-report.js';
import { openInboundLimits } from './app/inbound-limits.js';
import { observeRequests, observeTools, observeUnreadable } from './app/observers.js';
import { type Parts, watchParts } from './app/parts.js';
import { adminSocketPath } from './app/read-config.js';
import { Readiness } from './app/readiness.js';
import { createServices } from './app/services.js';
import { openSharedRedis } from './app/shared-redis.js';
import { goDown, type ShutdownSteps, shutdownTimes } from './app/shutdown.js';
import { COMMIT, VERSION } from './app/version.js';
import { AppError } from './errors.js';
import { stopListening } from './http/drain.js';
import { healthRoutes } from './http/health.js';
import { detailedHealthRoute } from './http/health-detailed.js';
import type { HostOriginPolicy } from './http/host-origin.js';
import { countInFlight } from './http/in-flight.js';
import { mcpRoute } from './http/mcp-route.js';
import { metricsRoute } from './http/metrics-route.js';
import { createHttpServer } from './http/server.js';
import { Pressure, SAMPLE_MS, sampleEventLoop, shedding } from './http/shedding.js';
import { networkOf } from './limits/address.js';
import { createSdkLeg } from './mcp/sdk-leg.js';
import { waitedRedis } from './redis/waited.js';
import { serveAdminSocket } from './storage/admin-socket.js';
import type { Logger } from './telemetry/logger.js';
import { createMetrics } from './telemetry/metrics.js';
import { authOutcome } from './telemetry/outcomes.js';
import { createWaits } from './telemetry/waits.js';
import type { KeyHasher } from './tenancy/keys/key-hasher.js';
import { refusalReason } from './tenancy/keys/key-refusal.js';
import type { NamedOperation, Operations } from './tenancy/operations/index.js';
import { repeat } from './tenancy/repeat.js';
import { TOOL_NAMES } from './tools/index.js';

export interface McpServer {
  readonly operations: Operations;
  readonly hasher: KeyHasher;
  /** Takes the port; resolves with the address of the MCP endpoint. */
  listen(): Promise<string>;
  /**
   * Tells probes that all is in place: before it returns, or as soon as the database has been reached and found to fit.
   * @returns whether the server became ready; one that goes down does not. Never rejects.
   */
  declareReady(): Promise<boolean>;
  /**
   * Stops accepting, gives calls in flight their time of grace, then closes all that the server stands on.
   * @param how `soon` gives balancers no time to leave
   */
  close(how?: 'gently' | 'soon'): Promise<void>;
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
  const waits = createWaits();
  const metrics = createMetrics({ tools: TOOL_NAMES, version: VERSION, commit: COMMIT });
  const redis = await openSharedRedis(config, metrics, log);
  const shared = redis.shared && waitedRedis(redis.shared, (work) => waits.waiting('redis', work));
  const services = createServices(foundation, upstream, config, log, { metrics, redis: shared, waits }, now);
  const limits = openInboundLimits(config, foundation.pepperRing, shared, metrics);
  const pressure = new Pressure(config.limits.pressure);
  const readiness = new Readiness(
    { redis: redis.shared, database: services.authenticator, pressure },
    metrics,
  );
  const showing = repeat(SAMPLE_MS, async () => readiness.show());
  const draining = new AbortController();
  const cutOff = new AbortController();
  const leg = createSdkLeg({
    catalogue: {
      serverInfo: { name: 'orderdesk-mcp', title: 'Order Desk', version: VERSION },
      ...services.catalogue(),
    },
    deadlineMs: config.upstream.deadlineMs,
    scanDeadlineMs: config.upstream.scanDeadlineMs,
    draining: draining.signal,
    cutOff: cutOff.signal,
    observe: observeTools(metrics, log),
    waits,
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
    observeRequest: observeRequests(metrics, log),
    observeUnreadable: observeUnreadable(metrics, log),
    waits,
    isDraining: () => readiness.isDraining,
  });
  await sampleEventLoop(http, pressure);
  const hostOrigin: HostOriginPolicy = {
    hostNames: new Set(config.http.allowedHosts),
    origins: new Set(config.http.allowedOrigins),
    loopbackOrigins: config.profile === 'development' || config.profile === 'test',
  };
  await http.register(
    mcpRoute({
      leg,
      authenticator: services.authenticator,
      directory: services.toolDeps.directory,
      limits: limits.inbound,
      shed: shedding(pressure, () => metrics.countLimit('pressure', 'refused')),
      hostOrigin,
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
      health: readiness,
      version: VERSION,
      uptime: () => process.uptime(),
      limits: () => limits.limiter.mode,
    }),
  );
  const parts: Parts = {
    health: readiness,
    database: foundation.database,
    poolUse: () => foundation.poolUse?.(),
    cache: services.orderDesk.cache,
    redisUse: redis.use,
    limiterMode: () => limits.limiter.mode,
    upstreamPool: services.orderDesk.poolUse,
    hashes: () => services.hasher.use,
    requestsInFlight: countInFlight(http.server),
    disk: diskOf(config.dataDir),
    loop: pressure,
  };
  watchParts(metrics, parts);
  await http.register(detailedHealthRoute(healthReport(config, parts), config.admin, hostOrigin));
  await http.register(metricsRoute(metrics, config.metrics, hostOrigin));

  const shutdown: ShutdownSteps = {
    beginDraining: () => readiness.beginDraining(),
    stopListening: () => stopListening(http.server),
    untilNoConnection: () => once(http.server, 'close'),
    closeHttp: () => http.close(),
    takeNoMore() {
      services.refuseWrites();
      draining.abort();
    },
    endCalls() {
      log.warn('calls are ended: the time of grace is over');
      cutOff.abort(new AppError('shutting_down', undefined, { retryAfterS: 1 }));
    },
    writesUnderWay: () => services.changes.close(),
    cutConnections: () => http.server.closeAllConnections(),
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
    async declareReady() {
      if (!foundation.contact.isMade()) await foundation.contact.first;
      return readiness.becomeReady();
    },
    async close(how = 'gently') {
      const times = shutdownTimes(config);
      await goDown(
        shutdown,
        how === 'gently' ? times : { ...times, delay: 0, linger: 0, settle: 0 },
        (ms, signal) => sleep(ms, undefined, { signal }),
      );
      await showing.stop();
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
