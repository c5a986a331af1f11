import { describe, expect, it } from 'vitest';
import type { AddressView, OrderView } from '../../../../src/orderdesk/views.js';
import { oddAddress } from '../../../../src/orders/exceptions/address.js';
import { anAddress, anItem, aShipment, aView } from '../../tools/support/orders.js';
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
    [{ firstName: ' ', lastName: '-' }, 'no name and no company'],
    [{ lines: ['  ', '.'] }, 'no street'],
    [{ lines: ['n/a'], city: 'N/A' }, 'no street; no city'],
    [{ city: ' - ' }, 'no city'],
    [{ country: ' ' }, 'no country'],
    [{ city: null, state: '-', country: 'JP' }, 'no city'],
    [{ city: null, state: 'Bayern', country: 'DE' }, 'no city'],
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
    [{ city: null, state: 'Dubai', country: 'AE', postalCode: null }],
    [{ city: null, state: null, country: 'U.A.E.', postalCode: null }],
    [{ city: null, state: null, country: 'Kuwait', postalCode: null }],
    [{ city: null, state: '서울특별시', country: 'South Korea', postalCode: '04524' }],
    [{ city: null, state: '東京都', country: 'JP', postalCode: '100-0001' }],
    [{ city: null, country: 'Hong Kong SAR', postalCode: null }],
    [{ lastName: 'Null' }],
    [{ firstName: null, lastName: '蓮', city: '渋谷区', country: 'JP', postalCode: '150-0002' }],
    [{ city: 'Nowhere', country: 'Unheard-of Islands', postalCode: null }],
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
    ['US', '97205‑1234', true],
    ['US', '９７２０５', true],
    ['US', '97205-', true],
    ['US', 'US 97205', true],
    ['US', 'OR 97205', true],
    ['US', 'or97205-1234', true],
    ['US', 'Oregon 97205', false],
    ['US', 'OR 9720', false],
    ['United States (US)', '97205', true],
    ['the United States', '9720', false],
    ['US', 'n/a', false],
    ['US', '.', false],
    ['can', 'h2x  1y4', true],
    ['CA', 'H2X\u00a01Y4', true],
    ['GB', 'sw1a  1aa', true],
    ['gb', 'S W 1 A 1 A A', true],
    ['GB', 'BFPO 123', true],
    ['GB', 'bfpo12', true],
    ['GB', 'BFPO c/o 4', true],
    ['GB', 'FIQQ 1ZZ', true],
    ['GB', 'GX11 1AA', true],
    ['England', 'LONDON', false],
    ['Scotland', 'EH1 1YZ', true],
    ['United Kingdom (UK)', '97205', false],
    ['GB', 'SW1A', false],
    ['DE', 'anything', true],
    ['Deutschland', null, false],
    ['Germany', null, false],
    ['FR', ' ', false],
    ['IE', null, true],
    ['AE', null, true],
    ['', 'anything', false],
    ['constructor', 'anything', true],
  ])('of %s: %j is as it should be: %s', (country, postalCode, isRight) => {
    expect(ruleFor({ country, postalCode }) === undefined).toBe(isRight);
  });

  it('is missed where every address has one, and never repeated', () => {
    expect(ruleFor({ postalCode: null })).toBe(
      'Shipping address: no postal code (US has them, such as 97205 or 97205-1234).',
    );
    expect(ruleFor({ postalCode: null, country: 'Germany' })).toBe(
      'Shipping address: no postal code (DE has them).',
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
    ['PO Box 12', 'UPS Ground Saver', false],
    ['PO Box 12', 'DHL Global Mail', false],
    ['PO Box 12', 'DHL SmartMail Parcel', false],
    ['PO Box 12', 'UPS Ground, e-mail on delivery', true],
    ['PO Box12', 'UPS Ground', true],
    ['P. O. Box 12', 'UPS Ground', true],
    ['ＰＯ ＢＯＸ 12', 'ups', true],
    ['PO Box 12', 'USPS, UPS or FedEx, whichever is cheaper', false],
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

  it.each([
    'Local Pickup',
    'In-store pick-up',
    'Click & Collect',
    'pick up',
    'Click and collect',
    'Collect in store',
    'Collect from our shop',
    'Store collection',
    'Local Collection (free)',
  ])('is that of an order that is fetched: %s', (shippingMethod) => {
    expect(oddAddress(aSubject({ shipping: nowhere, shippingMethod }), THREE_DAYS)).toBeUndefined();
  });

  it.each([
    'DPD Pickup Point',
    'Pickup point',
    'InPost locker pick up',
    'Click & collect: parcel shop',
    'UPS pick up',
    'FedEx Ground Collect',
    'Store Express',
    'Collectors Shipping',
  ])('is not that of an order that a carrier takes: %s', (shippingMethod) => {
    expect(oddAddress(aSubject({ shipping: nowhere, shippingMethod }), THREE_DAYS)).toBeDefined();
  });

  it('is that of an order whose money went back', () => {
    const totals = { ...aView().totals, order: '22.17' };
    const ruleWith = (change: Partial<OrderView>) =>
      oddAddress(aSubject({ shipping: nowhere, ...change }), THREE_DAYS);
    expect(ruleWith({ paymentStatus: 'Fully Refunded' })).toBeUndefined();
    expect(ruleWith({ paymentStatus: 'Captured', totals: { ...totals, refund: '22.17' } })).toBeUndefined();
    expect(ruleWith({ paymentStatus: 'Captured', totals: { ...totals, refund: '22.16' } })).toBeDefined();
  });

  it('is not that of goods beside a download', () => {
    const items = [anItem({ deliveryType: 'download' }), anItem({ id: '2' })];
    expect(oddAddress(aSubject({ shipping: nowhere, items }), THREE_DAYS)).toBeDefined();
  });
});
