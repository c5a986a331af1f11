import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitEntries, jsonSize, shareRoom } from '../../../src/orders/budget.js';
import { clip, clipMap, clipValue } from '../../../src/orders/text.js';

const LONE_SURROGATE = /\p{Surrogate}/u;

describe('shortened text', () => {
  it('fits its room in JSON, starts like the original and stays well formed', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.integer({ min: 5, max: 100 }),
        (text, room) => {
          const short = clip(text, room);
          expect(jsonSize(short) - 2).toBeLessThanOrEqual(room);
          expect(short === text || (short.endsWith('…') && text.startsWith(short.slice(0, -1)))).toBe(true);
          if (!LONE_SURROGATE.test(text)) expect(short).not.toMatch(LONE_SURROGATE);
        },
      ),
    );
  });

  it('is the original wherever that fits', () => {
    expect(clip('a'.repeat(20), 20)).toBe('a'.repeat(20));
    expect(clip('a'.repeat(21), 20)).toBe(`${'a'.repeat(19)}…`);
    expect(clip('\u0001'.repeat(20), 20)).toBe(`${'\u0001'.repeat(3)}…`);
    expect(clip('😀😀😀', 4)).toBe('😀…');
  });

  it('stands for values and maps that are too large', () => {
    expect(clipValue({ a: 1 }, 20)).toEqual({ a: 1 });
    expect(clipValue({ a: 'x'.repeat(50) }, 20)).toBe('{"a":"xxxxxxxxxx…');
    const map = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`key ${index}`, 'value']));
    const clipped = clipMap(map, 100, clip);
    expect(Object.keys(clipped).length).toBeLessThan(10);
    expect(clipped['…']).toBe(`${50 - (Object.keys(clipped).length - 1)} more`);
  });
});

describe('a share of the room', () => {
  it('is never more than the need, and in all never more than there is', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1, maxLength: 8 }), fc.nat(3000), (needs, room) => {
        const shares = shareRoom(needs, room);
        expect(shares.every((share, index) => share <= (needs[index] ?? 0))).toBe(true);
        const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
        expect(sum(shares)).toBeLessThanOrEqual(room);
        if (sum(needs) <= room) expect(shares).toEqual(needs);
      }),
    );
  });

  it('goes to the large once the small have theirs', () => {
    expect(shareRoom([10, 1000, 1000], 210)).toEqual([10, 100, 100]);
    expect(shareRoom([10], -5)).toEqual([0]);
  });
});

describe('entries that fit', () => {
  it('are the leading ones, whole, and the rest are counted', () => {
    expect(fitEntries(['aa', 'bb', 'cc'], 11)).toEqual({ kept: ['aa', 'bb'], dropped: 1 });
    expect(fitEntries(['aa'], 0)).toEqual({ kept: [], dropped: 1 });
  });
});
