/**
 * What is measured and logged of each request and each call of a tool, once it is over: one line each, whose level is
 * that of its error. `docs/LOGS.md` names the fields.
 */
import type { AppError } from '../errors.js';
import type { HttpRequestEvent } from '../http/observed-requests.js';
import type { UnreadableEvent } from '../http/unreadable-request.js';
import type { ToolCallObserver } from '../mcp/call-tool.js';
import { UNKNOWN } from '../telemetry/labels.js';
import { toolOutcome } from '../telemetry/outcomes.js';
import type { Log, Metrics } from '../telemetry/port.js';
import { readTraceparent, type TraceContext } from '../telemetry/trace-context.js';
import { type CallTimes, WAIT_KINDS } from '../telemetry/waits.js';

type RequestMetrics = Pick<Metrics, 'observeHttp' | 'noteTenant' | 'countError'>;
type ToolMetrics = Pick<Metrics, 'observeTool' | 'observeCallTimes' | 'countError'>;

export const observeRequests =
  (metrics: RequestMetrics, log: Log) =>
  (event: HttpRequestEvent): void => {
    const { tenantId, failure, times, durationMs } = event;
    metrics.observeHttp(event);
    if (tenantId !== undefined) metrics.noteTenant(tenantId);
    if (failure !== undefined) metrics.countError(failure);
    log[levelOf(failure)](
      {
        request_id: event.requestId,
        ...traceFields(readTraceparent(event.traceparent)),
        method: event.method,
        route: event.route,
        status: event.status,
        outcome: requestOutcome(event),
        ...(durationMs === undefined ? {} : { duration_ms: Math.round(durationMs) }),
        ...(times === undefined ? {} : timeFields(times)),
        tenant_id: tenantId,
        kid: event.kid,
        ...errorField(failure),
      },
      'request',
    );
  };

/** Bytes that were no HTTP request: they have no method, no address, no beginning and no id. */
export const observeUnreadable =
  (metrics: Pick<Metrics, 'observeHttp' | 'countError'>, log: Log) =>
  ({ status, failure }: UnreadableEvent): void => {
    const seen = { method: UNKNOWN, route: 'none', status };
    metrics.observeHttp({ ...seen, durationMs: undefined });
    metrics.countError(failure);
    // Scanners of the whole internet send such: below what is logged as a rule.
    log.debug({ ...seen, outcome: failure.code }, 'unreadable request');
  };

export const observeTools =
  (metrics: ToolMetrics, log: Log): ToolCallObserver =>
  ({ tool, outcome, times, context, error }) => {
    const durationMs = times.totalMs;
    metrics.observeTool({ tool, outcome: toolOutcome(error), durationMs });
    metrics.observeCallTimes(tool, times);
    if (error !== undefined) metrics.countError(error);
    log[levelOf(error)](
      {
        request_id: context.requestId,
        ...traceFields(context.trace),
        tenant_id: context.principal.tenantId,
        kid: context.principal.kid,
        tool,
        outcome,
        duration_ms: Math.round(durationMs),
        ...timeFields(times),
        ...errorField(error),
      },
      'tool call',
    );
  };

function requestOutcome({ failure, protocolError, status }: HttpRequestEvent): string {
  if (failure !== undefined) return failure.code;
  if (protocolError !== undefined) return String(protocolError);
  return status < 400 ? 'ok' : 'error';
}

const levelOf = (error: AppError | undefined) => error?.class.logLevel ?? 'info';

/** What a client did wrong is told by its code; the rest of the error may repeat what it sent. */
const errorField = (error: AppError | undefined) =>
  error === undefined || error.class.source === 'client' ? {} : { err: error };

const traceFields = (trace: TraceContext | undefined) =>
  trace === undefined ? {} : { trace_id: trace.traceId, parent_span_id: trace.parentSpanId };

function timeFields({ ownMs, waitMs }: CallTimes) {
  const waited = WAIT_KINDS.filter((on) => waitMs[on] > 0).map((on) => [on, tenths(waitMs[on])]);
  return { own_ms: tenths(ownMs), wait_ms: Object.fromEntries(waited) };
}

/** Redis answers within less than a millisecond. */
const tenths = (ms: number): number => Math.round(ms * 10) / 10;
