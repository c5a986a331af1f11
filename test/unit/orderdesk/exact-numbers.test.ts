import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inexactNumbers, isExact } from '../../../src/orderdesk/parse/exact-numbers.js';

describe('numbers that come back changed', () => {
  it.each([
    '9007199254740993',
    '1234567890123456789',
    '-1234567890123456789',
    '12345678901234567',
    // A double holds it, and JSON would write ...940.
    '90071992547409936',
    '0.12345678901234567890',
    '1e400',
    '-1e400',
    '1e-400',
    '123456789.123456789123',
    `1.${'0'.repeat(500)}1`,
  ])('%s is one', (number) => {
    expect(isExact(number)).toBe(false);
  });

  it.each([
    '0',
    '-0',
    '0.0',
    '21.10',
    '9007199254740991',
    '1000000000000000000',
    '1E22',
    '1.5e3',
    '5e-324',
    '1.7976931348623157e308',
    // The same doubles as 0.1 and 19.99, in all 17 digits, as PHP may print them.
    '0.10000000000000001',
    '19.989999999999998',
  ])('%s is none', (number) => {
    expect(isExact(number)).toBe(true);
  });

  it('no double is one, in the shortest print or in 17 digits', () => {
    fc.assert(
      fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (value) => {
        expect(isExact(JSON.stringify(value))).toBe(true);
        const print = value.toPrecision(17);
        // Above 10^16 the print is a whole number and may stand for one.
        if (/[.e]/.test(print)) expect(isExact(print)).toBe(true);
      }),
      { numRuns: 10_000 },
    );
  });

  it('a whole number is one exactly when JSON would write another', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), (value) => {
        expect(isExact(`${value}`)).toBe(writtenBack(value) === value);
      }),
      { numRuns: 10_000 },
    );
  });
});

/** The whole number that the text of the double says, which is not always the double's own value. */
function writtenBack(value: bigint): bigint {
  const [digits = '', exponent = '0'] = JSON.stringify(Number(value)).split('e+');
  const [whole = '', fraction = ''] = digits.split('.');
  return BigInt(whole + fraction) * 10n ** BigInt(Number(exponent) - fraction.length);
}

describe('the search for them in a text', () => {
  it('names each by its path, in the order of the text', () => {
    const text =
      '{"status":"success","order":{"id":"5","order_items":[{"id":"1"},{"metadata":{"lot":12345678901234567890}}],' +
      '"order_metadata":{"a":[1,2,{}],"big_id":9007199254740993},"x":1e400}}';
    expect(inexactNumbers(text)).toEqual([
      'order.order_items.1.metadata.lot',
      'order.order_metadata.big_id',
      'order.x',
    ]);
  });

  it('passes over text, however it is escaped', () => {
    const values = ['12345678901234567890', '\\', '"', '\\"1e400', 'a\\\\', '{"n":12345678901234567890}', ''];
    const text = JSON.stringify({ values, '1e400': 1, 'k"}': 2, 'end\\': [3] });
    expect(inexactNumbers(text)).toEqual([]);
    expect(inexactNumbers(`[${text},9007199254740993]`)).toEqual(['1']);
  });

  it('names by its place what people may have named themselves', () => {
    expect(inexactNumbers('{"checkout_data":{"a":1,"Wilhelmina Testwick":9007199254740993}}')).toEqual([
      'checkout_data.1',
    ]);
  });

  it('finds what stands alone, and nothing in what JSON itself has written', () => {
    expect(inexactNumbers('{"a":\n 9007199254740993 \n}')).toEqual(['a']);
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(inexactNumbers(text)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('finds the one that is put anywhere into a document', () => {
    const path = fc.array(fc.oneof(fc.stringMatching(/^[a-z]{1,5}$/), fc.nat(3)), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(path, fc.json(), (steps, other) => {
        const text = steps.reduceRight<string>(
          (inner, step) =>
            typeof step === 'number'
              ? `[${`${other},`.repeat(step)}${inner},${other}]`
              : `{"q":${other},${JSON.stringify(step)}:${inner},"z":${other}}`,
          '9007199254740993',
        );
        expect(inexactNumbers(text)).toEqual([steps.join('.')]);
      }),
      { numRuns: 2_000 },
    );
  });
});
