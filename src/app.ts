/**
 * The composition root: this file and `app/` are the only ones that know every adapter. They put the rooms together
 * bottom up: foundation, services, and here the server. Nothing decides anything about a request.
 */
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AppConfig, adminSocketPath, type Foundation, type Upstream } from './app/foundation.js';
import { createServices } from './app/services.js';
import { VERSION } from './app/version.js';
import { AppError } from './errors.js';
import { healthRoutes, type Lifecycle } from './http/health.js';
import { mcpRoute } from './http/mcp-route.js';
import { metricsRoute } from './http/metrics-route.js';
import { createHttpServer } from './http/server.js';
import { createSdkLeg } from './mcp/sdk-leg.js';
import { serveAdminSocket } from './storage/admin-socket.js';
import type { Logger } from './telemetry/logger.js';
import { createMetrics } from './telemetry/metrics.js';
import { authOutcome, toolOutcome } from './telemetry/outcomes.js';
import type { KeyHasher } from './tenancy/keys/key-hasher.js';
import type { NamedOperation, Operations } from './tenancy/operations/index.js';
import { INSTRUCTIONS, makeTools, TOOL_NAMES } from './tools/index.js';

export interface McpServer {
  readonly operations: Operations;
  readonly hasher: KeyHasher;
  /** @throws AppError `storage_unavailable` when the encryption ring is another one than the data was stored with */
  assertKeysFit(): Promise<void>;
  /** Takes the port; resolves with the address of the MCP endpoint. */
  listen(): Promise<string>;
  /** Tells probes that all is in place. */
  declareReady(): void;
  /** Stops accepting, gives calls in flight their time of grace, then closes all that the server stands on. */
  close(): Promise<void>;
}

/** Builds the server on an open foundation. Closing it closes foundation and upstream too. */
export async function createServer(
  foundation: Foundation,
  upstream: Upstream,
  config: AppConfig,
  log: Logger,
): Promise<McpServer> {
  const metrics = createMetrics({ tools: TOOL_NAMES, version: VERSION });
  const services = createServices(foundation, upstream, config, log, metrics);
  const lifecycle: Lifecycle = { phase: 'starting' };
  const leg = createSdkLeg({
    catalogue: {
      serverInfo: { name: 'orderdesk-mcp', title: 'Order Desk', version: VERSION },
      instructions: INSTRUCTIONS,
      tools: makeTools(services.toolDeps),
      // Empty rather than absent: many clients ask for both without looking at the capabilities.
      prompts: [],
      resources: [],
    },
    deadlineMs: config.upstream.deadlineMs,
    observe: ({ tool, outcome, durationMs, context, error }) => {
      metrics.observeTool({ tool, outcome: toolOutcome(error), durationMs });
      log[error?.class.logLevel ?? 'info'](
        {
          request_id: context.requestId,
          tenant_id: context.principal.tenantId,
          kid: context.principal.kid,
          tool,
          outcome,
          duration_ms: Math.round(durationMs),
          ...(error === undefined || error.class.source === 'client' ? {} : { err: error }),
        },
        'tool call',
      );
    },
    onError: (err, requestId) => log.warn({ request_id: requestId, err }, 'protocol'),
  });

  const http = createHttpServer({
    logger: log,
    trustProxy: config.http.trustProxy,
    observeRequest: metrics.observeHttp,
    isDraining: () => lifecycle.phase === 'draining',
  });
  await http.register(
    mcpRoute({
      leg,
      authenticator: services.authenticator,
      hostOrigin: {
        hostNames: new Set(config.http.allowedHosts),
        origins: new Set(config.http.allowedOrigins),
        loopbackOrigins: config.profile === 'development' || config.profile === 'test',
      },
      onAuthAttempt: (error) => metrics.countAuth(authOutcome(error)),
    }),
  );
  await http.register(healthRoutes({ lifecycle, version: VERSION, uptime: () => process.uptime() }));
  await http.register(metricsRoute(metrics, config.metrics));

  return {
    operations: services.operations,
    hasher: services.hasher,
    assertKeysFit: services.assertKeysFit,
    async listen() {
      services.authenticator.start();
      await http.listen({ host: config.http.host, port: config.http.port });
      return endpointUrl(config, http.server.address());
    },
    declareReady() {
      lifecycle.phase = 'ready';
    },
    async close() {
      lifecycle.phase = 'draining';
      const cutOff = setTimeout(() => {
        log.warn('calls are cut off: the time of grace is over');
        http.server.closeAllConnections();
      }, config.shutdownGraceMs);
      await http.close().finally(() => clearTimeout(cutOff));
      await services.close();
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
