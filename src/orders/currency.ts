/**
 * The currency of a store. Order Desk names none: its locale sets one (Order Desk API, settings), but which one is
 * nowhere written. The currency of the region in the locale is the likely one, and is called assumed for that reason.
 */
import type { StoreView } from '../orderdesk/views.js';

/** ISO 3166 regions by the ISO 4217 currency that is alone in use there. */
const REGIONS: Readonly<Record<string, readonly string[]>> = {
  AUD: ['AU'],
  BRL: ['BR'],
  CAD: ['CA'],
  CHF: ['CH', 'LI'],
  CLP: ['CL'],
  CNY: ['CN'],
  COP: ['CO'],
  CZK: ['CZ'],
  DKK: ['DK'],
  EUR: [
    ...['AT', 'BE', 'CY', 'DE', 'EE', 'ES', 'FI', 'FR', 'GR', 'HR'],
    ...['IE', 'IT', 'LT', 'LU', 'LV', 'MT', 'NL', 'PT', 'SI', 'SK'],
  ],
  GBP: ['GB'],
  HKD: ['HK'],
  HUF: ['HU'],
  IDR: ['ID'],
  ILS: ['IL'],
  INR: ['IN'],
  JPY: ['JP'],
  KRW: ['KR'],
  MXN: ['MX'],
  MYR: ['MY'],
  NOK: ['NO'],
  NZD: ['NZ'],
  PHP: ['PH'],
  PLN: ['PL'],
  RON: ['RO'],
  SEK: ['SE'],
  SGD: ['SG'],
  THB: ['TH'],
  TRY: ['TR'],
  TWD: ['TW'],
  USD: ['US', 'PR'],
  ZAR: ['ZA'],
};

const CURRENCIES: ReadonlyMap<string, string> = new Map(
  Object.entries(REGIONS).flatMap(([code, regions]) => regions.map((region) => [region, code])),
);

const LOCALE = /^[a-z]{2,3}[_-](?:[a-z]{4}[_-])?([a-z]{2})(?:[.@].*)?$/i;

/**
 * The ISO 4217 code that the store's locale suggests; `undefined` where it names no region, or one not known here, or
 * where the country of the store speaks for another currency.
 */
export function assumedCurrency({
  locale,
  country,
}: Pick<StoreView, 'locale' | 'country'>): string | undefined {
  const region = LOCALE.exec(locale ?? '')?.[1];
  const currency = region === undefined ? undefined : CURRENCIES.get(region.toUpperCase());
  const ofCountry = CURRENCIES.get(country?.trim().toUpperCase() ?? '');
  return ofCountry === undefined || ofCountry === currency ? currency : undefined;
}
