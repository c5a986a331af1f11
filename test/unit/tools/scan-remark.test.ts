import { describe, expect, it } from 'vitest';
import { stopRemark } from '../../../src/tools/scan-remark.js';

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
