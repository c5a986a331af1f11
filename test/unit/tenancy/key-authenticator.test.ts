import { randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { makeKey } from '../../../src/tenancy/keys/api-key.js';
import type { KeyRecord } from '../../../src/tenancy/keys/key-repository.js';
import { parseKeyRing } from '../../../src/tenancy/rings/key-ring.js';
import { NO_ACCESS } from '../../../src/tenancy/scopes/no-access.js';
import { deferred } from '../../support/deferred.js';
import { EVERYTHING } from '../../support/scopes.js';
import { authentication, issueKey, MemoryKeys, STALE_MAX_MS, TENANT_A } from './support.js';

const failure = async (promise: Promise<unknown>): Promise<AppError> => {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof AppError) return thrown;
  throw new Error('it was accepted');
};

const publicSide = ({ name, code, message, hint, field, retryAfterS }: AppError) =>
  JSON.stringify({ name, code, message, hint, field, retryAfterS });

describe('a key that is right', () => {
  it('gives its principal', async () => {
    const { authenticator, keys, peppers } = authentication();
    const { kid, header } = await issueKey(keys, peppers, { name: 'reporting', role: 'owner' });
    expect(await authenticator.authenticate(header)).toEqual({
      tenantId: TENANT_A,
      keyId: '01900000-0000-7000-8000-000000000001',
      kid,
      keyName: 'reporting',
      role: 'owner',
      scope: EVERYTHING,
    });
  });

  it('costs one comparison in the life of the process, and one row', async () => {
    const { authenticator, keys, peppers, hasher, clock } = authentication();
    const { header } = await issueKey(keys, peppers);
    for (let second = 0; second < 3_600; second += 1) {
      await authenticator.authenticate(header);
      clock.advance(1_000);
      await authenticator.refresh();
    }
    expect(hasher.compares).toBe(1);
    expect(keys.finds).toBe(1);
  });

  it('costs one comparison when a hundred callers bring it at once for the first time', async () => {
    const { authenticator, keys, peppers, hasher } = authentication();
    const { header } = await issueKey(keys, peppers);
    const principals = await Promise.all(
      Array.from({ length: 100 }, () => authenticator.authenticate(header)),
    );
    expect(new Set(principals).size).toBe(1);
    expect(hasher.compares).toBe(1);
    expect(keys.finds).toBe(1);
  });

  it('asks nothing of the database while its state is fresh', async () => {
    const { authenticator, keys, peppers } = authentication();
    const { header } = await issueKey(keys, peppers);
    for (let i = 0; i < 50; i += 1) await authenticator.authenticate(header);
    expect(keys.finds + keys.stateQuestions).toBe(1);
  });

  it('is not admitted by its four-byte check alone', async () => {
    const { authenticator, keys, peppers } = authentication();
    const other = await issueKey(keys, peppers);
    const { kid, header } = await issueKey(keys, peppers);
    keys.change(kid, { hash: keys.records.get(other.kid)?.hash ?? '' });
    expect((await failure(authenticator.authenticate(header))).code).toBe('unauthorized');
  });
});

