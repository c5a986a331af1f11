/** An address that a parcel would not reach. Looked at while something is still to be sent. */
import type { AddressView, OrderView } from '../../orderdesk/views.js';
import { shippedState } from '../shipped.js';
import type { OrderCheck } from './check.js';
import { countryCode, postalCodeProblem } from './postal-code.js';

/** Places that are a city themselves: addresses there often name none. */
const CITY_STATES: ReadonlySet<string> = new Set([
  'SG',
  'HK',
  'MO',
  'MC',
  'VA',
  'GI',
  'SINGAPORE',
  'HONG KONG',
  'MONACO',
]);

/** "PO Box", "P.O. Box", "P O Box", "Post Office Box". */
const PO_BOX = /\b(?:p\.?\s?o\.?|post office)\s?box\b/i;
/** Carriers that deliver to no post office box, unless the post takes over the last mile. */
const COURIER = /\b(?:ups|fedex|dhl)\b/i;
const HANDED_TO_POST = /surepost|smartpost|mail innovations|ground economy|ecommerce/i;

export const oddAddress: OrderCheck = ({ view, folder }) => {
  const shipped = shippedState(view);
  if (folder !== 'open' || (shipped !== 'no' && shipped !== 'partly')) return undefined;
  const problems = [...missing(view.shipping), ...odd(view)];
  return problems.length === 0 ? undefined : `Shipping address: ${problems.join('; ')}.`;
};

function missing(address: AddressView): string[] {
  const { firstName, lastName, company, lines, city, country } = address;
  const isCityState = country !== null && CITY_STATES.has(countryCode(country));
  return [
    ...(firstName === null && lastName === null && company === null ? ['no name and no company'] : []),
    ...(lines.length === 0 ? ['no street'] : []),
    ...(city === null && !isCityState ? ['no city'] : []),
    ...(country === null ? ['no country'] : []),
  ];
}

function odd({ shipping, shippingMethod }: OrderView): string[] {
  const postal = postalCodeProblem(shipping);
  const method = shippingMethod ?? '';
  const toBox = shipping.lines.some((line) => PO_BOX.test(line));
  const byCourier = COURIER.test(method) && !HANDED_TO_POST.test(method);
  return [
    ...(postal === undefined ? [] : [postal]),
    ...(toBox && byCourier ? ['a post office box, and a shipping method of UPS, FedEx or DHL'] : []),
  ];
}
