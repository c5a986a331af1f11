import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketFor, createBucket, orderDeskRateLimit } from '../../../src/sandbox/bucket.js';

function clocked(limit = orderDeskRateLimit) {
  let at = 1_700_000_000_000;
  const bucket = createBucket(limit, () => at);
  return {
    bucket,
    pass: (ms: number) => {
      at += ms;
    },
  };
}

describe('the bucket', () => {
  it('grants 20 requests at once and counts them down', () => {
    const { bucket } = clocked();
    const remaining = Array.from({ length: 20 }, () => bucket.take().remaining);
    expect(remaining).toEqual(Array.from({ length: 20 }, (_, at) => 19 - at));
    expect(bucket.take()).toEqual({ granted: false, remaining: 0, retryAfterSeconds: 1 });
  });

  it('has a token again exactly when a third of a second has passed', () => {
    const { bucket, pass } = clocked();
    bucket.drain(20);
    pass(333);
    expect(bucket.take().granted).toBe(false);
    pass(1);
    expect(bucket.take()).toEqual({ granted: true, remaining: 0, retryAfterSeconds: 0 });
  });

  it('refills 3 tokens a second and never above 20', () => {
    const { bucket, pass } = clocked();
    bucket.drain(20);
    pass(2000);
    expect(bucket.take().remaining).toBe(5);
    pass(3_600_000);
    expect(bucket.take().remaining).toBe(19);
  });

  it('tells a wait after which a token is there, for any refill', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 5, noNaN: true }), (refillPerSecond) => {
        const { bucket, pass } = clocked({ capacity: 1, refillPerSecond });
        bucket.take();
        const refused = bucket.take();
        expect(refused.granted).toBe(false);
        pass(refused.retryAfterSeconds * 1000);
        expect(bucket.take().granted).toBe(true);
      }),
    );
  });

  it('grants within any span no more than the capacity and what was refilled', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 200 }), (gaps) => {
        const { bucket, pass } = clocked();
        let granted = 0;
        let elapsed = 0;
        for (const gap of gaps) {
          pass(gap);
          elapsed += gap;
          if (bucket.take().granted) granted += 1;
        }
        expect(granted).toBeLessThanOrEqual(20 + (elapsed * 3) / 1000);
      }),
    );
  });

  it('does not refill when the clock goes back', () => {
    const { bucket, pass } = clocked();
    bucket.drain(20);
    pass(-10_000);
    expect(bucket.take().granted).toBe(false);
  });

  it('is always full when limiting is off', () => {
    const bucket = bucketFor(false, () => 0);
    bucket.drain(1000);
    for (let at = 0; at < 50; at += 1) expect(bucket.take()).toMatchObject({ granted: true, remaining: 20 });
  });
});
