/** `/mcp`: host and origin, then key, then body, then the protocol leg. POST only; the server keeps no sessions. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import type { ProtocolLeg } from '../mcp/leg.js';
import type { Authenticator } from '../tenancy/principal.js';
import { authenticate } from './auth.js';
import { sendError } from './error-replies.js';
import { eventStream } from './event-stream.js';
import { type HostOriginPolicy, hostOriginCheck } from './host-origin.js';
import { acceptJsonBodies } from './json-body.js';

export interface McpRouteOptions {
  readonly leg: ProtocolLeg;
  readonly authenticator: Authenticator;
  readonly hostOrigin: HostOriginPolicy;
  /** Told of each verification: what refused it, or `undefined`. */
  readonly onAuthAttempt: (error: AppError | undefined) => void;
}

const KEEP_ALIVE_MS = 15_000;

const header = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
};

export function mcpRoute(options: McpRouteOptions): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    acceptJsonBodies(app);
    app.decorateRequest('principal', null);
    app.addHook('onRequest', hostOriginCheck(options.hostOrigin));

    // Answered before a body is looked at.
    const refuseMethod = async (request: FastifyRequest, reply: FastifyReply) =>
      sendError(
        request,
        reply.header('allow', 'POST'),
        new AppError('method_not_allowed', undefined, {
          hint: 'The server keeps no sessions: there is no stream to GET and nothing to DELETE.',
        }),
      );
    app.route({
      method: app.supportedMethods.filter((method) => method !== 'POST'),
      url: '/mcp',
      onRequest: refuseMethod,
      handler: refuseMethod,
    });

    const onRequest = authenticate(options.authenticator, options.onAuthAttempt);
    app.post('/mcp', { onRequest }, async (request, reply) => {
      const { principal } = request;
      if (principal === null) throw new AppError('unauthorized');
      const accept = acceptedTypes(request);
      const answer = await options.leg.handle({
        headers: {
          protocolVersion: header(request, 'mcp-protocol-version'),
          method: header(request, 'mcp-method'),
          name: header(request, 'mcp-name'),
        },
        body: request.body,
        acceptsStream: accept.stream,
        principal,
        requestId: request.id,
        disconnected: disconnectSignal(reply),
      });
      switch (answer.kind) {
        case 'accepted':
          return reply.code(202).send();
        case 'json':
          return reply.code(answer.status).type('application/json; charset=utf-8').send(answer.body);
        case 'stream':
          return reply
            .code(200)
            .headers({ 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' })
            .type('text/event-stream')
            .send(eventStream(answer.messages, KEEP_ALIVE_MS));
      }
    });
  };
}

/** JSON must be acceptable; a client that takes no event stream gets no progress. An absent header accepts both. */
function acceptedTypes(request: FastifyRequest): { readonly stream: boolean } {
  const accept = request.headers.accept?.toLowerCase() ?? '*/*';
  const any = accept.includes('*/*');
  if (!any && !accept.includes('application/json') && !accept.includes('application/*')) {
    throw new AppError('not_acceptable');
  }
  return { stream: any || accept.includes('text/event-stream') || accept.includes('text/*') };
}

function disconnectSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
