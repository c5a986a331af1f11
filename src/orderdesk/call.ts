/**
 * A call to Order Desk as a plain value, and `Send`, what carries it out. What is to happen around a call (budget,
 * retry, remembering a refusal) is a function from `Send` to `Send`.
 */
import { AppError, type ErrorCode } from '../errors.js';
import type { Secret } from '../tenancy/secret.js';
import type { StoreEntry } from '../tenancy/stores.js';
import type { JsonRecord } from './parse/json.js';
import type { CallContext } from './port.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** The closed set of addresses, as patterns: what metrics and logs may name. */
export type Route =
  | '/test'
  | '/store'
  | '/orders'
  | '/orders/{id}'
  | '/orders/{id}/order-history'
  | '/orders/{id}/order-items'
  | '/orders/{id}/order-items/{id}'
  | '/orders/{id}/shipments'
  | '/orders/{id}/shipments/{id}'
  | '/batch-shipments'
  | '/inventory-items'
  | '/inventory-items/{id}'
  | '/batch-inventory-items'
  | '/move-orders';

const BATCHES: ReadonlySet<Route> = new Set(['/batch-shipments', '/batch-inventory-items', '/move-orders']);

/** Whether a request to this address has lines, which may fail one by one. */
export const isBatch = (route: Route): boolean => BATCHES.has(route);

export interface Credential {
  readonly storeId: string;
  readonly apiKey: Secret;
}

/** With whose credential: that of a store we keep, or one that is offered and not kept yet. */
export type Account =
  | {
      readonly kind: 'kept';
      readonly store: StoreEntry;
      /** Opened by the client before the call takes its turn; nobody else sets or reads it. */
      readonly credential?: Credential;
    }
  | { readonly kind: 'offered'; readonly storeId: string; readonly apiKey: Secret };

export interface UpstreamCall {
  readonly method: Method;
  readonly route: Route;
  /** Fill the `{id}`s from left to right; digits only. */
  readonly ids?: readonly string[];
  readonly query?: URLSearchParams;
  /** JSON text, ready to be sent; POST and PUT only. */
  readonly body?: string;
  readonly account: Account;
  readonly signal: AbortSignal;
  /** When the caller has to have its answer, in milliseconds of `performance.now`; waits that cannot end by then are refused. */
  readonly deadlineAt?: number;
  /** Interactive unless told; background work leaves more of the budget to others. */
  readonly priority?: Priority;
  /** Who asks, for taking turns within a store: the public id of a key. */
  readonly lane?: string;
  /** Looks for numbers of the answer that a double cannot carry: what is written back must not have changed on the way. */
  readonly exactNumbers?: true;
  /** Told just before the first byte goes out. A call that ends untold has not reached Order Desk. */
  readonly onDeparture?: () => void;
  /** Told as soon as the headers of a reply are there, of success or failure. */
  readonly onReply?: (facts: ReplyFacts) => void;
}

/** What a call has of the one who makes it. @param signal ends it, where that is not the caller's own */
export function callBy(
  store: StoreEntry,
  { deadlineAt, principal, priority, ...ctx }: CallContext,
  signal = ctx.signal,
): Pick<UpstreamCall, 'account' | 'signal' | 'deadlineAt' | 'lane' | 'priority'> {
  return {
    account: { kind: 'kept', store },
    signal,
    ...(deadlineAt === undefined ? {} : { deadlineAt }),
    ...(principal === undefined ? {} : { lane: principal.kid }),
    ...(priority === undefined ? {} : { priority }),
  };
}

/** Milliseconds that a write has to have left of its caller's deadline when it departs. */
export const WRITE_NEEDS_MS = 10_000;

export type Priority = 'interactive' | 'background';

/** What the headers of a reply say. */
export interface ReplyFacts {
  readonly status: number;
  /** What Order Desk says is left in the store's bucket, if it says so. */
  readonly tokensRemaining: number | undefined;
  /** With a 429: whole seconds to leave the store alone, 1 to 300. */
  readonly retryAfterS: number | undefined;
}

export interface UpstreamReply {
  readonly body: JsonRecord;
  /** Milliseconds from just before its first byte went out to the end of the answer, of the attempt that succeeded. */
  readonly tookMs: number;
  /** What Order Desk says is left in the store's bucket, if it says so. */
  readonly tokensRemaining: number | undefined;
  /**
   * Where `exactNumbers` was asked for: paths of numbers that `body` does not hold as they were sent. No failure of Order
   * Desk, and asking again gives the same.
   */
  readonly inexact?: readonly string[];
}

/** A call whose turn came too long ago: it has not left, and needs another turn. */
export class TurnLost extends AppError {
  constructor() {
    super('store_busy', undefined, { retryAfterS: 1 });
  }
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
