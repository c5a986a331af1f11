/**
 * One question to several stores at the same time, each answering out of its own rate budget. A store that fails stands
 * beside the answers of the others; the call fails where no store could answer.
 */
import { setMaxListeners } from 'node:events';
import { AppError } from '../errors.js';
import type { CallContext } from '../mcp/catalogue.js';
import type { Principal } from '../tenancy/principal.js';
import type { StoreDirectory, StoreEntry } from '../tenancy/stores.js';
import { STOPPED, untilStopped } from './scan-stop.js';
import { allFailed, type Failed, withField } from './store-errors.js';
import { summedProgress } from './summed-progress.js';

/** Kept of a call's time for an answer without the stores that are not done by then. */
const RESERVE_MS = 1_000;

export interface Answered<T> {
  readonly store: StoreEntry;
  readonly answer: T;
}

export type Outcome<T> = Answered<T> | Failed;

export const hasAnswered = <T>(outcome: Outcome<T>): outcome is Answered<T> => 'answer' in outcome;

export interface StoreSelection {
  /** Each once, in the order in which they were named. */
  readonly stores: readonly StoreEntry[];
  /** One of them was named twice. */
  readonly repeated: boolean;
}

/** @throws AppError `unknown_store` with the place of the name in the list, and the stores there are */
export async function findStores(
  directory: StoreDirectory,
  principal: Principal,
  names: readonly string[],
): Promise<StoreSelection> {
  const found = await Promise.all(
    names.map((name, index) =>
      directory.resolve(principal, name).catch((error: unknown) => {
        throw error instanceof AppError && error.field === 'store'
          ? withField(error, `stores.${index}`)
          : error;
      }),
    ),
  );
  const stores = [...new Map(found.map((store) => [store.rowId, store])).values()];
  return { stores, repeated: stores.length < found.length };
}

/**
 * What each of the stores answers, in their order. A store that is not done shortly before the deadline has failed with
 * `upstream_timeout`. Progress is the sum over all.
 * @param now milliseconds on the clock of `deadlineAt`
 * @param ask gets the call as the store's part of it sees it
 * @throws AppError why, where every store failed; the reason of the signal once it ends; what is no failure of a store
 */
export async function askStores<T>(
  stores: readonly StoreEntry[],
  ctx: CallContext,
  now: () => number,
  ask: (store: StoreEntry, ctx: CallContext) => Promise<T>,
): Promise<Outcome<T>[]> {
  const others = new AbortController();
  const deadlineAt = ctx.deadlineAt - RESERVE_MS;
  const progress = summedProgress(ctx, stores.length);
  const part = { ...ctx, deadlineAt, signal: AbortSignal.any([ctx.signal, others.signal]) };
  // Each store listens, often several times: that is no leak.
  setMaxListeners(0, part.signal);
  const askOne = async (store: StoreEntry, index: number): Promise<Outcome<T>> => {
    const share = progress.part(index);
    try {
      const work = ask(store, { ...part, progress: share.report });
      const answer = await untilStopped(work, ctx.signal, deadlineAt - now());
      return answer === STOPPED ? { store, error: tooLate() } : { store, answer };
    } catch (error) {
      if (ctx.signal.aborted || !isOfStore(error)) throw error;
      return { store, error };
    } finally {
      share.end();
    }
  };
  try {
    const outcomes = await Promise.all(stores.map(askOne));
    const failures = outcomes.filter((outcome): outcome is Failed => !hasAnswered(outcome));
    if (failures.length === outcomes.length) throw allFailed(failures, ctx.principal.scope.mask);
    return outcomes;
  } finally {
    // Whatever still runs is for nobody.
    others.abort(new AppError('cancelled'));
  }
}

/** A failure of this server is not one of the store: it ends the call, and is logged. */
const isOfStore = (error: unknown): error is AppError =>
  error instanceof AppError && error.code !== 'internal' && error.code !== 'cancelled';

const tooLate = (): AppError =>
  new AppError('upstream_timeout', undefined, { hint: 'Ask for this store alone.' });
