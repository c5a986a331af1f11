import { describe, expect, it } from 'vitest';
import type { OrderView } from '../../../src/orderdesk/views.js';
import { isPaymentStatus, type ScanFilters, scanTest } from '../../../src/orders/scan-filter.js';
import { anAddress, anItem, aShipment, aView } from '../tools/support/orders.js';

const passes = (filters: ScanFilters, order: Partial<OrderView>): boolean | undefined =>
  scanTest(filters)?.(aView(order));
const total = (order: string): Partial<OrderView> => ({ totals: { ...aView().totals, order } });

describe('a scan filter', () => {
  it('is none where nothing is asked for', () => {
    expect(scanTest({ sku: undefined })).toBeUndefined();
  });

  it.each<[ScanFilters, Partial<OrderView>, boolean]>([
    [{ sku: 'shirt-black ' }, {}, true],
    [{ sku: 'shirt' }, {}, false],
    [{ sku: 'B' }, { items: [anItem({ code: null }), anItem({ code: 'B' })] }, true],
    [{ trackingNumber: '1z 99' }, { shipments: [aShipment({ trackingNumber: '1Z99' })] }, true],
    [{ trackingNumber: '1Z99' }, { shipments: [aShipment({ trackingNumber: '1Z 99 ' })] }, true],
    [{ trackingNumber: '1Z9' }, { shipments: [aShipment({ trackingNumber: '1Z99' })] }, false],
    [{ trackingNumber: '1Z9' }, { shipments: [aShipment({ trackingNumber: null })] }, false],
    [{ paymentStatus: 'fully refunded' }, { paymentStatus: 'Fully Refunded' }, true],
    [{ paymentStatus: 'Refunded' }, { paymentStatus: 'Fully Refunded' }, false],
    [{ paymentStatus: 'Pending' }, { paymentStatus: null }, false],
    [{ shipped: 'no' }, {}, true],
    [{ shipped: 'no' }, { shipments: [aShipment()] }, false],
    [{ shipped: 'not_needed' }, { items: [anItem({ deliveryType: 'download' })] }, true],
    [{ sku: 'SHIRT-BLACK', shipped: 'yes' }, {}, false],
  ])('%j of an order with %j: %s', (filters, order, expected) => {
    expect(passes(filters, order)).toBe(expected);
  });

  it.each([
    [{ minTotal: '22.17' }, '22.17', true],
    [{ minTotal: '22.170' }, '22.17', true],
    [{ minTotal: '22.1700000000000001' }, '22.17', false],
    [{ maxTotal: '22.17' }, '22.170', true],
    [{ maxTotal: '0.3' }, '0.30000000000000004', false],
    [{ maxTotal: '9007199254740993' }, '9007199254740994', false],
    [{ minTotal: '-1' }, '-0.5', true],
    [{ minTotal: '100' }, '99.99', false],
    [{ minTotal: '9' }, '10', true],
    [{ minTotal: '5', maxTotal: '6' }, '5.5', true],
    [{ minTotal: '0' }, `1${'0'.repeat(40)}`, false],
  ])('%j of a total of %s: %s, to the last digit', (filters, order, expected) => {
    expect(passes(filters, total(order))).toBe(expected);
  });

  it.each<[string, Partial<OrderView>]>([
    ['ada example', {}],
    ['SPRINGFIELD', {}],
    ['ada@', {}],
    ['412218073', {}],
    ['black', {}],
    ['Large', {}],
    ['555', {}],
    ['gift for', { checkoutData: { 'Gift message': 'A GIFT for you' } }],
    ['leave it', { notes: [{ at: null, by: null, text: 'Please leave it outside' }] }],
    ['SUMMER', { discounts: [{ name: 'Sale', code: 'summer', amount: '1' }] }],
    ['ｓｔｒａｓｓｅ', { shipping: anAddress({ lines: ['Strasse 1'] }) }],
    ['0001', { shipments: [aShipment()] }],
  ])('text %j is found in any part of an order', (text, order) => {
    expect(passes({ text }, order)).toBe(true);
  });

  it('text is not found across two fields, nor where it is not', () => {
    expect(passes({ text: 'springfield or' }, {})).toBe(false);
    expect(passes({ text: 'zebra' }, {})).toBe(false);
  });

  it('knows the payment states of Order Desk in any case', () => {
    expect(['captured', 'PENDING', 'paid', ''].map(isPaymentStatus)).toEqual([true, true, false, false]);
  });
});