describe('every refusal', () => {
  it('is the same error, byte for byte, and costs no comparison', async () => {
    const { authenticator, keys, peppers, hasher, clock } = authentication();
    const known = await issueKey(keys, peppers);
    // A right checksum over a wrong secret, which only the check can tell from the right key.
    const wrong = makeKey((size) =>
      size === known.kid.length ? kidBytes(known.kid) : randomBytes(size),
    ).key;
    const states: Partial<KeyRecord>[] = [
      { revokedAt: new Date(clock.time) },
      { expiresAt: new Date(clock.time) },
      { tenantActive: false },
      { scope: null },
      { pepperId: 'p0' },
      { hash: 'v9:$2b$04$', revokedAt: new Date(clock.time) },
    ];
    const inStates = await Promise.all(states.map((state) => issueKey(keys, peppers, state)));
    const headers = [
      undefined,
      '',
      'Bearer',
      'Bearer x',
      `Basic ${known.key}`,
      `Bearer ${known.key} `,
      `Bearer ${known.key.slice(0, -1)}`,
      `Bearer ${'x'.repeat(100_000)}`,
      `Bearer ${makeKey(randomBytes).key.reveal()}`,
      `Bearer ${wrong.reveal()}`,
      ...inStates.map((issued) => issued.header),
    ];
    const errors = await Promise.all(headers.map((header) => failure(authenticator.authenticate(header))));
    expect(new Set(errors.map(publicSide)).size).toBe(1);
    expect(errors[0]?.code).toBe('unauthorized');
    expect(hasher.compares).toBe(0);
    expect((await authenticator.authenticate(known.header)).kid).toBe(known.kid);
  });

  it('tells the log why, without the key', async () => {
    const { authenticator, keys, peppers } = authentication();
    const { kid, key, header } = await issueKey(keys, peppers, { revokedAt: new Date(0) });
    const { cause } = await failure(authenticator.authenticate(header));
    expect(String(cause)).toBe(`KeyRefusal: key ${kid} refused: revoked`);
    expect(String(cause)).not.toContain(key.slice(15));
  });
});

describe('a change to a key in use', () => {
  it.each<[string, Partial<KeyRecord>]>([
    ['a revocation', { revokedAt: new Date(0) }],
    ['a suspension of its tenant', { tenantActive: false }],
    ['an unreadable scope', { scope: null }],
    ['an earlier expiry', { expiresAt: new Date(0) }],
  ])('%s holds after the next question', async (_, change) => {
    const { authenticator, keys, peppers, clock } = authentication();
    const { kid, header } = await issueKey(keys, peppers);
    await authenticator.authenticate(header);
    keys.change(kid, change);
    clock.advance(1_000);
    await authenticator.refresh();
    expect((await failure(authenticator.authenticate(header))).code).toBe('unauthorized');
  });

  it('holds within two seconds even where the regular question is not put', async () => {
    const { authenticator, keys, peppers, clock } = authentication();
    const { kid, header } = await issueKey(keys, peppers);
    await authenticator.authenticate(header);
    keys.change(kid, { revokedAt: new Date(0) });
    clock.advance(2_001);
    expect((await failure(authenticator.authenticate(header))).code).toBe('unauthorized');
  });

  it('holds at once where this process made it', async () => {
    const { authenticator, keys, peppers } = authentication();
    const { kid, header } = await issueKey(keys, peppers);
    await authenticator.authenticate(header);
    keys.change(kid, { revokedAt: new Date(0) });
    authenticator.forget(kid);
    expect((await failure(authenticator.authenticate(header))).code).toBe('unauthorized');
  });

  it('holds for a key that was deleted', async () => {
    const { authenticator, keys, peppers, clock } = authentication();
    const { kid, header } = await issueKey(keys, peppers);
    await authenticator.authenticate(header);
    keys.records.delete(kid);
    clock.advance(1_000);
    await authenticator.refresh();
    expect((await failure(authenticator.authenticate(header))).code).toBe('unauthorized');
  });

  it('costs no second comparison when a tenant is suspended and resumed', async () => {
    const { authenticator, keys, peppers, hasher, clock } = authentication();
    const { kid, header } = await issueKey(keys, peppers);
    await authenticator.authenticate(header);
    for (const tenantActive of [false, true]) {
      keys.change(kid, { tenantActive });
      clock.advance(1_000);
      await authenticator.refresh();
    }
    expect((await authenticator.authenticate(header)).kid).toBe(kid);
    expect(hasher.compares).toBe(1);
  });

  it('shows in the principal: name, role and scope', async () => {
    const { authenticator, keys, peppers, clock } = authentication();
    const { kid, header } = await issueKey(keys, peppers);
    await authenticator.authenticate(header);
    keys.change(kid, { name: 'renamed', role: 'owner', scope: NO_ACCESS });
    clock.advance(1_000);
    await authenticator.refresh();
    expect(await authenticator.authenticate(header)).toMatchObject({
      keyName: 'renamed',
      role: 'owner',
      scope: NO_ACCESS,
    });
  });

  it('refuses a key from the millisecond of its expiry', async () => {
    const { authenticator, keys, peppers, clock } = authentication();
    const { header } = await issueKey(keys, peppers, { expiresAt: new Date(clock.time + 1_500) });
    await authenticator.authenticate(header);
    clock.advance(1_499);
    await authenticator.authenticate(header);
    clock.advance(1);
    expect((await failure(authenticator.authenticate(header))).code).toBe('unauthorized');
  });

  it('holds when the clock was set back', async () => {
    const { authenticator, keys, peppers, clock } = authentication();
    const { kid, header } = await issueKey(keys, peppers);
    await authenticator.authenticate(header);
    keys.change(kid, { tenantActive: false });
    clock.advance(-3_600_000);
    expect((await failure(authenticator.authenticate(header))).code).toBe('unauthorized');
  });

  it('is not undone by an older answer that arrives later, not even for a caller who waits for that one', async () => {
    const { authenticator, keys, peppers, clock } = authentication();
    const { kid, header } = await issueKey(keys, peppers);
    await authenticator.authenticate(header);
    const before = [...keys.records.values()];
    const late = deferred<KeyRecord[]>();
    const answer = keys.states.bind(keys);
    keys.states = () => late.promise;
    clock.advance(3_000);
    const waiting = failure(authenticator.authenticate(header));
    keys.states = answer;
    keys.change(kid, { revokedAt: new Date(0) });
    await authenticator.refresh();
    late.resolve(before);
    expect((await waiting).code).toBe('unauthorized');
    expect((await failure(authenticator.authenticate(header))).code).toBe('unauthorized');
  });
});

