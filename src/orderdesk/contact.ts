/** Remembers, per store row, that Order Desk accepted or refused its key: written on a change, else once a minute. */
import { LRUCache } from 'lru-cache';
import { AppError } from '../errors.js';
import type { StoreRowId } from '../tenancy/ids.js';
import type { CredentialSource, StoreEntry } from '../tenancy/stores.js';
import type { Send } from './call.js';

const REPEAT_AFTER_MS = 60_000;
const ROWS_REMEMBERED = 10_000;

type Outcome = 'accepted' | 'refused';

export interface ContactOptions {
  readonly credentials: CredentialSource;
  /** Told when an outcome could not be written; the call itself goes on. */
  readonly onFailure: (error: unknown) => void;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}

/**
 * A refusal is written before its error goes on, for this row alone: another tenant's key for the same store may be
 * good. An acceptance is written beside the call, so that reading does not wait for a database.
 */
export function rememberingContact(next: Send, options: ContactOptions): Send {
  const written = new LRUCache<StoreRowId, { readonly outcome: Outcome; readonly at: number }>({
    max: ROWS_REMEMBERED,
  });

  async function remember(store: StoreEntry, outcome: Outcome): Promise<void> {
    const last = written.get(store.rowId);
    const at = options.now();
    if (!changes(store, outcome) && last?.outcome === outcome && at - last.at < REPEAT_AFTER_MS) return;
    written.set(store.rowId, { outcome, at });
    await options.credentials.markContact(store, outcome).catch(options.onFailure);
  }

  return async (call) => {
    if (call.account.kind === 'offered') return next(call);
    const { store } = call.account;
    try {
      const reply = await next(call);
      void remember(store, 'accepted');
      return reply;
    } catch (error) {
      if (error instanceof AppError && error.code === 'upstream_credentials_refused') {
        await remember(store, 'refused');
      }
      throw error;
    }
  };
}

/** Whether the row as it was read says otherwise. */
const changes = (store: StoreEntry, outcome: Outcome): boolean =>
  outcome === 'refused' ? store.refusedAt === null : store.refusedAt !== null;
