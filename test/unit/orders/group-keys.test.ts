import { describe, expect, it } from 'vitest';
import { findZone, UTC } from '../../../src/orders/dates.js';
import { groupKey, type OrderGrouping, textKey } from '../../../src/orders/group-keys.js';
import { anAddress, aView } from '../tools/support/orders.js';

const FOLDERS = new Map([
  ['1', 'New'],
  ['2', 'New'],
]);
const context = (zone = UTC) => ({ zone, folderName: (id: string) => FOLDERS.get(id) ?? null });

function periods(addedAt: string, zoneName: string): (string | null)[] {
  const zone = findZone(zoneName);
  if (zone === undefined) throw new Error(`no zone ${zoneName}`);
  const view = aView({ addedAt });
  return (['day', 'week', 'month'] as const).map((period) => groupKey(view, period, context(zone)).label);
}

describe('the day, week and month of an order', () => {
  it.each([
    // Clocks go forward on Sunday 8 March 2026: the last and the first second of that day, which has 23 hours.
    ['America/Los_Angeles', '2026-03-08T07:59:59Z', '2026-03-07', '2026-W10', '2026-03'],
    ['America/Los_Angeles', '2026-03-08T08:00:00Z', '2026-03-08', '2026-W10', '2026-03'],
    ['America/Los_Angeles', '2026-03-09T06:59:59Z', '2026-03-08', '2026-W10', '2026-03'],
    ['America/Los_Angeles', '2026-03-09T07:00:00Z', '2026-03-09', '2026-W11', '2026-03'],
    // They go back on Sunday 1 November: 25 hours, and a month that begins with summer time.
    ['America/Los_Angeles', '2026-11-01T06:59:59Z', '2026-10-31', '2026-W44', '2026-10'],
    ['America/Los_Angeles', '2026-11-01T07:00:00Z', '2026-11-01', '2026-W44', '2026-11'],
    ['America/Los_Angeles', '2026-11-02T07:59:59Z', '2026-11-01', '2026-W44', '2026-11'],
    ['America/Los_Angeles', '2026-11-02T08:00:00Z', '2026-11-02', '2026-W45', '2026-11'],
    // London, Sunday 29 March and Sunday 25 October.
    ['Europe/London', '2026-03-28T23:59:59Z', '2026-03-28', '2026-W13', '2026-03'],
    ['Europe/London', '2026-03-29T00:00:00Z', '2026-03-29', '2026-W13', '2026-03'],
    ['Europe/London', '2026-03-29T22:59:59Z', '2026-03-29', '2026-W13', '2026-03'],
    ['Europe/London', '2026-03-29T23:00:00Z', '2026-03-30', '2026-W14', '2026-03'],
    ['Europe/London', '2026-10-24T22:59:59Z', '2026-10-24', '2026-W43', '2026-10'],
    ['Europe/London', '2026-10-24T23:00:00Z', '2026-10-25', '2026-W43', '2026-10'],
    ['Europe/London', '2026-10-25T23:59:59Z', '2026-10-25', '2026-W43', '2026-10'],
    ['Europe/London', '2026-10-26T00:00:00Z', '2026-10-26', '2026-W44', '2026-10'],
    // Sydney, Sunday 5 April (back) and Sunday 4 October (forward).
    ['Australia/Sydney', '2026-04-04T12:59:59Z', '2026-04-04', '2026-W14', '2026-04'],
    ['Australia/Sydney', '2026-04-04T13:00:00Z', '2026-04-05', '2026-W14', '2026-04'],
    ['Australia/Sydney', '2026-04-05T13:59:59Z', '2026-04-05', '2026-W14', '2026-04'],
    ['Australia/Sydney', '2026-04-05T14:00:00Z', '2026-04-06', '2026-W15', '2026-04'],
    ['Australia/Sydney', '2026-10-03T13:59:59Z', '2026-10-03', '2026-W40', '2026-10'],
    ['Australia/Sydney', '2026-10-03T14:00:00Z', '2026-10-04', '2026-W40', '2026-10'],
    ['Australia/Sydney', '2026-10-04T12:59:59Z', '2026-10-04', '2026-W40', '2026-10'],
    ['Australia/Sydney', '2026-10-04T13:00:00Z', '2026-10-05', '2026-W41', '2026-10'],
    // A year begins in Sydney while Los Angeles has a morning of the old one.
    ['Australia/Sydney', '2026-12-31T13:00:00Z', '2027-01-01', '2026-W53', '2027-01'],
    ['America/Los_Angeles', '2026-12-31T13:00:00Z', '2026-12-31', '2026-W53', '2026-12'],
    ['UTC', '2026-03-08T23:59:59Z', '2026-03-08', '2026-W10', '2026-03'],
    ['UTC', '2026-03-09T00:00:00Z', '2026-03-09', '2026-W11', '2026-03'],
    // Weeks that belong to another year than their days.
    ['UTC', '2027-01-03T12:00:00Z', '2027-01-03', '2026-W53', '2027-01'],
    ['UTC', '2027-01-04T00:00:00Z', '2027-01-04', '2027-W01', '2027-01'],
    ['UTC', '2024-12-30T00:00:00Z', '2024-12-30', '2025-W01', '2024-12'],
    ['UTC', '2024-12-29T23:59:59Z', '2024-12-29', '2024-W52', '2024-12'],
  ])('in %s at %s is %s, %s, %s', (zone, addedAt, day, week, month) => {
    expect(periods(addedAt, zone)).toEqual([day, week, month]);
  });
});

