/**
 * Every request is told of once, when it is over: answered, or left by its client. Until then it has an account of its
 * waits. Reading a body leaves the asynchronous context of the request, so the account is taken up again after it.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import type { CallAccount, CallTimes, Waits } from '../telemetry/waits.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** `null` for a request that was refused before any hook. */
    account: CallAccount | null;
    /** The JSON-RPC code of the first message in it that was answered with an error; `null` for none. */
    protocolError: number | null;
  }
}

export interface HttpRequestEvent {
  readonly requestId: string;
  /** The header as sent: whoever shows it has to read it first. */
  readonly traceparent: unknown;
  readonly method: string;
  /** The route's pattern, never the URL as sent. */
  readonly route: string;
  /** 499 where the client left before it had the whole answer. */
  readonly status: number;
  /** None for a request that was refused before its time was taken, like `times`. */
  readonly durationMs: number | undefined;
  /** From the head of the request on; none for one that was refused before. */
  readonly times: CallTimes | undefined;
  /** Of the caller, once known. */
  readonly tenantId: string | undefined;
  readonly kid: string | undefined;
  /** What the edge answered with instead of a result; `cancelled` where the client left. */
  readonly failure: AppError | undefined;
  /** The JSON-RPC code where the protocol answered with an error; of an array, the first. */
  readonly protocolError: number | undefined;
}

export type RequestObserver = (event: HttpRequestEvent) => void;

export function observeAll(app: FastifyInstance, observe: RequestObserver, waits: Pick<Waits, 'open'>): void {
  app.decorateRequest('account', null);
  app.decorateRequest('protocolError', null);
  app.addHook('onRequest', (request, reply, done) => {
    tellWhenOver(request, reply, observe);
    request.account = waits.open();
    request.account.within(done);
  });
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.account === null) done();
    else request.account.within(done);
  });
}

/** For requests that meet no hook too. The connection tells, since Fastify says nothing of a client that has left. */
export function tellWhenOver(request: FastifyRequest, reply: FastifyReply, observe: RequestObserver): void {
  reply.raw.once('close', () => {
    const wasAnswered = reply.raw.writableFinished;
    const failure = wasAnswered ? request.failure : (request.failure ?? new AppError('cancelled'));
    const times = request.account?.close();
    observe({
      requestId: request.id,
      traceparent: request.headers.traceparent,
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: wasAnswered ? reply.statusCode : LEFT,
      durationMs: times === undefined ? undefined : reply.elapsedTime,
      times,
      tenantId: request.principal?.tenantId,
      kid: request.principal?.kid,
      failure,
      protocolError: request.protocolError ?? undefined,
    });
  });
}

const LEFT = new AppError('cancelled').class.http;
