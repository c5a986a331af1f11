/**
 * A call to Order Desk as a plain value, and `Send`, what carries it out. What is to happen around a call (budget,
 * retry, remembering a refusal) is a function from `Send` to `Send`.
 */
import type { ErrorCode } from '../errors.js';
import type { Secret } from '../tenancy/secret.js';
import type { StoreEntry } from '../tenancy/stores.js';
import type { JsonRecord } from './parse/json.js';

/** The closed set of addresses, as patterns: what metrics and logs may name. */
export type Route = '/test' | '/store' | '/orders' | '/orders/{id}';

/** With whose credential: that of a store we keep, or one that is offered and not kept yet. */
export type Account =
  | { readonly kind: 'kept'; readonly store: StoreEntry }
  | { readonly kind: 'offered'; readonly storeId: string; readonly apiKey: Secret };

export interface UpstreamCall {
  readonly method: 'GET';
  readonly route: Route;
  /** Fills `{id}`; digits only. */
  readonly id?: string;
  readonly query?: URLSearchParams;
  readonly account: Account;
  readonly signal: AbortSignal;
}

export interface UpstreamReply {
  readonly body: JsonRecord;
  /** What Order Desk says is left in the store's bucket, if it says so. */
  readonly tokensRemaining: number | undefined;
}

/** @throws AppError `upstream_*`, `not_found` (routes with an id), `cancelled`; what the credential source throws */
export type Send = (call: UpstreamCall) => Promise<UpstreamReply>;

/** One finished call. Holds no id, filter or credential: fit for logs and metrics. */
export interface CallEvent {
  readonly method: UpstreamCall['method'];
  readonly route: Route;
  /** HTTP status; null when there was no answer. */
  readonly status: number | null;
  readonly outcome: 'ok' | ErrorCode;
  readonly durationMs: number;
  readonly tokensRemaining?: number;
}

export type CallObserver = (event: CallEvent) => void;
