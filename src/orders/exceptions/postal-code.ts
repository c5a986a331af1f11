/** The shape of postal codes in the three countries whose codes have one fixed shape that is worth a question. */
import type { AddressView } from '../../orderdesk/views.js';

interface Shape {
  readonly pattern: RegExp;
  /** What a right one looks like. */
  readonly example: string;
}

const SHAPES: Readonly<Record<string, Shape>> = {
  US: { pattern: /^\d{5}(?:[- ]?\d{4})?$/, example: '97205 or 97205-1234' },
  CA: { pattern: /^[a-z]\d[a-z][- ]?\d[a-z]\d$/i, example: 'H2X 1Y4' },
  GB: { pattern: /^(?:gir ?0aa|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2})$/i, example: 'LS1 4DY or N1 9GU' },
};

/** Order Desk holds codes or names, as the channel sent them. */
const CODES: ReadonlyMap<string, string> = new Map([
  ['USA', 'US'],
  ['UNITED STATES', 'US'],
  ['UNITED STATES OF AMERICA', 'US'],
  ['CANADA', 'CA'],
  ['UK', 'GB'],
  ['UNITED KINGDOM', 'GB'],
  ['GREAT BRITAIN', 'GB'],
]);

/** The two letters of a country where its name is one of those known here, else the name in capitals. */
export function countryCode(country: string): string {
  const name = country.replaceAll('.', '').trim().toUpperCase();
  return CODES.get(name) ?? name;
}

/** What is wrong with the postal code, without repeating it; `undefined` outside the US, Canada and Great Britain. */
export function postalCodeProblem({
  country,
  postalCode,
}: Pick<AddressView, 'country' | 'postalCode'>): string | undefined {
  const code = country === null ? '' : countryCode(country);
  const shape = Object.hasOwn(SHAPES, code) ? SHAPES[code] : undefined;
  if (shape === undefined) return undefined;
  if (postalCode === null) return `no postal code (${code} has them, such as ${shape.example})`;
  return shape.pattern.test(postalCode.trim())
    ? undefined
    : `the postal code has not the shape of ${code}, such as ${shape.example}`;
}
