/** Exact arithmetic on amounts. Order Desk writes decimals, and binary fractions cannot hold most of them. */

/** `digits` / 10^`scale`. */
export interface Decimal {
  readonly digits: bigint;
  /** Decimal places, from 0. */
  readonly scale: number;
}

export const ZERO: Decimal = { digits: 0n, scale: 0 };

const WRITTEN = /^([+-]?)(\d*)(?:\.(\d*))?$/;
/** No real amount is longer; what is would make sums, and the answers that hold them, of any length. */
const LONGEST = 24;

/** Reads `12`, `-0.50`, `.5` or `5.`; `undefined` for anything else, and for more than 24 characters. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = text.length > LONGEST ? null : WRITTEN.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(`${whole}${fraction}`);
  return { digits: sign === '-' ? -digits : digits, scale: fraction.length };
}

export function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { digits: scaled(a, scale) + scaled(b, scale), scale };
}

export const multiply = (a: Decimal, b: Decimal): Decimal => ({
  digits: a.digits * b.digits,
  scale: a.scale + b.scale,
});

/** Negative when `a` is the smaller one, 0 when both are worth the same. */
export function compare(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const [left, right] = [scaled(a, scale), scaled(b, scale)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * `sum` / `count`, rounded to `places`; a half goes to the even neighbour, so that many averages lean to neither side.
 * @param count a whole number from 1
 */
export function average(sum: Decimal, count: number, places: number): Decimal {
  const divisor = BigInt(count) * 10n ** BigInt(sum.scale);
  const dividend = sum.digits * 10n ** BigInt(places);
  const [whole, rest] = [dividend / divisor, dividend % divisor];
  const twice = 2n * (rest < 0n ? -rest : rest);
  const away = twice > divisor || (twice === divisor && whole % 2n !== 0n);
  const step = dividend < 0n ? -1n : 1n;
  return { digits: away ? whole + step : whole, scale: places };
}

/** All its digits, with at least `places` decimal places and no zeros at the end beyond them. */
export function formatDecimal(value: Decimal, places: number): string {
  const digits = (value.digits < 0n ? -value.digits : value.digits).toString().padStart(value.scale + 1, '0');
  const point = digits.length - value.scale;
  const fraction = withoutTrailingZeros(digits.slice(point)).padEnd(places, '0');
  const sign = value.digits < 0n ? '-' : '';
  return `${sign}${digits.slice(0, point)}${fraction === '' ? '' : `.${fraction}`}`;
}

const scaled = (value: Decimal, scale: number): bigint => value.digits * 10n ** BigInt(scale - value.scale);

function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}
