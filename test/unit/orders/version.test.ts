import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/orders/canonical.js';
import { orderVersion } from '../../../src/orders/version.js';

const raw = {
  id: '26211',
  email: 'ada@example.com',
  email_count: '3',
  date_updated: '2026-01-09 23:13:47',
  folder_id: 1,
  order_metadata: { shopify_order_id: 7 },
  checkout_data: [],
  order_items: [{ id: '1', name: 'Shirt', quantity: 1, metadata: { image: 'a.png' } }],
};

describe('the version of an order', () => {
  it('is 32 hexadecimal digits', () => {
    expect(orderVersion(raw)).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each([
    ['the time of the last change', { date_updated: '2026-02-01 00:00:00' }],
    ['the count of e-mails', { email_count: '4' }],
    ['the history', { order_history: [{ note: 'Moved' }] }],
    ['our mark on the order', { order_metadata: { shopify_order_id: 7, odm_change: 'x' } }],
    [
      'our mark on an item',
      {
        order_items: [{ id: '1', name: 'Shirt', quantity: 1, metadata: { image: 'a.png', odm_change: 'x' } }],
      },
    ],
    ['an empty map instead of an empty list', { checkout_data: {} }],
    ['items in a map from places', { order_items: { 3: raw.order_items[0] } }],
    [
      'our mark on an item in a map from places',
      {
        order_items: {
          3: { id: '1', name: 'Shirt', quantity: 1, metadata: { image: 'a.png', odm_change: 'x' } },
        },
      },
    ],
  ])('is blind to %s', (_what, change) => {
    expect(orderVersion({ ...raw, ...change })).toBe(orderVersion(raw));
  });

  it('takes metadata that holds our mark only for empty metadata', () => {
    expect(orderVersion({ ...raw, order_metadata: { odm_change: 'x' } })).toBe(
      orderVersion({ ...raw, order_metadata: [] }),
    );
  });

  it('is blind to the order of keys', () => {
    expect(orderVersion(Object.fromEntries(Object.entries(raw).toReversed()))).toBe(orderVersion(raw));
  });

  it.each([
    ['a folder', { folder_id: 2 }],
    ['an e-mail', { email: 'eve@example.com' }],
    ['metadata', { order_metadata: { shopify_order_id: 8 } }],
    ['a field unknown to us', { new_field: 1 }],
    ['a quantity', { order_items: [{ id: '1', name: 'Shirt', quantity: 2, metadata: { image: 'a.png' } }] }],
    ['a quantity in a map from places', { order_items: { 3: { ...raw.order_items[0], quantity: 2 } } }],
    ['an added item', { order_items: [...raw.order_items, { id: '2' }] }],
    ['a number that became text', { folder_id: '1' }],
  ])('changes with %s', (_what, change) => {
    expect(orderVersion({ ...raw, ...change })).not.toBe(orderVersion(raw));
  });

  it('leaves the record as it was', () => {
    const before = structuredClone(raw);
    orderVersion(raw);
    expect(raw).toEqual(before);
  });
});

describe('canonical JSON', () => {
  it('sorts keys at every depth, keeps the order of lists and knows one emptiness', () => {
    expect(canonicalJson({ b: [2, 1, { d: {}, c: null }], a: 'x', gone: undefined })).toBe(
      '{"a":"x","b":[2,1,{"c":null,"d":[]}]}',
    );
  });
});
