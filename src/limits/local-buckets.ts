/**
 * Buckets of this process. The least recently used are forgotten first, which makes them full: the room is far larger
 * than the number of buckets that can be in use between two calls of one key.
 */
import { LRUCache } from 'lru-cache';
import { type Cells, type Taken, takeCells } from './gcra.js';

export const LOCAL_BUCKETS_HELD = 50_000;

interface Bucket {
  /** When it will be full again, in microseconds of the local clock. */
  fullAt: number;
  /** Whether tokens were taken here that the shared bucket does not know of. */
  unshared: boolean;
}

export class LocalBuckets {
  readonly #now: () => number;
  readonly #buckets: LRUCache<string, Bucket>;

  /** @param now milliseconds on a clock that never goes back */
  constructor(now: () => number, held: number = LOCAL_BUCKETS_HELD) {
    this.#now = () => Math.floor(now() * 1_000);
    this.#buckets = new LRUCache({ max: held });
  }

  get size(): number {
    return this.#buckets.size;
  }

  take(key: string, cells: Cells, cost: number): Taken {
    const now = this.#now();
    const bucket = this.#bucket(key);
    const taken = takeCells(bucket.fullAt - now, cells, cost);
    if (taken.allowed) {
      bucket.fullAt = now + taken.lead;
      bucket.unshared = true;
    }
    return taken;
  }

  /** The lead, in microseconds, of tokens taken here alone; 0 when the shared bucket knows of all. */
  unsharedLead(key: string): number {
    const bucket = this.#buckets.get(key);
    return bucket?.unshared ? Math.max(0, bucket.fullAt - this.#now()) : 0;
  }

  /**
   * Takes over what the shared bucket says, so that a change to local limits begins where the shared one was.
   * @param lead microseconds, as it was `ageMs` milliseconds ago
   */
  follow(key: string, lead: number, ageMs: number): void {
    const bucket = this.#bucket(key);
    bucket.fullAt = this.#now() - Math.ceil(ageMs * 1_000) + lead;
    bucket.unshared = false;
  }

  clear(): void {
    this.#buckets.clear();
  }

  #bucket(key: string): Bucket {
    const held = this.#buckets.get(key);
    if (held !== undefined) return held;
    const bucket: Bucket = { fullAt: 0, unshared: false };
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
