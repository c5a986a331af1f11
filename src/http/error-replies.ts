/**
 * The one place where a failure becomes an HTTP answer. Under `/mcp` it is a JSON-RPC error without an id, elsewhere
 * `{error: {…}}`; both carry the same code, words and hint. Nothing of the cause is shown.
 */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type ErrorCode } from '../errors.js';
import { requestIdOf } from '../mcp/json-rpc.js';

/** Fastify's own refusals in our terms; what is not here is a fault of ours. */
const FASTIFY_CODES: ReadonlyMap<string, ErrorCode> = new Map([
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'payload_too_large'],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'unsupported_media_type'],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', 'malformed_json'],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'invalid_request'],
  ['FST_ERR_BAD_URL', 'route_not_found'],
  ['FST_ERR_ASYNC_CONSTRAINT', 'route_not_found'],
  // The client hung up in the middle of its body; nobody reads the answer.
  ['ECONNRESET', 'cancelled'],
  ['ERR_STREAM_PREMATURE_CLOSE', 'cancelled'],
]);

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request was answered with, where that is a failure of the edge. */
    failure: AppError | undefined;
  }
}

export function isMcpPath(url: string): boolean {
  return url === '/mcp' || url.startsWith('/mcp/') || url.startsWith('/mcp?');
}

export function sendError(request: FastifyRequest, reply: FastifyReply, error: AppError): FastifyReply {
  request.failure = error;
  const { http, jsonRpc } = error.class;
  if (error.retryAfterS !== undefined) reply.header('retry-after', String(error.retryAfterS));
  const details = {
    ...(error.field === undefined ? {} : { field: error.field }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.retryAfterS === undefined ? {} : { retry_after_s: error.retryAfterS }),
    request_id: request.id,
  };
  const body = isMcpPath(request.url)
    ? {
        jsonrpc: '2.0',
        id: requestIdOf(request.body),
        error: { code: jsonRpc, message: error.message, data: { code: error.code, ...details } },
      }
    : { error: { code: error.code, message: error.message, ...details } };
  return reply.code(http).type('application/json; charset=utf-8').send(JSON.stringify(body));
}

export function installErrorReplies(app: FastifyInstance): void {
  app.decorateRequest('failure', undefined);
  app.setErrorHandler((thrown: FastifyError | AppError, request, reply) => {
    return sendError(request, reply, inOurTerms(thrown));
  });
  const notFound = (request: FastifyRequest, reply: FastifyReply) =>
    sendError(request, reply, new AppError('route_not_found'));
  app.setNotFoundHandler(notFound);
  // Answered before a body is read: nobody has shown a key here.
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) return notFound(request, reply);
    return undefined;
  });
}

function inOurTerms(thrown: FastifyError | AppError): AppError {
  if (thrown instanceof AppError) return thrown;
  const code = FASTIFY_CODES.get(thrown.code);
  return code === undefined
    ? new AppError('internal', undefined, { cause: thrown })
    : new AppError(code, undefined, { cause: thrown });
}
