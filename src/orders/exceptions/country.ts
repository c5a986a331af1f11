/** Countries as orders name them: Order Desk holds codes or names, as the channel sent them. */
import { plain } from '../plain.js';

/** Names and other codes of the countries and places that a check knows something about. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  US: ['usa', 'united states', 'united states of america'],
  CA: ['can', 'canada'],
  GB: ['gbr', 'uk', 'united kingdom', 'great britain', 'england', 'scotland', 'wales', 'northern ireland'],
  AT: ['aut', 'austria', 'österreich'],
  AU: ['aus', 'australia'],
  BE: ['bel', 'belgium'],
  CH: ['che', 'switzerland', 'schweiz', 'suisse'],
  DE: ['deu', 'germany', 'deutschland'],
  DK: ['dnk', 'denmark', 'danmark'],
  ES: ['esp', 'spain', 'españa'],
  FI: ['fin', 'finland', 'suomi'],
  FR: ['fra', 'france'],
  IT: ['ita', 'italy', 'italia'],
  JP: ['jpn', 'japan'],
  NL: ['nld', 'netherlands', 'holland', 'nederland'],
  NO: ['nor', 'norway', 'norge'],
  SE: ['swe', 'sweden', 'sverige'],
  SG: ['sgp', 'singapore'],
  HK: ['hkg', 'hong kong', 'hong kong sar', 'hong kong sar china'],
  MO: ['mac', 'macau', 'macao', 'macao sar', 'macao sar china'],
  MC: ['mco', 'monaco'],
  VA: ['vat', 'vatican', 'vatican city', 'holy see'],
  GI: ['gib', 'gibraltar'],
  AE: ['are', 'uae', 'united arab emirates'],
  KW: ['kwt', 'kuwait'],
  KR: ['kor', 'korea', 'south korea', 'republic of korea', 'korea, republic of'],
};

const CODES: ReadonlyMap<string, string> = new Map(
  Object.entries(NAMES).flatMap(([code, names]) =>
    [code.toLowerCase(), ...names].map((name) => [name, code]),
  ),
);

/** "United States (US)": some channels write the code behind the name. */
const CODE_BEHIND = / ?\([a-z]{2,3}\)$/;
const SPACES = /\s+/g;
const ARTICLE = /^the /;

/** The two letters of a country that is known here, by its code or its name; `undefined` for any other. */
export function countryCode(country: string): string | undefined {
  const name = plain(country).replaceAll('.', '').replaceAll(SPACES, ' ');
  return CODES.get(name.replace(CODE_BEHIND, '').replace(ARTICLE, ''));
}
