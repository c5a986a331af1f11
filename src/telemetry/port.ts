/**
 * What the rooms may tell the outside: log lines and measurements. Invariants: no secret and no customer's data in
 * either; every label comes from a closed set, so that no client can mint series. This room imports nothing of ours
 * but `errors.ts`; who logs or measures sees these interfaces only.
 */
import type { AppError } from '../errors.js';
import type { CallTimes } from './waits.js';

/** The part of pino's logger that the rooms use. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** How something ended: well, or by whose making it failed. */
export const OUTCOMES = ['ok', 'client', 'upstream', 'server'] as const satisfies readonly (
  | 'ok'
  | AppError['class']['source']
)[];
export type Outcome = (typeof OUTCOMES)[number];

/** `cancelled`: given up by its caller, or by this server as it goes down; `not_sent`: nothing left this process. */
export const UPSTREAM_OUTCOMES = [
  'ok',
  'rejected',
  'credentials_refused',
  'rate_limited',
  'unavailable',
  'timeout',
  'malformed',
  'cancelled',
  'not_sent',
] as const;
export type UpstreamOutcome = (typeof UPSTREAM_OUTCOMES)[number];

export const AUTH_OUTCOMES = ['accepted', 'refused', 'overloaded', 'unavailable'] as const;
export type AuthOutcome = (typeof AUTH_OUTCOMES)[number];

export const INBOUND_LIMITS = ['key', 'address', 'tenant', 'pressure'] as const;
export type InboundLimit = (typeof INBOUND_LIMITS)[number];

/** `queued`: had to wait for a place, however that ended; `left`: hung up while waiting. */
export const LIMIT_OUTCOMES = ['passed', 'queued', 'left', 'refused'] as const;
export type LimitOutcome = (typeof LIMIT_OUTCOMES)[number];

/** `stale_generation`: read before a write and not kept, because the write came in between. */
export type CacheOperation = 'hit' | 'miss' | 'set' | 'stale_generation' | 'error';

/**
 * `granted`: at once or after a wait; `exhausted`: the wait would have been too long; `crowded`: too many calls of the
 * store were under way; `left`: the caller went.
 */
export const BUDGET_OUTCOMES = ['granted', 'exhausted', 'crowded', 'left'] as const;
export type BudgetOutcome = (typeof BUDGET_OUTCOMES)[number];

export const BUDGET_PRIORITIES = ['interactive', 'background'] as const;
export type BudgetPriority = (typeof BUDGET_PRIORITIES)[number];

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
export const SWEEP_VERDICTS = ['applied', 'failed', 'unknown', 'abandoned', 'open'] as const;
export type SweepVerdict = (typeof SWEEP_VERDICTS)[number];

export interface UnfinishedChanges {
  /** Those that have been without an outcome for over a minute. */
  readonly count: number;
  /** Age of the oldest without an outcome, in seconds; 0 where there is none. */
  readonly oldestS: number;
}

export interface ChangeMetrics {
  /** @param event.tool as the catalogue names it: an unknown one counts as `_unknown` */
  observeChange(event: { tool: string; outcome: ChangeMetricOutcome; durationMs: number }): void;
  countSwept(verdict: SweepVerdict): void;
  /** Of the changes of all replicas. */
  setUnfinishedChanges(unfinished: UnfinishedChanges): void;
}

export interface HttpMetrics {
  /**
   * @param event.route the route's pattern, never the address as sent
   * @param event.durationMs `undefined` where it is not known when the request began: it is counted all the same
   */
  observeHttp(event: { method: string; route: string; status: number; durationMs: number | undefined }): void;
  /** @param count requests that are being answered */
  watchRequests(count: () => number): void;
}

export interface ToolMetrics {
  /** @param event.tool as the client named it: an unknown one counts as `_unknown` */
  observeTool(event: { tool: string; outcome: Outcome; durationMs: number }): void;
}

/** The connections to Order Desk and the requests on them, as undici counts them. */
export interface UpstreamPoolUse {
  readonly connected: number;
  /** Of these, those that carry no request. */
  readonly free: number;
  /** Given to a connection and not sent yet. */
  readonly pending: number;
  readonly running: number;
  /** Waiting for a connection. */
  readonly queued: number;
}

/** What is left alone after failures. */
export const BREAKER_SCOPES = ['store', 'host'] as const;
/** Left alone, tried, asked again. */
export const BREAKER_STATES = ['open', 'half_open', 'closed'] as const;

