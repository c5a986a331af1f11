/**
 * Which era a message belongs to, decided from body and headers before anything is built for it. Everything that can
 * be refused here is refused here.
 */
import {
  classifyInboundRequest,
  type JSONRPCNotification,
  type JSONRPCRequest,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';
import { type MessageId, type RpcError, requestIdOf, rpcErrorReply } from './json-rpc.js';
import type { InboundMessage, Reply } from './leg.js';
import { problemOfParams, withoutClient } from './params.js';
import { BATCH_REVISION, type Era, isServedLegacy, MODERN_REVISION, SERVED_REVISIONS } from './revisions.js';
import { HEADER_MISMATCH, headerProblem } from './standard-headers.js';

/** Messages that one array may hold. */
export const MAX_BATCH = 10;

export type Route =
  /** @param errorCode of the JSON-RPC error in the reply, if it is one */
  | { readonly kind: 'answered'; readonly reply: Reply; readonly errorCode?: number }
  | { readonly kind: 'modern'; readonly message: JSONRPCRequest }
  | { readonly kind: 'legacy'; readonly message: JSONRPCRequest }
  | { readonly kind: 'batch'; readonly messages: readonly (JSONRPCRequest | JSONRPCNotification)[] };

const answered = (reply: Reply): Route => ({ kind: 'answered', reply });

const failed = (status: number, id: MessageId, error: RpcError): Route => ({
  kind: 'answered',
  reply: rpcErrorReply(status, id, error),
  errorCode: error.code,
});

const refused = (inbound: InboundMessage, code: number, message: string, data?: unknown): Route =>
  failed(400, requestIdOf(inbound.body), { code, message, ...(data === undefined ? {} : { data }) });

export function routeMessage(inbound: InboundMessage): Route {
  const batchProblem = Array.isArray(inbound.body) ? problemOfArray(inbound, inbound.body) : undefined;
  if (batchProblem !== undefined) return refused(inbound, ProtocolErrorCode.InvalidRequest, batchProblem);

  const { protocolVersion, method, name } = inbound.headers;
  const outcome = classifyInboundRequest({
    httpMethod: 'POST',
    ...(protocolVersion === undefined ? {} : { protocolVersionHeader: protocolVersion }),
    ...(method === undefined ? {} : { mcpMethodHeader: method }),
    ...(name === undefined ? {} : { mcpNameHeader: name }),
    body: inbound.body,
  });
  switch (outcome.kind) {
    case 'reject':
      return failed(outcome.httpStatus, requestIdOf(inbound.body), {
        code: outcome.code,
        message: outcome.message,
        ...(outcome.data === undefined ? {} : { data: outcome.data }),
      });
    case 'modern':
      return routeModern(inbound, outcome.message, outcome.classification.revision);
    case 'legacy':
      return routeLegacy(inbound);
  }
}

function routeModern(
  inbound: InboundMessage,
  message: JSONRPCRequest | JSONRPCNotification,
  revision: string | undefined,
): Route {
  if (revision !== MODERN_REVISION) return unsupportedVersion(inbound, revision ?? 'none', [MODERN_REVISION]);
  // A client notification over HTTP carries nothing that a stateless server could act on.
  if (!('id' in message)) return answered({ kind: 'accepted' });
  const problem = headerProblem(inbound.headers, message);
  if (problem !== undefined) return refused(inbound, HEADER_MISMATCH, `Header mismatch: ${problem}.`);
  return invalidParams(message, 'modern') ?? { kind: 'modern', message };
}

function routeLegacy(inbound: InboundMessage): Route {
  const { body } = inbound;
  const revision = inbound.headers.protocolVersion?.trim();
  if (Array.isArray(body)) return { kind: 'batch', messages: body };
  const isRequest = isRequestMessage(body);
  const isHandshake = isRequest && body.method === 'initialize';
  if (revision !== undefined && !isHandshake && !isServedLegacy(revision)) {
    return unsupportedVersion(inbound, revision, SERVED_REVISIONS);
  }
  // Notifications and posted responses have no session here to belong to.
  if (!isRequest) return answered({ kind: 'accepted' });
  return invalidParams(body, 'legacy') ?? { kind: 'legacy', message: withoutClient(body) };
}

function invalidParams(message: JSONRPCRequest, era: Era): Route | undefined {
  const problem = problemOfParams(message, era);
  if (problem === undefined) return undefined;
  const error = {
    code: ProtocolErrorCode.InvalidParams,
    message: `Invalid params for ${message.method}: ${problem}.`,
  };
  return failed(200, message.id, error);
}

/** @param supported what the same kind of client could use: revisions of its own era, or all when that is unknown */
function unsupportedVersion(inbound: InboundMessage, requested: string, supported: readonly string[]): Route {
  return refused(
    inbound,
    ProtocolErrorCode.UnsupportedProtocolVersion,
    `Unsupported protocol version. Served here: ${SERVED_REVISIONS.join(', ')}.`,
    { supported, requested: requested.slice(0, 64) },
  );
}

function problemOfArray(inbound: InboundMessage, body: readonly unknown[]): string | undefined {
  const revision = inbound.headers.protocolVersion?.trim() ?? BATCH_REVISION;
  if (revision !== BATCH_REVISION) {
    return `Arrays of messages exist in protocol revision ${BATCH_REVISION} only. Send one message a request.`;
  }
  if (body.length > MAX_BATCH) {
    return `An array may hold at most ${MAX_BATCH} messages; this one holds ${body.length}. Send it in parts.`;
  }
  if (body.some((message) => isRequestMessage(message) && message.method === 'initialize')) {
    return 'initialize must be sent alone, not inside an array.';
  }
  return undefined;
}

/** The shape was checked by the classifier already; this only tells a request from the other kinds. */
const isRequestMessage = (body: unknown): body is JSONRPCRequest =>
  body !== null && typeof body === 'object' && 'method' in body && 'id' in body;
