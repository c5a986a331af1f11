/** Keys that this process has verified, by their proof. The key itself is nowhere in it. */
import { LRUCache } from 'lru-cache';
import type { RefusalReason } from '../audit/port.js';
import type { Kid } from '../ids.js';
import type { Principal } from '../principal.js';
import { NO_ACCESS } from '../scopes/no-access.js';
import type { KeyState } from './key-repository.js';

export const VERIFIED_KEYS_HELD = 10_000;

type Unusable = Extract<RefusalReason, 'revoked' | 'tenant_suspended' | 'unreadable_scope'>;

export interface VerifiedKey {
  readonly proof: string;
  readonly kid: Kid;
  principal: Principal;
  /** Why it is refused, expiry left out; `undefined` for a key that may be used. */
  unusable: Unusable | undefined;
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

  has(proof: string): boolean {
    return this.#byProof.has(proof);
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
    key.unusable ??= 'revoked';
    this.#byProof.delete(key.proof);
  }
}

/** Why a right key is refused whatever the time is. */
export function unusable(state: KeyState): Unusable | undefined {
  if (state.revokedAt !== null) return 'revoked';
  if (!state.tenantActive) return 'tenant_suspended';
  return state.scope === null ? 'unreadable_scope' : undefined;
}

const judge = (state: KeyState): Pick<VerifiedKey, 'principal' | 'unusable' | 'expiresAt'> => ({
  principal: {
    tenantId: state.tenantId,
    keyId: state.keyId,
    kid: state.kid,
    keyName: state.name,
    role: state.role,
    scope: state.scope ?? NO_ACCESS,
    ...(state.limits === undefined ? {} : { limits: state.limits }),
  },
  unusable: unusable(state),
  expiresAt: state.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
});
