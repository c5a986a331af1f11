/**
 * Postal codes. Where every address of a country has one, a missing one is worth a question; its shape is looked at in
 * three countries only, after everything that people write differently was taken away: a parcel with an odd code often
 * arrives, and a false alarm costs somebody's time.
 */
import type { AddressView } from '../../orderdesk/views.js';
import { plain } from '../plain.js';
import { countryCode } from './country.js';

interface Shape {
  /** Of the code in lower case, with nothing between its letters and digits. */
  readonly pattern: RegExp;
  /** What a right one looks like. */
  readonly example: string;
}

/** Great Britain: the usual ones, forces post, and the territories that have one code each. */
const GB = /^(?:gir0aa|[a-z]{1,2}\d[a-z\d]?\d[a-z]{2}|bfpo(?:c\/?o)?\d{1,4}|[a-z]{4}1zz)$/;

/** The United States: with four or six digits more, and behind the letters of a state. */
const US = /^(?:[a-z]{2})?\d{5}(?:\d{4}(?:\d{2})?)?$/;

const SHAPES: Readonly<Record<string, Shape>> = {
  US: { pattern: US, example: '97205 or 97205-1234' },
  CA: { pattern: /^[a-z]\d[a-z]\d[a-z]\d$/, example: 'H2X 1Y4' },
  GB: { pattern: GB, example: 'LS1 4DY or N1 9GU' },
};

/** Where a parcel without a postal code comes back. */
const NEEDED: ReadonlySet<string> = new Set('US CA GB AT AU BE CH DE DK ES FI FR IT JP NL NO SE'.split(' '));

const BETWEEN = /[\s\p{Pd}.]/gu;

/** What is wrong with the postal code, without repeating it; `undefined` where nothing is, or nothing is known. */
export function postalCodeProblem({
  country,
  postalCode,
}: Pick<AddressView, 'country' | 'postalCode'>): string | undefined {
  const code = country === null ? undefined : countryCode(country);
  if (code === undefined || !NEEDED.has(code)) return undefined;
  const shape = SHAPES[code];
  const written = plain(postalCode ?? '').replaceAll(BETWEEN, '');
  if (written === '') {
    return `no postal code (${code} has them${shape === undefined ? '' : `, such as ${shape.example}`})`;
  }
  if (shape === undefined) return undefined;
  const withoutCountry = written.startsWith(code.toLowerCase()) ? written.slice(code.length) : written;
  return [written, withoutCountry].some((text) => shape.pattern.test(text))
    ? undefined
    : `the postal code has not the shape of ${code}, such as ${shape.example}`;
}
