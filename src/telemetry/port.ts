/**
 * What the rooms may tell the outside: log lines and measurements. Invariants: no secret and no customer's data in
 * either; every label comes from a closed set, so that no client can mint series. This room imports nothing of ours
 * but `errors.ts`; who logs or measures sees these interfaces only.
 */
import type { AppError } from '../errors.js';

/** The part of pino's logger that the rooms use. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** How something ended: well, or by whose making it failed. */
export type Outcome = 'ok' | AppError['class']['source'];

export type UpstreamOutcome =
  | 'ok'
  | 'rejected'
  | 'credentials_refused'
  | 'rate_limited'
  | 'unavailable'
  | 'timeout'
  | 'malformed'
  | 'cancelled';

export type AuthOutcome = 'accepted' | 'refused' | 'overloaded' | 'unavailable';

export type InboundLimit = 'key' | 'address' | 'tenant' | 'pressure';

/** `queued`: had to wait for a place, however that ended; `left`: hung up while waiting. */
export type LimitOutcome = 'passed' | 'queued' | 'left' | 'refused';

/** `stale_generation`: read before a write and not kept, because the write came in between. */
export type CacheOperation = 'hit' | 'miss' | 'set' | 'stale_generation' | 'error';

/**
 * `granted`: at once or after a wait; `exhausted`: the wait would have been too long; `crowded`: too many calls of the
 * store were under way; `left`: the caller went.
 */
export type BudgetOutcome = 'granted' | 'exhausted' | 'crowded' | 'left';

/** Why a request to Order Desk was made again. */
export type RetryReason = 'rate_limited' | 'server_error' | 'network' | 'timeout' | 'damaged';

/**
 * How a write ended; previews are none. `replayed`: the stored answer of an earlier call; `refused`: an error, and nothing was changed as far
 * as the caller was told.
 */
export type ChangeMetricOutcome =
  | 'applied'
  | 'partly'
  | 'failed'
  | 'unknown'
  | 'unchanged'
  | 'replayed'
  | 'refused';

/**
 * What the sweep made of a change: its state now, `abandoned` where nothing had been sent, or `open` where looking has not
 * decided yet.
 */
export type SweepVerdict = 'applied' | 'failed' | 'unknown' | 'abandoned' | 'open';

export interface ChangeMetrics {
  /** @param event.tool as the catalogue names it: an unknown one counts as `_unknown` */
  observeChange(event: { tool: string; outcome: ChangeMetricOutcome; durationMs: number }): void;
  countSwept(verdict: SweepVerdict): void;
  /** @param count changes without an outcome for over a minute, of all replicas */
  setUnfinishedChanges(count: number): void;
}

/** Durations are milliseconds; they are shown in seconds. */
export interface Metrics extends ChangeMetrics {
  /** @param event.route the route's pattern, never the address as sent */
  observeHttp(event: { method: string; route: string; status: number; durationMs: number }): void;
  /** @param event.tool as the client named it: an unknown one counts as `_unknown` */
  observeTool(event: { tool: string; outcome: Outcome; durationMs: number }): void;
  /** @param event.route a constant such as `GET /orders/:id` */
  observeUpstream(event: { route: string; outcome: UpstreamOutcome; durationMs: number }): void;
  countAuth(outcome: AuthOutcome): void;
  /** @param resource a constant such as `order` */
  countCache(operation: CacheOperation, resource: string): void;
  /** @param route as for `observeUpstream` */
  countRetry(route: string, reason: RetryReason): void;
  /** A request to Order Desk that asked for its token. @param waitMs how long it waited, whatever came of it */
  observeBudget(event: {
    outcome: BudgetOutcome;
    priority: 'interactive' | 'background';
    waitMs: number;
  }): void;
  /** Whether the budget of a store is kept by all replicas together or is this process's part of it. */
  setBudgetMode(mode: 'local' | 'shared'): void;
  /** Order Desk had less left than we thought: somebody else uses the store's budget too. */
  countForeignUse(): void;
  /** A store, or Order Desk as a whole, is left alone after failures, tried, or asked again. */
  countBreaker(scope: 'store' | 'host', to: 'open' | 'half_open' | 'closed'): void;
  /** @param count asked whenever the metrics are */
  setCacheItems(count: () => number): void;
  countLimit(limit: InboundLimit, outcome: LimitOutcome): void;
  /** Whether limits are counted for all replicas together or by this process alone. */
  setLimiterMode(mode: 'local' | 'shared'): void;
  /** A failure that was answered, at the edge or by a tool. */
  countError(error: AppError): void;
  /** A call of this tenant. Its id is kept for counting and never shown. */
  noteTenant(tenantId: string): void;
}
