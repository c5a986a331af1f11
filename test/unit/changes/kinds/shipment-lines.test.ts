import { describe, expect, it } from 'vitest';
import {
  otherwise,
  refuseImpossible,
  sentNumber,
  sentShipment,
  shipmentBody,
  shipmentLine,
} from '../../../../src/changes/kinds/shipment-lines.js';
import { shipmentRecord } from '../../orderdesk/records.js';

const line = {
  orderId: '5',
  trackingNumber: ' 1Z0000000000000001 ',
  fields: { carrier_code: 'UPS', weight: '3.55' },
};

describe('a shipment that is to be added', () => {
  it('is sent without spaces around its number, and with items only where it has some', () => {
    expect(shipmentBody(line)).toEqual({
      tracking_number: '1Z0000000000000001',
      carrier_code: 'UPS',
      weight: '3.55',
    });
    expect(shipmentBody({ ...line, items: [] })).not.toHaveProperty('order_items');
  });

  it('is told again from its line alone', () => {
    const planned = shipmentLine({ ...line, items: [{ id: '9', quantity: 2 }] });
    expect(sentShipment(planned)).toEqual(shipmentBody({ ...line, items: [{ id: '9', quantity: 2 }] }));
    expect(sentNumber(planned)).toBe('1Z0000000000000001');
  });

  it('may come twice only for two orders, or without a number and with something else', () => {
    const none = { ...line, trackingNumber: 'N/A' };
    const fine = [line, { ...line, orderId: '6' }, none, { ...none, items: [{ code: 'A', quantity: 1 }] }];
    expect(() => refuseImpossible({ lines: fine })).not.toThrow();
    const swapped = { ...none, fields: { weight: '3.55', carrier_code: 'UPS' } };
    expect(() => refuseImpossible({ lines: [none, swapped] })).toThrow(/same shipment as shipments\.0/);
  });
});

describe('a shipment that is there', () => {
  const sent = shipmentBody(line);

  it.each([
    [{}, []],
    [{ carrier_code: 'ups ', weight: '3.550' }, []],
    [{ carrier_code: 'FedEx', weight: '3.6' }, ['carrier_code', 'weight']],
    [{ weight: '' }, ['weight']],
    [{ order_items: [{ id: '9', code: 'A', quantity: 1 }] }, ['items']],
    [{ order_items: 'nonsense' }, ['items']],
    [{ shipment_method: 'Air', cost: '9' }, []],
  ])('with %j differs from a whole one that was sent in %j', (change, differs) => {
    expect(otherwise(shipmentRecord(change), sent)).toEqual(differs);
  });

  it.each([
    [[{ id: '9', code: 'A', quantity: 2 }], []],
    ['[{"id":"9","code":"A","quantity":"2"}]', []],
    [{ '9': 2 }, ['items']],
    [[{ id: '9', code: 'A', quantity: 1 }], ['items']],
    [[{ id: '8', code: 'B', quantity: 2 }], ['items']],
    ['', ['items']],
  ])('with the items %j differs from a partial one, by code, in %j', (order_items, differs) => {
    const partial = { ...sent, order_items: [{ code: 'A', quantity: 2 }] };
    expect(otherwise(shipmentRecord({ order_items }), partial)).toEqual(differs);
  });
});
