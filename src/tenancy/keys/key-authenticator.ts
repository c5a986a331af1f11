/**
 * Verification of API keys. A known key costs one HMAC and no question to anybody. An unknown one costs one indexed
 * row and a four-byte comparison, which stops wrong secrets; only a right key reaches bcrypt, once.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Clock, Kid } from '../ids.js';
import type { Joined } from '../last-known.js';
import type { Authenticator, Principal } from '../principal.js';
import { type Repeater, repeat } from '../repeat.js';
import type { KeyRing } from '../rings/key-ring.js';
import { parseKey } from './api-key.js';
import { bearerToken } from './bearer.js';
import { CHECK_LENGTH, keyCheck, keyProof } from './key-digests.js';
import type { KeyHasher } from './key-hasher.js';
import { keyRefused } from './key-refusal.js';
import type { KeyRecord, KeyRepository } from './key-repository.js';
import { KeyStates } from './key-states.js';
import { LastUse } from './last-use.js';
import { PepperRotation } from './pepper-rotation.js';
import { unusable, type VerifiedKey, VerifiedKeys } from './verified-keys.js';

export interface KeyAuthenticatorDeps {
  readonly keys: KeyRepository;
  readonly peppers: KeyRing;
  readonly hasher: KeyHasher;
  readonly now: Clock;
  /** AUTH_STALE_MAX in milliseconds: how long the last known state of a key serves while the database is away. */
  readonly staleMaxMs: number;
  /** Runs the wait of a caller for a question to the database that another one has put. */
  readonly joined?: Joined | undefined;
  /** Told of a failure in the background, for the log. */
  readonly onBackgroundError: (error: unknown) => void;
}

/** A verification under way. */
interface Verifying {
  /** The question to the database, which is the first part of it. */
  readonly found: Promise<KeyRecord | undefined>;
  readonly key: Promise<VerifiedKey>;
}

const POLL_MS = 1_000;
const HOUSEKEEPING_MS = 5_000;
const NO_CHECK = Buffer.alloc(CHECK_LENGTH);

export class KeyAuthenticator implements Authenticator {
  readonly #deps: KeyAuthenticatorDeps;
  readonly #verified = new VerifiedKeys();
  readonly #states: KeyStates;
  readonly #lastUse: LastUse;
  readonly #rotation: PepperRotation;
  readonly #verifying = new Map<string, Verifying>();
  #repeaters: readonly Repeater[] = [];

  constructor(deps: KeyAuthenticatorDeps) {
    const { keys, now, staleMaxMs, joined } = deps;
    this.#deps = deps;
    this.#states = new KeyStates({ keys, verified: this.#verified, now, staleMaxMs, joined });
    this.#lastUse = new LastUse(keys, now);
    this.#rotation = new PepperRotation(keys, deps.hasher, deps.peppers.current);
  }

  /** @throws AppError `storage_unavailable` besides what the port names: a key's first use needs the database */
  async authenticate(header: string | undefined): Promise<Principal> {
    const text = bearerToken(header);
    const kid = text === undefined ? undefined : parseKey(text);
    if (text === undefined || kid === undefined) throw keyRefused('malformed');
    const proof = keyProof(this.#deps.peppers.current.key, text);
    const key = this.#verified.get(proof) ?? (await this.#verifyOnce(proof, kid, text));
    const now = this.#deps.now();
    key.usedAt = now;
    if (!this.#states.isFresh(key, now)) await this.#states.settle(key);
    if (key.unusable !== undefined) throw keyRefused(key.unusable, kid);
    if (now >= key.expiresAt) throw keyRefused('expired', kid);
    this.#lastUse.note(kid);
    return key.principal;
  }

  hasProof(header: string | undefined): boolean {
    const text = bearerToken(header);
    if (text === undefined || parseKey(text) === undefined) return false;
    return this.#verified.has(keyProof(this.#deps.peppers.current.key, text));
  }

  /** Begins to keep states current and to write what was put off. */
  start(): void {
    if (this.#repeaters.length > 0) return;
    this.#repeaters = [
      repeat(POLL_MS, () => this.#inBackground(() => this.refresh())),
      repeat(HOUSEKEEPING_MS, () => this.#inBackground(() => this.housekeep())),
    ];
  }

  /** Ends the background work and writes what is left of it. Never throws. */
  async stop(): Promise<void> {
    await Promise.all(this.#repeaters.map((repeater) => repeater.stop()));
    this.#repeaters = [];
    await this.#inBackground(() => this.#lastUse.flush());
  }

  /** Brings the state of every key in use up to date now. */
  async refresh(): Promise<void> {
    await this.#states.poll();
  }

  /** Whether the database was away when it was last asked, at most a second ago; asks nothing. */
  get databaseAway(): boolean {
    return this.#states.databaseAway;
  }

  /** Writes last uses, and hashes one key anew where the pepper was changed. */
  async housekeep(): Promise<void> {
    await this.#lastUse.flush();
    await this.#rotation.step();
  }

  /** The key is refused from now on unless the database says otherwise: for a revocation made in this process. */
  forget(kid: Kid): void {
    this.#verified.forget(kid);
  }

  async #inBackground(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      this.#deps.onBackgroundError(error);
    }
  }

  async #verifyOnce(proof: string, kid: Kid, text: string): Promise<VerifiedKey> {
    const { keys, now, joined = (wait) => wait() } = this.#deps;
    const open = this.#verifying.get(proof);
    if (open !== undefined) {
      // A wait for the database as for the first; what bcrypt takes after it is time of ours for both.
      await joined(() => open.found);
      return open.key;
    }
    const askedAt = now();
    const found = keys.find(kid);
    const key = this.#verify(proof, kid, text, found, askedAt).finally(() => this.#verifying.delete(proof));
    this.#verifying.set(proof, { found, key });
    return key;
  }

  async #verify(
    proof: string,
    kid: Kid,
    text: string,
    found: Promise<KeyRecord | undefined>,
    askedAt: number,
  ): Promise<VerifiedKey> {
    const { peppers, hasher } = this.#deps;
    const record = await found;
    const pepper = record === undefined ? undefined : peppers.byId.get(record.pepperId);
    // Done for an unknown kid too: it must take as long as a wrong secret.
    const right = sameCheck(keyCheck((pepper ?? peppers.current).key, text), record?.check);
    if (record === undefined) throw keyRefused('unknown_key', kid);
    if (pepper === undefined) {
      throw keyRefused('unknown_pepper', kid, `MCP_KEY_PEPPER holds no pepper "${record.pepperId}"`);
    }
    if (!right) throw keyRefused('wrong_secret', kid);
    const reason = unusable(record) ?? (isExpired(record, askedAt) ? 'expired' : undefined);
    if (reason !== undefined) throw keyRefused(reason, kid);
    const isCurrent = pepper.id === peppers.current.id;
    if (!(await hasher.matches(isCurrent ? proof : keyProof(pepper.key, text), record.hash))) {
      throw keyRefused('wrong_secret', kid);
    }
    if (!isCurrent) this.#rotation.add(kid, text, proof, record.hash);
    return this.#verified.add(proof, record, askedAt);
  }
}

const sameCheck = (presented: Uint8Array, stored: Uint8Array = NO_CHECK): boolean =>
  stored.length === CHECK_LENGTH && timingSafeEqual(presented, stored);

const isExpired = ({ expiresAt }: KeyRecord, now: number): boolean =>
  expiresAt !== null && now >= expiresAt.getTime();
