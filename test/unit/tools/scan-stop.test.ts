import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { STOPPED, untilStopped } from '../../../src/tools/scan-stop.js';
import { deferred } from '../../support/deferred.js';

const FOREVER = Number.POSITIVE_INFINITY;
const never = new Promise<never>(() => {});
const open = () => new AbortController().signal;

describe('waiting for work', () => {
  it('gives what it comes to, or fails with', async () => {
    expect(await untilStopped(Promise.resolve(7), open(), FOREVER, open())).toBe(7);
    const failed = Promise.reject(new AppError('upstream_timeout'));
    await expect(untilStopped(failed, open(), FOREVER)).rejects.toMatchObject({ code: 'upstream_timeout' });
  });

  it('stops when its time is up', async () => {
    expect(await untilStopped(never, open(), 0)).toBe(STOPPED);
  });

  it('stops when the server shuts down, or has begun to', async () => {
    const draining = new AbortController();
    const waiting = untilStopped(never, open(), FOREVER, draining.signal);
    draining.abort();
    expect(await waiting).toBe(STOPPED);
    expect(await untilStopped(never, open(), FOREVER, draining.signal)).toBe(STOPPED);
  });

  it('fails when the caller is gone, also from a server that shuts down', async () => {
    const caller = new AbortController();
    const waiting = untilStopped(never, caller.signal, FOREVER, open());
    caller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    const late = untilStopped(never, caller.signal, FOREVER, AbortSignal.abort());
    await expect(late).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('lets work that fails later fail unseen', async () => {
    const work = deferred<Promise<never>>();
    const failing = work.promise.then((thrown) => thrown);
    expect(await untilStopped(failing, open(), 0)).toBe(STOPPED);
    work.resolve(Promise.reject(new AppError('internal')));
    await expect(failing).rejects.toMatchObject({ code: 'internal' });
  });
});
