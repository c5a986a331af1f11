import { describe, expect, it } from 'vitest';
import { createMemoryCache, type MemoryCache } from '../../../src/cache/memory.js';

const KIBIBYTE = 1024;
const SCOPES = ['scope'];

async function keep(
  cache: MemoryCache,
  key: string,
  value: Buffer | string,
  ttlMs = 60_000,
  scopes = SCOPES,
) {
  const { ticket } = await cache.lookup(key, scopes);
  return cache.store(key, scopes, ticket ?? '', Buffer.from(value), ttlMs);
}
const find = async (cache: MemoryCache, key: string) => (await cache.lookup(key, SCOPES)).value?.toString();

describe('the memory cache', () => {
  it('holds no more than its bytes, and lets go of what was not used for longest', async () => {
    const cache = createMemoryCache({ maxBytes: 64 * KIBIBYTE });
    const value = 'x'.repeat(4 * KIBIBYTE);
    for (let i = 0; i < 100; i += 1) {
      await keep(cache, `key-${i}`, value);
      await cache.lookup('key-0', SCOPES);
    }
    expect(cache.bytes).toBeLessThanOrEqual(64 * KIBIBYTE);
    expect(cache.items).toBeGreaterThan(5);
    expect(await find(cache, 'key-0')).toBe(value);
    expect(await find(cache, 'key-1')).toBeUndefined();
    expect(await find(cache, 'key-99')).toBe(value);
  });

  it('does not take one entry above an eighth of its room, and drops the value that it replaces', async () => {
    const cache = createMemoryCache({ maxBytes: 64 * KIBIBYTE });
    await keep(cache, 'big', 'small as yet');
    await keep(cache, 'other', 'stays');
    expect(await keep(cache, 'big', 'x'.repeat(8 * KIBIBYTE))).toBe('too_large');
    expect(await find(cache, 'big')).toBeUndefined();
    expect(await find(cache, 'other')).toBe('stays');
  });

  it('remembers no more generations than it is told to, at the cost of misses', async () => {
    const cache = createMemoryCache({ maxGenerations: 10 });
    await keep(cache, 'key', 'x');
    for (let i = 0; i < 9; i += 1) await keep(cache, `other-${i}`, 'y', 60_000, [`scope-${i}`]);
    expect(await find(cache, 'key')).toBe('x');
    for (let i = 0; i < 10; i += 1) await keep(cache, `other-${i}`, 'y', 60_000, [`scope-${i}`]);
    expect(await find(cache, 'key')).toBeUndefined();
  });

  it('lets entries expire that were stored when its clock stood at zero', async () => {
    let time = 0;
    const cache = createMemoryCache({ now: () => time });
    await keep(cache, 'key', 'x', 10);
    time = 12;
    expect(await find(cache, 'key')).toBeUndefined();
  });

  it('is empty once closed', async () => {
    const cache = createMemoryCache();
    await keep(cache, 'key', 'x');
    await cache.close();
    expect(cache.items).toBe(0);
  });
});
