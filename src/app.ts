/**
 * The composition root: this file and `app/` are the only ones that know every adapter. They put the rooms together
 * bottom up: foundation, services, and here the server. Nothing decides anything about a request.
 */
import type { AddressInfo } from 'node:net';
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
  /** Accepts connections from now on; resolves with the address of the MCP endpoint. */
  listen(): Promise<string>;
  /** Stops accepting, lets calls in flight finish, then closes all that the server stands on. */
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
    onError: (err) => log.warn({ err }, 'protocol'),
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
        loopbackOrigins: config.profile !== 'production',
      },
      onAuthAttempt: (error) => metrics.countAuth(authOutcome(error)),
    }),
  );
  await http.register(healthRoutes({ lifecycle, version: VERSION, uptime: () => process.uptime() }));
  await http.register(metricsRoute(metrics, config.metrics));

  return {
    operations: services.operations,
    hasher: services.hasher,
    async listen() {
      services.authenticator.start();
      await http.listen({ host: config.http.host, port: config.http.port });
      lifecycle.phase = 'ready';
      return endpointUrl(config, http.server.address());
    },
    async close() {
      lifecycle.phase = 'draining';
      await http.close();
      await services.close();
      await upstream.close();
      metrics.close();
      await foundation.close();
    },
  };
}

/** Lets the command line work through a running server. */
export async function serveOperations(config: AppConfig, operations: Operations) {
  const byName: Readonly<Record<string, NamedOperation>> = operations;
  return serveAdminSocket(adminSocketPath(config), async (command, input) => {
    const operation = Object.hasOwn(byName, command) ? byName[command] : undefined;
    if (operation === undefined) throw new AppError('invalid_argument', `Unknown operation: ${command}.`);
    return operation.run(input);
  });
}

function endpointUrl(config: AppConfig, address: AddressInfo | string | null): string {
  if (config.http.publicUrl !== undefined) return `${config.http.publicUrl}/mcp`;
  const port = typeof address === 'object' && address !== null ? address.port : config.http.port;
  const everywhere = config.http.host === '0.0.0.0' || config.http.host === '::';
  const host = everywhere ? 'localhost' : config.http.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/mcp`;
}