describe('the group of an order', () => {
  const keyOf = (grouping: OrderGrouping, change: Parameters<typeof aView>[0]) =>
    groupKey(aView(change), grouping, context());
  const labelOf = (...args: Parameters<typeof keyOf>) => keyOf(...args).label;

  it('is the text as it was written, less the space around it', () => {
    expect(labelOf('source', { sourceName: ' Shopify ' })).toBe('Shopify');
    expect(labelOf('payment_status', { paymentStatus: 'Captured' })).toBe('Captured');
    expect(labelOf('shipping_method', { shippingMethod: 'Ground' })).toBe('Ground');
    expect(keyOf('source', { sourceName: 'Shopify' }).id).not.toBe(
      keyOf('source', { sourceName: 'shopify' }).id,
    );
  });

  it('is none where there is no such text, and that is no text of its own', () => {
    expect(labelOf('source', { sourceName: null })).toBeNull();
    expect(labelOf('source', { sourceName: '  ' })).toBeNull();
    for (const text of ['-', 'null', '=']) expect(textKey(text).id).not.toBe(textKey(null).id);
  });

  it('is a folder by its id: one name may stand for two, and an id for a folder that is gone', () => {
    expect(keyOf('folder', { folderId: '1' })).toEqual({ id: '=1', label: 'New' });
    expect(keyOf('folder', { folderId: '2' })).toEqual({ id: '=2', label: 'New' });
    expect(labelOf('folder', { folderId: '9' })).toBe('9');
    expect(labelOf('folder', { folderId: null })).toBeNull();
  });

  it('is the place that is shipped to, else that of the customer; a state goes with its country', () => {
    const none = anAddress({ state: null, country: null });
    const wa = (country: string | null) => anAddress({ state: 'WA', country });
    expect(labelOf('country', { shipping: none, customer: wa('AU') })).toBe('AU');
    expect(labelOf('state', { shipping: none, customer: wa('AU') })).toBe('WA, AU');
    expect(labelOf('state', { shipping: wa('US'), customer: wa('AU') })).toBe('WA, US');
    expect(labelOf('state', { shipping: wa(null) })).toBe('WA');
    expect(labelOf('state', { shipping: none, customer: none })).toBeNull();
  });

  it('is of bounded size, and long texts that begin alike stay apart', () => {
    const [a, b] = [textKey(`${'x'.repeat(5000)}a`), textKey(`${'x'.repeat(5000)}b`)];
    expect(a.label).toBe(b.label);
    expect(a.label?.length).toBeLessThanOrEqual(100);
    expect(a.id).not.toBe(b.id);
    expect(a.id.length).toBeLessThanOrEqual(101);
  });
});
