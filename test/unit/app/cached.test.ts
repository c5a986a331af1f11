import { describe, expect, it } from 'vitest';
import { cachedFor } from '../../../src/app/cached.js';
import { deferred } from '../../support/deferred.js';

describe('a cached answer', () => {
  it('is given again until it is too old', async () => {
    let time = 0;
    let made = 0;
    const ask = cachedFor(
      2_000,
      async () => {
        made += 1;
        return made;
      },
      () => time,
    );
    expect(await ask()).toBe(1);
    time = 1_999;
    expect(await ask()).toBe(1);
    time = 2_000;
    expect(await ask()).toBe(2);
  });

  it('is made once for all who ask meanwhile', async () => {
    let made = 0;
    const answer = deferred<string>();
    const ask = cachedFor(
      0,
      () => {
        made += 1;
        return answer.promise;
      },
      () => 0,
    );
    const asked = Promise.all([ask(), ask(), ask()]);
    answer.resolve('one');
    expect(await asked).toEqual(['one', 'one', 'one']);
    expect(made).toBe(1);
  });

  it('is not kept when making it failed', async () => {
    let fails = true;
    const ask = cachedFor(
      60_000,
      async () => {
        if (fails) throw new Error('not now');
        return 'fine';
      },
      () => 0,
    );
    await expect(ask()).rejects.toThrow('not now');
    fails = false;
    expect(await ask()).toBe('fine');
  });
});