export interface UpstreamMetrics {
  /** Shows 0 for every outcome of these from now on. @param routes as for `observeUpstream` */
  expectUpstream(routes: readonly string[]): void;
  /** @param event.route a constant such as `GET /orders/:id`. What was not sent is counted, and its time is not */
  observeUpstream(event: { route: string; outcome: UpstreamOutcome; durationMs: number }): void;
  /** @param route as for `observeUpstream` */
  countRetry(route: string, reason: RetryReason): void;
  /** A store, or Order Desk as a whole, is left alone after failures, tried, or asked again. */
  countBreaker(scope: (typeof BREAKER_SCOPES)[number], to: (typeof BREAKER_STATES)[number]): void;
  watchUpstreamPool(use: () => UpstreamPoolUse): void;
}

/** Whether something is kept by all replicas together or by this process alone. */
export type SharingMode = 'local' | 'shared';

export interface LimitMetrics {
  /** A request to Order Desk that asked for its token. @param waitMs how long it waited, whatever came of it */
  observeBudget(event: { outcome: BudgetOutcome; priority: BudgetPriority; waitMs: number }): void;
  /** Whether the budget of a store is kept by all replicas together or is this process's part of it. */
  setBudgetMode(mode: SharingMode): void;
  /** Order Desk had less left than we thought: somebody else uses the store's budget too. */
  countForeignUse(): void;
  countLimit(limit: InboundLimit, outcome: LimitOutcome): void;
  /** Whether limits are counted for all replicas together or by this process alone. */
  setLimiterMode(mode: SharingMode): void;
}

export interface QueueUse {
  readonly running: number;
  readonly waiting: number;
}

export interface AuthMetrics {
  countAuth(outcome: AuthOutcome): void;
  /** @param use of the places for bcrypt */
  watchHashes(use: () => QueueUse): void;
}

export interface CacheMetrics {
  /** @param resource a constant such as `order` */
  countCache(operation: CacheOperation, resource: string): void;
  setCacheItems(count: () => number): void;
}

/** One statement of somebody's work; those that begin and end a transaction are nobody's. */
export interface StatementEvent {
  /** `tenant`, or the name of a system job: a closed set. */
  readonly work: string;
  readonly outcome: 'ok' | 'error';
  readonly durationMs: number;
}

/** A pool of connections to the database. */
export interface PoolUse {
  readonly inUse: number;
  readonly idle: number;
  /** Work that waits for a connection. */
  readonly waiting: number;
  readonly max: number;
}

export interface RedisUse {
  readonly isThere: boolean;
  /** Commands without an answer yet. */
  readonly queued: number;
}

export interface StorageMetrics {
  observeStatement(event: StatementEvent): void;
  watchPool(use: () => PoolUse): void;
  /** To be called only where a Redis is configured, and once. */
  watchRedis(use: () => RedisUse): void;
  /** To be called once. @param usedRatio from 0 to 1; `undefined` where the system does not tell */
  watchDisk(usedRatio: () => Promise<number | undefined>): void;
}

export interface TenantMetrics {
  /** A call of this tenant. Its id is kept for counting and never shown. */
  noteTenant(tenantId: string): void;
}

/** What the server can do without for a while. */
export const DEGRADABLE = ['redis', 'postgres', 'pressure'] as const;
export type Degradable = (typeof DEGRADABLE)[number];

export interface ServerMetrics {
  /** A failure that was answered, at the edge or by a tool. */
  countError(error: AppError): void;
  setReady(isReady: boolean): void;
  setDegraded(part: Degradable, isDegraded: boolean): void;
}

export interface CallMetrics {
  /**
   * Where the time of a call went.
   * @param tool as the client named it: an unknown one counts as `_unknown`
   */
  observeCallTimes(tool: string, times: CallTimes): void;
}

/**
 * Durations are milliseconds; they are shown in seconds. What is watched is asked whenever the metrics are. Counters that
 * rules look at show 0 from the start: Prometheus sees no increase in a series that begins with its first event.
 */
export interface Metrics
  extends HttpMetrics,
    ToolMetrics,
    CallMetrics,
    ChangeMetrics,
    UpstreamMetrics,
    LimitMetrics,
    AuthMetrics,
    CacheMetrics,
    StorageMetrics,
    TenantMetrics,
    ServerMetrics {}
