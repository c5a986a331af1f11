import { describe, expect, it } from 'vitest';
import { stopRemark, unreadableRemark } from '../../../src/tools/scan-remark.js';

describe('the remark on why a scan stopped', () => {
  it.each([undefined, 'enough'] as const)('is none for %s', (stoppedBy) => {
    expect(stopRemark({ stoppedBy, retryAfterS: undefined })).toBeUndefined();
  });

  it.each([
    ['time', 'Reading stopped when the time of this call was nearly up.'],
    ['cap', 'Reading stopped at the most orders that one call reads.'],
    ['shutdown', 'Reading stopped because this server is being restarted.'],
    [
      'upstream_unavailable',
      'Reading stopped early (upstream_unavailable): Order Desk cannot be reached or is failing.',
    ],
  ] as const)('names %s', (stoppedBy, sentence) => {
    expect(stopRemark({ stoppedBy, retryAfterS: undefined })).toBe(sentence);
  });

  it.each([
    [1, '1 second'],
    [7, '7 seconds'],
  ])('says how long to wait (%i s)', (retryAfterS, words) => {
    expect(stopRemark({ stoppedBy: 'upstream_rate_limited', retryAfterS })).toBe(
      'Reading stopped early (upstream_rate_limited): The API budget of this store is used up for the moment. ' +
        `Wait ${words} before going on.`,
    );
  });
});

describe('the remark on orders that could not be understood', () => {
  const ids = Array.from({ length: 30 }, (_, index) => String(index + 1));

  it.each([
    [[], undefined],
    [['7'], '1 order could not be understood and is left out: ids 7; get_order says why.'],
    [['7', ''], '2 orders could not be understood and are left out: ids 7; get_order says why.'],
    [['', ''], '2 orders could not be understood and are left out: not even an id can be read.'],
    [
      ids,
      '30 orders could not be understood and are left out: the first ids 1, 2, 3, 4, 5, 6, 7, 8, 9, 10; get_order says why.',
    ],
  ])('of %j', (given, remark) => {
    expect(unreadableRemark(given)).toBe(remark);
  });

  it('is not longer for a part of them', () => {
    const sizes = ids.map((_, index) => unreadableRemark(ids.slice(0, index + 1))?.length ?? 0);
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  });
});
