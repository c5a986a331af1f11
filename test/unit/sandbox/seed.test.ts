import { describe, expect, it } from 'vitest';
import { generateStoreData, type OrderRecord, type StoreData } from '../../../src/sandbox/index.js';
import { ODDITIES } from '../../../src/sandbox/seed/oddities.js';

const anchor = new Date('2026-06-30T12:00:00Z');
const make = (seed: number, more: Partial<Parameters<typeof generateStoreData>[0]> = {}) =>
  generateStoreData({ storeId: '10001', seed, anchor, ...more });
const data = make(7);

const count = (matches: (order: OrderRecord) => boolean, of: StoreData = data) =>
  of.orders.filter(matches).length;
const distinct = <T>(values: readonly T[]) => new Set(values).size;
const cents = (amount: number) => Math.round(amount * 100);

describe('made-up data', () => {
  it('is the same for the same seed and date, and another for another seed', () => {
    expect(make(7)).toEqual(data);
    expect(make(8).orders).not.toEqual(data.orders);
  });

  it('moves with the date', () => {
    const dayLater = make(7, { anchor: new Date(anchor.getTime() + 86_400_000) });
    const [first] = data.orders;
    const [moved] = dayLater.orders;
    expect(Date.parse(`${moved?.date_added}Z`) - Date.parse(`${first?.date_added}Z`)).toBe(86_400_000);
    expect(moved?.email).toBe(first?.email);
  });

  it('holds at least 1,000 orders within the 90 days before its date', () => {
    expect(data.orders.length).toBeGreaterThanOrEqual(1000);
    const from = '2026-04-01 12:00:00';
    const to = '2026-06-30 12:00:00';
    expect(count((o) => o.date_added < from || o.date_added > to)).toBe(0);
    expect(count((o) => o.date_updated < o.date_added || o.date_updated > to)).toBe(0);
  });

  it('is spread over channels, countries and folders, with 80 SKUs', () => {
    expect(distinct(data.orders.map((o) => o.source_name))).toBeGreaterThanOrEqual(6);
    expect(data.orders.map((o) => o.source_name)).toContain('TikTok Shop US');
    expect(distinct(data.orders.map((o) => o.shipping.country))).toBeGreaterThanOrEqual(8);
    expect(distinct(data.orders.map((o) => o.folder_id))).toBeGreaterThanOrEqual(6);
    expect(distinct(data.inventory.map((i) => i.code))).toBe(80);
    expect(distinct(data.inventory.map((i) => i.id))).toBe(80);
  });

  it('has unique ids that start where they are told to', () => {
    const moved = make(7, { firstOrderId: 500 });
    expect(moved.orders[0]?.id).toBe('500');
    for (const ids of [
      data.orders.map((o) => o.id),
      data.orders.flatMap((o) => o.order_items.map((i) => i.id)),
      data.orders.flatMap((o) => o.order_shipments.map((s) => s.id)),
    ]) {
      expect(distinct(ids)).toBe(ids.length);
    }
  });

  it('has the number of orders that was asked for', () => {
    expect([0, 1, 3, 60].map((orderCount) => make(7, { orderCount }).orders.length)).toEqual([0, 1, 3, 60]);
  });

  it('adds up: totals follow from items, charges and discounts', () => {
    for (const o of data.orders) {
      const product = o.order_items.reduce((sum, item) => sum + cents(item.price) * item.quantity, 0);
      const total =
        product + cents(o.shipping_total + o.handling_total + o.tax_total) - cents(o.discount_total);
      expect([o.id, cents(o.product_total), cents(o.order_total)]).toEqual([
        o.id,
        product,
        Math.max(0, total),
      ]);
      expect(o.refund_total + o.processor_balance).toBeLessThanOrEqual(o.order_total + 0.001);
    }
  });

  it('names no real person: reserved mail domains and fictional telephone numbers only', () => {
    for (const { email, shipping, customer } of data.orders) {
      expect(email).toMatch(/^$|@(marketplace\.)?example\.(com|org)$/);
      for (const phone of [shipping.phone, customer.phone]) expect(phone).toMatch(/^$|^\+\d+ 555 01/);
    }
  });

  it('has every oddity in place, whatever the seed', () => {
    for (const seed of [1, 2, 3]) {
      const store = make(seed);
      const found = {
        addressWithoutCity: count((o) => o.shipping.city === '' && o.shipping.address1 !== '', store),
        companyOnly: count((o) => o.shipping.last_name === '' && o.shipping.company !== '', store),
        fourLines: count((o) => o.shipping.address4 !== '', store),
        unicode: count((o) => /[^\p{ASCII}]/u.test(o.shipping.last_name), store),
        emojiGift: count((o) => /\p{Extended_Pictographic}/u.test(JSON.stringify(o.checkout_data)), store),
        longNote: count(
          (o) => o.order_notes.some((n) => n.content.length > 1700 && n.content.length < 1800),
          store,
        ),
        injection: count((o) => o.order_notes.some((n) => n.content.includes('IGNORE ALL PREVIOUS')), store),
        zeroTotal: count(
          (o) => o.order_total === 0 && o.product_total === 0 && o.order_items.length > 0,
          store,
        ),
        hugeQuantity: count((o) => o.quantity_total >= 12_000, store),
        noItems: count((o) => o.order_items.length === 0, store),
        refund: count((o) => o.refund_total > 0 && o.processor_balance > 0, store),
        partialShipment: count((o) => o.order_shipments.some((s) => s.order_items !== ''), store),
        bulkyLabel: count((o) => o.order_shipments.some((s) => s.label_image.length > 40_000), store),
        noMail: count((o) => o.email === '', store),
        split: store.orders.length - distinct(store.orders.map((o) => `${o.source_name} ${o.source_id}`)),
      };
      for (const [oddity, times] of Object.entries(found))
        expect([oddity, times > 0]).toEqual([oddity, true]);
    }
  });

  it('changes an order with each oddity', () => {
    const [one, other] = data.orders.filter(
      (o) => o.order_items.length > 1 && o.payment_status === 'Captured',
    );
    if (one === undefined || other === undefined) throw new Error('Two plain orders are needed.');
    for (const [name, oddity] of Object.entries(ODDITIES)) {
      expect([name, JSON.stringify(oddity(one, other)) !== JSON.stringify(one)]).toEqual([name, true]);
    }
  });

  it('has more orders of one second than a page of 20, and several smaller groups', () => {
    const bySecond = new Map<string, number>();
    for (const { date_added } of data.orders) bySecond.set(date_added, (bySecond.get(date_added) ?? 0) + 1);
    const groups = [...bySecond.values()].filter((size) => size > 1);
    expect(Math.max(...groups)).toBeGreaterThan(20);
    expect(groups.length).toBeGreaterThan(10);
  });

  it('keeps the bulky label in memory once', () => {
    const labels = data.orders.flatMap((o) => o.order_shipments.map((s) => s.label_image)).filter(Boolean);
    expect(labels.length).toBeGreaterThan(5);
    expect(distinct(labels)).toBe(1);
  });

  it('writes empty maps as lists and all shipment fields as text', () => {
    expect(count((o) => JSON.stringify(o.checkout_data) === '[]')).toBeGreaterThan(500);
    expect(JSON.stringify([data.orders, data.inventory]).includes('{}')).toBe(false);
    for (const shipment of data.orders.flatMap((o) => o.order_shipments)) {
      const { order_items, ...rest } = shipment;
      expect(Object.values(rest).every((value) => typeof value === 'string')).toBe(true);
      expect(order_items === '' || Array.isArray(order_items)).toBe(true);
    }
  });
});
