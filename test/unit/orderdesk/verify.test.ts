import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import type { Send, UpstreamCall } from '../../../src/orderdesk/call.js';
import { credentialVerifier } from '../../../src/orderdesk/verify.js';
import { Secret } from '../../../src/tenancy/secret.js';
import { storeReply } from './records.js';

const apiKey = new Secret('offered-key');
const { signal } = new AbortController();

function subject(refuse?: AppError) {
  const calls: UpstreamCall[] = [];
  const send: Send = async (call) => {
    calls.push(call);
    if (refuse !== undefined) throw refuse;
    return {
      body: call.route === '/store' ? storeReply() : { status: 'success' },
      tookMs: 0,
      tokensRemaining: 19,
    };
  };
  return { calls, verify: credentialVerifier(send) };
}

describe('the verification of a credential', () => {
  it('tries it before it asks for the store, with the offered key itself', async () => {
    const { calls, verify } = subject();
    expect(await verify('11', apiKey, signal)).toEqual({
      storeName: 'Test Store',
      orderDeskId: '11',
      folders: [
        { id: '21654', name: 'New' },
        { id: '21655', name: 'Prepared' },
      ],
    });
    expect(calls.map((call) => call.route)).toEqual(['/test', '/store']);
    for (const call of calls) expect(call.account).toEqual({ kind: 'offered', storeId: '11', apiKey });
  });

  it('ends at the first refusal', async () => {
    const refusal = new AppError('upstream_credentials_refused');
    const { calls, verify } = subject(refusal);
    await expect(verify('11', apiKey, signal)).rejects.toBe(refusal);
    expect(calls).toHaveLength(1);
  });

  it('refuses the key of another store and names that store', async () => {
    await expect(subject().verify('011', apiKey, signal)).rejects.toMatchObject({
      code: 'invalid_argument',
      field: 'store_id',
      message: 'This API key belongs to Order Desk store 11.',
    });
  });
});
