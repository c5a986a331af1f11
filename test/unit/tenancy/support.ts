import { randomBytes } from 'node:crypto';
import { AppError } from '../../../src/errors.js';
import { toKeyId, toTenantId } from '../../../src/tenancy/ids.js';
import { makeKey } from '../../../src/tenancy/keys/api-key.js';
import { KeyAuthenticator } from '../../../src/tenancy/keys/key-authenticator.js';
import { keyCheck, keyProof } from '../../../src/tenancy/keys/key-digests.js';
import { KeyHasher } from '../../../src/tenancy/keys/key-hasher.js';
import type { KeyRecord, KeyRepository } from '../../../src/tenancy/keys/key-repository.js';
import { type KeyRing, makeRingText, parseKeyRing } from '../../../src/tenancy/rings/key-ring.js';
import { EVERYTHING } from '../../support/scopes.js';

export const TENANT_A = toTenantId('01900000-0000-7000-8000-00000000000a');
export const TENANT_B = toTenantId('01900000-0000-7000-8000-00000000000b');

/** The cheapest cost that bcrypt knows. */
export const TEST_COST = 4;
export const STALE_MAX_MS = 600_000;

export const ringOf = (...ids: readonly string[]): KeyRing =>
  parseKeyRing(ids.map((id) => makeRingText(id, randomBytes)).join(','), 'TEST_RING');

export class TestClock {
  time = Date.UTC(2026, 0, 1);
  readonly now = (): number => this.time;
  advance(ms: number): void {
    this.time += ms;
  }
}

/** Keys in memory, with a switch for the database being away and counts of what was asked. */
export class MemoryKeys implements KeyRepository {
  readonly records = new Map<string, KeyRecord>();
  readonly uses = new Map<string, Date>();
  away = false;
  finds = 0;
  /** Those for no key at all, which only ask whether the database is there, are not counted. */
  stateQuestions = 0;
  useBatches = 0;

  async find(kid: string): Promise<KeyRecord | undefined> {
    this.finds += 1;
    this.#answer();
    return this.records.get(kid);
  }

  async states(kids: readonly string[]): Promise<KeyRecord[]> {
    if (kids.length > 0) this.stateQuestions += 1;
    this.#answer();
    return kids.flatMap((kid) => this.records.get(kid) ?? []);
  }

  async rehash(...[kid, replaced, next]: Parameters<KeyRepository['rehash']>): Promise<void> {
    this.#answer();
    const record = this.records.get(kid);
    if (record?.hash === replaced) this.records.set(kid, { ...record, ...next });
  }

  async recordUse(uses: ReadonlyMap<string, Date>): Promise<void> {
    this.#answer();
    this.useBatches += 1;
    for (const [kid, at] of uses) this.uses.set(kid, at);
  }

  change(kid: string, change: Partial<KeyRecord>): void {
    const record = this.records.get(kid);
    if (record === undefined) throw new Error('no such key in this test');
    this.records.set(kid, { ...record, ...change });
  }

  #answer(): void {
    if (this.away) throw new AppError('storage_unavailable');
  }
}

/** A fresh authenticator over keys in memory. */
export function authentication(peppers: KeyRing = ringOf('p1'), keys = new MemoryKeys()) {
  const clock = new TestClock();
  const hasher = new KeyHasher({ cost: TEST_COST });
  const backgroundErrors: unknown[] = [];
  const authenticator = new KeyAuthenticator({
    keys,
    peppers,
    hasher,
    now: clock.now,
    staleMaxMs: STALE_MAX_MS,
    onBackgroundError: (error) => backgroundErrors.push(error),
  });
  return { authenticator, keys, clock, hasher, peppers, backgroundErrors };
}

/** Stores a new key and gives the header that presents it. */
export async function issueKey(keys: MemoryKeys, peppers: KeyRing, change: Partial<KeyRecord> = {}) {
  const { kid, key } = makeKey(randomBytes);
  const pepper = peppers.current;
  const hash = await new KeyHasher({ cost: TEST_COST }).hash(keyProof(pepper.key, key.reveal()));
  keys.records.set(kid, {
    kid,
    keyId: toKeyId('01900000-0000-7000-8000-000000000001'),
    tenantId: TENANT_A,
    name: 'made-up key',
    role: 'agent',
    scope: EVERYTHING,
    expiresAt: null,
    revokedAt: null,
    tenantActive: true,
    check: keyCheck(pepper.key, key.reveal()),
    hash,
    pepperId: pepper.id,
    ...change,
  });
  return { kid, key: key.reveal(), header: `Bearer ${key.reveal()}` };
}
