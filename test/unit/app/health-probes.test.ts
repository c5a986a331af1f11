import { describe, expect, it } from 'vitest';
import { boundedProbe, cacheProbe } from '../../../src/app/health-probes.js';
import { createMemoryCache } from '../../../src/cache/memory.js';
import { AppError } from '../../../src/errors.js';
import { deferred } from '../../support/deferred.js';

const now = () => performance.now();

describe('a probe', () => {
  it('tells what came of it and how long it took', async () => {
    let time = 1_000;
    const probe = boundedProbe(
      async () => {
        time += 30;
        return 'there';
      },
      { boundMs: 1_000, now: () => time },
    );
    expect(await probe()).toEqual({ ok: true, latencyMs: 30, value: 'there' });
  });

  it('names a failure and repeats none of its words', async () => {
    const cause = new Error('postgres://user:hunter2@db.example.com refused');
    const probe = boundedProbe(
      () => Promise.reject(new AppError('storage_unavailable', undefined, { cause })),
      {
        boundMs: 1_000,
        now,
      },
    );
    const answer = await probe();
    expect(answer).toMatchObject({ ok: false, error: 'storage_unavailable' });
    expect(JSON.stringify(answer)).not.toMatch(/hunter2|example/);
  });

  it('gives a part that hangs up at its bound, and tries it again only when that try has ended', async () => {
    const hanging = deferred<string>();
    let tries = 0;
    const probe = boundedProbe(
      () => {
        tries += 1;
        return hanging.promise;
      },
      { boundMs: 20, now },
    );
    expect(await probe()).toEqual({ ok: false, latencyMs: 20, error: 'timeout' });
    expect(await probe()).toMatchObject({ error: 'timeout' });
    expect(tries).toBe(1);
    hanging.resolve('late');
    expect(await probe()).toMatchObject({ ok: true, value: 'late' });
    expect(tries).toBeLessThanOrEqual(2);
  });
});

describe('the probe of a cache', () => {
  it('passes on a cache that works, again and again, and leaves nothing to be found', async () => {
    const cache = createMemoryCache();
    const probe = cacheProbe(cache);
    await probe();
    await probe();
    expect(cache.items).toBeLessThanOrEqual(1);
  });

  const working = createMemoryCache();
  it.each([
    ['not_read', { ...working, lookup: async () => ({ value: undefined, ticket: undefined }) }],
    ['not_written', { ...working, store: async () => 'unavailable' as const }],
    ['not_read', { ...working, store: async () => 'set' as const }],
    ['not_deleted', { ...working, raise: async () => {} }],
  ])('finds out: %s', async (code, broken) => {
    await expect(cacheProbe(broken)()).rejects.toMatchObject({ code });
  });
});
