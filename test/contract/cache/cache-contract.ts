/** What every cache must do, whatever it is made of. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cache, Ticket } from '../../../src/cache/port.js';

export interface CacheUnderTest {
  readonly cache: Cache;
  /** Lets so many milliseconds pass, on the cache's own clock. */
  pass(ms: number): Promise<void>;
  /** Makes the cache forget something: an entry or a generation; which one goes by the number. */
  evict(pick: number): Promise<void>;
  /** Ends what is below the cache. */
  close?(): Promise<void>;
}

export interface CacheContractOptions {
  /** A cache that is empty; `tight`: with room for next to nothing, where it can be made so. */
  readonly open: (room: 'usual' | 'tight') => Promise<CacheUnderTest>;
  /** Runs of the properties. */
  readonly runs: number;
}

const ORDER = ['store:order:1', 'store:orders'];

export function cacheContract(adapter: string, { open, runs }: CacheContractOptions): void {
  describe(`a cache in ${adapter}`, () => {
    let subject: CacheUnderTest;
    let cache: Cache;

    beforeEach(async () => {
      subject = await open('usual');
      cache = subject.cache;
    });
    afterEach(() => end(subject));

    const keep = async (key: string, value: string | Buffer, ttlMs = 10_000, scopes = ORDER) => {
      const { ticket } = await cache.lookup(key, scopes);
      return cache.store(key, scopes, ticket ?? 'none', Buffer.from(value), ttlMs);
    };
    const find = async (key: string, scopes = ORDER) => (await cache.lookup(key, scopes)).value?.toString();

    it('has nothing under a key that was never stored, and a ticket to store it with', async () => {
      const found = await cache.lookup('never', ORDER);
      expect(found.value).toBeUndefined();
      expect(found.ticket).toMatch(/./);
    });

    it('gives back exactly the bytes that were stored', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
          expect(await keep('key', Buffer.from(bytes))).toBe('set');
          expect((await cache.lookup('key', ORDER)).value).toEqual(Buffer.from(bytes));
        }),
        { numRuns: runs, examples: [[new Uint8Array()], [new Uint8Array([0, 13, 10, 255, 0])]] },
      );
    });

    it('keeps keys apart', async () => {
      await keep('a', '1');
      await keep('b', '2');
      expect(await find('a')).toBe('1');
      expect(await find('A')).toBeUndefined();
      expect(await find('b')).toBe('2');
    });

    it('replaces the value and the life of an entry that is stored again', async () => {
      await keep('key', 'old', 200);
      await keep('key', 'new', 60_000);
      await subject.pass(300);
      expect(await find('key')).toBe('new');
    });

    it('forgets an entry when its life is over, and not before', async () => {
      await keep('short', 'x', 5_000);
      await keep('long', 'y', 600_000);
      await subject.pass(4_000);
      expect(await find('short')).toBe('x');
      await subject.pass(2_000);
      expect(await find('short')).toBeUndefined();
      expect(await find('long')).toBe('y');
      await subject.pass(500_000);
      expect(await find('long')).toBe('y');
    });

    it('takes a life of a part of a millisecond', async () => {
      expect(await keep('key', 'x', 0.25)).toBe('set');
      await subject.pass(5);
      expect(await find('key')).toBeUndefined();
    });

    it.each(ORDER)('finds nothing that was stored before %s was raised', async (scope) => {
      await keep('key', 'old');
      await cache.raise([scope]);
      expect(await find('key')).toBeUndefined();
      expect(await keep('key', 'new')).toBe('set');
      expect(await find('key')).toBe('new');
    });

    it('leaves entries of other scopes alone', async () => {
      await keep('key', 'x');
      await cache.raise(['store:order:2', 'store', 'store:order', 'other:orders']);
      expect(await find('key')).toBe('x');
    });

    it('does not store what was read before a raise, whichever scope it was and however often', async () => {
      for (const scopes of [ORDER, ...ORDER.map((scope) => [scope])]) {
        const { ticket } = await cache.lookup('key', ORDER);
        await cache.raise(scopes);
        expect(await cache.store('key', ORDER, ticket ?? '', Buffer.from('old'), 10_000)).toBe(
          'stale_generation',
        );
        expect(await find('key')).toBeUndefined();
      }
    });

    it('does not put what was read before a raise in the place of what was read after it', async () => {
      const { ticket } = await cache.lookup('key', ORDER);
      await cache.raise(ORDER);
      expect(await keep('key', 'new')).toBe('set');
      expect(await cache.store('key', ORDER, ticket ?? '', Buffer.from('old'), 10_000)).toBe(
        'stale_generation',
      );
      expect(await find('key')).toBe('new');
    });

    it('does not store under a ticket of its own making', async () => {
      for (const ticket of ['', 'made-up', '0 0']) {
        expect(await cache.store('key', ORDER, ticket, Buffer.from('x'), 10_000)).toBe('stale_generation');
      }
    });

    it('hands out equal tickets until a raise, and another after it', async () => {
      const ticket = async (key: string) => (await cache.lookup(key, ORDER)).ticket;
      const first = await ticket('a');
      await keep('a', 'x');
      expect(await ticket('a')).toBe(first);
      expect(await ticket('b')).toBe(first);
      await cache.raise(ORDER);
      expect(await ticket('a')).not.toBe(first);
    });

    it('refuses a value that is too large, and goes on', async () => {
      expect(await keep('big', Buffer.alloc(9 * 1024 * 1024))).toBe('too_large');
      expect(await find('big')).toBeUndefined();
      expect(await keep('small', 'x')).toBe('set');
      expect(await find('small')).toBe('x');
    });

    it('finds nothing once closed, and does not fail', async () => {
      await keep('key', 'x');
      await cache.close();
      expect(await find('key')).toBeUndefined();
      await cache.raise(ORDER);
    });
  });

  describe(`generations in ${adapter}`, () => {
    it('never give back what was read before a raise, whatever is forgotten in between', async () => {
      let hits = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
          hits += (await play(await open('tight'), steps)).found;
        }),
        { numRuns: runs },
      );
      // Else it would have shown nothing.
      expect(hits).toBeGreaterThan(0);
    });

    it('give back every entry of which nothing was raised or forgotten', async () => {
      const lossless = step.filter(({ does }) => does !== 'evict');
      await fc.assert(
        fc.asyncProperty(fc.array(lossless, { minLength: 10, maxLength: 60 }), async (steps) => {
          const { found, expected } = await play(await open('usual'), steps);
          expect(found).toBe(expected);
        }),
        { numRuns: runs },
      );
    });
  });
}

