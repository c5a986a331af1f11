/** What is measured and logged of each request and each call of a tool, once it is over. */
import type { HttpRequestEvent } from '../http/server.js';
import type { ToolCallObserver } from '../mcp/call-tool.js';
import { toolOutcome } from '../telemetry/outcomes.js';
import type { Log, Metrics } from '../telemetry/port.js';

export const observeRequests =
  (metrics: Metrics) =>
  (event: HttpRequestEvent): void => {
    metrics.observeHttp(event);
    if (event.tenantId !== undefined) metrics.noteTenant(event.tenantId);
    if (event.failure !== undefined) metrics.countError(event.failure);
  };

export const observeTools =
  (metrics: Metrics, log: Log): ToolCallObserver =>
  ({ tool, outcome, durationMs, context, error }) => {
    metrics.observeTool({ tool, outcome: toolOutcome(error), durationMs });
    if (error !== undefined) metrics.countError(error);
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
  };
