/**
 * The Order Desk room: everything that knows Order Desk's API, and nothing that knows MCP, Fastify or SQL.
 *
 *   gateway (cache, single-flight) -> contact (remembers refused keys) -> breaker -> retry -> client (this file):
 *     credential -> its turn (rate budget, so many calls of a store at once) -> exchange -> undici
 *   writes (what became of a write) and fresh reads (past the cache, for writing) go the same way from contact on.
 *
 * Invariants: a key is revealed only while a request is being made, and goes no further than a call's turn; GET carries no body and
 * no Content-Type; redirects are not followed; every wait and every body is bounded; a write leaves its caller's signal
 * just before its first byte and never goes out twice; a failure is an AppError whose message holds no host, path,
 * header or customer's data; only parsers in `parse/` look into records.
 * Must not import: http/, mcp/, tools/, storage/, sandbox/. Of tenancy/ it needs types only.
 */
import { setMaxListeners } from 'node:events';
import { AppError, type ErrorCode } from '../errors.js';
import type { UpstreamPoolUse } from '../telemetry/port.js';
import type { Waiting } from '../telemetry/waits.js';
import type { Secret } from '../tenancy/secret.js';
import type { CredentialSource } from '../tenancy/stores.js';
import {
  type Account,
  type CallObserver,
  type Credential,
  type Send,
  TurnLost,
  type UpstreamCall,
  type UpstreamReply,
  WRITE_NEEDS_MS,
} from './call.js';
import { type Leash, ReadLeash, WriteLeash } from './call-deadline.js';
import { type ConnectionLimits, openConnections } from './connections.js';
import { tellingDeparture } from './departure.js';
import { type Exchanged, exchange, type Line } from './exchange.js';
import { transportError } from './failures.js';

/** Bounds on one call; all times in milliseconds. A write has more time for its headers than the connections tell. */
export interface ClientLimits extends ConnectionLimits {
  /** A whole read, or a write up to its first byte; waiting for a connection included. */
  readonly callTimeoutMs: number;
  /** A write, from its first byte to the end of its answer. */
  readonly writeTimeoutMs: number;
  /** A write begins only with so much left of its caller's time. */
  readonly writeNeedsMs: number;
  readonly maxBodyBytes: number;
}

export const DEFAULT_CLIENT_LIMITS: ClientLimits = {
  connections: 64,
  connectTimeoutMs: 5_000,
  headersTimeoutMs: 25_000,
  bodyTimeoutMs: 10_000,
  callTimeoutMs: 10_000,
  writeTimeoutMs: 30_000,
  writeNeedsMs: WRITE_NEEDS_MS,
  keepAliveMs: 4_000,
  maxBodyBytes: 16 * 1024 * 1024,
};

export interface ClientOptions {
  /** Such as `https://app.orderdesk.me/api/v2`. */
  readonly baseUrl: URL;
  /** The HTTP proxy on the way there, with its password if any; the direct way unless told. */
  readonly proxy?: Secret | undefined;
  /** Our own version, for the User-Agent. */
  readonly version: string;
  readonly credentials: CredentialSource;
  readonly observe: CallObserver;
  readonly limits?: Partial<ClientLimits>;
  /** Holds every call back until its turn has come, with the credential at hand; none waits unless told. */
  readonly turn?: (next: Send) => Send;
  /** Waits on the account of whoever calls; on nobody's unless told. */
  readonly waiting?: Waiting;
  /** Milliseconds on a clock that never goes back, the one of every `deadlineAt`; `performance.now` unless told. */
  readonly now?: () => number;
}

export interface OrderDeskClient {
  readonly send: Send;
  /** The connections and the requests on them as they are now. */
  poolUse(): UpstreamPoolUse;
  /** From now on, writes that have not begun end with `shutting_down`. */
  refuseWrites(): void;
  /** Refuses writes, waits for those that have begun, then ends the connections; reads under way end with `upstream_unavailable`. */
  close(): Promise<void>;
}

export function createOrderDeskClient(options: ClientOptions): OrderDeskClient {
  const limits = { ...DEFAULT_CLIENT_LIMITS, ...options.limits };
  const now = options.now ?? (() => performance.now());
  const connections = openConnections(options.baseUrl, limits, options.proxy);
  const line: Line = {
    dispatcher: connections.pool.compose(tellingDeparture),
    basePath: options.baseUrl.pathname.replace(/\/+$/, ''),
    userAgent: `orderdesk-mcp/${options.version}`,
    maxBodyBytes: limits.maxBodyBytes,
    writeHeadersTimeoutMs: limits.writeTimeoutMs * 2,
    waiting: options.waiting ?? ((_on, work) => work()),
  };
  const closing = new AbortController();
  // Every write that waits listens to it.
  setMaxListeners(0, closing.signal);
  const writes = new Set<Promise<unknown>>();

  function leashOf({ method, signal, deadlineAt }: UpstreamCall): Leash {
    const bounds = { caller: signal, deadlineAt, now, callTimeoutMs: limits.callTimeoutMs };
    return method === 'GET'
      ? new ReadLeash(bounds)
      : new WriteLeash({ ...bounds, ...limits, closing: closing.signal });
  }

  async function observed(call: UpstreamCall): Promise<UpstreamReply> {
    const credential = openedCredential(call.account);
    const startedAt = now();
    let departedAt = startedAt;
    let status: number | null = null;
    let tokensRemaining: number | undefined;
    const finish = (outcome: 'ok' | ErrorCode): void =>
      options.observe({
        method: call.method,
        route: call.route,
        status,
        outcome,
        durationMs: now() - startedAt,
        ...(tokensRemaining === undefined ? {} : { tokensRemaining }),
      });
    const leash = leashOf(call);
    const onDeparture = (): void => {
      departedAt = now();
      call.onDeparture?.();
    };
    const carriedOut = (): Promise<Exchanged> =>
      exchange(line, { ...call, onDeparture }, credential, leash, (facts) => {
        ({ status, tokensRemaining } = facts);
        call.onReply?.(facts);
      });
    try {
      const exchanged = await leash.during(carriedOut);
      finish('ok');
      return { ...exchanged, tookMs: now() - departedAt, tokensRemaining };
    } catch (thrown) {
      const error = transportError(thrown);
      if (!(error instanceof TurnLost)) finish(error.code);
      throw error;
    }
  }

  async function carried(call: UpstreamCall): Promise<UpstreamReply> {
    const reply = observed(call);
    if (call.method === 'GET') return reply;
    writes.add(reply);
    return reply.finally(() => writes.delete(reply));
  }
  const inTurn = (options.turn ?? ((next: Send) => next))(carried);

  return {
    async send(call) {
      // Before its turn, since it may have to be fetched from far: a call whose turn has come must leave at once.
      const account = await withCredential(call.account, options.credentials);
      return inTurn({ ...call, account });
    },
    poolUse() {
      const { connected, free, pending, running, queued } = connections.pool.stats;
      return { connected, free, pending, running, queued };
    },
    refuseWrites() {
      closing.abort(new AppError('shutting_down', undefined, { retryAfterS: 1 }));
    },
    async close() {
      this.refuseWrites();
      await Promise.allSettled(writes);
      await connections.destroy();
    },
  };
}

async function withCredential(account: Account, credentials: CredentialSource): Promise<Account> {
  if (account.kind === 'offered') return account;
  return { ...account, credential: await credentials.credential(account.store) };
}

function openedCredential(account: Account): Credential {
  if (account.kind === 'offered') return account;
  if (account.credential === undefined) throw new Error('A call took its turn without a credential.');
  return account.credential;
}
