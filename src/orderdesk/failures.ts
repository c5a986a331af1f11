/** What went wrong with a call, as an AppError: by HTTP status, by the reply's own words, by the transport. */
import { errors } from 'undici';
import { AppError, toAppError } from '../errors.js';
import type { Route } from './call.js';
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

export interface Refusal {
  readonly route: Route;
  readonly status: number;
  /** `X-Retry-After` or `Retry-After`, as it came. */
  readonly retryAfter: string | undefined;
  /** The reply, where it is a JSON object. */
  readonly body: JsonRecord | undefined;
  /** The key that the call was made with: cut out of what is quoted. */
  readonly apiKey: string;
}

/** Whether a reply is an error although it came as HTTP 200 (Order Desk API, envelope). */
export const saysError = (body: JsonRecord): boolean => body.status === 'error';

/** A reply of HTTP 400 and above, or one that says `status: "error"`. */
export function refusalError(refusal: Refusal): AppError {
  const { status, route } = refusal;
  if (status === 401 || status === 403) {
    return new AppError('upstream_credentials_refused', undefined, {
      hint: "The operator has to enter this store's API key anew; asking again will not help.",
    });
  }
  if (status === 429) {
    const retryAfterS = retryAfterSeconds(refusal.retryAfter);
    return new AppError('upstream_rate_limited', undefined, {
      retryAfterS,
      hint: `Wait ${retryAfterS} seconds, then make the same call again.`,
    });
  }
  if (status >= 500) return new AppError('upstream_unavailable', `Order Desk is failing (HTTP ${status}).`);
  const words = upstreamWords(refusal.body, refusal.apiKey);
  if (route === '/orders/{id}' && (status === 404 || (words !== null && MISSING.test(words)))) {
    return noSuchOrder();
  }
  return new AppError(
    'upstream_rejected',
    words === null ? `Order Desk refused the request (HTTP ${status}).` : `Order Desk says: "${words}"`,
  );
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
export const noSuchOrder = (): AppError =>
  new AppError('not_found', 'Order Desk has no such order in this store.');

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

/** Whole seconds, 1 to 300; 30 where Order Desk gives none that can be read (Order Desk API, rate limit). */
function retryAfterSeconds(header: string | undefined): number {
  const seconds = header !== undefined && /^\d{1,9}$/.test(header.trim()) ? Number(header) : undefined;
  if (seconds === undefined) return DEFAULT_RETRY_AFTER_S;
  return Math.min(Math.max(seconds, 1), MAX_RETRY_AFTER_S);
}
