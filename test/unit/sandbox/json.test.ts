import { describe, expect, it } from 'vitest';
import {
  amount,
  fields,
  list,
  listBody,
  map,
  nested,
  numberOr,
  objectBody,
  text,
  textOrNull,
  throughPhp,
} from '../../../src/sandbox/writes/json.js';

describe('what a client sends', () => {
  it.each([
    ['a', 'a'],
    [55, '55'],
    [true, 'true'],
    [null, ''],
    [undefined, ''],
    [{ a: 1 }, ''],
  ])('as text: %j is %j', (sent, expected) => expect(text(sent)).toBe(expected));

  it.each([
    [2.5, 2.5],
    ['2.5', 2.5],
    ['1e3', 1000],
    ['', 7],
    ['two', 7],
    [null, 7],
    [Number.POSITIVE_INFINITY, 7],
  ])('as a number: %j is %j', (sent, expected) => expect(numberOr(7)(sent)).toBe(expected));

  it.each([
    ['1.7', '1.7'],
    [1.7, '1.70'],
    [undefined, '0.00'],
    ['much', '0.00'],
  ])('as an amount: %j is %j', (sent, expected) => expect(amount(sent)).toBe(expected));

  it('as text that may be null', () => {
    expect([textOrNull(null), textOrNull(undefined), textOrNull(''), textOrNull(3)]).toEqual([
      null,
      null,
      '',
      '3',
    ]);
  });

  it('as maps and lists', () => {
    expect([map({ a: 1 }), map([]), map([1]), map('x')]).toEqual([{ a: 1 }, [], [], []]);
    const named = fields<{ readonly name: string }>({ name: text });
    expect(list(named)([{ name: 'a' }, 3, {}])).toEqual([{ name: 'a' }, { name: '' }]);
    expect([list(named)({ 0: {} }), nested(named)('x')]).toEqual([[], { name: '' }]);
  });
});

describe('fields', () => {
  const read = fields<{ readonly id: string; readonly size: number }>({ id: text, size: numberOr(0) });

  it('come first and in order, and unknown ones stay as they are', () => {
    const source = { other: { a: [null] }, size: '2', id: 5 };
    expect(JSON.stringify(read(source))).toBe('{"id":"5","size":2,"other":{"a":[null]}}');
  });

  it('may have the name of what every object has', () => {
    const source = JSON.parse('{"constructor":1,"__proto__":{"id":"x"},"toString":"t"}');
    expect(JSON.stringify(read(source))).toBe(
      '{"id":"","size":0,"constructor":1,"__proto__":{"id":"x"},"toString":"t"}',
    );
  });
});

describe('a body', () => {
  it('loses its empty maps at any depth and nothing else', () => {
    expect(throughPhp({ a: {}, b: [{}, [], { c: {} }], d: null, e: 1.1, f: '' })).toEqual({
      a: [],
      b: [[], [], { c: [] }],
      d: null,
      e: 1.1,
      f: '',
    });
  });

  it('is an object or a list with something in it', () => {
    for (const body of [undefined, null, 'x', 3, {}, []]) {
      expect([objectBody(body), listBody(body)]).toEqual([undefined, undefined]);
    }
    expect([objectBody({ a: {} }), listBody({ a: 1 })]).toEqual([{ a: [] }, undefined]);
    expect([objectBody([1]), listBody([{}])]).toEqual([undefined, [[]]]);
  });
});
