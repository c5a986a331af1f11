/** Made-up people and places. Mail goes to example.com and example.org; telephone numbers hold the fictional 555. */
import type { CustomerAddress } from '../types.js';
import type { NonEmpty, Prng } from './prng.js';
import { REGIONS, type Region } from './regions.js';

const COMPANIES: NonEmpty<string> = [
  'Blue Heron Books',
  'Café Zwölf GmbH',
  'Tallgrass Gifts LLC',
  'Société Écluse',
  'Pine & Thread',
  'Ökologisch & Fair eG',
  'Smith, Smith & Smith "The Smiths" Ltd.',
];

export interface Person {
  readonly address: CustomerAddress;
  readonly email: string;
  readonly customerId: string;
}

/** What selling at home adds to the weight of a country. */
const HOME_WEIGHT = 42;

/**
 * @param homeCountry two letters; most people live there
 * @param number tells people of the same name apart
 */
export function makePerson(prng: Prng, homeCountry: string, number: number): Person {
  const home = REGIONS.find(([candidate]) => candidate.country === homeCountry) ?? REGIONS[0];
  const place = prng.weighted([[home[0], HOME_WEIGHT], ...REGIONS]);
  const first = prng.pick(place.firstNames);
  const last = prng.pick(place.lastNames);
  return {
    address: makeAddress(prng, place, first, last),
    email: `${mailName(first)}.${mailName(last)}.${number}@example.${prng.chance(0.7) ? 'com' : 'org'}`,
    customerId: prng.chance(0.85) ? String(5_400_000 + number) : '',
  };
}

function makeAddress(prng: Prng, place: Region, first: string, last: string): CustomerAddress {
  const [city, state, postalCode] = prng.pick(place.places);
  const street = prng.pick(place.streets);
  const house = prng.int(1, 2400);
  return {
    first_name: first,
    last_name: last,
    company: prng.chance(0.08) ? prng.pick(COMPANIES) : '',
    address1: place.numberFirst ? `${house} ${street}` : `${street} ${house}`,
    address2: prng.chance(0.2)
      ? prng.pick(['Apt 4B', 'Unit 12', 'c/o Reception', '3. OG links', 'Bât. C'])
      : '',
    city,
    state,
    postal_code: postalCode,
    country: prng.chance(0.95) ? place.country : place.countryName,
    phone: prng.chance(0.75) ? `${place.dial} 555 01${prng.digits(2)} ${prng.digits(3)}` : '',
  };
}

function mailName(name: string): string {
  const plain = name
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z]/g, '');
  return plain === '' ? 'customer' : plain;
}
