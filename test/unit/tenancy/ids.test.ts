import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isUuid, newId, toKid, toTenantId } from '../../../src/tenancy/ids.js';

describe('a new id', () => {
  it('is a UUIDv7 of the RFC 9562 example for its time and bits', () => {
    const random = () => Buffer.from('000000000000' + '0cc3' + '18c4dc0c0c07398f', 'hex');
    expect(newId(() => 0x017f22e279b0, random)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
  });

  it('sorts after every id of an earlier millisecond', () => {
    const ids = [1, 255, 256, 70_000, Date.UTC(2026, 0, 1), Date.UTC(2126, 0, 1)].map((time) =>
      newId(() => time, randomBytes),
    );
    expect(ids.toSorted()).toEqual(ids);
    expect(ids.every(isUuid)).toBe(true);
  });

  it('differs from another of the same millisecond', () => {
    const ids = Array.from({ length: 1_000 }, () => newId(() => 1, randomBytes));
    expect(new Set(ids).size).toBe(1_000);
  });
});

describe('text that is no id', () => {
  it.each(['', 'x', '017F22E2-79B0-7CC3-98C4-DC0C0C07398F', '017f22e279b07cc398c4dc0c0c07398f'])(
    'is refused: %j',
    (text) => {
      expect(() => toTenantId(text)).toThrow('not an id');
    },
  );

  it.each(['', 'short', 'elevenchars', 'with space', 'ümlaut1234'])('is refused as a kid: %j', (text) => {
    expect(() => toKid(text)).toThrow('not the public part of a key');
  });
});
