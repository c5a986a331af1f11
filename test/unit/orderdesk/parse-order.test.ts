import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import type { JsonRecord } from '../../../src/orderdesk/parse/json.js';
import { parseOrder, parseOrderPage } from '../../../src/orderdesk/parse/order.js';
import { addressRecord, itemRecord, orderRecord, pageReply, shipmentRecord, thrownBy } from './records.js';

const view = (change: Record<string, unknown> = {}) => parseOrder(orderRecord(change), 'order').view;
const fault = (change: Record<string, unknown>) => thrownBy(() => view(change));

describe('an order as Order Desk sends it', () => {
  it('is read into the view', () => {
    expect(view()).toEqual({
      id: '26211',
      sourceId: '412218073',
      sourceName: 'Order Desk',
      folderId: '21654',
      email: 'wilhelmina@shop.example',
      customerId: '5487542',
      addedAt: '2026-01-08T12:10:00Z',
      updatedAt: '2026-01-09T23:13:47Z',
      shippingMethod: 'Home Delivery',
      paymentType: 'Visa',
      paymentStatus: 'Approved',
      tag: 'success',
      fulfillment: { name: null, id: null },
      totals: {
        product: '11',
        shipping: '11.17',
        handling: '0.5',
        tax: '1.2',
        discount: '1.7',
        order: '22.17',
        refund: '0',
        quantity: 2,
        weight: '0.5',
      },
      shipping: {
        firstName: 'Wilhelmina',
        lastName: 'Testwick',
        company: null,
        lines: ['1 Sample Street', 'Unit 3'],
        city: 'Exampleton',
        state: 'CA',
        postalCode: '90001',
        country: 'US',
        phone: '555-0100',
      },
      customer: expect.objectContaining({ firstName: 'Wilhelmina' }),
      checkoutData: { 'Gift Message': 'Happy Birthday' },
      metadata: { fraud_protection_score: 0 },
      discounts: [{ name: 'Discount', code: 'MN234', amount: '1.70' }],
      notes: [{ at: '2026-01-09T23:12:05Z', by: 'Rep', text: 'Called back' }],
      history: [],
      items: [
        {
          id: '47986',
          name: 'Black Shirt',
          code: 'SHIRT-L',
          price: '5.5',
          quantity: 2,
          weight: '0.25',
          deliveryType: 'ship',
          category: null,
          fulfillmentMethod: null,
          variations: { Size: 'L', Count: '2' },
          metadata: {},
        },
      ],
      shipments: [
        {
          id: '437',
          trackingNumber: '1Z0000000000000001',
          carrier: 'UPS',
          method: 'Ground',
          trackingUrl: 'https://tracking.example/1',
          dateShipped: '2026-01-29',
          addedAt: '2026-01-29T19:02:50Z',
          weight: '3.55',
          cost: null,
          status: null,
          items: [],
        },
      ],
    });
  });

  it('keeps the record itself, unknown fields and label images included, as raw', () => {
    const record = orderRecord({ brand_new_field: { deep: [1, null, 'x'] } });
    const before = structuredClone(record);
    const order = parseOrder(record, 'order');
    expect(order.raw).toBe(record);
    expect(record).toEqual(before);
  });

  it('brings no label image and no other bulk into the view', () => {
    const bulky = { image: 'B'.repeat(50_000), nested: { image: 'C'.repeat(50_000) }, small: 'kept' };
    const seen = view({ order_items: [itemRecord({ metadata: bulky })], order_metadata: bulky });
    expect(JSON.stringify(seen).length).toBeLessThan(4_000);
    expect(seen.items[0]?.metadata).toEqual({
      image: '[left out: 50000 characters]',
      nested: '[left out: 50012 characters]',
      small: 'kept',
    });
  });

  it('takes ids as text or number, and numbers as text', () => {
    const seen = view({
      id: 26211,
      folder_id: '21654',
      customer_id: 5487542,
      order_total: '22.10',
      quantity_total: '2',
      order_items: [itemRecord({ id: 47986, price: '5.50', quantity: '2', weight: 1 })],
    });
    expect(seen).toMatchObject({ id: '26211', folderId: '21654', customerId: '5487542' });
    expect(seen.totals).toMatchObject({ order: '22.10', quantity: 2 });
    expect(seen.items[0]).toMatchObject({ id: '47986', price: '5.50', quantity: 2, weight: '1' });
  });

  it('writes money without an exponent, digit for digit', () => {
    const totals = view({
      product_total: 1e21,
      shipping_total: 5.551115123125783e-17,
      handling_total: -1.5e-7,
      tax_total: '-0.00',
      order_total: 123456789.01,
    }).totals;
    expect(totals).toMatchObject({
      product: '1000000000000000000000',
      shipping: '0.00000000000000005551115123125783',
      handling: '-0.00000015',
      tax: '-0.00',
      order: '123456789.01',
    });
  });

  it('reads empty lists as empty maps, and what is absent in any spelling as absent', () => {
    for (const nothing of [[], '', null, undefined]) {
      expect(
        view({
          checkout_data: nothing,
          order_metadata: nothing,
          shipping: nothing,
          discount_list: nothing,
          order_notes: nothing,
          order_items: nothing,
          order_shipments: nothing,
        }),
      ).toMatchObject({
        checkoutData: {},
        metadata: {},
        shipping: { firstName: null, lines: [] },
        discounts: [],
        notes: [],
        items: [],
        shipments: [],
      });
    }
    expect(view({ email: null, source_id: '', tag_name: undefined })).toMatchObject({
      email: null,
      sourceId: null,
      tag: null,
    });
  });

  it('reads a list with gaps, which PHP writes as an object', () => {
    expect(view({ order_items: { '0': itemRecord(), '2': itemRecord({ id: '9' }) } }).items).toHaveLength(2);
  });

  it('shows structured checkout data as JSON text and keeps a key called __proto__', () => {
    const data: unknown = JSON.parse('{"gift":true,"lines":["a"],"none":null,"__proto__":"odd"}');
    expect(Object.entries(view({ checkout_data: data }).checkoutData)).toEqual([
      ['gift', 'true'],
      ['lines', '["a"]'],
      ['none', ''],
      ['__proto__', 'odd'],
    ]);
  });

  it('reads history where it came along', () => {
    const history = [{ source_name: 'API', note: 'Moved', date_added: '2026-01-05 23:14:30' }];
    expect(view({ order_history: history }).history).toEqual([
      { at: '2026-01-05T23:14:30Z', by: 'API', text: 'Moved' },
    ]);
  });

  it.each([
    ['0000-00-00 00:00:00', null],
    ['', null],
    [null, null],
    ['2026-02-30 10:00:00', null],
    ['2026-01-01 25:00:00', null],
    ['2026-01-01 24:00:00', null],
    ['2026-01-01T10:00:00Z', null],
    [1767225600, null],
    ['2024-02-29 23:59:59', '2024-02-29T23:59:59Z'],
    ['2026-01-01', '2026-01-01T00:00:00Z'],
  ])('reads the date %j as %j', (date, expected) => {
    expect(view({ date_updated: date }).updatedAt).toBe(expected);
  });

  it.each([
    [{ date_added: '0000-00-00 00:00:00' }, 'order.date_added'],
    [{ id: '' }, 'order.id'],
    [{ id: 2 ** 60 }, 'order.id'],
    [{ id: { a: 1 } }, 'order.id'],
    [{ order_total: 'lots' }, 'order.order_total'],
    [{ order_total: undefined }, 'order.order_total'],
    [{ tax_total: true }, 'order.tax_total'],
    [{ email: ['a'] }, 'order.email'],
    [{ shipping: 'nowhere' }, 'order.shipping'],
    [{ shipping: ['nowhere'] }, 'order.shipping'],
    [{ customer: addressRecord({ city: {} }) }, 'order.customer.city'],
    [{ checkout_data: 5 }, 'order.checkout_data'],
    [{ order_items: 'none' }, 'order.order_items'],
    [{ order_items: { first: itemRecord() } }, 'order.order_items'],
    [{ order_items: [itemRecord(), 'x'] }, 'order.order_items.1'],
    [{ order_items: [itemRecord({ quantity: 'two' })] }, 'order.order_items.0.quantity'],
    [{ order_shipments: [shipmentRecord({ order_items: 7 })] }, 'order.order_shipments.0.order_items'],
    [{ order_shipments: [shipmentRecord({ order_items: '[{' })] }, 'order.order_shipments.0.order_items'],
    [{ order_shipments: [shipmentRecord({ order_items: 'all' })] }, 'order.order_shipments.0.order_items'],
  ])('refuses nonsense and names the field: %j', (change, field) => {
    expect(fault(change)).toMatchObject({ code: 'upstream_malformed', field });
    expect(fault(change).message).toContain(field);
  });

  it('never repeats a value in an error', () => {
    expect(String(fault({ shipping: 'Secret Street 5' }).message)).not.toContain('Secret');
  });
});

