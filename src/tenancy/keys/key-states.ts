/**
 * Keeps the state of verified keys current. One question a second covers every key of the last minute, so a revocation
 * anywhere holds here within two seconds; a key that comes back after a longer pause is asked for before it is
 * served. While the database is away the last known state serves, up to a bound.
 */
import { AppError } from '../../errors.js';
import type { Clock, Kid } from '../ids.js';
import type { Joined } from '../last-known.js';
import type { KeyRepository } from './key-repository.js';
import type { VerifiedKey, VerifiedKeys } from './verified-keys.js';

/** A state of this age is served without asking. */
const FRESH_MS = 2_000;
/** Keys used within this time are part of the question of every second. */
const IN_USE_MS = 60_000;
/** A question that is open for longer means that the database is away, well before its own time-out says so. */
const ANSWER_EXPECTED_MS = 1_000;

export interface KeyStatesDeps {
  readonly keys: KeyRepository;
  readonly verified: VerifiedKeys;
  readonly now: Clock;
  /** Milliseconds in which the last known state serves while the database is away. */
  readonly staleMaxMs: number;
  /** Runs the wait of a caller for a question that another one has put. */
  readonly joined?: Joined | undefined;
}

export class KeyStates {
  readonly #deps: KeyStatesDeps;
  readonly #asking = new Map<Kid, Promise<void>>();
  #pollFailed = false;
  #pollStartedAt: number | undefined;

  constructor(deps: KeyStatesDeps) {
    this.#deps = deps;
  }

  /** Whether the key's state may be served as it stands. A clock that was set back makes it stale, not fresh for longer. */
  isFresh(key: VerifiedKey, now: number): boolean {
    const age = now - key.checkedAt;
    return age >= 0 && age <= FRESH_MS;
  }

  /**
   * Makes the state of one key as good as it can be had.
   * @throws AppError `storage_unavailable` when it is older than the bound and the database is away
   */
  async settle(key: VerifiedKey): Promise<void> {
    if (!this.databaseAway) {
      try {
        return await this.#askFor(key);
      } catch (error) {
        if (!isAway(error)) throw error;
      }
    }
    if (this.#deps.now() - key.checkedAt > this.#deps.staleMaxMs) {
      throw new AppError('storage_unavailable', undefined, { retryAfterS: 5 });
    }
  }

  /** What the last round found, or finds by taking too long. */
  get databaseAway(): boolean {
    const openFor = this.#pollStartedAt === undefined ? 0 : this.#deps.now() - this.#pollStartedAt;
    return this.#pollFailed || openFor > ANSWER_EXPECTED_MS;
  }

  /**
   * One round for all keys in use. It is asked when there are none, too: the answer also says that the database is there.
   * @throws whatever the database throws, but for being away
   */
  async poll(): Promise<void> {
    const startedAt = this.#deps.now();
    this.#pollStartedAt = startedAt;
    try {
      await this.#ask(this.#deps.verified.usedSince(startedAt - IN_USE_MS));
      this.#pollFailed = false;
    } catch (error) {
      if (!isAway(error)) throw error;
      this.#pollFailed = true;
    } finally {
      this.#pollStartedAt = undefined;
    }
  }

  #askFor(key: VerifiedKey): Promise<void> {
    const { joined = (wait) => wait() } = this.#deps;
    const open = this.#asking.get(key.kid);
    if (open !== undefined) return joined(() => open);
    const asking = this.#ask([key]).finally(() => this.#asking.delete(key.kid));
    this.#asking.set(key.kid, asking);
    return asking;
  }

  async #ask(keys: readonly VerifiedKey[]): Promise<void> {
    const askedAt = this.#deps.now();
    const states = await this.#deps.keys.states(keys.map((key) => key.kid));
    const byKid = new Map(states.map((state) => [state.kid, state]));
    for (const key of keys) this.#deps.verified.update(key, byKid.get(key.kid), askedAt);
  }
}

const isAway = (error: unknown): boolean => error instanceof AppError && error.code === 'storage_unavailable';
