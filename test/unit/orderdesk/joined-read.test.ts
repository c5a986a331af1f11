/** Whose failure and whose urgency a read shares when it joins the fetch of another. */
import { describe, expect, it } from 'vitest';
import { createMemoryCache } from '../../../src/cache/memory.js';
import { AppError } from '../../../src/errors.js';
import { cachedRead, type Reader } from '../../../src/orderdesk/cached-read.js';
import { deferred } from '../../support/deferred.js';
import { storeEntry } from './records.js';

const place = {
  tenantId: storeEntry().tenantId,
  key: { kind: 'kind', asked: 'asked' },
  scopes: ['orders'],
};
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a read that joins the fetch of another', () => {
  /** Each fetch under way, by the name of the reader who began it. */
  function fetching() {
    const reads = cachedRead({
      cache: createMemoryCache(),
      cipher: undefined,
      ttlMs: 15_000,
      now: () => 1_000_000,
      sleep: () => new Promise(() => {}),
      parse: (record) => record.text,
    });
    const begun: { by: string; answer(): void; fail(error: Error): void }[] = [];
    const read = (by: string, reader: Partial<Reader> = {}) =>
      reads.read(place, { signal: new AbortController().signal, ...reader }, async () => {
        const end = deferred<Error | undefined>();
        begun.push({ by, answer: () => end.resolve(undefined), fail: end.resolve });
        const failure = await end.promise;
        if (failure !== undefined) throw failure;
        return { text: by };
      });
    return { read, begun };
  }

  it.each(['upstream_timeout', 'rate_budget_exhausted'] as const)(
    'does not end with the %s of a starter who had less time, and begins anew with the others',
    async (code) => {
      const { read, begun } = fetching();
      const hurried = read('hurried', { deadlineAt: 200 });
      await settle();
      const patient = [read('patient', { deadlineAt: 25_000 }), read('another', { deadlineAt: 25_100 })];
      await settle();
      begun[0]?.fail(new AppError(code));
      await expect(hurried).rejects.toMatchObject({ code });
      await settle();
      begun[1]?.answer();
      expect(await Promise.all(patient)).toEqual(['patient', 'patient']);
      expect(begun.map(({ by }) => by)).toEqual(['hurried', 'patient']);
    },
  );

  it('ends with any other failure of his', async () => {
    const { read, begun } = fetching();
    const hurried = read('hurried', { deadlineAt: 200 });
    await settle();
    const patient = read('patient', { deadlineAt: 25_000 });
    await settle();
    begun[0]?.fail(new AppError('upstream_unavailable'));
    const failed = { status: 'rejected', reason: { code: 'upstream_unavailable' } };
    expect(await Promise.allSettled([hurried, patient])).toMatchObject([failed, failed]);
    expect(begun).toHaveLength(1);
  });

  it('joins those of its own priority alone', async () => {
    const { read, begun } = fetching();
    const answers = [
      read('background', { priority: 'background' }),
      read('silent'),
      read('interactive', { priority: 'interactive' }),
      read('also background', { priority: 'background' }),
    ];
    await settle();
    for (const { answer } of begun) answer();
    expect(await Promise.all(answers)).toEqual(['background', 'silent', 'silent', 'background']);
    expect(begun).toHaveLength(2);
  });
});
