/**
 * Keys verified under an old pepper, waiting to be hashed under the current one. Done one at a time while no
 * verification runs, so that a rotation never stands in the way of a caller.
 */
import { LRUCache } from 'lru-cache';
import type { Kid } from '../ids.js';
import type { RingKey } from '../rings/key-ring.js';
import { keyCheck } from './key-digests.js';
import type { KeyHasher } from './key-hasher.js';
import type { KeyRepository } from './key-repository.js';

/** What is needed to hash a key anew; the key itself is not kept. */
interface Waiting {
  readonly proof: string;
  readonly check: Uint8Array;
  readonly replaced: string;
}

const WAITING_HELD = 10_000;

export class PepperRotation {
  readonly #keys: KeyRepository;
  readonly #hasher: KeyHasher;
  readonly #current: RingKey;
  readonly #waiting = new LRUCache<Kid, Waiting>({ max: WAITING_HELD });

  constructor(keys: KeyRepository, hasher: KeyHasher, current: RingKey) {
    this.#keys = keys;
    this.#hasher = hasher;
    this.#current = current;
  }

  /** @param replaced the stored hash that the key was verified against */
  add(kid: Kid, key: string, proof: string, replaced: string): void {
    this.#waiting.set(kid, { proof, check: keyCheck(this.#current.key, key), replaced });
  }

  /** Hashes one waiting key, if nobody is being verified just now. @throws whatever the database throws */
  async step(): Promise<void> {
    const [next] = this.#waiting.entries();
    if (next === undefined || !this.#hasher.idle) return;
    const [kid, { proof, check, replaced }] = next;
    const hash = await this.#hasher.hash(proof);
    await this.#keys.rehash(kid, replaced, { check, hash, pepperId: this.#current.id });
    this.#waiting.delete(kid);
  }
}
