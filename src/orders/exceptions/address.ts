/** An address that a parcel would not reach. Looked at while something is still to be sent. */
import type { AddressView, OrderView } from '../../orderdesk/views.js';
import { plain } from '../plain.js';
import { shippedState } from '../shipped.js';
import type { OrderCheck } from './check.js';
import { countryCode } from './country.js';
import { postalCodeProblem } from './postal-code.js';

/** Places that are a city themselves: addresses there often name none. */
const CITY_STATES: ReadonlySet<string | undefined> = new Set(['SG', 'HK', 'MO', 'MC', 'VA', 'GI']);

/** What forms are filled with where nothing is known. As a name each could be somebody's. */
const NOTHING: ReadonlySet<string> = new Set(['n/a', 'null', 'undefined']);
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

// All of what follows meets texts in lower case.
/** "PO Box", "P.O. Box", "P O Box", "Post Office Box". */
const PO_BOX = /\b(?:p\.?\s?o\.?|post office)\s?box(?:\b|\d)/;
/** Carriers that deliver to no post office box, unless the post takes over the last mile. */
const COURIER = /\b(?:ups|fedex|dhl)\b/;
const BY_POST = /post|usps|mail innovations|ground economy|ecommerce/;
/** The customer comes for it. */
const FETCHED = /\bpick[\s-]?up\b|\bclick (?:and|&) collect\b/;

export const oddAddress: OrderCheck = ({ view, folder }) => {
  const shipped = shippedState(view);
  if (folder !== 'open' || (shipped !== 'no' && shipped !== 'partly')) return undefined;
  const method = plain(view.shippingMethod ?? '');
  if (FETCHED.test(method)) return undefined;
  const problems = [...missing(view.shipping), ...odd(view.shipping, method)];
  return problems.length === 0 ? undefined : `Shipping address: ${problems.join('; ')}.`;
};

function missing({ firstName, lastName, company, lines, city, country }: AddressView): string[] {
  const isCityState = country !== null && CITY_STATES.has(countryCode(country));
  return [
    ...([firstName, lastName, company].some(saysAnything) ? [] : ['no name and no company']),
    ...(lines.some(isFilled) ? [] : ['no street']),
    ...(isFilled(city) || isCityState ? [] : ['no city']),
    ...(isFilled(country) ? [] : ['no country']),
  ];
}

const saysAnything = (text: string | null): boolean => text !== null && LETTER_OR_DIGIT.test(text);

const isFilled = (text: string | null): boolean =>
  text !== null && saysAnything(text) && !NOTHING.has(plain(text));

function odd(shipping: OrderView['shipping'], method: string): string[] {
  const postal = postalCodeProblem(shipping);
  const toBox = shipping.lines.some((line) => PO_BOX.test(plain(line)));
  const byCourier = COURIER.test(method) && !BY_POST.test(method);
  return [
    ...(postal === undefined ? [] : [postal]),
    ...(toBox && byCourier ? ['a post office box, and a shipping method of UPS, FedEx or DHL'] : []),
  ];
}
