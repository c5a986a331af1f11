import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  add,
  average,
  compare,
  type Decimal,
  formatDecimal,
  multiply,
  parseDecimal,
} from '../../../src/orders/decimal.js';

const decimal = (text: string): Decimal => {
  const read = parseDecimal(text);
  if (read === undefined) throw new Error(`not a decimal: ${text}`);
  return read;
};

/** What these numbers are held against: whole numerator and denominator, never rounded. */
interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

/** Digit by digit, unlike the code under test. */
function fraction(text: string): Fraction {
  const [whole = '', places = ''] = text.replace(/^[+-]/, '').split('.');
  let [over, under] = [0n, 1n];
  for (const digit of whole) over = over * 10n + BigInt(digit);
  for (const digit of places) [over, under] = [over * 10n + BigInt(digit), under * 10n];
  return { over: text.startsWith('-') ? -over : over, under };
}

const isWorth = (text: string, { over, under }: Fraction): boolean => {
  const shown = fraction(text);
  return shown.over * under === over * shown.under;
};

const digits = (maxLength: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength });
const written = fc
  .tuple(fc.constantFrom('', '-', '+'), digits(12), fc.option(digits(12), { nil: undefined }))
  .map(([sign, whole, places]) => `${sign}${whole}${places === undefined ? '' : `.${places}`}`)
  .filter((text) => /\d/.test(text));

describe('an amount', () => {
  it.each([
    ['21.1', '21.10'],
    ['0', '0.00'],
    ['-0.5', '-0.50'],
    ['.5', '0.50'],
    ['5.', '5.00'],
    ['+007', '7.00'],
    ['1.2340', '1.234'],
    ['-0', '0.00'],
    ['99999999999999999999.01', '99999999999999999999.01'],
  ])('%s is shown as %s', (text, shown) => {
    expect(formatDecimal(decimal(text), 2)).toBe(shown);
  });

  it.each(['', '.', '-', '1e3', '1,5', ' 1', '0x1', 'NaN', '1.2.3', '--1', '9'.repeat(31)])(
    'is not read from "%s"',
    (text) => {
      expect(parseDecimal(text)).toBeUndefined();
    },
  );

  it('keeps its worth, whatever its form, with no more zeros at the end than asked for', () => {
    fc.assert(
      fc.property(written, fc.integer({ min: 0, max: 4 }), (text, places) => {
        const shown = formatDecimal(decimal(text), places);
        expect(isWorth(shown, fraction(text))).toBe(true);
        const shownPlaces = shown.split('.')[1] ?? '';
        expect(shownPlaces.length).toBeGreaterThanOrEqual(places);
        if (shownPlaces.length > places) expect(shownPlaces).not.toMatch(/0$/);
      }),
    );
  });
});

describe('arithmetic', () => {
  it('adds, multiplies and compares as fractions do', () => {
    fc.assert(
      fc.property(written, written, (a, b) => {
        const [left, right] = [fraction(a), fraction(b)];
        const under = left.under * right.under;
        const [overLeft, overRight] = [left.over * right.under, right.over * left.under];
        const [x, y] = [decimal(a), decimal(b)];
        expect(isWorth(formatDecimal(add(x, y), 0), { over: overLeft + overRight, under })).toBe(true);
        expect(isWorth(formatDecimal(multiply(x, y), 0), { over: left.over * right.over, under })).toBe(true);
        expect(Math.sign(compare(x, y))).toBe(overLeft < overRight ? -1 : overLeft > overRight ? 1 : 0);
      }),
    );
  });

  it('is exact where binary fractions are not', () => {
    const tenths = Array.from({ length: 10 }, () => decimal('0.1'));
    expect(formatDecimal(tenths.reduce(add), 2)).toBe('1.00');
    expect(formatDecimal(multiply(decimal('1.1'), decimal('1.1')), 0)).toBe('1.21');
  });
});

describe('an average', () => {
  it.each([
    ['10', 4, '2.50'],
    ['10', 3, '3.33'],
    ['20', 3, '6.67'],
    // Halves go to the even neighbour.
    ['0.01', 2, '0.00'],
    ['0.03', 2, '0.02'],
    ['0.05', 2, '0.02'],
    ['-0.03', 2, '-0.02'],
    ['-0.05', 2, '-0.02'],
    ['0.0100000001', 2, '0.01'],
    ['0', 7, '0.00'],
  ])('of %s over %i is %s', (sum, count, expected) => {
    expect(formatDecimal(average(decimal(sum), count, 2), 2)).toBe(expected);
  });

  it('is the nearest there is, and of two the even one', () => {
    fc.assert(
      fc.property(written, fc.integer({ min: 1, max: 1000 }), (text, count) => {
        const { over, under } = fraction(text);
        const cents = average(decimal(text), count, 2).digits;
        // |cents / 100 - sum / count| against half a cent, both times 200 * under * count.
        const off = 2n * (cents * under * BigInt(count) - 100n * over);
        const half = under * BigInt(count);
        const distance = off < 0n ? -off : off;
        expect(distance <= half).toBe(true);
        if (distance === half) expect(cents % 2n).toBe(0n);
      }),
      { numRuns: 300, examples: [['0.05', 2]] },
    );
  });
});
