/**
 * The trace that a request says it belongs to (W3C Trace Context, header `traceparent` or `_meta.traceparent` of a call).
 * Nothing but two numbers of fixed length is taken over, so that nobody writes into the log by it. It ends here: Order
 * Desk is somebody else's and is told nothing of its callers' traces.
 */

export interface TraceContext {
  /** 32 hexadecimal digits, not all 0. */
  readonly traceId: string;
  /** Of the span that made the request: 16 hexadecimal digits, not all 0. */
  readonly parentSpanId: string;
}

/** The one version there is. Digits are lower case; the flags ask for nothing that is done here. */
const VERSION_00 = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}$/;
const LENGTH = 55;

/** @returns `undefined` for anything that is not exactly a version 00 `traceparent` */
export function readTraceparent(value: unknown): TraceContext | undefined {
  if (typeof value !== 'string' || value.length !== LENGTH) return undefined;
  const [, traceId, parentSpanId] = VERSION_00.exec(value) ?? [];
  return traceId === undefined || parentSpanId === undefined ? undefined : { traceId, parentSpanId };
}