const KEYS = ['k0', 'k1', 'k2', 'k3'] as const;
const SCOPES = ['s0', 's1', 's2'] as const;
/** Each key has its scopes for good, as in life. */
const scopesOf = (key: number): string[] => SCOPES.filter((_, index) => ((key + 1) & (1 << index)) !== 0);

type Step =
  | { readonly does: 'look' | 'store'; readonly key: number }
  | { readonly does: 'raise'; readonly scopes: readonly string[] }
  | { readonly does: 'evict'; readonly pick: number };

const aKey = fc.nat({ max: KEYS.length - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ does: fc.constantFrom('look', 'store'), key: aKey }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('raise'),
      scopes: fc.subarray([...SCOPES], { minLength: 1 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('evict'), pick: fc.nat() }) },
);

/** Carries the steps out, every store under the last ticket taken for its key, and checks each look-up. */
async function play(subject: CacheUnderTest, steps: readonly Step[]) {
  const { cache } = subject;
  let clock = 0;
  let found = 0;
  let expected = 0;
  const raisedAt = new Map<string, number>();
  const tickets = new Map<number, { readonly ticket: Ticket; readonly takenAt: number }>();
  const live = new Map<number, number>();
  const lastRaise = (key: number) => Math.max(0, ...scopesOf(key).map((scope) => raisedAt.get(scope) ?? 0));
  try {
    for (const one of steps) {
      clock += 1;
      if (one.does === 'evict') await subject.evict(one.pick);
      else if (one.does === 'raise') {
        await cache.raise(one.scopes);
        for (const scope of one.scopes) raisedAt.set(scope, clock);
      } else if (one.does === 'look') {
        const { value, ticket } = await cache.lookup(`k${one.key}`, scopesOf(one.key));
        if (value !== undefined) {
          found += 1;
          expect(Number(value.toString())).toBeGreaterThan(lastRaise(one.key));
        }
        if ((live.get(one.key) ?? 0) > lastRaise(one.key)) expected += 1;
        expect(ticket).toBeDefined();
        tickets.set(one.key, { ticket: ticket ?? '', takenAt: clock });
      } else {
        const held = tickets.get(one.key);
        if (held === undefined) continue;
        // The value is the time of its ticket: what was read at the source cannot be older than that.
        const value = Buffer.from(String(held.takenAt));
        const stored = await cache.store(`k${one.key}`, scopesOf(one.key), held.ticket, value, 60_000);
        if (stored === 'set') live.set(one.key, held.takenAt);
      }
    }
    return { found, expected };
  } finally {
    await end(subject);
  }
}

async function end({ cache, close }: CacheUnderTest): Promise<void> {
  await cache.close();
  await close?.();
}