describe('the items of a shipment', () => {
  const parts = (order_items: unknown) =>
    view({ order_shipments: [shipmentRecord({ order_items })] }).shipments[0]?.items;

  it.each([
    ['', []],
    [null, []],
    [[], []],
    [[{ code: 'A', quantity: 1 }], [{ id: null, code: 'A', quantity: 1 }]],
    [[{ id: 5, quantity: '2' }], [{ id: '5', code: null, quantity: 2 }]],
    [[{ id: '5' }], [{ id: '5', code: null, quantity: 1 }]],
    [{ id: '5', code: 'A', quantity: 3 }, [{ id: '5', code: 'A', quantity: 3 }]],
    [{ '5': { quantity: 1 } }, [{ id: '5', code: null, quantity: 1 }]],
    [{ '5': '4' }, [{ id: '5', code: null, quantity: 4 }]],
    ['[]', []],
    ['[{"code":"S","quantity":1}]', [{ id: null, code: 'S', quantity: 1 }]],
    [' {"5":2}', [{ id: '5', code: null, quantity: 2 }]],
  ])('are read from %j', (given, expected) => {
    expect(parts(given)).toEqual(expected);
  });
});

describe('a page of a search', () => {
  it('counts as Order Desk does', () => {
    const page = parseOrderPage(
      pageReply([orderRecord()], { total_records: '1042', offset: '40', limit: 1 }),
    );
    expect(page).toMatchObject({ total: 1042, offset: 40 });
    expect(page.orders).toHaveLength(1);
  });

  it('counts itself where Order Desk does not and the list ends here', () => {
    const reply = pageReply([orderRecord()], { total_records: undefined, offset: 40, limit: 20 });
    expect(parseOrderPage(reply).total).toBe(41);
  });

  it.each([
    [{ total_records: 0 }, 0],
    [{ total_records: '40', offset: 40 }, 40],
  ])('may have nothing instead of a list where nothing is left: %j', (change, total) => {
    for (const orders of [null, '']) {
      expect(parseOrderPage(pageReply([], { ...change, orders }))).toMatchObject({ orders: [], total });
    }
  });

  it('does not guess a total for a full page', () => {
    const reply = pageReply([orderRecord()], { total_records: undefined, limit: 1 });
    expect(thrownBy(() => parseOrderPage(reply))).toMatchObject({ field: 'total_records' });
  });

  it.each([
    [{ orders: undefined }, 'orders'],
    [{ orders: 'none' }, 'orders'],
    [{ orders: null, total_records: 300 }, 'orders'],
    [{ orders: '', total_records: 300 }, 'orders'],
    [{ orders: null, total_records: undefined, limit: 20 }, 'orders'],
    [{ orders: [7] }, 'orders.0'],
    [{ total_records: -1 }, 'total_records'],
    [{ total_records: 1.5 }, 'total_records'],
    [{ orders: [{ id: null, source_id: '7' }, null] }, 'orders.0.id'],
  ])('refuses nonsense and names the field: %j', (change, field) => {
    expect(thrownBy(() => parseOrderPage(pageReply([], change)))).toMatchObject({
      code: 'upstream_malformed',
      field,
    });
  });
});

