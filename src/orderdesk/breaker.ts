/**
 * Leaves a store alone that keeps failing, so that its callers get their answer at once and nobody waits behind them.
 *
 * One circuit for each Order Desk store, or for the row alone while its credential is not proven. Five failures in a row open it; after 10 s one call may try, and each
 * failed trial doubles the pause, up to 60 s. A failure is an answer of 5xx, one that makes no sense, a time-out or a
 * broken connection; every answer that makes sense is a success, a refusal too; the rest (a caller who left, a
 * refusal of our own) says nothing about the store. One more circuit, for the whole host, opens when three stores of
 * two tenants have failed and nothing has gone well since: one tenant cannot close the host to the others.
 * Offered credentials pass by: they must not touch the circuit of a kept store.
 */
import { LRUCache } from 'lru-cache';
import { AppError, type ErrorCode } from '../errors.js';
import type { TenantId } from '../tenancy/ids.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { isTooLarge } from './body.js';
import type { Send } from './call.js';
import { Circuit, type CircuitState, type Verdict } from './circuit.js';
import { isFromTransport } from './failures.js';
import { sharedName } from './shared-name.js';

const STORES_REMEMBERED = 10_000;
const FAILURES_TO_OPEN = 5;
const STORES_FOR_HOST = 3;
const TENANTS_FOR_HOST = 2;
/** A time-out counts if the store had this long: the fault of a call that came late is its own. Milliseconds. */
const FAIR_MS = 1_000;
const NEVER = -1;

const SENSIBLE_ANSWERS: ReadonlySet<ErrorCode> = new Set([
  'upstream_rejected',
  'upstream_credentials_refused',
  'upstream_rate_limited',
  'not_found',
]);

/** One change of one circuit. Of a circuit that is given up for lack of room: a change to `closed`. */
export interface BreakerEvent {
  readonly scope: 'store' | 'host';
  readonly from: CircuitState;
  readonly to: CircuitState;
}

export interface BreakerOptions {
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  readonly onChange: (event: BreakerEvent) => void;
  /** Stores whose failures are known at the same time; 10,000 unless told. */
  readonly storesRemembered?: number;
}

interface StoreCircuit {
  readonly circuit: Circuit;
  /** Whose calls failed since the last success. */
  readonly tenants: Set<TenantId>;
  /** How many calls to any store had succeeded when this circuit last opened. */
  openedAfter: number;
}

/** @throws AppError `upstream_unavailable` with `retryAfterS`, at once, while a circuit is open; what `next` throws */
export function breaking(next: Send, options: BreakerOptions): Send {
  const { now } = options;
  const circuits = new Circuits(options);
  return async (call) => {
    if (call.account.kind === 'offered') return next(call);
    const settle = circuits.enter(call.account.store);
    let departedAt: number | undefined;
    const onDeparture = (): void => {
      departedAt = now();
      call.onDeparture?.();
    };
    try {
      const reply = await next({ ...call, onDeparture });
      settle('success');
      return reply;
    } catch (error) {
      settle(verdictOn(error, departedAt === undefined ? undefined : now() - departedAt));
      throw error;
    }
  };
}

class Circuits {
  readonly #options: BreakerOptions;
  readonly #host: Circuit;
  /** Only stores that have failed since their last success. */
  readonly #stores: LRUCache<string, StoreCircuit>;
  #successes = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#host = this.#circuit('host', Number.POSITIVE_INFINITY);
    this.#stores = new LRUCache({
      max: options.storesRemembered ?? STORES_REMEMBERED,
      dispose: ({ circuit }, _id, reason) => {
        if (reason !== 'evict' || circuit.state === 'closed') return;
        options.onChange({ scope: 'store', from: circuit.state, to: 'closed' });
      },
    });
  }

  /** @returns to be called once, with how the call ended */
  enter(entry: StoreEntry): (verdict: Verdict) => void {
    const name = sharedName(entry);
    const store = this.#stores.get(name);
    const waitMs = Math.max(store?.circuit.waitMs() ?? 0, this.#host.waitMs());
    if (waitMs > 0) throw leftAlone(waitMs);
    const triesStore = store?.circuit.enter() ?? false;
    const triesHost = this.#host.enter();
    return (verdict) => {
      // A trial belongs to the circuit it began with, even if that has been given up meanwhile.
      const judged = triesStore ? store : this.#stores.get(name);
      if (verdict === 'success') this.#successes += 1;
      this.#settleStore(name, entry.tenantId, judged, triesStore, verdict);
      this.#host.settle(triesHost, verdict);
      if (verdict === 'failure' && this.#host.state === 'closed' && this.#isHostDown()) this.#host.open();
    };
  }

  #settleStore(
    name: string,
    tenantId: TenantId,
    known: StoreCircuit | undefined,
    isTrial: boolean,
    verdict: Verdict,
  ): void {
    if (known === undefined && verdict !== 'failure') return;
    const store = known ?? this.#remember(name);
    if (verdict === 'failure') store.tenants.add(tenantId);
    if (store.circuit.settle(isTrial, verdict)) store.openedAfter = this.#successes;
    const isWell = verdict === 'success' && store.circuit.state === 'closed';
    if (isWell && this.#stores.peek(name) === store) this.#stores.delete(name);
  }

  #remember(name: string): StoreCircuit {
    const circuit = this.#circuit('store', FAILURES_TO_OPEN);
    const store: StoreCircuit = { circuit, tenants: new Set(), openedAfter: NEVER };
    this.#stores.set(name, store);
    return store;
  }

  #isHostDown(): boolean {
    const down = [...this.#stores.values()].filter(
      ({ circuit, openedAfter }) => circuit.state !== 'closed' && openedAfter === this.#successes,
    );
    if (down.length < STORES_FOR_HOST) return false;
    return new Set(down.flatMap(({ tenants }) => [...tenants])).size >= TENANTS_FOR_HOST;
  }

  #circuit(scope: BreakerEvent['scope'], failuresToOpen: number): Circuit {
    const { now, onChange } = this.#options;
    return new Circuit({ failuresToOpen, now, onChange: (from, to) => onChange({ scope, from, to }) });
  }
}

/** @param ranMs how long ago the first byte went out; undefined when none did */
function verdictOn(error: unknown, ranMs: number | undefined): Verdict {
  if (!(error instanceof AppError)) return 'neither';
  if (SENSIBLE_ANSWERS.has(error.code)) return 'success';
  if (error.code === 'upstream_unavailable') return 'failure';
  if (error.code === 'upstream_malformed') return isTooLarge(error) ? 'success' : 'failure';
  if (error.code !== 'upstream_timeout') return 'neither';
  const isStoresFault = ranMs === undefined ? isFromTransport(error) : ranMs >= FAIR_MS;
  return isStoresFault ? 'failure' : 'neither';
}

function leftAlone(waitMs: number): AppError {
  const retryAfterS = Math.ceil(waitMs / 1000);
  return new AppError(
    'upstream_unavailable',
    'Order Desk has failed again and again and is left alone for a moment; nothing was sent.',
    { retryAfterS, hint: `Wait ${retryAfterS} seconds, then make the same call again.` },
  );
}
