import { describe, expect, it } from 'vitest';
import { createMemoryCache } from '../../../src/cache/memory.js';

const KIBIBYTE = 1024;

describe('the memory cache', () => {
  it('holds no more than its bytes, and lets go of what was not used for longest', async () => {
    const cache = createMemoryCache({ maxBytes: 64 * KIBIBYTE });
    const value = 'x'.repeat(2 * KIBIBYTE);
    for (let i = 0; i < 100; i += 1) {
      await cache.set(`key-${i}`, value, 60_000);
      await cache.get('key-0');
    }
    expect(cache.bytes).toBeLessThanOrEqual(64 * KIBIBYTE);
    expect(cache.items).toBeGreaterThan(5);
    expect(await cache.get('key-0')).toBe(value);
    expect(await cache.get('key-1')).toBeUndefined();
    expect(await cache.get('key-99')).toBe(value);
  });

  it('does not take one entry above an eighth of its room, and drops the value that it replaces', async () => {
    const cache = createMemoryCache({ maxBytes: 64 * KIBIBYTE });
    await cache.set('big', 'small as yet', 60_000);
    await cache.set('other', 'stays', 60_000);
    await cache.set('big', 'x'.repeat(8 * KIBIBYTE), 60_000);
    expect(await cache.get('big')).toBeUndefined();
    expect(await cache.get('other')).toBe('stays');
  });

  it('lets entries expire that were set when its clock stood at zero', async () => {
    let time = 0;
    const cache = createMemoryCache({ now: () => time });
    await cache.set('key', 'x', 10);
    time = 12;
    expect(await cache.get('key')).toBeUndefined();
  });

  it('is empty once closed', async () => {
    const cache = createMemoryCache();
    await cache.set('key', 'x', 60_000);
    await cache.close();
    expect(cache.items).toBe(0);
  });
});
