/** How full the file system of the data folder is. */
import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { cachedFor } from './cached.js';

export interface DiskUse {
  /** From 0 to 1, as `df` counts it: of what this user may fill. */
  readonly usedRatio: number;
  /** Bytes that this user may still write. */
  readonly freeBytes: number;
}

/** A disk fills slowly, and one on a network may answer slowly. */
const MAX_AGE_MS = 10_000;

/**
 * @param folder need not be there: with Postgres nothing may ever have made it. Then it is what would hold it.
 * @returns asks the system, seldom; `undefined` where it does not tell
 */
export function diskOf(
  folder: string,
  now: () => number = () => performance.now(),
): () => Promise<DiskUse | undefined> {
  return cachedFor(MAX_AGE_MS, () => useOf(resolve(folder)), now);
}

async function useOf(folder: string): Promise<DiskUse | undefined> {
  try {
    const { bsize, blocks, bfree, bavail } = await statfs(folder);
    const used = blocks - bfree;
    const room = used + bavail;
    return room === 0 ? undefined : { usedRatio: used / room, freeBytes: bavail * bsize };
  } catch (thrown) {
    const isMissing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
    const above = dirname(folder);
    // Anything else that the system says means that it does not tell.
    return isMissing && above !== folder ? useOf(above) : undefined;
  }
}
