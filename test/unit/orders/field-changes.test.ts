import { describe, expect, it } from 'vitest';
import {
  applyFields,
  diffFields,
  pathText,
  restoreFields,
  valueAt,
} from '../../../src/orders/field-changes.js';

const order = {
  email: 'ada@example.com',
  tax_total: 1.2,
  checkout_data: { 'Gift Message': 'Hi' },
  order_notes: [{ content: 'Called' }],
  order_items: [
    { id: '1', name: 'Shirt', quantity: 1 },
    { id: '2', name: 'Hat', quantity: 1 },
  ],
};

describe('the path of a field', () => {
  it.each([
    [['order_items', '#47986', 'quantity'], 'order_items[47986].quantity'],
    [['checkout_data', 'Gift Message'], 'checkout_data["Gift Message"]'],
    [['checkout_data', '#1'], 'checkout_data["#1"]'],
    [['order_notes', '+3'], 'order_notes[+3]'],
    [['order_items', '#1', 'metadata', 'order_items', '#2'], 'order_items[1].metadata.order_items["#2"]'],
  ])('%j reads as %s', (path, text) => {
    expect(pathText(path)).toBe(text);
  });

  it('leads to its value', () => {
    const paths = [
      ['order_items', '#2', 'name'],
      ['checkout_data', 'Gift Message'],
      ['order_notes', '+0'],
    ];
    expect(paths.map((path) => valueAt(order, path))).toEqual(['Hat', 'Hi', { content: 'Called' }]);
    const missing = [['order_items', '#9', 'name'], ['email', 'length'], ['toString'], ['order_notes', '+7']];
    expect(missing.map((path) => valueAt(order, path))).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe('a difference', () => {
  it('names entries that came and went', () => {
    const [shirt, hat] = order.order_items;
    const after = {
      ...order,
      order_items: [hat, { id: '3', name: 'Sock' }],
      order_notes: [...order.order_notes, 'x'],
    };
    expect(diffFields(order, after)).toEqual([
      { path: ['order_notes', '+1'], after: 'x' },
      { path: ['order_items', '#1'], before: shirt },
      { path: ['order_items', '#3'], after: { id: '3', name: 'Sock' } },
    ]);
  });

  it('takes a list whose entries changed places for one value', () => {
    const order_items = order.order_items.toReversed();
    expect(diffFields(order, { ...order, order_items })).toEqual([
      { path: ['order_items'], before: order.order_items, after: order_items },
    ]);
  });

  it('can be of some fields alone', () => {
    const after = {
      ...order,
      email: '',
      order_items: [{ ...order.order_items[0], quantity: 5 }, order.order_items[1]],
    };
    expect(diffFields(order, after, [['order_items', '#1']])).toEqual([
      { path: ['order_items', '#1', 'quantity'], before: 1, after: 5 },
    ]);
  });
});

describe('restoring', () => {
  const fields = [
    { path: ['email'], before: 'old@example.com', after: 'ada@example.com' },
    { path: ['tax_total'], before: 0, after: 1.2 },
    { path: ['checkout_data', 'Gift Message'], after: 'Hi' },
    { path: ['order_notes', '+0'], after: { content: 'Called' } },
    { path: ['order_items', '#2', 'name'], before: 'Cap', after: 'Hat' },
  ];
  const before = {
    email: 'old@example.com',
    tax_total: 0,
    checkout_data: [],
    order_notes: [],
    order_items: [order.order_items[0], { id: '2', name: 'Cap', quantity: 1 }],
  };

  it('gives back what was, and leaves what others added', () => {
    const now = {
      ...order,
      order_notes: [{ content: 'Other' }, ...order.order_notes],
      added: 1,
      tax_total: '1.20',
    };
    const { record, restored, already, changed } = restoreFields(now, fields);
    expect(record).toEqual({ ...before, order_notes: [{ content: 'Other' }], added: 1 });
    expect(restored).toHaveLength(5);
    expect([already, changed]).toEqual([[], []]);
    expect(applyFields(order, fields, 'before')).toEqual(before);
  });

  it('leaves alone what somebody changed since, and tells it', () => {
    const now = {
      ...order,
      email: 'eve@example.com',
      order_notes: [],
      order_items: [order.order_items[0]],
      tax_total: 0,
    };
    const { record, already, changed } = restoreFields(now, fields);
    expect(record).toEqual({ ...now, checkout_data: [] });
    expect(already).toEqual([fields[1]]);
    expect(changed).toEqual([
      { path: ['email'], before: 'ada@example.com', after: 'eve@example.com' },
      { path: ['order_notes', '+0'], before: { content: 'Called' } },
      { path: ['order_items', '#2', 'name'], before: 'Hat' },
    ]);
  });
});
