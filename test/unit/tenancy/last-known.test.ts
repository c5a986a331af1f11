import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { LastKnown } from '../../../src/tenancy/last-known.js';
import { deferred } from '../../support/deferred.js';
import { TestClock } from './support.js';

function setUp() {
  const clock = new TestClock();
  const held = new LastKnown<string, { n: number }>({
    max: 10,
    freshMs: 1_000,
    staleMaxMs: 60_000,
    now: clock.now,
  });
  let asked = 0;
  const source = { away: false, asked: () => asked };
  const get = (key = 'a') =>
    held.get(key, async () => {
      asked += 1;
      if (source.away) throw new AppError('storage_unavailable');
      return { n: asked };
    });
  return { clock, held, get, source };
}

describe('a value from the database', () => {
  it('is served without asking while it is fresh, and asked for again after', async () => {
    const { clock, get, source } = setUp();
    await get();
    clock.advance(999);
    expect(await get()).toEqual({ n: 1 });
    clock.advance(1);
    expect(await get()).toEqual({ n: 2 });
    expect(source.asked()).toBe(2);
  });

  it('is asked for once by all who wait for it', async () => {
    const { get, source } = setUp();
    await Promise.all(Array.from({ length: 50 }, () => get()));
    expect(source.asked()).toBe(1);
  });

  it('is asked for again after it was forgotten', async () => {
    const { held, get } = setUp();
    await get();
    held.forget('a');
    expect(await get()).toEqual({ n: 2 });
  });

  it('is not kept when it was forgotten while the question was under way', async () => {
    const { held } = setUp();
    const old = deferred<{ n: number }>();
    const first = held.get('a', () => old.promise);
    held.forget('a');
    const second = await held.get('a', async () => ({ n: 2 }));
    old.resolve({ n: 1 });
    expect(await first).toEqual({ n: 1 });
    expect(second).toEqual({ n: 2 });
    expect(held.fresh('a')).toEqual({ n: 2 });
  });

  it('is not fresh for longer when the clock is set back', async () => {
    const { clock, get } = setUp();
    await get();
    clock.advance(-3_600_000);
    expect(await get()).toEqual({ n: 2 });
  });
});

describe('while the database hangs', () => {
  function hanging() {
    const clock = new TestClock();
    const late = deferred<void>();
    const held = new LastKnown<string, { n: number }>({
      max: 10,
      freshMs: 1_000,
      staleMaxMs: 60_000,
      now: clock.now,
      sleep: () => late.promise,
    });
    return { clock, late, held };
  }

  it('the last value serves all who wait once the answer is late, and the answer is kept when it comes', async () => {
    const { clock, late, held } = hanging();
    await held.get('a', async () => ({ n: 1 }));
    clock.advance(1_000);
    const answer = deferred<{ n: number }>();
    const waiting = [held.get('a', () => answer.promise), held.get('a', () => answer.promise)];
    late.resolve();
    expect(await Promise.all(waiting)).toEqual([{ n: 1 }, { n: 1 }]);
    expect(held.fresh('a')).toEqual({ n: 1 });
    answer.resolve({ n: 2 });
    await answer.promise;
    await expect.poll(() => held.fresh('a')).toEqual({ n: 2 });
  });

  it('a value beyond the bound, or none at all, makes callers wait for the answer', async () => {
    const { clock, late, held } = hanging();
    await held.get('a', async () => ({ n: 1 }));
    clock.advance(60_001);
    late.resolve();
    const answer = deferred<{ n: number }>();
    const waiting = [held.get('a', () => answer.promise), held.get('b', () => answer.promise)];
    answer.resolve({ n: 2 });
    expect(await Promise.all(waiting)).toEqual([{ n: 2 }, { n: 2 }]);
  });
});

describe('while the database is away', () => {
  it('the last value serves up to the bound, and then none', async () => {
    const { clock, get, source } = setUp();
    await get();
    source.away = true;
    clock.advance(60_000);
    expect(await get()).toEqual({ n: 1 });
    clock.advance(5_000);
    await expect(get()).rejects.toMatchObject({ code: 'storage_unavailable' });
  });

  it('it is asked only now and then', async () => {
    const { clock, get, source } = setUp();
    await get();
    source.away = true;
    for (let second = 0; second < 20; second += 1) {
      clock.advance(1_000);
      await get();
    }
    expect(source.asked()).toBe(1 + 4);
  });

  it('a value that was never read is not to be had', async () => {
    const { get, source } = setUp();
    source.away = true;
    await expect(get()).rejects.toMatchObject({ code: 'storage_unavailable' });
  });

  it('any other failure is not covered up', async () => {
    const { clock, held, get } = setUp();
    await get();
    clock.advance(1_000);
    const broken = held.get('a', () => Promise.reject(new Error('a row does not fit')));
    await expect(broken).rejects.toThrow('a row does not fit');
  });
});
