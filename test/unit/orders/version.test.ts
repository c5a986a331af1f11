import { describe, expect, it } from 'vitest';
import { canonicalJson, fingerprint } from '../../../src/orders/canonical.js';
import {
  changedSections,
  isSameVersion,
  isVersion,
  orderVersion,
  wholeVersion,
} from '../../../src/orders/version.js';

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
  it('is 32 hexadecimal digits of all of it, and three of each part', () => {
    expect(orderVersion(raw)).toMatch(/^[0-9a-f]{32}-[0-9a-f]{33}$/);
  });

  it('begins with the fingerprint of the content', () => {
    const { email_count: _count, date_updated: _updated, ...content } = raw;
    expect(wholeVersion(orderVersion(raw))).toBe(fingerprint(content));
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

describe('what two versions tell', () => {
  it.each([
    ['shipping address', { shipping: { city: 'Salem' } }],
    ['customer', { email: 'eve@example.com' }],
    ['customer', { customer: { last_name: 'Eve' } }],
    ['items', { order_items: [] }],
    ['staff notes', { order_notes: [{ content: 'Call' }] }],
    ['checkout_data', { checkout_data: { gift: 'yes' } }],
    ['order_metadata', { order_metadata: { shopify_order_id: 8 } }],
    ['shipments', { order_shipments: [{ id: '1' }] }],
    ['totals', { tax_total: 2 }],
    ['payment', { payment_status: 'Voided' }],
    ['folder', { folder_id: 2 }],
    ['other fields', { new_field: 1 }],
    ['other fields', { toString: 1 }],
  ])('is that the %s changed', (section, change) => {
    expect(changedSections(orderVersion(raw), orderVersion({ ...raw, ...change }))).toEqual([section]);
  });

  it('is all parts that changed', () => {
    const current = orderVersion({ ...raw, folder_id: 2, email: 'eve@example.com' });
    expect(changedSections(orderVersion(raw), current)).toEqual(['customer', 'folder']);
  });

  it('is nothing where one of them hides its parts, and the difference is noticed all the same', () => {
    const expected = wholeVersion(orderVersion(raw));
    const current = orderVersion({ ...raw, folder_id: 2 });
    expect(changedSections(expected, current)).toEqual([]);
    expect(isSameVersion(expected, current)).toBe(false);
    expect(isSameVersion(expected, orderVersion(raw))).toBe(true);
  });

  it('can be known by its form', () => {
    expect([orderVersion(raw), wholeVersion(orderVersion(raw))].every(isVersion)).toBe(true);
    const odd = ['', 'latest', orderVersion(raw).slice(0, -1), `${orderVersion(raw)}0`, 'A'.repeat(32)];
    expect(odd.filter(isVersion)).toEqual([]);
  });
});

describe('canonical JSON', () => {
  it('sorts keys at every depth, keeps the order of lists and knows one emptiness', () => {
    expect(canonicalJson({ b: [2, 1, { d: {}, c: null }], a: 'x', gone: undefined })).toBe(
      '{"a":"x","b":[2,1,{"c":null,"d":[]}]}',
    );
  });
});
