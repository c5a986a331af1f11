import { describe, expect, it } from 'vitest';
import { cellsOf } from '../../../src/limits/gcra.js';
import { LocalBuckets } from '../../../src/limits/local-buckets.js';
import { createMemoryLimiter } from '../../../src/limits/memory.js';

const CELLS = cellsOf({ burst: 4, perSecond: 10 });

describe('the buckets of one process', () => {
  it('are bounded: the ones used least recently are forgotten', async () => {
    const limiter = createMemoryLimiter({ now: () => 0, held: 100 });
    const drained = { burst: 1, perSecond: 1 };
    for (let i = 0; i < 1_000; i += 1) await limiter.take(`key:${i}`, drained);
    expect(await limiter.take('key:999', drained)).toMatchObject({ allowed: false });
    expect(await limiter.take('key:0', drained)).toMatchObject({ allowed: true });
  });

  it('remember what only this process knows until the shared bucket has heard of it', () => {
    let time = 0;
    const buckets = new LocalBuckets(() => time);
    expect(buckets.unsharedLead('key')).toBe(0);
    buckets.take('key', CELLS, 2);
    expect(buckets.unsharedLead('key')).toBe(200_000);
    time = 50;
    expect(buckets.unsharedLead('key')).toBe(150_000);
    buckets.follow('key', 250_000, 0);
    expect(buckets.unsharedLead('key')).toBe(0);
    expect(buckets.take('key', CELLS, 2).allowed).toBe(false);
    expect(buckets.take('key', CELLS, 1)).toEqual({ allowed: true, lead: 350_000 });
  });

  it('age what the shared bucket said by the time its answer took', () => {
    const buckets = new LocalBuckets(() => 1_000);
    buckets.follow('key', 400_000, 100);
    expect(buckets.take('key', CELLS, 1)).toEqual({ allowed: true, lead: 400_000 });
  });
});
