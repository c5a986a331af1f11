/** What the kinds of items and shipments say of themselves, without a request. */
import { describe, expect, it } from 'vitest';
import { itemAdd } from '../../../../src/changes/kinds/item-add.js';
import { itemRemove } from '../../../../src/changes/kinds/item-remove.js';
import { itemUpdate } from '../../../../src/changes/kinds/item-update.js';
import { shipmentUpdate } from '../../../../src/changes/kinds/shipment-update.js';
import { shipmentsAdd } from '../../../../src/changes/kinds/shipments-add.js';
import { shipmentsDelete } from '../../../../src/changes/kinds/shipments-delete.js';
import type { ChangeLine } from '../../../../src/changes/port.js';

const line = (orderId: string, change: object = {}) => ({
  orderId,
  trackingNumber: `T${orderId}`,
  fields: {},
  ...change,
});
const lines = (count: number) => Array.from({ length: count }, (_none, at) => line(String(at + 1)));
const partial = { items: [{ code: 'A', quantity: 1 }] };

describe('the locks of a change', () => {
  it('are those of its orders, each once', () => {
    const item = { orderId: '5', itemId: '1', patch: {} };
    expect(itemAdd.locks({ orderId: '5', item: {} })).toEqual(['order:5']);
    expect(itemUpdate.locks(item)).toEqual(['order:5']);
    expect(itemRemove.locks(item)).toEqual(['order:5']);
    expect(shipmentUpdate.locks({ orderId: '5', shipmentId: '1', patch: {} })).toEqual(['order:5']);
    const two = [line('6'), line('5'), line('6', { trackingNumber: 'other' })];
    expect(shipmentsAdd.locks({ lines: two })).toEqual(['order:6', 'order:5']);
    expect(shipmentsDelete.locks({ shipments: two })).toEqual(['order:6', 'order:5']);
  });
});

describe('the requests that adding shipments takes', () => {
  it.each([
    [lines(1), false, 2],
    [lines(10), false, 11],
    [lines(10), true, 21],
    [lines(11), false, 1],
    [lines(100), false, 1],
    [lines(100), true, 1],
    [lines(101), false, 2],
    [[line('1', partial), line('2')], false, 4],
    [[line('1', partial), line('1', { trackingNumber: 'other' })], true, 4],
    [Array.from({ length: 20 }, () => line('1', partial)), false, 20],
  ])('of %# are counted', (wanted, previewed, calls) => {
    expect(shipmentsAdd.calls({ lines: wanted }, previewed)).toBe(calls);
  });
});

describe('a change whose images are gone', () => {
  const nothing = { id: 'c', lines: [], records: {}, sentAt: new Date(0) };
  const removed: ChangeLine = {
    target: { kind: 'order', id: '5' },
    outcome: 'applied',
    fields: [{ path: ['order_items', '#9', 'name'], before: 'Sock' }],
  };

  it('cannot be taken back', () => {
    const refusal = expect.objectContaining({ code: 'cannot_undo' });
    expect(() => itemAdd.inverse({ ...nothing, kind: 'item_add' })).toThrow(refusal);
    expect(() => itemUpdate.inverse({ ...nothing, kind: 'item_update' })).toThrow(refusal);
    expect(() => itemRemove.inverse({ ...nothing, kind: 'item_remove', lines: [removed] })).toThrow(refusal);
    expect(() => shipmentUpdate.inverse({ ...nothing, kind: 'shipment_update' })).toThrow(refusal);
    expect(() => shipmentsAdd.inverse({ ...nothing, kind: 'shipments_add' })).toThrow(refusal);
  });
});
