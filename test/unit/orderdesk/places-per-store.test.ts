import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import type { Account, Send, UpstreamCall } from '../../../src/orderdesk/call.js';
import { placesPerStore } from '../../../src/orderdesk/places-per-store.js';
import { Secret } from '../../../src/tenancy/secret.js';
import { aCall, OK } from './calls.js';
import { storeEntry } from './records.js';

const kept = (orderDeskId: string, tenant = 'tenant-a'): Account => ({
  kind: 'kept',
  store: storeEntry({ orderDeskId, tenant }),
});
const offered = (storeId: string): Account => ({ kind: 'offered', storeId, apiKey: new Secret('key') });

function subject(perStore = 2) {
  const running: { lane: string | undefined; end(error?: AppError): void }[] = [];
  const next: Send = (call) =>
    new Promise((resolve, reject) => {
      running.push({ lane: call.lane, end: (error) => (error === undefined ? resolve(OK) : reject(error)) });
    });
  const send = placesPerStore(next, { perStore, now: () => 0 });
  const started = () => running.map(({ lane }) => lane);
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    started,
    settled,
    ask: (lane: string, call: Partial<UpstreamCall> = {}) => {
      const reply = send(aCall({ account: kept('1'), lane, ...call }));
      reply.catch(() => undefined);
      return reply;
    },
    end: async (index: number, error?: AppError) => {
      running[index]?.end(error);
      await settled();
    },
  };
}

describe('the places of a store', () => {
  it('are taken in order of arrival, and given back by success and failure alike', async () => {
    const { ask, end, started, settled } = subject();
    for (const lane of ['a', 'b', 'c', 'd', 'e']) ask(lane);
    await settled();
    expect(started()).toEqual(['a', 'b']);
    await end(1);
    expect(started()).toEqual(['a', 'b', 'c']);
    await end(0, new AppError('upstream_unavailable'));
    ask('f');
    await settled();
    expect(started()).toEqual(['a', 'b', 'c', 'd']);
    await end(2);
    await end(3);
    expect(started()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('are shared by the tenants of a store and by no other store', async () => {
    const { ask, started, settled } = subject(1);
    ask('a', { account: kept('1', 'tenant-a') });
    ask('b', { account: kept('1', 'tenant-b') });
    ask('c', { account: kept('2') });
    await settled();
    expect(started()).toEqual(['a', 'c']);
  });

  it('are not taken by a row whose credential is not proven, whatever store it names', async () => {
    const { ask, started, settled } = subject(1);
    const store = { ...storeEntry({ orderDeskId: '1', tenant: 'tenant-b' }), refusedAt: new Date(0) };
    ask('a', { account: { kind: 'kept', store } });
    ask('b', { account: kept('1', 'tenant-a') });
    await settled();
    expect(started()).toEqual(['a', 'b']);
  });

  it('are not taken by somebody who only offers a credential', async () => {
    const { ask, started, settled } = subject(1);
    ask('a', { account: offered('1') });
    ask('b', { account: offered('1') });
    ask('c', { account: kept('1') });
    await settled();
    expect(started()).toEqual(['a', 'c']);
  });

  it('are not waited for by a caller who has gone', async () => {
    const { ask, end, started, settled } = subject(1);
    const caller = new AbortController();
    ask('a');
    const waiting = ask('b', { signal: caller.signal });
    ask('c');
    await settled();
    caller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await end(0);
    expect(started()).toEqual(['a', 'c']);
  });

  it('are not queued for by a caller who has gone already', async () => {
    const { ask, end, started } = subject(1);
    ask('a');
    await expect(ask('b', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
    await end(0);
    expect(started()).toEqual(['a']);
  });

  it('are not waited for past the deadline', async () => {
    const { ask, started } = subject(1);
    ask('a');
    await expect(ask('b', { deadlineAt: 5 })).rejects.toMatchObject({ code: 'store_busy', retryAfterS: 1 });
    expect(started()).toEqual(['a']);
  });

  it('are all free again once everybody has left', async () => {
    const { ask, end, started, settled } = subject(2);
    for (const lane of ['a', 'b', 'c']) ask(lane);
    await settled();
    for (const index of [0, 1, 2]) await end(index);
    for (const lane of ['d', 'e', 'f']) ask(lane);
    await settled();
    expect(started()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
