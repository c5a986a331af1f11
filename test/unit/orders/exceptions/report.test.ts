import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECKS, type Check, type Subject } from '../../../../src/orders/exceptions/check.js';
import { ExceptionReport } from '../../../../src/orders/exceptions/report.js';
import { anAddress, anItem, aShipment } from '../../tools/support/orders.js';
import { aSubject, daysAgo, THREE_DAYS } from './support/subjects.js';

const STOCK = {
  byCode: new Map<string, number | null>([
    ['shirt', 3],
    ['mug', 0],
    ['cap', null],
  ]),
  followsSales: false,
};

const subject: fc.Arbitrary<Subject> = fc
  .record({
    id: fc.integer({ min: 1, max: 9_999 }),
    sourceId: fc.constantFrom('1', '2', '3', null),
    added: fc.integer({ min: 0, max: 8 }),
    idle: fc.integer({ min: 0, max: 8 }),
    paymentStatus: fc.constantFrom('Captured', 'Pending', 'Voided', 'Fully Refunded'),
    city: fc.constantFrom('Springfield', null),
    code: fc.constantFrom('SHIRT', 'MUG', 'CAP', null),
    shipments: fc.constantFrom([], [aShipment()]),
    folder: fc.constantFrom('open' as const, 'closed' as const, 'canceled' as const),
  })
  .map(({ id, added, idle, city, code, folder, ...rest }) =>
    aSubject(
      {
        ...rest,
        id: String(id),
        addedAt: daysAgo(added),
        updatedAt: daysAgo(idle),
        shipping: anAddress({ city }),
        items: [anItem({ code })],
      },
      folder,
    ),
  );
const subjects = fc.uniqueArray(subject, { maxLength: 12, selector: ({ view }) => view.id });

function findings(checks: readonly Check[], looked: readonly Subject[]) {
  const report = new ExceptionReport(new Set(checks), THREE_DAYS);
  for (const each of looked) report.look(each, each.view, each.view.items);
  return report
    .findings(STOCK)
    .flatMap(({ order, reasons }) =>
      reasons.map(({ check, rule }) => ({ id: order.id, added: order.addedAt, check, rule })),
    );
}

describe('the checks together', () => {
  it('find with any of them what all of them find, in the same order', () => {
    fc.assert(
      fc.property(subjects, fc.subarray([...CHECKS]), (looked, chosen) => {
        const all = findings(CHECKS, looked);
        expect(findings(chosen, looked)).toEqual(all.filter(({ check }) => chosen.includes(check)));
      }),
    );
  });

  it('find the same in whichever order they are looked at, oldest first', () => {
    fc.assert(
      fc.property(subjects, (looked) => {
        const found = findings(CHECKS, looked);
        expect(findings(CHECKS, looked.toReversed())).toEqual(found);
        const dates = found.map(({ added }) => Date.parse(added));
        expect(dates).toEqual(dates.toSorted((a, b) => a - b));
      }),
    );
  });

  it('find every kind of thing in one order that has them all', () => {
    const wrong = {
      sourceId: '7',
      paymentStatus: 'Captured',
      shipping: anAddress({ city: null }),
      items: [anItem({ code: 'MUG' })],
    };
    const looked = [
      aSubject({ id: '1', sourceId: '7' }, 'closed'),
      aSubject({ id: '2', ...wrong }),
      aSubject({ id: '3', paymentStatus: 'Pending' }, 'closed'),
    ];
    expect(findings(CHECKS, looked).map(({ id, check }) => `${id} ${check}`)).toEqual([
      '2 unshipped_too_long',
      '2 odd_address',
      '2 duplicate_source_id',
      '2 item_without_stock',
      '2 stuck_in_folder',
      '3 payment_not_captured',
    ]);
  });

  it('find each order once, with the reasons in the order of the checks', () => {
    fc.assert(
      fc.property(subjects, (looked) => {
        const report = new ExceptionReport(new Set(CHECKS), THREE_DAYS);
        for (const each of looked) report.look(each, each.view, each.view.items);
        const found = report.findings(STOCK);
        expect(new Set(found.map(({ order }) => order.id)).size).toBe(found.length);
        for (const { reasons } of found) {
          const made = reasons.map(({ check }) => check);
          expect(made).toEqual(CHECKS.filter((check) => made.includes(check)));
          expect(made).not.toEqual([]);
        }
      }),
    );
  });

  it('count what waits for its payment only where that is not reported itself', () => {
    const unpaid = ['1', '2'].map((id) => aSubject({ id, paymentStatus: 'Pending' }));
    const counted = (...checks: Check[]) => {
      const report = new ExceptionReport(new Set(checks), THREE_DAYS);
      for (const each of unpaid) report.look(each, each.view, each.view.items);
      return report.awaitingPayment;
    };
    expect(counted('unshipped_too_long', 'stuck_in_folder')).toBe(2);
    expect(counted('unshipped_too_long', 'payment_not_captured')).toBe(0);
    expect(counted('stuck_in_folder')).toBe(0);
  });

  it('take a canceled copy for dealt with', () => {
    const pair = (folder: Subject['folder']) => [
      aSubject({ id: '1', sourceId: '7' }),
      aSubject({ id: '2', sourceId: '7' }, folder),
    ];
    expect(findings(['duplicate_source_id'], pair('open'))).toHaveLength(1);
    expect(findings(['duplicate_source_id'], pair('canceled'))).toHaveLength(0);
  });

  it('ask for the stock of what is to be sent, each code once, and only when that is checked', () => {
    const looked = ['A', 'B', 'A'].map((code, index) =>
      aSubject({ id: String(index + 1), items: [anItem({ code })] }),
    );
    const codesFor = (checks: readonly Check[]) => {
      const report = new ExceptionReport(new Set(checks), THREE_DAYS);
      for (const each of looked) report.look(each, each.view, each.view.items);
      return report.codes;
    };
    expect(codesFor(['item_without_stock'])).toEqual([
      { code: 'A', shown: 'A' },
      { code: 'B', shown: 'B' },
    ]);
    expect(codesFor(['unshipped_too_long'])).toEqual([]);
  });
});
