/** The room put together: what the composition root asks for. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cache } from '../cache/port.js';
import type { Waiting } from '../telemetry/waits.js';
import type { CacheCipher } from '../tenancy/cache-cipher.js';
import { type BreakerEvent, breaking } from './breaker.js';
import type { Send } from './call.js';
import { type ClientOptions, createOrderDeskClient, type OrderDeskClient } from './client.js';
import { rememberingContact } from './contact.js';
import { createFreshReads } from './fresh-reads.js';
import { type CacheObserver, createStoreGateway, type GatewayTtls } from './gateway.js';
import { placesPerStore } from './places-per-store.js';
import type { FreshReads, StoreGateway } from './port.js';
import { type RetryObserver, retrying } from './retry.js';
import { createRetryBudget } from './retry-budget.js';
import { credentialVerifier, type VerifyCredential } from './verify.js';
import { touches } from './write-request.js';
import { createWrites, type OrderDeskWrites } from './writes.js';

/** Of the 64 connections: a store that hangs leaves the rest to the others. */
export const CALLS_PER_STORE = 8;

export interface OrderDeskOptions extends ClientOptions {
  readonly cache: Cache;
  /** For a cache outside the process: what is kept there is encrypted. */
  readonly cipher?: CacheCipher;
  readonly ttls?: Partial<GatewayTtls>;
  readonly observeCache?: CacheObserver;
  /** Told when it could not be written that a key was accepted or refused. */
  readonly onContactFailure: (error: unknown) => void;
  /** Wraps what goes to Order Desk into the rate budget of its store; without it there is none. */
  readonly budget?: (next: Send) => Send;
  /** Calls of one store at the same time; 8 unless told. */
  readonly callsPerStore?: number;
  /** Told of each call that is made again. */
  readonly onRetry?: RetryObserver;
  /** Told when a store, or the host, is left alone and when it is tried again. */
  readonly onBreaker?: (event: BreakerEvent) => void;
  /** From 0 up to 1; spreads the waits between attempts. */
  readonly random?: () => number;
}

export interface OrderDesk {
  readonly gateway: StoreGateway;
  readonly fresh: FreshReads;
  readonly writes: OrderDeskWrites;
  readonly verifyCredential: VerifyCredential;
  readonly poolUse: OrderDeskClient['poolUse'];
  /** From now on, writes that have not begun end with `shutting_down`. */
  refuseWrites(): void;
  /** Takes no new writes, waits for those under way, then ends the connections. */
  close(): Promise<void>;
}

export function createOrderDesk(options: OrderDeskOptions): OrderDesk {
  const now = options.now ?? (() => performance.now());
  const waiting = options.waiting ?? ((_on, work) => work());
  const client = createOrderDeskClient({ ...options, turn: turnTaking(options, now, waiting) });
  const send = around(client.send, options, now, waiting);
  const gateway = createStoreGateway({
    send,
    cache: options.cache,
    cipher: options.cipher,
    waiting,
    ...(options.ttls === undefined ? {} : { ttls: options.ttls }),
    ...(options.observeCache === undefined ? {} : { observeCache: options.observeCache }),
  });
  const writes = createWrites({ send });
  return {
    gateway,
    fresh: createFreshReads(send),
    writes: {
      write: (store, request, ctx) =>
        gateway.withRaised(store, touches(request), () => writes.write(store, request, ctx)),
    },
    verifyCredential: credentialVerifier(send),
    poolUse: () => client.poolUse(),
    refuseWrites: () => client.refuseWrites(),
    close: () => client.close(),
  };
}

/** What may hold a call back before it leaves, once its credential is at hand. */
function turnTaking(
  { budget, callsPerStore = CALLS_PER_STORE }: OrderDeskOptions,
  now: () => number,
  waiting: Waiting,
) {
  return (next: Send): Send => {
    const placed = placesPerStore(next, { perStore: callsPerStore, now, waiting });
    return budget === undefined ? placed : budget(placed);
  };
}

/** What may refuse a call or repeat it; the first is the nearest to the connection. */
function around(client: Send, options: OrderDeskOptions, now: () => number, waiting: Waiting): Send {
  const retried = retrying(client, {
    budget: createRetryBudget(now),
    onRetry: options.onRetry ?? (() => {}),
    now,
    random: options.random ?? Math.random,
    sleep: (ms, signal) => waiting('upstream', () => sleep(ms, undefined, { signal })),
  });
  // Around the repetitions: a call that fails three times has failed once.
  const guarded = breaking(retried, { now, onChange: options.onBreaker ?? (() => {}) });
  return rememberingContact(guarded, {
    credentials: options.credentials,
    onFailure: options.onContactFailure,
    now,
  });
}
