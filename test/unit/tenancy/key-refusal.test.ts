import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import type { RefusalReason } from '../../../src/tenancy/audit/port.js';
import { refusalReason } from '../../../src/tenancy/keys/key-refusal.js';
import type { KeyRecord } from '../../../src/tenancy/keys/key-repository.js';
import { authentication, issueKey, MemoryKeys, ringOf } from './support.js';

const thrownBy = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );

const CHANGES: readonly [RefusalReason, Partial<KeyRecord>][] = [
  ['revoked', { revokedAt: new Date(0) }],
  ['expired', { expiresAt: new Date(0) }],
  ['tenant_suspended', { tenantActive: false }],
  ['unreadable_scope', { scope: null }],
];

describe('the reason of a refusal', () => {
  it.each(CHANGES)('is %s, at the first use of the key and at a later one', async (reason, change) => {
    const { authenticator, keys, peppers, clock } = authentication();
    const dead = await issueKey(keys, peppers, change);
    expect(refusalReason(await thrownBy(authenticator.authenticate(dead.header)))).toBe(reason);

    const { kid, header } = await issueKey(keys, peppers);
    await authenticator.authenticate(header);
    keys.change(kid, change);
    clock.advance(2_001);
    expect(refusalReason(await thrownBy(authenticator.authenticate(header)))).toBe(reason);
  });

  it('tells what was wrong with a key that was never right', async () => {
    const { authenticator, keys, peppers } = authentication();
    const [known, other] = [await issueKey(keys, peppers), await issueKey(keys, peppers)];
    const reasonFor = async (header: string | undefined) =>
      refusalReason(await thrownBy(authenticator.authenticate(header)));
    expect(await reasonFor(undefined)).toBe('malformed');
    expect(await reasonFor('Bearer nonsense')).toBe('malformed');
    keys.records.set(known.kid, { ...(keys.records.get(other.kid) ?? fail()), kid: known.kid });
    expect(await reasonFor(known.header)).toBe('wrong_secret');
    keys.records.delete(known.kid);
    expect(await reasonFor(known.header)).toBe('unknown_key');
    const elsewhere = authentication(ringOf('p9'), keys);
    expect(refusalReason(await thrownBy(elsewhere.authenticator.authenticate(other.header)))).toBe(
      'unknown_pepper',
    );
  });

  it('is found beneath errors that wrap it, and is nowhere in other errors', async () => {
    const { authenticator } = authentication(ringOf('p1'), new MemoryKeys());
    const cause = await thrownBy(authenticator.authenticate(undefined));
    expect(refusalReason(new AppError('unauthorized', undefined, { cause }))).toBe('malformed');
    expect(refusalReason(new AppError('storage_unavailable'))).toBeUndefined();
    expect(refusalReason(undefined)).toBeUndefined();
  });
});

function fail(): never {
  throw new Error('the record is missing');
}
