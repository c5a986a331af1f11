/** Single values as a caller may give them, turned into what Order Desk holds in their place. */

import { plain } from '../plain.js';
import { isMap, own, type Raw } from './raw.js';
import { below, type Refusals } from './refusal.js';

/** No double of this form has lost a digit. */
const DECIMAL = /^-?\d{1,12}(?:\.\d{1,6})?$/;

/** A number, or decimal text; `undefined` for anything else, and for more digits than amounts have. */
export function decimalOf(value: unknown): number | undefined {
  const isEither = typeof value === 'number' || typeof value === 'string';
  if (!isEither || !DECIMAL.test(String(value).trim())) return undefined;
  const number = Number(value);
  return number === 0 ? 0 : number;
}

/** `null` for what clears a text is allowed by the caller of this, which knows what may be blank. */
export interface TextField {
  readonly kind: 'text';
  /** Must not be blank. */
  readonly required?: true;
  /** In any case; Order Desk's own spelling is sent. */
  readonly oneOf?: readonly string[];
}

export interface NumberField {
  readonly kind: 'number';
  readonly min?: number;
  readonly whole?: true;
}

/** A decimal that Order Desk keeps as text. */
export interface MeasureField {
  readonly kind: 'measure';
}

export type ValueField = TextField | NumberField | MeasureField;

/** What Order Desk shall hold; `undefined` once it was refused. */
export function readValue(value: unknown, field: ValueField, at: string, refusals: Refusals): unknown {
  if (field.kind === 'text') return readText(value, field, at, refusals);
  if (field.kind === 'number') return readNumber(value, field, at, refusals);
  if (value === null || value === '') return '';
  const number = decimalOf(value);
  if (number === undefined || number < 0) {
    refusals.add(at, 'is not a decimal number from 0', 'Write it like 3.55.');
    return undefined;
  }
  return typeof value === 'string' ? value.trim() : String(number);
}

function readText(
  value: unknown,
  { required, oneOf }: TextField,
  at: string,
  refusals: Refusals,
): string | undefined {
  if (value !== null && typeof value !== 'string') {
    refusals.add(at, 'is not text', 'Put it in quotation marks; null clears it where it may be blank.');
    return undefined;
  }
  const text = value ?? '';
  if (required === true && text.trim() === '') {
    refusals.add(at, 'must not be blank');
    return undefined;
  }
  if (oneOf === undefined || text === '') return text;
  const known = oneOf.find((one) => plain(one) === plain(text));
  if (known === undefined) {
    refusals.add(at, 'is not a value that Order Desk knows', `It is one of: ${oneOf.join(', ')}.`);
  }
  return known;
}

function readNumber(
  value: unknown,
  { min, whole }: NumberField,
  at: string,
  refusals: Refusals,
): number | undefined {
  const number = decimalOf(value);
  const isFit = number !== undefined && (whole !== true || Number.isInteger(number));
  if (!isFit || (min !== undefined && number < min)) {
    const kind = whole === true ? 'a whole number' : 'a decimal number of at most 6 decimal places';
    const from = min === undefined ? '' : ` from ${min}`;
    refusals.add(at, `is not ${kind}${from}`, 'Numbers cannot be cleared; 0 is one.');
    return undefined;
  }
  return number;
}

const DISCOUNT: Readonly<Record<string, ValueField>> = {
  name: { kind: 'text', required: true },
  code: { kind: 'text' },
  amount: { kind: 'measure' },
};

/** Discounts have no ids: the list is set as a whole. */
export function readDiscounts(value: unknown, at: string, refusals: Refusals): readonly Raw[] | undefined {
  if (!Array.isArray(value)) {
    refusals.add(at, 'is not a list', 'Give all discounts that the order shall have; [] for none.');
    return undefined;
  }
  return value.map((entry: unknown, index) => readDiscount(entry, below(at, index), refusals));
}

function readDiscount(entry: unknown, at: string, refusals: Refusals): Raw {
  if (!isMap(entry)) {
    refusals.add(at, 'is not a discount', 'A discount has a name and an amount, and may have a code.');
    return {};
  }
  for (const key of Object.keys(entry)) {
    if (!Object.hasOwn(DISCOUNT, key)) {
      refusals.add(below(at, key), 'is not a field of a discount', 'Fields: name, code, amount.');
    }
  }
  const members = Object.entries(DISCOUNT)
    .filter(([key]) => key === 'name' || key === 'amount' || own(entry, key) !== undefined)
    .map(([key, field]) => [key, readMember(entry, key, field, at, refusals)]);
  return Object.fromEntries(members);
}

function readMember(entry: Raw, key: string, field: ValueField, at: string, refusals: Refusals): unknown {
  const value = own(entry, key);
  if (key === 'amount' && (value === null || value === '')) {
    refusals.add(below(at, key), 'must not be blank');
    return undefined;
  }
  return readValue(value, field, below(at, key), refusals);
}
