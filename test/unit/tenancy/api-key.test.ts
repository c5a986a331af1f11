import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEY_LENGTH, makeKey, parseKey } from '../../../src/tenancy/keys/api-key.js';
import { randomBase62, toBase62 } from '../../../src/tenancy/keys/base62.js';
import { bearerToken } from '../../../src/tenancy/keys/bearer.js';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

describe('an API key', () => {
  it('keeps its format for ever', () => {
    const counting = (size: number) => Uint8Array.from({ length: size }, (_, index) => index);
    expect(makeKey(counting).key.reveal()).toBe('odm_0123456789_0123456789ABCDEFGHIJKLMNOPQRSTUV1cPoEU');
  });

  it('is read back as the kid it was made with', () => {
    for (let i = 0; i < 200; i += 1) {
      const { kid, key } = makeKey(randomBytes);
      expect(key.reveal()).toHaveLength(KEY_LENGTH);
      expect(parseKey(key.reveal())).toBe(kid);
    }
  });

  it('is refused when any one character is another', () => {
    const key = makeKey(randomBytes).key.reveal();
    for (let at = 0; at < key.length; at += 1) {
      for (const other of ALPHABET) {
        if (other === key[at]) continue;
        expect(parseKey(key.slice(0, at) + other + key.slice(at + 1))).toBeUndefined();
      }
    }
  });

  it('is refused when two neighbours are swapped', () => {
    const key = makeKey(randomBytes).key.reveal();
    for (let at = 0; at + 1 < key.length; at += 1) {
      if (key[at] === key[at + 1]) continue;
      const swapped = `${key.slice(0, at)}${key[at + 1]}${key[at]}${key.slice(at + 2)}`;
      expect(parseKey(swapped)).toBeUndefined();
    }
  });

  it('is refused at every other length', () => {
    const key = makeKey(randomBytes).key.reveal();
    for (let length = 0; length < key.length; length += 1) {
      expect(parseKey(key.slice(0, length))).toBeUndefined();
    }
    expect(parseKey(`${key}0`)).toBeUndefined();
    expect(parseKey(`${key}\n`)).toBeUndefined();
  });

  it('never comes of other text', () => {
    fc.assert(fc.property(fc.string({ maxLength: 80 }), (text) => parseKey(text) === undefined));
  });
});

describe('base62', () => {
  it('draws every character equally often', () => {
    const everyByte = (size: number) => Uint8Array.from({ length: size }, (_, index) => index % 256);
    const text = randomBase62(248, (size) => everyByte(Math.max(size, 256)));
    const counts = [...ALPHABET].map((char) => text.slice(0, 248).split(char).length - 1);
    expect(new Set(counts)).toEqual(new Set([4]));
  });

  it('writes numbers at a fixed width', () => {
    expect(toBase62(0, 6)).toBe('000000');
    expect(toBase62(61, 6)).toBe('00000z');
    expect(toBase62(62, 6)).toBe('000010');
    expect(toBase62(2 ** 32 - 1, 6)).toBe('4gfFC3');
  });
});

describe('the Authorization header', () => {
  it.each([['Bearer abc'], ['bearer abc'], ['BEARER abc']])('gives the token of %j', (header) => {
    expect(bearerToken(header)).toBe('abc');
  });

  it.each([
    [undefined],
    [''],
    ['Bearer'],
    ['Bearer '],
    ['abc'],
    ['Basic abc'],
    ['Bearer  abc'],
    [' Bearer abc'],
    ['Bearer abc '],
    ['Bearer\tabc'],
    ['Bearer abc def'],
    ['Bearer abc, Bearer def'],
    ['Bearer abc\nX: y'],
    ['Bearer abc\n'],
    ['Bearer: abc'],
    ['Bearer\u00a0abc'],
  ])('gives nothing for %j', (header) => {
    expect(bearerToken(header)).toBeUndefined();
  });
});
