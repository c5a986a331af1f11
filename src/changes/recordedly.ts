/** Writing down what has happened already: the answer is true whether or not the ledger can be reached. */
import type { EngineDeps } from './run.js';

/** Pauses between the attempts, in milliseconds: two seconds in all. */
const PAUSES_MS = [100, 300, 600, 1_000];

/**
 * @returns false where it could not be written down, or is not this run's to write any more; the sweeper finds out by
 *   looking then. Never throws: a caller must not be told that a change failed because its record did.
 */
export async function recordedly(
  { sleep, onFailure }: Pick<EngineDeps, 'sleep' | 'onFailure'>,
  write: () => Promise<boolean>,
): Promise<boolean> {
  const nobody = new AbortController().signal;
  for (const pauseMs of [...PAUSES_MS, 0]) {
    try {
      return await write();
    } catch (error) {
      onFailure(error);
      if (pauseMs > 0) await sleep(pauseMs, nobody, 'postgres');
    }
  }
  return false;
}
