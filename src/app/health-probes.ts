/** Parts tried out: each within a bound, and never a second time while the first is still under way. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cache } from '../cache/port.js';
import { failureCode } from './finding.js';

/** `error` is the name of a failure: its words may hold an address, or a password in one. */
export type Probed<T> =
  | { readonly ok: true; readonly latencyMs: number; readonly value: T }
  | { readonly ok: false; readonly latencyMs: number; readonly error: string };

export interface ProbeOptions {
  /** Milliseconds after which a part counts as failed. */
  readonly boundMs: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}

/** @returns tries the part; never rejects. A try that hangs goes on, and whoever asks meanwhile waits for that one. */
export function boundedProbe<T>(attempt: () => Promise<T>, { boundMs, now }: ProbeOptions) {
  let running: Promise<Probed<T>> | undefined;
  const tried = async (): Promise<Probed<T>> => {
    const startedAt = now();
    try {
      const value = await attempt();
      return { ok: true, latencyMs: now() - startedAt, value };
    } catch (thrown) {
      return { ok: false, latencyMs: now() - startedAt, error: failureCode(thrown) };
    }
  };
  return async (): Promise<Probed<T>> => {
    running ??= tried().finally(() => {
      running = undefined;
    });
    const over = new AbortController();
    const late = sleep(boundMs, { ok: false, latencyMs: boundMs, error: 'timeout' } as const, {
      signal: over.signal,
    });
    try {
      return await Promise.race([running, late]);
    } finally {
      over.abort();
    }
  };
}

/** Long enough for the probe, and short enough that what a probe cut short has left is soon gone. */
const ENTRY_LIFE_MS = 5_000;

/** A cache that did not do what it was asked, though it threw nothing. */
class CacheFailed extends Error {
  override readonly name = 'CacheFailed';
  readonly code: 'not_written' | 'not_read' | 'not_deleted';

  constructor(code: CacheFailed['code']) {
    super('The cache did not do what it was asked.');
    this.code = code;
  }
}

/**
 * Writes, reads and deletes an entry that nobody else has.
 * @returns does so; rejects with CacheFailed when one of them did not happen
 */
export function cacheProbe(cache: Cache): () => Promise<void> {
  const name = `probe:${randomUUID()}`;
  const scopes = [name];
  return async () => {
    const { ticket } = await cache.lookup(name, scopes);
    if (ticket === undefined) throw new CacheFailed('not_read');
    const value = Buffer.from(randomUUID());
    if ((await cache.store(name, scopes, ticket, value, ENTRY_LIFE_MS)) !== 'set')
      throw new CacheFailed('not_written');
    const found = await cache.lookup(name, scopes);
    if (found.value === undefined || !value.equals(found.value)) throw new CacheFailed('not_read');
    await cache.raise(scopes);
    if ((await cache.lookup(name, scopes)).value !== undefined) throw new CacheFailed('not_deleted');
  };
}
