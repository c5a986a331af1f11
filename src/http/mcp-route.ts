/**
 * `/mcp` and `/mcp/{store}`: host and origin, then key, then the options of the address, then body, then the protocol leg.
 * POST only; the server keeps no sessions.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import type { InboundLimits } from '../limits/inbound.js';
import type { ProtocolLeg } from '../mcp/leg.js';
import type { Authenticator, Principal } from '../tenancy/principal.js';
import type { StoreDirectory } from '../tenancy/stores.js';
import { authenticate } from './auth.js';
import { sendError } from './error-replies.js';
import { eventStream } from './event-stream.js';
import { type HostOriginPolicy, hostOriginCheck } from './host-origin.js';
import { acceptJsonBodies } from './json-body.js';
import { countArray, countMessage, inPlace } from './rate-limit.js';
import { parseUrlOptions, type UrlOptions } from './url-options.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the caller is known; `null` outside `/mcp`. */
    urlOptions: UrlOptions | null;
  }
}

export interface McpRouteOptions {
  readonly leg: ProtocolLeg;
  readonly authenticator: Authenticator;
  readonly directory: Pick<StoreDirectory, 'resolve'>;
  readonly hostOrigin: HostOriginPolicy;
  readonly limits: InboundLimits;
  /** Turns a call away before anything is known of it, by throwing. */
  readonly shed: () => Promise<void>;
  /** Told of each verification: what refused it, or `undefined`; and the address of the caller. */
  readonly onAuthAttempt: (error: AppError | undefined, address: string) => void;
}

const KEEP_ALIVE_MS = 15_000;
const ADDRESSES = ['/mcp', '/mcp/*'];

const header = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
};

export function mcpRoute(options: McpRouteOptions): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    acceptJsonBodies(app);
    app.decorateRequest('principal', null);
    app.decorateRequest('urlOptions', null);
    app.addHook('onRequest', options.shed);
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
    for (const url of ADDRESSES) {
      app.route({
        method: app.supportedMethods.filter((method) => method !== 'POST'),
        url,
        onRequest: refuseMethod,
        handler: refuseMethod,
      });
    }

    const readUrl = async (request: FastifyRequest) => {
      request.urlOptions = parseUrlOptions(request.url);
    };
    const { authenticator, limits, leg } = options;
    const onRequest = [
      authenticate(authenticator, limits, options.onAuthAttempt),
      countMessage(limits),
      readUrl,
    ];
    const preHandler = countArray(limits);
    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      const { principal, urlOptions } = request;
      if (principal === null || urlOptions === null) throw new AppError('unauthorized');
      const accept = acceptedTypes(request);
      const disconnected = disconnectSignal(reply);
      const answer = await inPlace(limits, principal, disconnected, async () =>
        leg.handle({
          headers: {
            protocolVersion: header(request, 'mcp-protocol-version'),
            method: header(request, 'mcp-method'),
            name: header(request, 'mcp-name'),
          },
          userAgent: header(request, 'user-agent'),
          traceparent: header(request, 'traceparent'),
          body: request.body,
          acceptsStream: accept.stream,
          principal: await boundTo(urlOptions.store, principal, options.directory),
          narrowing: urlOptions.narrowing,
          requestId: request.id,
          disconnected,
          onProtocolError: (code) => {
            request.protocolError ??= code;
          },
        }),
      );
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
    };
    for (const url of ADDRESSES) app.post(url, { onRequest, preHandler }, handler);
  };
}

/** The same caller with one store left. @throws AppError `unknown_store`, alike for a store out of scope and for none */
async function boundTo(
  store: string | undefined,
  principal: Principal,
  directory: McpRouteOptions['directory'],
): Promise<Principal> {
  if (store === undefined) return principal;
  const { rowId } = await directory.resolve(principal, store);
  return { ...principal, scope: { ...principal.scope, stores: [rowId] } };
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
