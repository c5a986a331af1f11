/**
 * The HTTP edge: Fastify with every limit and time-out stated. One concern a file; what is specific to a route lives
 * in that route's plugin. The edge knows the protocol leg and the authenticator by their interfaces only.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { AppError } from '../errors.js';
import type { Waits } from '../telemetry/waits.js';
import { closeConnectionsWhile } from './drain.js';
import { installErrorReplies, isMcpPath, sendError } from './error-replies.js';
import { observeAll, type RequestObserver, tellWhenOver } from './observed-requests.js';
import { refuseUnreadable, type UnreadableEvent } from './unreadable-request.js';
import { malformedPath } from './url-options.js';

export interface HttpServerOptions {
  readonly logger: FastifyBaseLogger;
  /** CIDRs of proxies whose `X-Forwarded-*` headers are believed; empty for none. */
  readonly trustProxy: readonly string[];
  /** Told of every request once it is over: for metrics and the log. */
  readonly observeRequest: RequestObserver;
  /** Told of what arrived and was no HTTP request. */
  readonly observeUnreadable: (event: UnreadableEvent) => void;
  /** Where the accounts of requests are opened. */
  readonly waits: Pick<Waits, 'open'>;
  /** Whether the server is going down. */
  readonly isDraining: () => boolean;
}

/** Bytes of a request body that are read before it is refused. */
export const BODY_LIMIT = 1024 * 1024;

/** Shaped like an id and not like a key: it is shown in logs and answers. */
const REQUEST_ID = /^(?!odm_)[\w.-]{8,64}$/;

export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const app = Fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: requestIdOf,
    trustProxy: options.trustProxy.length === 0 ? false : [...options.trustProxy],
    bodyLimit: BODY_LIMIT,
    // Time to receive a whole request; an answer may take longer.
    requestTimeout: 30_000,
    connectionTimeout: 0,
    // Above the 60 s that proxies keep idle connections, else they hit one that is just closing.
    keepAliveTimeout: 72_000,
    http: { headersTimeout: 15_000, maxHeaderSize: 16_384 },
    // What arrives on a connection that is still open then has been taken: it is answered like the others.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    clientErrorHandler: refuseUnreadable(options.observeUnreadable),
    frameworkErrors: (_error, request, reply) => {
      tellWhenOver(request, reply, options.observeRequest);
      sendError(request, reply, isMcpPath(request.url) ? malformedPath() : new AppError('route_not_found'));
    },
  });
  observeAll(app, options.observeRequest, options.waits);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  installErrorReplies(app);
  closeConnectionsWhile(options.isDraining, app);
  return app;
}

/** A proxy's request id is kept when it looks like one, so that its log and ours meet. */
function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}
