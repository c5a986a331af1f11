/**
 * Numbers of a reply that would come back changed. JSON.parse makes a double of each; one with more digits than a double
 * carries would be written back as another number. The values alone no longer show that, so the text is looked at.
 */
import { below } from './json.js';

/** Any decimal of 15 digits comes out of a double as it went in: only more digits, or an exponent, can be lost. */
const SUSPICIOUS = /[\d.]{16}|\d[eE][-+]?\d/;
const NUMBER = /-?\d[\d.eE+-]*/y;
const FRACTION = /[.eE]/;
const PARTS = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** Most digits that any writer needs for a double. */
const MOST_DIGITS = 17;
/** Characters of a number that is worth the work; nobody writes a longer one in earnest. */
const LONGEST = 400;
/** Names of fields; any other key may be a customer's text and is told by its place. */
const FIELD_NAME = /^[\w-]{1,64}$/;

/**
 * Paths of the numbers that a double cannot carry, such as `order.order_metadata.big_id`, in the order of the text.
 * @param json text that JSON.parse has accepted
 */
export function inexactNumbers(json: string): readonly string[] {
  return SUSPICIOUS.test(json) ? search(json) : [];
}

/** Whether the number comes back with the same value when it is read and written by JSON. */
export function isExact(number: string): boolean {
  const value = Number(number);
  if (!Number.isFinite(value) || number.length > LONGEST) return false;
  const wanted = decimalOf(number);
  if (wanted === decimalOf(String(value))) return true;
  // A whole number may be more than a double where it comes from.
  if (!FRACTION.test(number)) return false;
  // Some writers print 0.1 as 0.10000000000000001: the same double, with all the digits there are.
  const digits = Math.min(Math.max(wanted.indexOf('e'), 1), MOST_DIGITS);
  return wanted === decimalOf(value.toPrecision(digits));
}

/** Digits without zeros at either end, and the power of ten of the last: equal for equal values. The sign is never lost. */
function decimalOf(number: string): string {
  const [, whole = '', fraction = '', exponent = '0'] = PARTS.exec(number) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0e0';
  return `${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

interface Level {
  readonly at: string;
  readonly isList: boolean;
  place: number;
  key: string;
}

function search(json: string): readonly string[] {
  const found: string[] = [];
  const levels: Level[] = [];
  let level: Level = { at: '', isList: false, place: 0, key: '' };
  const here = (): string =>
    levels.length === 0
      ? ''
      : below(level.at, level.isList || !FIELD_NAME.test(level.key) ? level.place : level.key);
  for (let at = 0; at < json.length; ) {
    const character = json.charAt(at);
    if (character === '"') {
      const end = endOfString(json, at);
      // Of an object, the last text before a value is its key.
      level.key = json.slice(at + 1, end - 1);
      at = end;
    } else if (character === '{' || character === '[') {
      const next = { at: here(), isList: character === '[', place: 0, key: '' };
      levels.push(level);
      level = next;
      at += 1;
    } else if (character === '}' || character === ']') {
      level = levels.pop() ?? level;
      at += 1;
    } else if (character === ',') {
      level.place += 1;
      at += 1;
    } else if (character === '-' || (character >= '0' && character <= '9')) {
      NUMBER.lastIndex = at;
      const number = NUMBER.exec(json)?.[0] ?? character;
      if (!isExact(number)) found.push(here());
      at += number.length;
    } else {
      at += 1;
    }
  }
  return found;
}

/** @returns the place after the closing quote */
function endOfString(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); at !== -1; at = json.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (json.charAt(at - 1 - backslashes) === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return at + 1;
  }
  return json.length;
}
