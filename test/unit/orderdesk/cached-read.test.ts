/** What a read does with a cache that is shared, sealed, in trouble or overtaken by a write. */
import { describe, expect, it } from 'vitest';
import { createMemoryCache } from '../../../src/cache/memory.js';
import type { Cache, Found, Stored } from '../../../src/cache/port.js';
import { cachedRead } from '../../../src/orderdesk/cached-read.js';
import type { JsonRecord } from '../../../src/orderdesk/parse/json.js';
import type { CacheCipher } from '../../../src/tenancy/cache-cipher.js';
import { deferred } from '../../support/deferred.js';
import { storeEntry } from './records.js';

const place = { tenantId: storeEntry().tenantId, key: 'key', scopes: ['order:5', 'orders'] };
const never = () => new AbortController().signal;
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A cache whose look-ups and stores always come out as told. */
const fixedCache = (found: Found, stored: Stored): Cache & { readonly kept: Buffer[] } => {
  const kept: Buffer[] = [];
  return {
    items: 0,
    kept,
    lookup: async () => found,
    store: async (_key, _scopes, _ticket, value) => {
      kept.push(value);
      return stored;
    },
    raise: async () => {},
    close: async () => {},
  };
};

function reading(cache: Cache, options: { cipher?: CacheCipher; ttlMs?: number } = {}) {
  const seen: string[] = [];
  const reads = cachedRead({
    cache,
    cipher: options.cipher,
    ttlMs: options.ttlMs ?? 15_000,
    now: () => 1_000_000,
    observe: (operation) => seen.push(operation),
    parse: (record) => record.text,
  });
  let text = 'old';
  let fetches = 0;
  const fetch = async (): Promise<JsonRecord> => {
    fetches += 1;
    return { text };
  };
  return {
    reads,
    seen,
    fetch,
    read: () => reads.read(place, never(), fetch),
    write: (next: string) => {
      text = next;
    },
    fetches: () => fetches,
  };
}

/** Turns bytes round, so that what is sealed can be told from what is not. */
const turning: CacheCipher = {
  seal: async (_tenant, binding, plaintext) =>
    Buffer.concat([Buffer.from(binding.join()), Buffer.from(plaintext).reverse()]),
  open: async (_tenant, binding, sealed) => {
    const name = Buffer.from(binding.join());
    return sealed.subarray(0, name.length).equals(name)
      ? Buffer.from(sealed.subarray(name.length)).reverse()
      : undefined;
  },
};

describe('a cached read', () => {
  it('fetches and keeps nothing while the cache is in trouble, and says so', async () => {
    const cache = fixedCache({ value: undefined, ticket: undefined }, 'set');
    const { read, seen, fetches } = reading(cache);
    expect([await read(), await read()]).toEqual(['old', 'old']);
    expect(fetches()).toBe(2);
    expect(seen).toEqual(['error', 'error']);
    expect(cache.kept).toEqual([]);
  });

  it.each([
    ['set', ['miss', 'set']],
    ['stale_generation', ['miss', 'stale_generation']],
    ['unavailable', ['miss', 'error']],
    ['too_large', ['miss']],
  ] as const)('answers also when storing ends as %s', async (stored, operations) => {
    const { read, seen } = reading(fixedCache({ value: undefined, ticket: 't' }, stored));
    expect(await read()).toBe('old');
    expect(seen).toEqual(operations);
  });

  it('keeps what the cipher sealed, under the key of the entry, and opens it again', async () => {
    const cache = fixedCache({ value: undefined, ticket: 't' }, 'set');
    await reading(cache, { cipher: turning }).read();
    const [kept = Buffer.alloc(0)] = cache.kept;
    expect(kept.toString()).toMatch(/^key\}\}"dlo":"txet"/);
    const again = reading(fixedCache({ value: kept, ticket: 't' }, 'set'), { cipher: turning });
    expect(await again.read()).toBe('old');
    expect(again.seen).toEqual(['hit']);
    const elsewhere = again.reads.read({ ...place, key: 'other' }, never(), again.fetch);
    expect(await elsewhere).toBe('old');
    expect(again.seen).toEqual(['hit', 'miss', 'set']);
  });

  it('does not take an entry that is not sealed where entries are sealed', async () => {
    const plain = fixedCache({ value: undefined, ticket: 't' }, 'set');
    await reading(plain).read();
    const sealed = reading(fixedCache({ value: plain.kept[0], ticket: 't' }, 'set'), { cipher: turning });
    await sealed.read();
    expect(sealed.seen).toEqual(['miss', 'set']);
  });

  it('keeps nothing when the cipher has no key, and answers', async () => {
    const keyless: CacheCipher = { seal: async () => undefined, open: async () => undefined };
    const cache = fixedCache({ value: Buffer.from('{}'), ticket: 't' }, 'set');
    const { read, seen } = reading(cache, { cipher: keyless });
    expect(await read()).toBe('old');
    expect(seen).toEqual(['miss', 'error']);
    expect(cache.kept).toEqual([]);
  });

  it('lets go of a caller who leaves while the cache is asked, and fetches nothing for him', async () => {
    const cache = {
      ...fixedCache({ value: undefined, ticket: 't' }, 'set'),
      lookup: () => new Promise<Found>(() => {}),
    };
    const { reads, fetch, fetches } = reading(cache);
    const caller = new AbortController();
    const leaving = reads.read(place, caller.signal, fetch);
    caller.abort();
    await expect(leaving).rejects.toMatchObject({ code: 'cancelled' });
    await expect(reads.read(place, caller.signal, fetch)).rejects.toMatchObject({ code: 'cancelled' });
    expect(fetches()).toBe(0);
  });
});

describe('a read that a write overtakes', () => {
  /** One reader is at Order Desk with the old state when the write is done; another comes after its answer. */
  async function overtaken(cache: Cache, ttlMs: number, overtake: (forget: () => void) => Promise<void>) {
    const { reads, seen } = reading(cache, { ttlMs });
    const gate = deferred<void>();
    const before = reads.read(place, never(), async () => {
      await gate.promise;
      return { text: 'old' };
    });
    await settle();
    await overtake(() => reads.forget(['order:5']));
    const after = reads.read(place, never(), async () => ({ text: 'new' }));
    await settle();
    gate.resolve();
    return { answers: await Promise.all([before, after]), seen };
  }

  it('is not joined by who comes after the write, where the cache knows of it', async () => {
    const cache = createMemoryCache();
    // Nothing is forgotten here: another process did the raising.
    const { answers, seen } = await overtaken(cache, 15_000, () => cache.raise(['order:5']));
    expect(answers).toEqual(['old', 'new']);
    expect(seen).toEqual(['miss', 'miss', 'set', 'stale_generation']);
  });

  it.each([
    ['is in trouble', 15_000],
    ['is switched off', 0],
  ])('is not joined within the process when the cache %s', async (_, ttlMs) => {
    const cache = fixedCache({ value: undefined, ticket: undefined }, 'set');
    const { answers } = await overtaken(cache, ttlMs, async (forget) => forget());
    expect(answers).toEqual(['old', 'new']);
    expect(cache.kept).toEqual([]);
  });

  it('is joined by who comes while nothing is written', async () => {
    const { answers } = await overtaken(createMemoryCache(), 15_000, async () => {});
    expect(answers).toEqual(['old', 'old']);
  });
});
