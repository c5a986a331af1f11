import { describe, expect, it } from 'vitest';
import { shippedState } from '../../../src/orders/shipped.js';
import { anItem, aShipment } from '../tools/support/orders.js';

const line = (id: string | null, code: string | null, quantity: number) => ({ id, code, quantity });
const shirt = anItem({ id: '1', code: 'SHIRT', quantity: 2 });
const mug = anItem({ id: '2', code: 'MUG', quantity: 1 });
const ebook = anItem({ id: '3', code: 'EBOOK', quantity: 1, deliveryType: 'download' });

describe('how far an order is shipped', () => {
  it.each([
    ['no shipment', [shirt], [], 'no'],
    ['no shipment and no items', [], [], 'not_needed'],
    ['no shipment, and lines of nothing', [anItem({ quantity: 0 })], [], 'not_needed'],
    ['no shipment, a download in capitals', [{ ...ebook, deliveryType: 'Download ' }], [], 'not_needed'],
    ['no shipment, goods for a day to come', [{ ...mug, deliveryType: 'future' }], [], 'no'],
    ['no shipment, downloads only', [ebook], [], 'not_needed'],
    ['a shipment of everything', [shirt, mug], [aShipment()], 'yes'],
    ['one of two shirts', [shirt], [aShipment({ items: [line('1', null, 1)] })], 'partly'],
    ['all goods, but for the download', [shirt, ebook], [aShipment({ items: [line('1', null, 2)] })], 'yes'],
    [
      'both shirts in two parcels, named by code',
      [shirt],
      [aShipment({ items: [line(null, 'SHIRT', 1)] }), aShipment({ items: [line(null, 'SHIRT', 1)] })],
      'yes',
    ],
    [
      'one shirt by id, one by code',
      [shirt],
      [aShipment({ items: [line('1', 'SHIRT', 1), line(null, 'SHIRT', 1)] })],
      'yes',
    ],
    [
      'both shirts, the code in another spelling',
      [shirt],
      [aShipment({ items: [line(null, 'shirt ', 2)] })],
      'yes',
    ],
    ['both shirts, the id of no item', [shirt], [aShipment({ items: [line('0', 'SHIRT', 2)] })], 'yes'],
    [
      'the mug twice instead of the shirt',
      [shirt, mug],
      [aShipment({ items: [line('2', null, 2)] })],
      'partly',
    ],
  ])('%s', (_what, items, shipments, state) => {
    expect(shippedState({ items, shipments })).toBe(state);
  });
});
