import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonText, wellFormed } from '../../src/json-text.js';

const UNSEEN = /[<\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u;

describe('the text of a value', () => {
  it('is JSON of the same value, in which nothing hides', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = jsonText(value) ?? '';
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(text).not.toMatch(UNSEEN);
      }),
    );
  });

  it.each([
    ['</data-0>', String.raw`"\u003c/data-0>"`],
    ['\u202eabc', String.raw`"\u202eabc"`],
    ['\u{e0041}', String.raw`"\udb40\udc41"`],
    ['\u2028\u0085', String.raw`"\u2028\u0085"`],
    ['é 日本 😀 "q"', '"é 日本 😀 \\"q\\""'],
  ])('%j is %s', (value, text) => {
    expect(jsonText(value)).toBe(text);
  });
});

describe('halves of characters', () => {
  it('are replaced at any depth, in keys too', () => {
    const given = { 'a\ud800': ['\udc00', { b: 'x\ud800y', c: 1, d: null }] };
    expect(wellFormed(given)).toEqual({ 'a\ufffd': ['\ufffd', { b: 'x\ufffdy', c: 1, d: null }] });
  });

  it('are no part of what is whole: the object stays the same', () => {
    const whole = { a: '😀', b: ['ü'] };
    expect(wellFormed(whole)).toBe(whole);
    expect(wellFormed({ a: '\\ud800' })).toEqual({ a: '\\ud800' });
  });
});
