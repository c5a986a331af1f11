import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import type { Account, Send } from '../../../src/orderdesk/call.js';
import { rememberingContact } from '../../../src/orderdesk/contact.js';
import { Secret } from '../../../src/tenancy/secret.js';
import type { CredentialSource, StoreEntry } from '../../../src/tenancy/stores.js';
import { storeEntry } from './records.js';

function subject(options: { fails?: Error } = {}) {
  const marks: string[] = [];
  const failures: unknown[] = [];
  let time = 1_000;
  let answer: AppError | 'ok' = 'ok';
  const credentials: CredentialSource = {
    credential: async () => ({ storeId: '11', apiKey: new Secret('key') }),
    markContact: async (store, outcome) => {
      marks.push(`${store.rowId} ${outcome}`);
      if (options.fails !== undefined) throw options.fails;
    },
  };
  const next: Send = async () => {
    if (answer !== 'ok') throw answer;
    return { body: {}, tookMs: 0, tokensRemaining: undefined };
  };
  const send = rememberingContact(next, {
    credentials,
    onFailure: (error) => failures.push(error),
    now: () => time,
  });
  return {
    marks,
    failures,
    pass: (ms: number) => {
      time += ms;
    },
    call: async (account: Account | StoreEntry, reply: AppError | 'ok' = 'ok') => {
      answer = reply;
      const from: Account = 'kind' in account ? account : { kind: 'kept', store: account };
      await send({ method: 'GET', route: '/store', account: from, signal: new AbortController().signal });
    },
  };
}

const REFUSED = new AppError('upstream_credentials_refused');
const working = storeEntry();
const refusedBefore = storeEntry({ refusedAt: new Date('2026-01-01T00:00:00Z') });

describe('the memory of contacts', () => {
  it('marks the very row whose key was refused, before the error goes on', async () => {
    const { marks, call } = subject();
    await expect(call(storeEntry({ row: 'row-b' }), REFUSED)).rejects.toBe(REFUSED);
    expect(marks).toEqual(['row-b refused']);
  });

  it('marks a row that works again at once', async () => {
    const { marks, call } = subject();
    await call(refusedBefore);
    expect(marks).toEqual(['row-a accepted']);
  });

  it('writes an unchanged acceptance once a minute at most', async () => {
    const { marks, call, pass } = subject();
    for (let i = 0; i < 50; i += 1) await call(working);
    expect(marks).toHaveLength(1);
    pass(60_000);
    await call(working);
    expect(marks).toHaveLength(2);
  });

  it('says nothing about the key when Order Desk fails or turns down the request', async () => {
    const { marks, call } = subject();
    for (const code of ['upstream_unavailable', 'upstream_rejected', 'not_found', 'cancelled'] as const) {
      await expect(call(working, new AppError(code))).rejects.toMatchObject({ code });
    }
    expect(marks).toEqual([]);
  });

  it('marks no row for a credential that is only offered', async () => {
    const { marks, call } = subject();
    const offered: Account = { kind: 'offered', storeId: '11', apiKey: new Secret('key') };
    await call(offered);
    await expect(call(offered, REFUSED)).rejects.toBe(REFUSED);
    expect(marks).toEqual([]);
  });

  it('does not let a database that is away change the outcome of the call', async () => {
    const away = new AppError('storage_unavailable');
    const { failures, call } = subject({ fails: away });
    await call(working);
    await expect(call(working, REFUSED)).rejects.toBe(REFUSED);
    expect(failures).toEqual([away, away]);
  });
});
