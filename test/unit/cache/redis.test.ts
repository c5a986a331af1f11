/** What the shared cache owes when a raise fails while Redis still counts as there. */
import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { createRedisCache } from '../../../src/cache/redis.js';
import { RedisTrouble, type SharedRedis } from '../../../src/redis/shared-redis.js';

/** A Redis that fails so many raises and writes down what it was asked. */
function troubled(failures: number) {
  const asked: string[] = [];
  let left = failures;
  const del = async (...keys: string[]) => {
    asked.push(`raise ${keys.join(' ')}`);
    left -= 1;
    if (left >= 0) throw new RedisTrouble('made up');
    return keys.length;
  };
  const shared: SharedRedis = {
    state: 'there',
    ask: (work) => work({ del } as unknown as Redis),
    run: async () => {
      asked.push('store');
      return 1;
    },
    runForBytes: async () => {
      asked.push('look');
      return [Buffer.from('value'), Buffer.from('ticket')];
    },
    onChange: () => {},
    close: () => {},
  };
  return { cache: createRedisCache({ shared }), asked };
}

const raise = (...scopes: string[]) => `raise ${scopes.map((scope) => `odm:gen:${scope}`).join(' ')}`;
const keep = async (cache: ReturnType<typeof troubled>['cache']) =>
  cache.store('key', ['a'], 'ticket', Buffer.from('x'), 1_000);

describe('a raise that fails', () => {
  it('is tried again at once', async () => {
    const { cache, asked } = troubled(2);
    await cache.raise(['a', 'b']);
    expect(asked).toEqual([raise('a', 'b'), raise('a', 'b'), raise('a', 'b')]);
    expect((await cache.lookup('key', ['a'])).value?.toString()).toBe('value');
    expect(asked.slice(3)).toEqual(['look']);
  });

  it('comes before whatever else the cache is asked, together with later ones, and then no more', async () => {
    const { cache, asked } = troubled(5);
    await cache.raise(['a']);
    expect(asked.splice(0)).toEqual([raise('a'), raise('a'), raise('a')]);
    expect(await cache.lookup('key', ['a'])).toEqual({ value: undefined, ticket: undefined });
    expect(await keep(cache)).toBe('unavailable');
    expect(asked.splice(0)).toEqual([raise('a'), raise('a')]);
    await cache.raise(['b']);
    expect(asked.splice(0)).toEqual([raise('a', 'b')]);
    expect((await cache.lookup('key', ['a'])).ticket).toBe('ticket');
    expect(await keep(cache)).toBe('set');
    expect(asked).toEqual(['look', 'store']);
  });

  it('is owed by nobody any more once the cache is closed', async () => {
    const { cache, asked } = troubled(100);
    await cache.raise(['a']);
    await cache.close();
    asked.splice(0);
    await cache.raise(['a']);
    expect(await cache.lookup('key', ['a'])).toEqual({ value: undefined, ticket: undefined });
    expect(asked).toEqual([]);
  });
});
