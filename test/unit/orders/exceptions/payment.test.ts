import { describe, expect, it } from 'vitest';
import { paymentNotCaptured } from '../../../../src/orders/exceptions/payment.js';
import { aShipment, aView } from '../../tools/support/orders.js';
import { aSubject, daysAgo, THREE_DAYS } from './support/subjects.js';

describe('payment not captured', () => {
  it.each([
    ['Pending', daysAgo(3, 1000), false],
    ['Pending', daysAgo(3), true],
    ['Authorized', daysAgo(3, 1000), false],
    ['Authorized', daysAgo(3), true],
    ['Rejected', daysAgo(0), true],
    ['Voided', daysAgo(0), true],
    ['Captured', daysAgo(30), false],
    ['Approved', daysAgo(30), false],
    ['Fully Refunded', daysAgo(30), false],
    ['Partially Refunded', daysAgo(30), false],
    [null, daysAgo(30), false],
    ['Paid by hand', daysAgo(30), false],
    [' pending ', daysAgo(3), true],
    ['VOIDED', daysAgo(0), true],
  ])('%s since %s: reported %s', (paymentStatus, addedAt, isReported) => {
    const rule = paymentNotCaptured(aSubject({ paymentStatus, addedAt }), THREE_DAYS);
    expect(rule !== undefined).toBe(isReported);
  });

  it('says what the payment is and how long it has been', () => {
    expect(paymentNotCaptured(aSubject({ paymentStatus: 'Pending' }), THREE_DAYS)).toBe(
      'Payment still Pending 10 days after the order was added; threshold 3 days.',
    );
    expect(
      paymentNotCaptured(aSubject({ paymentStatus: 'Voided', shipments: [aShipment()] }), THREE_DAYS),
    ).toBe(
      'Payment Voided, not in a canceled folder, already shipped; added 10 days ago, reported at any age.',
    );
  });

  it('matters in closed folders too, and in canceled ones no more', () => {
    for (const paymentStatus of ['Pending', 'Rejected']) {
      expect(paymentNotCaptured(aSubject({ paymentStatus }, 'closed'), THREE_DAYS)).toBeDefined();
      expect(paymentNotCaptured(aSubject({ paymentStatus }, 'canceled'), THREE_DAYS)).toBeUndefined();
    }
  });

  it.each(['Pending', 'Authorized', 'Rejected', 'Voided'])('%s is nothing where nothing is due', (status) => {
    const withTotal = (order: string) =>
      aSubject({ paymentStatus: status, totals: { ...aView().totals, order } });
    for (const free of ['0', '0.00', '-5.10']) {
      expect(paymentNotCaptured(withTotal(free), THREE_DAYS)).toBeUndefined();
    }
    for (const due of ['0.01', '22.17', 'not readable']) {
      expect(paymentNotCaptured(withTotal(due), THREE_DAYS)).toBeDefined();
    }
  });

  it('says the status in the words of the API, never in those of the order', () => {
    expect(paymentNotCaptured(aSubject({ paymentStatus: ' pENDING ' }), THREE_DAYS)).toContain(
      'Payment still Pending',
    );
  });
});
