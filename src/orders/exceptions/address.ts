/** An address that a parcel would not reach. Looked at while something is still to be sent. */
import type { AddressView, OrderView } from '../../orderdesk/views.js';
import { plain } from '../plain.js';
import { shippedState } from '../shipped.js';
import type { OrderCheck } from './check.js';
import { countryCode } from './country.js';
import { paymentOf } from './payment.js';
import { postalCodeProblem } from './postal-code.js';

/** Places that are a city themselves, or where an emirate or a district says as much: addresses there often name none. */
const WITHOUT_CITY: ReadonlySet<string | undefined> = new Set('SG HK MO MC VA GI AE KW'.split(' '));
/** Where the largest cities are states as well. */
const CITY_OR_STATE: ReadonlySet<string | undefined> = new Set(['JP', 'KR']);

/** What forms are filled with where nothing is known. As a name each could be somebody's. */
const NOTHING: ReadonlySet<string> = new Set(['n/a', 'null', 'undefined']);
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

// All of what follows meets texts in lower case.
/** "PO Box", "P.O. Box", "P O Box", "Post Office Box". */
const PO_BOX = /\b(?:p\.?\s?o\.?|post office)\s?box(?:\b|\d)/;
/** Carriers that deliver to no post office box, unless the post takes over the last mile. */
const COURIER = /\b(?:ups|fedex|dhl)\b/;
const BY_POST = /post|usps|mail innovations|(?:global|smart)\s?mail|ground (?:economy|saver)|ecommerce/;
/** The customer comes for it. */
const FETCHED =
  /\bpick[\s-]?up\b|\bclick (?:and|&) collect\b|\bcollect\b.{0,40}\b(?:store|shop)\b|\b(?:store|shop|local) collection\b/;
/** A carrier takes it all the same: to a point where the customer comes for it, or from the shop. */
const CARRIED =
  /\b(?:points?|lockers?|parcel\s?shop|relais|packstation|ups|usps|fedex|dhl|dpd|gls|inpost|evri|hermes|postnl)\b/;

export const oddAddress: OrderCheck = ({ view, folder }) => {
  const shipped = shippedState(view);
  if (folder !== 'open' || (shipped !== 'no' && shipped !== 'partly')) return undefined;
  const method = plain(view.shippingMethod ?? '');
  const isFetched = FETCHED.test(method) && !CARRIED.test(method);
  if (isFetched || paymentOf(view).meaning === 'returned') return undefined;
  const problems = [...missing(view.shipping), ...odd(view.shipping, method)];
  return problems.length === 0 ? undefined : `Shipping address: ${problems.join('; ')}.`;
};

function missing({ firstName, lastName, company, lines, city, state, country }: AddressView): string[] {
  const code = country === null ? undefined : countryCode(country);
  const needsNoCity = WITHOUT_CITY.has(code) || (CITY_OR_STATE.has(code) && isFilled(state));
  return [
    ...([firstName, lastName, company].some(saysAnything) ? [] : ['no name and no company']),
    ...(lines.some(isFilled) ? [] : ['no street']),
    ...(isFilled(city) || needsNoCity ? [] : ['no city']),
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
