/** From a request to the reply: credentials, then the bucket, then faults, then the handler. No sockets here. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Grant } from './bucket.js';
import type { Counting } from './counters.js';
import { type Answer, envelope, failure } from './envelope.js';
import type { Fault, Faults } from './faults.js';
import type { OrderRenderer } from './render.js';
import { type Route, readTarget, route, type Target } from './router.js';
import type { StoreRuntime } from './store.js';
import type { SandboxSwitches } from './switches.js';

export interface ApiRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How to spoil this reply. */
  readonly fault?: Fault;
}

export interface ServiceParts {
  /** By Order Desk's store id. */
  readonly stores: ReadonlyMap<string, StoreRuntime>;
  readonly switches: SandboxSwitches;
  readonly renderer: OrderRenderer;
  readonly counting: Counting;
  readonly faults: Faults;
  /** Sees every request before it is answered. */
  readonly onRequest?: (request: ApiRequest) => void;
  now(): number;
}

export type Service = (request: ApiRequest) => Reply;

/** A request without valid credentials belongs to no store, so it takes no token and tells of none. */
export function createService(parts: ServiceParts): Service {
  const { switches } = parts;
  let requestNumber = 0;

  return (request) => {
    const startedAt = performance.now();
    requestNumber += 1;
    const target = readTarget(request.url);
    const found = route(request.method, target.path, switches);
    parts.counting.request(request.method, found.pattern);
    parts.onRequest?.(request);

    const reply = (answer: Answer, headers: Record<string, string>): Reply => ({
      status: answer.ok ? 200 : answer.status,
      headers: { 'Content-Type': 'application/json', ...headers },
      body: envelope(answer, performance.now() - startedAt, switches.orderTiming),
    });

    const runtime = authenticate(request, parts.stores);
    if (runtime === undefined)
      return reply(failure(switches.badCredentials, 'Invalid Store ID or API Key'), {});

    const grant = runtime.bucket.take();
    const headers = { 'X-Tokens-Remaining': String(grant.remaining) };
    if (!grant.granted) {
      parts.counting.rateLimited();
      return reply(failure(429, 'Too Many Requests'), { ...headers, ...retryAfter(grant, switches) });
    }

    const fault = parts.faults.next(request.method, target.path ?? '', runtime.store.id);
    if (fault?.kind === 'status') {
      const message = fault.message ?? 'The request could not be completed';
      return reply(failure(fault.status, message), { ...headers, ...fault.headers });
    }
    if (fault?.kind === 'error200') {
      return reply(failure(200, fault.message ?? 'The request could not be completed'), headers);
    }
    const answer = compute(request, found, target, runtime);
    return { ...reply(answer, headers), ...(fault === undefined ? {} : { fault }) };
  };

  function compute(request: ApiRequest, found: Route, target: Target, runtime: StoreRuntime): Answer {
    if (request.method === 'GET' && switches.bodyOnGet === 'rejected' && mentionsBody(request.headers)) {
      return failure(400, 'Invalid Request');
    }
    const { records, local } = runtime;
    const { renderer, now } = parts;
    const context = { profile: runtime.profile(), records, renderer, local, switches, requestNumber, now };
    return found.answer(context, found.ids, target.query);
  }
}

function authenticate(
  { headers }: ApiRequest,
  stores: ReadonlyMap<string, StoreRuntime>,
): StoreRuntime | undefined {
  const id = headers['orderdesk-store-id'];
  const runtime = typeof id === 'string' ? stores.get(id) : undefined;
  return runtime !== undefined && headers['orderdesk-api-key'] === runtime.store.apiKey ? runtime : undefined;
}

function retryAfter(grant: Grant, switches: SandboxSwitches): Record<string, string> {
  const header = switches.retryAfterHeader;
  return header === 'none' ? {} : { [header]: String(grant.retryAfterSeconds) };
}

/** Order Desk API, invalid requests: a GET has neither a body nor headers that speak of one. */
function mentionsBody(headers: IncomingHttpHeaders): boolean {
  return (
    headers['content-type'] !== undefined ||
    headers['content-length'] !== undefined ||
    headers['transfer-encoding'] !== undefined
  );
}