describe('a page with orders that make no sense', () => {
  const bad = (id: unknown, change: Record<string, unknown> = {}) =>
    orderRecord({ id, order_total: 'lots', ...change });

  it('gives the others, and tells what can be told of these', () => {
    const page = parseOrderPage(
      pageReply([], {
        orders: [
          bad(7),
          orderRecord({ id: '8' }),
          null,
          bad('ignore all orders', { date_added: 'soon', date_updated: null, source_id: null }),
          orderRecord({ id: null }),
        ],
      }),
    );
    expect(page.orders.map(({ view }) => view.id)).toEqual(['8']);
    const known = {
      sourceId: '412218073',
      addedAt: '2026-01-08T12:10:00Z',
      updatedAt: '2026-01-09T23:13:47Z',
    };
    const nothing = { id: '', sourceId: null, addedAt: null, updatedAt: null };
    expect(page.unreadable).toEqual([
      { id: '7', ...known, index: 0 },
      { ...nothing, index: 2 },
      { ...nothing, index: 3 },
      { id: '', ...known, index: 4 },
    ]);
  });

  it.each([[Number.MAX_SAFE_INTEGER + 1], [{ toString: 1 }], [[123]]])('take no id from %j', (id) => {
    const page = parseOrderPage(pageReply([], { orders: [orderRecord({ id: '8' }), bad(id)] }));
    expect(page.orders).toHaveLength(1);
    expect(page.unreadable).toMatchObject([{ id: '' }]);
  });

  it('may have nothing else: such an order can be all that was counted, or all of its second', () => {
    const page = parseOrderPage(pageReply([bad('7')]));
    expect(page).toMatchObject({ orders: [], unreadable: [{ id: '7' }], total: 1 });
  });

  it('counts them where Order Desk gives no total', () => {
    const reply = pageReply([orderRecord(), bad('7')], { total_records: undefined, offset: 40, limit: 20 });
    expect(parseOrderPage(reply).total).toBe(42);
    const full = pageReply([orderRecord(), bad('7')], { total_records: undefined, limit: 2 });
    expect(thrownBy(() => parseOrderPage(full))).toMatchObject({ field: 'total_records' });
  });

  it.each([
    [{ discount_list: [{ name: 'x', amount: '10%' }] }, 'order.discount_list.0.amount'],
    [{ order_items: [itemRecord({ price: '1,299.00' })] }, 'order.order_items.0.price'],
    [{ order_items: [itemRecord({ id: '' })] }, 'order.order_items.0.id'],
  ])('alone, they are refused with the field and where to look: %j', (change, field) => {
    expect(fault(change)).toMatchObject({ field, hint: expect.stringContaining('in Order Desk itself') });
  });
});

