import { describe, expect, it } from 'vitest';
import { shipmentResults } from '../../../src/orderdesk/parse/replies.js';

const added = (orderId: unknown, change: object = {}) => ({
  status: 'success',
  order_id: orderId,
  message: 'Shipment Added',
  ...change,
});
const refused = (orderId: unknown, message: unknown = 'Invalid shipment') => ({
  status: 'error',
  order_id: orderId,
  message,
});
const known = (isAdded: boolean, words: string | undefined, shipmentId?: string) => ({
  isAdded,
  shipmentId,
  words,
});

describe('the results of a batch of shipments', () => {
  it('are told by line, whatever type an id has', () => {
    const results = [added(5), refused('6'), added('7', { shipment_id: 438 }), refused(null)];
    expect(shipmentResults({ results }, ['5', '6', '7', '8'])).toEqual([
      known(true, 'Shipment Added'),
      known(false, 'Invalid shipment'),
      known(true, 'Shipment Added', '438'),
      known(false, 'Invalid shipment'),
    ]);
  });

  it('go by their place where an order has several lines', () => {
    expect(shipmentResults({ results: [refused(5), added(5)] }, ['5', '5'])).toEqual([
      known(false, 'Invalid shipment'),
      known(true, 'Shipment Added'),
    ]);
  });

  it('are told by order where lines were left out or mixed up, as long as that names one', () => {
    const results = [added(7), refused(6), added(5), added(5)];
    expect(shipmentResults({ results }, ['5', '6', '7'])).toEqual([
      undefined,
      known(false, 'Invalid shipment'),
      known(true, 'Shipment Added'),
    ]);
    expect(shipmentResults({ results: [added(5)] }, ['5', '5', '6'])).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each([[undefined], [null], ['none'], [{}], [[]], [[1, 'two', null]]])(
    'are not known where there are none to be read: %j',
    (results) => {
      expect(shipmentResults({ results }, ['5', '6'])).toEqual([undefined, undefined]);
    },
  );

  it('are not known of a line with another status, or of an id that has lost digits', () => {
    const results = [added(5, { status: 'queued' }), added(2 ** 60), added(7, { status: true })];
    expect(shipmentResults({ results }, ['5', '1152921504606846976', '7'])).toEqual([
      undefined,
      known(true, 'Shipment Added'),
      undefined,
    ]);
  });

  it('have words that can be quoted', () => {
    const results = [refused(5, `Order of "Wilhelmina"\n${'x'.repeat(400)}`), refused(6, 7)];
    const [first, second] = shipmentResults({ results }, ['5', '6']);
    expect(first?.words).toMatch(/^Order of 'Wilhelmina' x+…$/);
    expect(first?.words).toHaveLength(300);
    expect(second?.words).toBeUndefined();
  });
});
