import { describe, expect, it } from 'vitest';
import { jsonSize } from '../../../src/orders/budget.js';
import { fitRows, orderRow, ROW_FIELDS } from '../../../src/orders/row.js';
import { anAddress, anItem, aShipment, aView } from '../tools/support/orders.js';

const folder = (id: string): string | null => (id === '1' ? 'New' : null);
const nobody = anAddress({ firstName: null, lastName: null, company: null });

describe('a row', () => {
  it('says what a list is read for', () => {
    expect(orderRow(aView({ shipments: [aShipment()] }), folder, [])).toEqual({
      id: '26211',
      source_id: '412218073',
      source_name: 'Shopify',
      folder: 'New',
      added: '2026-01-08T12:10:00Z',
      name: 'Ada Example',
      city: 'Springfield',
      country: 'US',
      units: 2,
      total: '22.17',
      payment_status: 'Approved',
      shipped: 'yes',
      tracking: ['1Z0000000000000001'],
    });
  });

  it('costs about a hundred tokens', () => {
    expect(jsonSize(orderRow(aView({ shipments: [aShipment()] }), folder, [])) / 4).toBeLessThan(120);
  });

  it('names a folder that the store no longer has by its id', () => {
    expect(orderRow(aView({ folderId: '99' }), folder, []).folder).toBe('99');
  });

  it.each([
    ['the company, where no person is named', nobody, { company: 'Example Ltd' }, 'Example Ltd'],
    ['the last name alone', anAddress({ firstName: null }), {}, 'Example'],
  ])('names as recipient %s', (_what, shipping, change, name) => {
    expect(orderRow(aView({ shipping: { ...shipping, ...change } }), folder, []).name).toBe(name);
  });

  it('falls back to the customer, and to nothing', () => {
    expect(orderRow(aView({ shipping: nobody }), folder, []).name).toBe('Ada Example');
    expect(orderRow(aView({ shipping: nobody, customer: nobody }), folder, []).name).toBeNull();
  });

  it('carries exactly the fields that were asked for', () => {
    const plain = Object.keys(orderRow(aView(), folder, []));
    for (const field of ROW_FIELDS) {
      expect(Object.keys(orderRow(aView(), folder, [field]))).toEqual([...plain, field]);
    }
    expect(orderRow(aView(), folder, ['email', 'items'])).toMatchObject({
      email: 'ada@example.com',
      items: [{ code: 'SHIRT-BLACK', quantity: 2, price: '5.5', variations: { Size: 'Large' } }],
    });
  });

  it('bounds every text', () => {
    const long = 'x'.repeat(50_000);
    const row = orderRow(
      aView({
        sourceId: long,
        sourceName: long,
        paymentStatus: long,
        shipping: anAddress({ firstName: long, city: long, country: long }),
        shipments: Array.from({ length: 9 }, () => aShipment({ trackingNumber: long })),
      }),
      () => long,
      [],
    );
    expect(jsonSize(row)).toBeLessThan(3000);
  });
});

describe('rows in little room', () => {
  const rows = Array.from({ length: 10 }, (_, index) => orderRow(aView({ id: String(index) }), folder, []));
  const size = jsonSize(rows[0]);

  it('are kept whole, as many as fit', () => {
    expect(fitRows(rows, size * 3 + 5).map(({ id }) => id)).toEqual(['0', '1', '2']);
    expect(fitRows(rows, size * 100)).toHaveLength(10);
    expect(fitRows([], 0)).toEqual([]);
  });

  it('lose their largest extra fields rather than the first row', () => {
    const huge = orderRow(
      aView({
        items: Array.from({ length: 300 }, () => anItem()),
        notes: [{ at: null, by: null, text: 'short' }],
      }),
      folder,
      ['items', 'notes'],
    );
    const [first, ...rest] = fitRows([huge, ...rows], 2000);
    expect(first).toMatchObject({ id: '26211', notes: [{ text: 'short' }], cut_fields: ['items'] });
    expect(first).not.toHaveProperty('items');
    expect(rest.length).toBeGreaterThan(0);
  });
});
