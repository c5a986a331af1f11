/** What every cache must do, whatever it is made of. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cache } from '../../../src/cache/port.js';

export interface CacheUnderTest {
  readonly cache: Cache;
  /** Lets so many milliseconds pass, on the cache's own clock. */
  pass(ms: number): Promise<void>;
}

export function cacheContract(adapter: string, open: () => Promise<CacheUnderTest>): void {
  describe(`a cache in ${adapter}`, () => {
    let subject: CacheUnderTest;

    beforeEach(async () => {
      subject = await open();
    });
    afterEach(() => subject.cache.close());

    it('has nothing under a key that was never set', async () => {
      expect(await subject.cache.get('never')).toBeUndefined();
    });

    it('gives back exactly what was set, the empty string and every script included', async () => {
      for (const value of ['', 'plain', '{"a":[1,null]}', 'Ünïcode 日本語 🧺', 'line\nbreak\u0000null']) {
        await subject.cache.set('key', value, 10_000);
        expect(await subject.cache.get('key')).toBe(value);
      }
    });

    it('keeps keys apart', async () => {
      await subject.cache.set('a', '1', 10_000);
      await subject.cache.set('b', '2', 10_000);
      expect(await subject.cache.get('a')).toBe('1');
      expect(await subject.cache.get('A')).toBeUndefined();
      expect(await subject.cache.get('b')).toBe('2');
    });

    it('replaces the value and the life of an entry that is set again', async () => {
      await subject.cache.set('key', 'old', 200);
      await subject.cache.set('key', 'new', 60_000);
      await subject.pass(300);
      expect(await subject.cache.get('key')).toBe('new');
    });

    it('forgets an entry when its life is over, and not before', async () => {
      await subject.cache.set('short', 'x', 500);
      await subject.cache.set('long', 'y', 60_000);
      await subject.pass(100);
      expect(await subject.cache.get('short')).toBe('x');
      await subject.pass(500);
      expect(await subject.cache.get('short')).toBeUndefined();
      expect(await subject.cache.get('long')).toBe('y');
    });

    it('takes a life of a part of a millisecond', async () => {
      await subject.cache.set('key', 'x', 0.25);
      await subject.pass(5);
      expect(await subject.cache.get('key')).toBeUndefined();
    });
  });
}
