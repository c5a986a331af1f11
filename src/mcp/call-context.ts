import { setMaxListeners } from 'node:events';
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { readTraceparent, type TraceContext } from '../telemetry/trace-context.js';
import type { CallContext, JsonObject } from './catalogue.js';
import { claimedClient } from './claimed-client.js';
import type { Deadline } from './deadline.js';
import type { InboundMessage } from './leg.js';
import type { Era } from './revisions.js';

const NOTHING: JsonObject = {};

/**
 * The SDK's context in the catalogue's terms. A closed connection cancels a 2026-07-28 call; for the older revisions
 * a disconnect is not a cancellation, so only the deadline ends those.
 */
export function callContext(
  ctx: ServerContext,
  inbound: InboundMessage,
  era: Era,
  deadline: Deadline,
  draining: AbortSignal,
): CallContext {
  const { mcpReq } = ctx;
  const progressToken = mcpReq._meta?.progressToken;
  let told = Number.NEGATIVE_INFINITY;
  return {
    principal: inbound.principal,
    requestId: inbound.requestId,
    trace: traceOf(mcpReq._meta, inbound),
    signal: callSignal(era, mcpReq.signal, deadline.signal),
    deadlineAt: deadline.at,
    draining,
    async progress(progress, total, message) {
      // It must grow with every notification, whatever a tool counts.
      if (progressToken === undefined || progress <= told) return;
      told = progress;
      await mcpReq.notify({
        method: 'notifications/progress',
        params: {
          progressToken,
          progress,
          ...(total === undefined ? {} : { total }),
          ...(message === undefined ? {} : { message }),
        },
      });
    },
    log: (level, data) => mcpReq.log(level, data),
    clientCapabilities: declaredCapabilities(mcpReq.envelope),
    client: claimedClient(memberOf(mcpReq.envelope, CLIENT_INFO_META_KEY), inbound.userAgent),
    inputResponses: mcpReq.inputResponses ?? NOTHING,
    requestState: mcpReq.requestState(),
  };
}

/** What the call says of itself goes before what its HTTP request says: a batch has several calls. */
const traceOf = (meta: object | undefined, { traceparent }: InboundMessage): TraceContext | undefined =>
  readTraceparent(memberOf(meta, 'traceparent')) ?? readTraceparent(traceparent);

/** Every request that a call makes at the same time listens to it. */
function callSignal(era: Era, disconnected: AbortSignal, deadline: AbortSignal): AbortSignal {
  const signal = era === 'modern' ? AbortSignal.any([disconnected, deadline]) : deadline;
  setMaxListeners(0, signal);
  return signal;
}

function declaredCapabilities(envelope: object | undefined): JsonObject {
  const declared = memberOf(envelope, CLIENT_CAPABILITIES_META_KEY);
  return declared !== null && typeof declared === 'object' ? declared : NOTHING;
}

const memberOf = (envelope: object | undefined, key: string) =>
  Object.entries(envelope ?? {}).find(([name]) => name === key)?.[1];
