/**
 * Readers of single JSON fields, for records that a PHP back end writes: ids and numbers change between string and
 * number, absent text is `""` or null, empty maps are `[]`. They are lenient about such types and strict about
 * nonsense. Written by hand because every order of every page passes through them.
 *
 * `at` is the path of the record, `''` at the top; it is joined to the key only when something is wrong.
 */
import { AppError } from '../../errors.js';

export type JsonRecord = Readonly<Record<string, unknown>>;

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;
const EXPONENT = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Path of a field below a record. */
export const below = (at: string, key: string | number): string => (at === '' ? `${key}` : `${at}.${key}`);

export function malformed(at: string, key: string | number, expected: string): AppError {
  const field = below(at, key);
  return new AppError('upstream_malformed', `Order Desk sent ${field}, which is not ${expected}.`, { field });
}

const isAbsent = (value: unknown): value is undefined | null | '' =>
  value === undefined || value === null || value === '';

/** Whether text is read as a decimal. */
export const isDecimal = (value: string): boolean => DECIMAL.test(value.trim());

/** An object. */
export function record(source: JsonRecord, key: string, at: string): JsonRecord {
  const value = source[key];
  if (!isRecord(value)) throw malformed(at, key, 'an object');
  return value;
}

/** Text; absent text is null. Numbers and booleans are taken as they print. */
export function text(source: JsonRecord, key: string, at: string): string | null {
  const value = source[key];
  if (typeof value === 'string') return value === '' ? null : value;
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  throw malformed(at, key, 'text');
}

/** An id; null where absent. A number beyond 2^53 has already lost digits and is refused. */
export function optionalId(source: JsonRecord, key: string, at: string): string | null {
  const value = source[key];
  if (typeof value === 'string') return value === '' ? null : value;
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  throw malformed(at, key, 'an id');
}

/** Answers and cursors hold ids whole; those of Order Desk are numbers. */
const LONGEST_ID = 64;

/** The id of a record itself. */
export function id(source: JsonRecord, key: string, at: string): string {
  const value = optionalId(source, key, at);
  if (value === null || value.length > LONGEST_ID) throw malformed(at, key, 'an id');
  return value;
}

/**
 * A decimal as text, `0` where absent. Text is passed on as Order Desk wrote it; a JSON number is printed in its
 * shortest form (`21.10` has already become `21.1`). No arithmetic is done.
 */
export function decimal(source: JsonRecord, key: string, at: string): string {
  const value = source[key];
  if (isAbsent(value)) return '0';
  if (typeof value === 'number' && Number.isFinite(value)) return printNumber(value);
  if (typeof value === 'string' && isDecimal(value)) return value.trim();
  throw malformed(at, key, 'a decimal number');
}

/** As `decimal`, for fields that a record of its kind never lacks: `""` and null are read as `0`, no key at all is not. */
export function requiredDecimal(source: JsonRecord, key: string, at: string): string {
  if (source[key] === undefined) throw malformed(at, key, 'there');
  return decimal(source, key, at);
}

/** As `text`, with a number printed as a decimal; for measures that people and carriers write freely. */
export function measure(source: JsonRecord, key: string, at: string): string | null {
  const value = source[key];
  return typeof value === 'number' && Number.isFinite(value) ? printNumber(value) : text(source, key, at);
}

/** A number, `0` where absent. */
export function number(source: JsonRecord, key: string, at: string): number {
  const value = source[key];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (isAbsent(value)) return 0;
  if (typeof value === 'string' && DECIMAL.test(value.trim())) return Number(value);
  throw malformed(at, key, 'a number');
}

/** A count: a whole number from 0; undefined where absent. */
export function count(source: JsonRecord, key: string, at: string): number | undefined {
  if (isAbsent(source[key])) return undefined;
  const value = number(source, key, at);
  if (!Number.isSafeInteger(value) || value < 0) throw malformed(at, key, 'a count');
  return value;
}

/** A list; empty where absent. PHP writes a list with gaps as an object with whole numbers for keys. */
export function list(source: JsonRecord, key: string, at: string): readonly unknown[] {
  const value = source[key];
  if (Array.isArray(value)) return value;
  if (isAbsent(value)) return [];
  if (isRecord(value) && Object.keys(value).every((index) => /^\d+$/.test(index)))
    return Object.values(value);
  throw malformed(at, key, 'a list');
}

/** A map; `{}` where absent or `[]`. A list that is not empty is a map by position. */
export function map(source: JsonRecord, key: string, at: string): JsonRecord {
  const value = source[key];
  if (isRecord(value)) return value;
  if (isAbsent(value)) return {};
  if (Array.isArray(value)) return Object.fromEntries(value.entries());
  throw malformed(at, key, 'a map');
}

/** Every element of a list as an object, parsed. */
export function records<T>(
  source: JsonRecord,
  key: string,
  at: string,
  parse: (value: JsonRecord, at: string) => T,
): T[] {
  return list(source, key, at).map((value, index) => {
    if (!isRecord(value)) throw malformed(below(at, key), index, 'an object');
    return parse(value, below(below(at, key), index));
  });
}

/** Without an exponent, by moving digits only. */
function printNumber(value: number): string {
  const printed = String(value);
  const parts = EXPONENT.exec(printed);
  if (parts === null) return printed;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits.padEnd(point, '0');
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
