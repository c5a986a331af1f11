import { describe, expect, it } from 'vitest';
import { authentication, issueKey } from './support.js';

describe('the proof of a key', () => {
  it('is there once the key was verified, for this very key only, and asks nobody', async () => {
    const { authenticator, keys, peppers } = authentication();
    const { header } = await issueKey(keys, peppers);
    expect(authenticator.hasProof(header)).toBe(false);
    await authenticator.authenticate(header);
    const { finds, stateQuestions } = keys;
    expect(authenticator.hasProof(header)).toBe(true);
    const other = await issueKey(keys, peppers);
    for (const wrong of [undefined, '', 'Bearer ', `${header}x`, header.slice(0, -1), other.header]) {
      expect(authenticator.hasProof(wrong)).toBe(false);
    }
    expect(keys).toMatchObject({ finds, stateQuestions });
  });

  it('goes with a revocation, and stays while the key has expired', async () => {
    const { authenticator, keys, peppers, clock } = authentication();
    const revoked = await issueKey(keys, peppers);
    const expiring = await issueKey(keys, peppers, { expiresAt: new Date(clock.time + 1_000) });
    await authenticator.authenticate(revoked.header);
    await authenticator.authenticate(expiring.header);
    keys.change(revoked.kid, { revokedAt: new Date(clock.time) });
    clock.advance(5_000);
    await authenticator.refresh();
    expect(authenticator.hasProof(revoked.header)).toBe(false);
    expect(authenticator.hasProof(expiring.header)).toBe(true);
    await expect(authenticator.authenticate(expiring.header)).rejects.toMatchObject({ code: 'unauthorized' });
  });
});
