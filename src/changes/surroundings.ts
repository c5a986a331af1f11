/** What a kind of change works with, and how many requests it has made. */
import type { CallContext, FreshReads } from '../orderdesk/port.js';
import type { StoreEntry } from '../tenancy/stores.js';
import type { Surroundings } from './change-type.js';
import type { EngineOptions } from './engine-options.js';

/** Requests to Order Desk; settings and folders, which mostly come from the cache, are not counted. */
export class CallCount {
  #calls = 0;

  add(): void {
    this.#calls += 1;
  }

  get calls(): number {
    return this.#calls;
  }
}

type Deps = Pick<EngineOptions, 'gateway' | 'reads' | 'now'>;

interface Options extends Pick<Surroundings, 'previewed' | 'dryRun'> {
  readonly count?: CallCount;
}

export function surroundings(
  { gateway, reads, now }: Deps,
  store: StoreEntry,
  ctx: CallContext,
  changeId: string,
  { count = new CallCount(), previewed = false, dryRun = false }: Options = {},
): Surroundings {
  return {
    store,
    storeView: () => gateway.store(store, ctx),
    reads: counted(reads, () => count.add()),
    ctx,
    changeId,
    now: () => new Date(now()),
    previewed,
    dryRun,
  };
}

function counted(reads: FreshReads, count: () => void): FreshReads {
  return {
    async order(...asked) {
      count();
      return reads.order(...asked);
    },
    async orders(...asked) {
      count();
      return reads.orders(...asked);
    },
    async inventoryByCodes(...asked) {
      count();
      return reads.inventoryByCodes(...asked);
    },
    async inventoryItem(...asked) {
      count();
      return reads.inventoryItem(...asked);
    },
  };
}

/** What a look after a lost answer, or a read that completes an answer, may take in milliseconds. */
const AFTERWARDS_MS = 10_000;

/** For what comes after a write: nobody's going away ends it, its own time does. */
export function afterwards(
  { monotonic }: Pick<EngineOptions, 'monotonic'>,
  ctx: Pick<CallContext, 'principal' | 'priority'>,
): CallContext {
  return {
    signal: new AbortController().signal,
    deadlineAt: monotonic() + AFTERWARDS_MS,
    ...(ctx.principal === undefined ? {} : { principal: ctx.principal }),
    ...(ctx.priority === undefined ? {} : { priority: ctx.priority }),
  };
}
