/** From a request to the reply: credentials, then the bucket, then faults, then the handler. No sockets here. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Grant } from './bucket.js';
import type { Counting } from './counters.js';
import { type Answer, envelope, failure } from './envelope.js';
import type { Faults } from './faults.js';
import { falseAnswer, isAnswering, isSilent, type Reply, silence } from './reply.js';
import { type Route, readTarget, route, type Target } from './router.js';
import type { StoreRuntime } from './store.js';
import type { Switchboard } from './switchboard.js';
import type { SandboxSwitches } from './switches.js';

export interface ApiRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** As it was sent; `undefined` where there was none. */
  readonly body?: string;
}

export interface ServiceParts {
  /** By Order Desk's store id. */
  readonly stores: ReadonlyMap<string, StoreRuntime>;
  readonly switchboard: Switchboard;
  readonly counting: Counting;
  readonly faults: Faults;
  /** Sees every request before it is answered. */
  readonly onRequest?: (request: ApiRequest) => void;
  now(): number;
}

export interface Service {
  /** The id of the store whose credentials are in the headers. */
  storeOf(headers: IncomingHttpHeaders): string | undefined;
  answer(request: ApiRequest): Reply;
}

/** A request without valid credentials belongs to no store, so it takes no token and tells of none. */
export function createService(parts: ServiceParts): Service {
  const { stores, switchboard, counting } = parts;
  let requestNumber = 0;

  function answer(request: ApiRequest): Reply {
    const startedAt = performance.now();
    requestNumber += 1;
    const switches = switchboard.switches();
    const target = readTarget(request.url);
    const found = route(request.method, target.path, switches);
    counting.request(request.method, found.pattern);
    parts.onRequest?.(request);

    const reply = (made: Answer, headers: Record<string, string>): Reply => ({
      status: made.ok ? (made.status ?? 200) : made.status,
      headers: { 'Content-Type': 'application/json', ...headers },
      body: envelope(made, performance.now() - startedAt, switches.orderTiming),
    });

    const runtime = authenticate(request.headers, stores);
    if (runtime === undefined)
      return reply(failure(switches.badCredentials, 'Invalid Store ID or API Key'), {});

    const grant = runtime.bucket.take();
    counting.asked(runtime.store.id, grant.granted);
    const headers = { 'X-Tokens-Remaining': String(grant.remaining) };
    if (!grant.granted) {
      return reply(failure(429, 'Too Many Requests'), { ...headers, ...retryAfter(grant, switches) });
    }

    const fault = parts.faults.next(request.method, target.path ?? '', runtime.store.id);
    if (fault === undefined) return reply(compute(request, found, target, runtime), headers);
    if (isSilent(fault)) return silence(fault);
    if (isAnswering(fault)) return falseAnswer(fault, (made, more) => reply(made, { ...headers, ...more }));
    return { ...reply(compute(request, found, target, runtime), headers), fault };
  }

  function compute(request: ApiRequest, found: Route, target: Target, runtime: StoreRuntime): Answer {
    const switches = switchboard.switches();
    if (request.method === 'GET' && switches.bodyOnGet === 'rejected' && mentionsBody(request.headers)) {
      return failure(400, 'Invalid Request');
    }
    const { records, local } = runtime;
    const context = {
      profile: runtime.profile(),
      records,
      renderer: switchboard.renderer(),
      local,
      switches,
      requestNumber,
      now: parts.now,
      fireRules: counting.ruleFired,
    };
    const body = readJson(request.body);
    if (body === NO_JSON) return failure(400, 'Invalid JSON');
    return found.answer(context, found.ids, target.query, body);
  }

  return { storeOf: (headers) => authenticate(headers, stores)?.store.id, answer };
}

const NO_JSON = Symbol('no JSON');

function readJson(text: string | undefined): unknown {
  if (text === undefined || text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return NO_JSON;
  }
}

function authenticate(
  headers: IncomingHttpHeaders,
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
