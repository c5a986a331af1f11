/** What went wrong with a call, as an AppError: by HTTP status, by the reply's own words, by the transport. */
import { errors } from 'undici';
import { AppError, toAppError } from '../errors.js';
import { isBatch, type Method, type Route } from './call.js';
import type { JsonRecord } from './parse/json.js';
import { upstreamWords } from './words.js';

const DEFAULT_RETRY_AFTER_S = 30;
const MAX_RETRY_AFTER_S = 300;

const TIMEOUTS: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

const OUR_MISTAKES: ReadonlySet<string> = new Set(['UND_ERR_INVALID_ARG', 'ERR_INVALID_ARG_TYPE']);

const MISSING = /\b(?:not found|(?:does not|doesn't) exist|no such)\b/i;

/** What an address with ids stands for. */
interface Thing {
  readonly text: string;
  /** How Order Desk calls it, or what it belongs to. */
  readonly named: RegExp;
}

const ORDER: Thing = { text: 'Order Desk has no such order in this store.', named: /\border\b/i };
const ITEM: Thing = { text: 'Order Desk has no such item in this order.', named: /\b(?:order|item)\b/i };
const SHIPMENT: Thing = {
  text: 'Order Desk has no such shipment in this order.',
  named: /\b(?:order|shipment)\b/i,
};
const INVENTORY_ITEM: Thing = {
  text: 'Order Desk has no such inventory item in this store.',
  named: /\b(?:inventory|item)\b/i,
};

const THINGS: Partial<Record<Route, Thing>> = {
  '/orders/{id}': ORDER,
  '/orders/{id}/order-history': ORDER,
  '/orders/{id}/order-items': ORDER,
  '/orders/{id}/order-items/{id}': ITEM,
  '/orders/{id}/shipments': ORDER,
  '/orders/{id}/shipments/{id}': SHIPMENT,
  '/inventory-items/{id}': INVENTORY_ITEM,
};

export interface Refusal {
  readonly method: Method;
  readonly route: Route;
  readonly status: number;
  /** Of a 429, as `retryAfterSeconds` reads it. */
  readonly retryAfterS: number | undefined;
  /** The reply, where it is a JSON object. */
  readonly body: JsonRecord | undefined;
  /** The key that the call was made with: cut out of what is quoted. */
  readonly apiKey: string;
}

/** Whether a reply is an error although it came as HTTP 200 (Order Desk API, envelope). */
export const saysError = (body: JsonRecord): boolean => body.status === 'error';

/** Whether a batch was taken, whatever its envelope says: then each of its lines has an outcome of its own. */
export const tellsOfLines = (route: Route, { results }: JsonRecord): boolean =>
  isBatch(route) && Array.isArray(results);

/** A reply of HTTP 400 and above, or one that says `status: "error"`. */
export function refusalError(refusal: Refusal): AppError {
  const { status } = refusal;
  if (status === 401 || status === 403) {
    return new AppError('upstream_credentials_refused', undefined, {
      hint: "The operator has to enter this store's API key anew; asking again will not help.",
    });
  }
  if (status === 429) {
    const retryAfterS = refusal.retryAfterS ?? DEFAULT_RETRY_AFTER_S;
    return new AppError('upstream_rate_limited', undefined, {
      retryAfterS,
      hint: `Wait ${retryAfterS} seconds, then make the same call again.`,
    });
  }
  // A proxy's word that the time was up: nothing is known of the request.
  if (status === 408) return timeoutError();
  if (status >= 500) return new AppError('upstream_unavailable', `Order Desk is failing (HTTP ${status}).`);
  const words = upstreamWords(refusal.body, refusal.apiKey);
  const missing = missingThing(refusal, words);
  if (missing !== undefined) return new AppError('not_found', missing.text);
  const refused = `Order Desk refused the request (HTTP ${status}).`;
  if (words === null) return new AppError('upstream_rejected', refused);
  const quotation = { message: refused, data: { order_desk_says: words }, mayNameCustomers: true };
  return new AppError('upstream_rejected', `Order Desk says: "${words}"`, { quotation });
}

/**
 * By status, or by words alone. A write may be refused for something else that it names, such as a folder: there the
 * words have to name what the address stands for.
 */
function missingThing({ method, route, status }: Refusal, words: string | null): Thing | undefined {
  const thing = THINGS[route];
  if (thing === undefined || status === 404) return thing;
  if (words === null || !MISSING.test(words)) return undefined;
  return method === 'GET' || thing.named.test(words) ? thing : undefined;
}

/** A reply that is neither a success nor a refusal. Redirects are never followed: they would carry the key elsewhere. */
export function strangeStatusError(status: number): AppError {
  return new AppError(
    'upstream_malformed',
    `Order Desk answered with HTTP ${status}, which is not expected.`,
    {
      field: 'status',
    },
  );
}

/** One text for every order that cannot be had, however that was found out. */
export const noSuchOrder = (): AppError => new AppError('not_found', ORDER.text);
export const noSuchInventoryItem = (): AppError => new AppError('not_found', INVENTORY_ITEM.text);

/** Anything thrown while a call is under way. Network, TLS and time-outs carry a code; a bug of ours does not. */
export function transportError(thrown: unknown): AppError {
  if (thrown instanceof errors.HTTPParserError) {
    // The error holds the bytes at fault, which may be a customer's: only its words go to the log.
    return new AppError('upstream_unavailable', undefined, { cause: new Error(thrown.message) });
  }
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  if (thrown instanceof AppError || typeof code !== 'string' || OUR_MISTAKES.has(code))
    return toAppError(thrown);
  return TIMEOUTS.has(code)
    ? timeoutError(thrown)
    : new AppError('upstream_unavailable', undefined, { cause: thrown });
}

export const timeoutError = (cause?: unknown): AppError =>
  new AppError('upstream_timeout', undefined, { cause });

/** Whether the transport itself reported it, rather than a time or a caller of ours. */
export const isFromTransport = ({ cause }: AppError): boolean =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string';

/** Whole seconds, 1 to 300; 30 where Order Desk gives none that can be read (Order Desk API, rate limit). */
export function retryAfterSeconds(header: string | undefined): number {
  const seconds = header !== undefined && /^\d{1,9}$/.test(header.trim()) ? Number(header) : undefined;
  if (seconds === undefined) return DEFAULT_RETRY_AFTER_S;
  return Math.min(Math.max(seconds, 1), MAX_RETRY_AFTER_S);
}

/** A store whose calls take long has no room for one more. */
export const noPlace = (): AppError =>
  new AppError('store_busy', 'Too many calls of this store are running; nothing was sent.', {
    retryAfterS: 1,
    hint: 'Make the same call again.',
  });