describe('one question a second', () => {
  it('covers all keys in use, however many', async () => {
    const { authenticator, keys, peppers, clock } = authentication();
    const issued = await Promise.all(Array.from({ length: 12 }, () => issueKey(keys, peppers)));
    for (const { header } of issued) await authenticator.authenticate(header);
    clock.advance(1_000);
    await authenticator.refresh();
    expect(keys.stateQuestions).toBe(1);
    for (const { header } of issued) await authenticator.authenticate(header);
    expect(keys.stateQuestions).toBe(1);
  });

  it('leaves out keys that nobody used for a minute, which are asked for when they come back', async () => {
    const { authenticator, keys, peppers, clock } = authentication();
    const { kid, header } = await issueKey(keys, peppers);
    await authenticator.authenticate(header);
    clock.advance(61_000);
    await authenticator.refresh();
    expect(keys.stateQuestions).toBe(0);
    keys.change(kid, { revokedAt: new Date(0) });
    expect((await failure(authenticator.authenticate(header))).code).toBe('unauthorized');
    expect(keys.stateQuestions).toBe(1);
  });

  it('is put for no key too, so that an idle server knows whether its database is there', async () => {
    const { authenticator, keys } = authentication();
    await authenticator.refresh();
    expect(authenticator.databaseAway).toBe(false);
    keys.away = true;
    await authenticator.refresh();
    expect(authenticator.databaseAway).toBe(true);
    keys.away = false;
    await authenticator.refresh();
    expect(authenticator.databaseAway).toBe(false);
  });

  it('is put by the running authenticator itself, and no more once it is stopped', async () => {
    vi.useFakeTimers();
    try {
      const { authenticator, keys, peppers } = authentication();
      const { kid, header } = await issueKey(keys, peppers);
      await authenticator.authenticate(header);
      authenticator.start();
      keys.change(kid, { revokedAt: new Date(0) });
      await vi.advanceTimersByTimeAsync(1_001);
      expect(keys.stateQuestions).toBe(1);
      expect((await failure(authenticator.authenticate(header))).code).toBe('unauthorized');
      await authenticator.stop();
      await vi.advanceTimersByTimeAsync(10_000);
      expect(keys.stateQuestions).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('while the database is away', () => {
  async function keyInUse() {
    const context = authentication();
    const issued = await issueKey(context.keys, context.peppers);
    await context.authenticator.authenticate(issued.header);
    context.keys.away = true;
    return { ...context, ...issued };
  }

  it('a known key serves up to the bound and not a moment longer', async () => {
    const { authenticator, header, clock } = await keyInUse();
    clock.advance(STALE_MAX_MS);
    await authenticator.refresh();
    await authenticator.authenticate(header);
    clock.advance(1);
    const error = await failure(authenticator.authenticate(header));
    expect(error.code).toBe('storage_unavailable');
    expect(error.retryAfterS).toBeGreaterThan(0);
  });

  it('a known key serves before the regular question has noticed', async () => {
    const { authenticator, header, clock, kid } = await keyInUse();
    clock.advance(3_000);
    expect((await authenticator.authenticate(header)).kid).toBe(kid);
  });

  it('no caller asks for itself once the regular question has failed', async () => {
    const { authenticator, header, clock, keys } = await keyInUse();
    clock.advance(3_000);
    await authenticator.refresh();
    const asked = keys.stateQuestions;
    for (let i = 0; i < 20; i += 1) await authenticator.authenticate(header);
    expect(keys.stateQuestions).toBe(asked);
  });

  it('callers do not wait for a question that hangs', async () => {
    const { authenticator, header, clock, keys, kid } = await keyInUse();
    const hanging = deferred<KeyRecord[]>();
    keys.away = false;
    keys.states = () => hanging.promise;
    clock.advance(1_000);
    const refreshing = authenticator.refresh();
    clock.advance(1_500);
    expect((await authenticator.authenticate(header)).kid).toBe(kid);
    hanging.resolve([]);
    await refreshing;
  });

  it('an expiry that is known still holds', async () => {
    const { authenticator, keys, peppers, clock } = authentication();
    const { header } = await issueKey(keys, peppers, { expiresAt: new Date(clock.time + 5_000) });
    await authenticator.authenticate(header);
    keys.away = true;
    clock.advance(5_000);
    expect((await failure(authenticator.authenticate(header))).code).toBe('unauthorized');
  });

  it('no key is used for the first time', async () => {
    const { authenticator, keys, peppers, hasher } = authentication();
    const { header } = await issueKey(keys, peppers);
    keys.away = true;
    expect((await failure(authenticator.authenticate(header))).code).toBe('storage_unavailable');
    expect(hasher.compares).toBe(0);
  });

  it('and back again, a revocation made in the meantime holds after the next question', async () => {
    const { authenticator, header, clock, keys, kid } = await keyInUse();
    clock.advance(30_000);
    await authenticator.refresh();
    await authenticator.authenticate(header);
    keys.change(kid, { revokedAt: new Date(0) });
    keys.away = false;
    clock.advance(1_000);
    await authenticator.refresh();
    expect((await failure(authenticator.authenticate(header))).code).toBe('unauthorized');
  });
});

describe('a change of the pepper', () => {
  const [old, next] = ['p1', 'p2'].map((id) => `${id}:${randomBytes(32).toString('base64')}`);
  const oldRing = parseKeyRing(`${old}`, 'X');
  const bothRing = parseKeyRing(`${next},${old}`, 'X');
  const nextRing = parseKeyRing(`${next}`, 'X');

  it('re-hashes a key after its use, so that the old pepper can be retired', async () => {
    const keys = new MemoryKeys();
    const { kid, header } = await issueKey(keys, oldRing);
    const rotating = authentication(bothRing, keys);
    await rotating.authenticator.authenticate(header);
    expect(keys.records.get(kid)?.pepperId).toBe('p1');
    await rotating.authenticator.housekeep();
    expect(keys.records.get(kid)?.pepperId).toBe('p2');
    expect(rotating.hasher.compares).toBe(1);

    const retired = authentication(nextRing, keys);
    expect((await retired.authenticator.authenticate(header)).kid).toBe(kid);
  });

  it('leaves a hash alone that somebody else replaced meanwhile', async () => {
    const keys = new MemoryKeys();
    const { kid, header } = await issueKey(keys, oldRing);
    const { authenticator } = authentication(bothRing, keys);
    await authenticator.authenticate(header);
    keys.change(kid, { hash: 'v1:by another replica' });
    await authenticator.housekeep();
    expect(keys.records.get(kid)).toMatchObject({ hash: 'v1:by another replica', pepperId: 'p1' });
  });

  it('is tried again when the database was away', async () => {
    const keys = new MemoryKeys();
    const { kid, header } = await issueKey(keys, oldRing);
    const { authenticator } = authentication(bothRing, keys);
    await authenticator.authenticate(header);
    keys.away = true;
    await expect(authenticator.housekeep()).rejects.toThrow(AppError);
    keys.away = false;
    await authenticator.housekeep();
    expect(keys.records.get(kid)?.pepperId).toBe('p2');
  });

  it('refuses a key whose pepper is gone', async () => {
    const keys = new MemoryKeys();
    const { header } = await issueKey(keys, oldRing);
    const { authenticator } = authentication(nextRing, keys);
    const error = await failure(authenticator.authenticate(header));
    expect(error.code).toBe('unauthorized');
    expect(String(error.cause)).toContain('MCP_KEY_PEPPER holds no pepper "p1"');
  });
});

describe('more first uses than can be verified', () => {
  it('are sent away with a time to wait, beyond two at work and sixty-four waiting', async () => {
    const { authenticator, keys, peppers, hasher } = authentication();
    const issued = await Promise.all(Array.from({ length: 72 }, () => issueKey(keys, peppers)));
    const outcomes = await Promise.allSettled(issued.map(({ header }) => authenticator.authenticate(header)));
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(errors).toHaveLength(6);
    expect(errors.every((error) => error.code === 'overloaded' && error.retryAfterS > 0)).toBe(true);
    expect(hasher.compares).toBe(66);
  });
});

describe('the last use of a key', () => {
  it('is written to the minute, in one batch, and not while a caller waits', async () => {
    const { authenticator, keys, peppers, clock } = authentication();
    const issued = await Promise.all(Array.from({ length: 5 }, () => issueKey(keys, peppers)));
    clock.advance(59_999);
    for (const { header } of issued) await authenticator.authenticate(header);
    expect(keys.useBatches).toBe(0);
    await authenticator.housekeep();
    await authenticator.housekeep();
    expect(keys.useBatches).toBe(1);
    expect([...keys.uses.values()]).toEqual(issued.map(() => new Date(Date.UTC(2026, 0, 1))));
    clock.advance(1);
    await authenticator.authenticate(issued[0]?.header);
    await authenticator.housekeep();
    expect(keys.uses.get(issued[0]?.kid ?? '')).toEqual(new Date(Date.UTC(2026, 0, 1, 0, 1)));
  });

  it('is not lost when the database is away, nor when the process stops', async () => {
    const { authenticator, keys, peppers, backgroundErrors } = authentication();
    const { kid, header } = await issueKey(keys, peppers);
    await authenticator.authenticate(header);
    keys.away = true;
    await expect(authenticator.housekeep()).rejects.toThrow(AppError);
    await authenticator.stop();
    expect(backgroundErrors).toHaveLength(1);
    keys.away = false;
    await authenticator.stop();
    expect(keys.uses.has(kid)).toBe(true);
  });
});

/** Bytes from which the generator draws exactly this kid. */
const kidBytes = (kid: string): Uint8Array =>
  Uint8Array.from(kid, (char) =>
    '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'.indexOf(char),
  );
