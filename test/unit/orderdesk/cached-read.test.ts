/** What a read does with a cache that is shared, sealed, in trouble or overtaken by a write. */
import { describe, expect, it } from 'vitest';
import { createMemoryCache } from '../../../src/cache/memory.js';
import type { Cache, Found, Stored } from '../../../src/cache/port.js';
import { cachedRead } from '../../../src/orderdesk/cached-read.js';
import type { JsonRecord } from '../../../src/orderdesk/parse/json.js';
import type { CacheCipher } from '../../../src/tenancy/cache-cipher.js';
import { deferred } from '../../support/deferred.js';
import { storeEntry } from './records.js';

const place = {
  tenantId: storeEntry().tenantId,
  key: { kind: 'kind', asked: 'asked' },
  scopes: ['order:5', 'orders'],
};
const never = () => ({ signal: new AbortController().signal });
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A cache whose look-ups and stores always come out as told. */
const fixedCache = (found: Found, stored: Stored) => {
  const kept: Buffer[] = [];
  const names: string[] = [];
  return {
    items: 0,
    kept,
    /** What was looked up or stored under. */
    names,
    lookup: async (name) => {
      names.push(name);
      return found;
    },
    store: async (name, _scopes, _ticket, value) => {
      names.push(name);
      kept.push(value);
      return stored;
    },
    raise: async () => {},
    close: async () => {},
  } satisfies Cache & Record<string, unknown>;
};

interface Options {
  readonly cipher?: CacheCipher;
  readonly ttlMs?: number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

function reading(cache: Cache, options: Options = {}) {
  const seen: string[] = [];
  const reads = cachedRead({
    cache,
    cipher: options.cipher,
    ttlMs: options.ttlMs ?? 15_000,
    now: () => 1_000_000,
    sleep: options.sleep ?? (() => new Promise(() => {})),
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
  name: async (_tenant, parts) => parts.join('-').toUpperCase(),
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
    expect(kept.toString()).toMatch(/^kind:KIND-ASKED\}\}"dlo":"txet"/);
    const again = reading(fixedCache({ value: kept, ticket: 't' }, 'set'), { cipher: turning });
    expect(await again.read()).toBe('old');
    expect(again.seen).toEqual(['hit']);
    const elsewhere = again.reads.read(
      { ...place, key: { kind: 'kind', asked: 'other' } },
      never(),
      again.fetch,
    );
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
    const keyless: CacheCipher = { ...turning, seal: async () => undefined, open: async () => undefined };
    const cache = fixedCache({ value: Buffer.from('{}'), ticket: 't' }, 'set');
    const { read, seen } = reading(cache, { cipher: keyless });
    expect(await read()).toBe('old');
    expect(seen).toEqual(['miss', 'error']);
    expect(cache.kept).toEqual([]);
  });

  it('looks up and keeps under the name that the cipher gives, and under the hash within the process', async () => {
    const [sealed, plain] = [1, 2].map(() => fixedCache({ value: undefined, ticket: 't' }, 'set'));
    if (sealed === undefined || plain === undefined) throw new Error('no caches');
    await reading(sealed, { cipher: turning }).read();
    await reading(plain).read();
    expect(sealed.names).toEqual(['kind:KIND-ASKED', 'kind:KIND-ASKED']);
    expect(plain.names).toEqual(['kind:asked', 'kind:asked']);
  });

  it('asks and keeps nothing when the cipher has no key for the name, and fetches once for all', async () => {
    const nameless: CacheCipher = { ...turning, name: async () => undefined };
    const cache = fixedCache({ value: undefined, ticket: 't' }, 'set');
    const { read, seen, fetches } = reading(cache, { cipher: nameless });
    expect(await Promise.all([read(), read()])).toEqual(['old', 'old']);
    expect(fetches()).toBe(1);
    expect(seen).toEqual(['error', 'error']);
    expect(cache.names).toEqual([]);
  });

  it.each(['name', 'open', 'seal', 'lookup', 'store'])(
    'answers when %s fails for whatever reason',
    async (what) => {
      const failing = async (): Promise<never> => {
        throw new Error('of another kind');
      };
      const found = { value: what === 'open' ? Buffer.from('entry') : undefined, ticket: 't' };
      const cache = { ...fixedCache(found, 'set'), [what]: failing };
      const { read, seen, fetches } = reading(cache, { cipher: { ...turning, [what]: failing } });
      expect(await read()).toBe('old');
      expect(fetches()).toBe(1);
      expect(seen).toEqual(what === 'seal' || what === 'store' ? ['miss', 'error'] : ['error']);
    },
  );

  it.each(['seal', 'store'])(
    'waits for %s no longer than Redis may take, and keeps it after that',
    async (what) => {
      const gate = deferred<void>();
      const cache = fixedCache({ value: undefined, ticket: 't' }, 'set');
      const { seal } = turning;
      const cipher: CacheCipher = {
        ...turning,
        seal: async (...args) => {
          if (what === 'seal') await gate.promise;
          return seal(...args);
        },
      };
      const slow: Cache = {
        ...cache,
        store: async (name, scopes, ticket, value) => {
          if (what === 'store') await gate.promise;
          return cache.store(name, scopes, ticket, value);
        },
      };
      const asleep = deferred<void>();
      const slept: number[] = [];
      const sleep = (ms: number) => {
        slept.push(ms);
        return asleep.promise;
      };
      const { read, seen } = reading(slow, { cipher, sleep });
      let isAnswered = false;
      const answer = read().finally(() => {
        isAnswered = true;
      });
      await settle();
      expect([isAnswered, slept]).toEqual([false, [100]]);
      asleep.resolve();
      expect(await answer).toBe('old');
      expect(seen).toEqual(['miss']);
      gate.resolve();
      await settle();
      expect(seen).toEqual(['miss', 'set']);
      expect(cache.kept).toHaveLength(1);
    },
  );

  it('ends its sleep once the answer is kept', async () => {
    const signals: AbortSignal[] = [];
    const sleep = (_ms: number, signal: AbortSignal) => {
      signals.push(signal);
      return new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    await reading(fixedCache({ value: undefined, ticket: 't' }, 'set'), { sleep }).read();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it('lets go of a caller who leaves while the cache is asked, and fetches nothing for him', async () => {
    const cache = {
      ...fixedCache({ value: undefined, ticket: 't' }, 'set'),
      lookup: () => new Promise<Found>(() => {}),
    };
    const { reads, fetch, fetches } = reading(cache);
    const caller = new AbortController();
    const leaving = reads.read(place, { signal: caller.signal }, fetch);
    caller.abort();
    await expect(leaving).rejects.toMatchObject({ code: 'cancelled' });
    await expect(reads.read(place, { signal: caller.signal }, fetch)).rejects.toMatchObject({
      code: 'cancelled',
    });
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
