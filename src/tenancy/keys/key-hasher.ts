/** bcrypt over the proof of a key, bounded: at cost 12 one run holds a thread of the pool for a quarter of a second. */
import { compare, hash } from 'bcrypt';
import { Semaphore } from '../semaphore.js';

/** The stored form: this, then the bcrypt string. The version names what goes into bcrypt. */
const SCHEME = 'v1:';

/**
 * Keys that wait for their first verification. Only right ones get this far, each once, and a replica that has just
 * started behind a balancer meets all of those in use within a second or two: they must find room.
 */
export const HASH_QUEUE = 64;

export interface KeyHasherOptions {
  /** bcrypt cost of new hashes: 12 in production. */
  readonly cost: number;
}

export class KeyHasher {
  readonly #cost: number;
  readonly #semaphore = new Semaphore({ inFlight: 2, queue: HASH_QUEUE, retryAfterS: 3 });
  #compares = 0;

  constructor(options: KeyHasherOptions) {
    this.#cost = options.cost;
  }

  /** Comparisons that this process has run so far: one per key that was verified. */
  get compares(): number {
    return this.#compares;
  }

  /** Whether nobody waits for a verification just now. */
  get idle(): boolean {
    return this.#semaphore.idle;
  }

  /** Runs of bcrypt under way, and those that wait for their turn. */
  get use(): { readonly running: number; readonly waiting: number } {
    return this.#semaphore.use;
  }

  /** @throws AppError `overloaded` */
  async hash(proof: string): Promise<string> {
    return this.#semaphore.run(async () => SCHEME + (await hash(proof, this.#cost)));
  }

  /** False for a hash of a scheme that this release does not know. @throws AppError `overloaded` */
  async matches(proof: string, stored: string): Promise<boolean> {
    if (!stored.startsWith(SCHEME)) return false;
    return this.#semaphore.run(() => {
      this.#compares += 1;
      return compare(proof, stored.slice(SCHEME.length));
    });
  }
}
