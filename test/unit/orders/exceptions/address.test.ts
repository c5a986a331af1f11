import { describe, expect, it } from 'vitest';
import type { AddressView } from '../../../../src/orderdesk/views.js';
import { oddAddress } from '../../../../src/orders/exceptions/address.js';
import { anAddress, anItem, aShipment } from '../../tools/support/orders.js';
import { aSubject, THREE_DAYS } from './support/subjects.js';

const ruleFor = (change: Partial<AddressView>, shippingMethod = 'Standard') =>
  oddAddress(aSubject({ shipping: anAddress(change), shippingMethod }), THREE_DAYS);

describe('an address with a part missing', () => {
  it.each([
    [{ firstName: null, lastName: null }, 'no name and no company'],
    [{ lines: [] }, 'no street'],
    [{ city: null }, 'no city'],
    [{ country: null }, 'no country'],
    [{ lines: [], city: null }, 'no street; no city'],
  ])('%j', (change, problem) => {
    expect(ruleFor(change)).toBe(`Shipping address: ${problem}.`);
  });

  it.each([
    [{}],
    [{ firstName: null }],
    [{ firstName: null, lastName: null, company: 'Example Ltd' }],
    [{ state: null, phone: null }],
    [{ city: null, country: 'Singapore', postalCode: null }],
    [{ city: null, country: 'HK', postalCode: null }],
  ])('is none where a parcel would arrive: %j', (change) => {
    expect(ruleFor(change)).toBeUndefined();
  });
});

describe('a postal code', () => {
  it.each([
    ['US', '97205', true],
    ['US', '97205-1234', true],
    ['usa', ' 972051234 ', true],
    ['United States', '9720', false],
    ['U.S.A.', '972055', false],
    ['US', 'H2X 1Y4', false],
    ['CA', 'H2X 1Y4', true],
    ['Canada', 'h2x1y4', true],
    ['CA', 'H2X-1Y4', true],
    ['CA', '97205', false],
    ['CA', 'H2X 1YY', false],
    ['GB', 'LS1 4DY', true],
    ['United Kingdom', 'N19GU', true],
    ['UK', 'sw1a 1aa', true],
    ['GB', 'GIR 0AA', true],
    ['GB', 'BF1 0AX', true],
    ['GB', '4DY LS1', false],
    ['GB', 'LONDON', false],
    ['DE', 'anything', true],
    ['constructor', 'anything', true],
  ])('of %s: %j is as it should be: %s', (country, postalCode, isRight) => {
    expect(ruleFor({ country, postalCode }) === undefined).toBe(isRight);
  });

  it('is missed in these countries only, and never repeated', () => {
    expect(ruleFor({ postalCode: null })).toBe(
      'Shipping address: no postal code (US has them, such as 97205 or 97205-1234).',
    );
    expect(ruleFor({ postalCode: null, country: 'AE' })).toBeUndefined();
    expect(ruleFor({ postalCode: 'x9secret' })).not.toContain('x9secret');
  });
});

describe('a post office box', () => {
  it.each([
    ['PO Box 12', 'UPS Ground', true],
    ['P.O. Box 12', 'FedEx Home Delivery', true],
    ['p o box 12', 'DHL Express Worldwide', true],
    ['Post Office Box 12', 'FEDEX', true],
    ['PO Box 12', 'USPS Ground Advantage', false],
    ['PO Box 12', 'UPS SurePost', false],
    ['PO Box 12', 'FedEx Ground Economy', false],
    ['PO Box 12', 'Standard', false],
    ['PSC 000 Box 0001', 'UPS Ground', false],
    ['12 Depot Boxwood Lane', 'UPS Ground', false],
  ])('%j by %s: reported %s', (line, method, isReported) => {
    expect(ruleFor({ lines: ['c/o Example', line] }, method) !== undefined).toBe(isReported);
  });
});

describe('an address that does not matter', () => {
  const nowhere = anAddress({ lines: [], city: null, country: null });

  it('is that of an order that was sent, needs no sending, or is closed or canceled', () => {
    expect(oddAddress(aSubject({ shipping: nowhere }), THREE_DAYS)).toBeDefined();
    expect(oddAddress(aSubject({ shipping: nowhere, shipments: [aShipment()] }), THREE_DAYS)).toBeUndefined();
    const items = [anItem({ deliveryType: 'download' })];
    expect(oddAddress(aSubject({ shipping: nowhere, items }), THREE_DAYS)).toBeUndefined();
    expect(oddAddress(aSubject({ shipping: nowhere }, 'closed'), THREE_DAYS)).toBeUndefined();
    expect(oddAddress(aSubject({ shipping: nowhere }, 'canceled'), THREE_DAYS)).toBeUndefined();
  });
});
