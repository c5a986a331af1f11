import { describe, expect, it } from 'vitest';
import { stuckInFolder } from '../../../../src/orders/exceptions/stuck.js';
import { aSubject, daysAgo, THREE_DAYS } from './support/subjects.js';

describe('stuck in a folder', () => {
  it.each([
    ['a second less than the threshold', daysAgo(3, 1000), false],
    ['exactly the threshold', daysAgo(3), true],
    ['longer', daysAgo(40), true],
  ])('not modified for %s', (_span, updatedAt, isReported) => {
    expect(stuckInFolder(aSubject({ addedAt: daysAgo(60), updatedAt }), THREE_DAYS) !== undefined).toBe(
      isReported,
    );
  });

  it('says how long, and counts from when the order was added where it was never modified', () => {
    const never = aSubject({ addedAt: daysAgo(7), updatedAt: null });
    expect(stuckInFolder(never, THREE_DAYS)).toBe(
      'Not modified for 7 days, not in a closed or canceled folder; threshold 3 days.',
    );
  });

  it.each(['closed', 'canceled'] as const)('an order in a %s folder rests there', (folder) => {
    expect(stuckInFolder(aSubject({}, folder), THREE_DAYS)).toBeUndefined();
  });
});