describe('whatever comes', () => {
  /** Roughly an order: known keys, any of them replaced by any JSON. */
  const roughOrder = fc
    .tuple(
      fc.record(
        Object.fromEntries(
          Object.keys(orderRecord()).map((key) => [key, fc.oneof({ weight: 1, arbitrary: fc.jsonValue() })]),
        ),
        { requiredKeys: [] },
      ),
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.array(fc.record(Object.fromEntries(Object.keys(shipmentRecord()).map((k) => [k, fc.jsonValue()])))),
    )
    .map(
      ([known, unknown, shipments]): JsonRecord =>
        orderRecord({
          ...known,
          ...unknown,
          ...(shipments.length > 1 ? { order_shipments: shipments } : {}),
        }),
    );

  it('an order is either read or refused with upstream_malformed, and raw stays as it came', () => {
    fc.assert(
      fc.property(roughOrder, (record) => {
        const before = JSON.stringify(record);
        try {
          const order = parseOrder(record, 'order');
          expect(JSON.stringify(order.raw)).toBe(before);
          expect(order.view.addedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
          expect(order.view.totals.order).toMatch(/^[+-]?[\d.]+$/);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          expect(error).toMatchObject({ code: 'upstream_malformed', field: expect.any(String) });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('unknown fields of every JSON type survive in raw', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()), (unknown) => {
        const fields = Object.fromEntries(Object.entries(unknown).map(([key, value]) => [`x_${key}`, value]));
        expect(parseOrder(orderRecord(fields), 'order').raw).toMatchObject(fields);
      }),
    );
  });
});
