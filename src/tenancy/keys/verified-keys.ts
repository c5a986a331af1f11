/** Keys that this process has verified, by their proof. The key itself is nowhere in it. */
import { LRUCache } from 'lru-cache';
import type { Kid } from '../ids.js';
import type { Principal } from '../principal.js';
import type { KeyState } from './key-repository.js';

export const VERIFIED_KEYS_HELD = 10_000;

export interface VerifiedKey {
  readonly proof: string;
  readonly kid: Kid;
  principal: Principal;
  /** False once revoked or gone, while the tenant is suspended, or where the scope cannot be read. */
  usable: boolean;
  /** Milliseconds since the epoch; `Infinity` for never. */
  expiresAt: number;
  /** When the question that gave this state was put, in milliseconds since the epoch. */
  checkedAt: number;
  usedAt: number;
}

/** The verification holds for the life of the process, so there is no expiry; only the state beside it grows old. */
export class VerifiedKeys {
  readonly #byProof = new LRUCache<string, VerifiedKey>({ max: VERIFIED_KEYS_HELD });

  get(proof: string): VerifiedKey | undefined {
    return this.#byProof.get(proof);
  }

  add(proof: string, state: KeyState, checkedAt: number): VerifiedKey {
    const key: VerifiedKey = { proof, kid: state.kid, ...judge(state), checkedAt, usedAt: checkedAt };
    this.#byProof.set(proof, key);
    return key;
  }

  /**
   * Answers may arrive out of order. Each carries its own time, so an older one only makes the key due again sooner;
   * but a key that was dropped stays dropped.
   * @param state `undefined` when the key is gone
   */
  update(key: VerifiedKey, state: KeyState | undefined, checkedAt: number): void {
    if (this.#byProof.peek(key.proof) !== key) return;
    key.checkedAt = checkedAt;
    if (state === undefined || state.revokedAt !== null) this.#drop(key);
    else Object.assign(key, judge(state));
  }

  forget(kid: Kid): void {
    for (const key of this.#byProof.values()) {
      if (key.kid === kid) this.#drop(key);
    }
  }

  usedSince(time: number): VerifiedKey[] {
    return [...this.#byProof.values()].filter((key) => key.usedAt >= time);
  }

  /** Calls that hold the entry already see it refused. */
  #drop(key: VerifiedKey): void {
    key.usable = false;
    this.#byProof.delete(key.proof);
  }
}

const judge = (state: KeyState): Pick<VerifiedKey, 'principal' | 'usable' | 'expiresAt'> => ({
  principal: {
    tenantId: state.tenantId,
    keyId: state.keyId,
    kid: state.kid,
    keyName: state.name,
    role: state.role,
    scope: state.scope ?? { stores: [] },
  },
  usable: state.tenantActive && state.revokedAt === null && state.scope !== null,
  expiresAt: state.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
});
