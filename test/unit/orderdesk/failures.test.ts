import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import {
  type Refusal,
  refusalError,
  retryAfterSeconds,
  transportError,
} from '../../../src/orderdesk/failures.js';
import { upstreamWords } from '../../../src/orderdesk/words.js';

const KEY = 'k3y-0f-the-store';
const refusal = (change: Partial<Refusal>) =>
  refusalError({
    method: 'GET',
    route: '/orders',
    status: 200,
    retryAfterS: undefined,
    body: undefined,
    apiKey: KEY,
    ...change,
  });

describe('a refusal', () => {
  it.each([
    [401, 'upstream_credentials_refused'],
    [403, 'upstream_credentials_refused'],
    [400, 'upstream_rejected'],
    [405, 'upstream_rejected'],
    [422, 'upstream_rejected'],
    [418, 'upstream_rejected'],
    [429, 'upstream_rate_limited'],
    [500, 'upstream_unavailable'],
    [503, 'upstream_unavailable'],
  ])('of HTTP %i is %s', (status, code) => {
    expect(refusal({ status })).toMatchObject({ code });
  });

  it('of an order that is not there is not_found in one wording, however Order Desk says so', () => {
    const ways: Partial<Refusal>[] = [
      { status: 404 },
      { status: 404, body: { message: 'Order 5 Not Found' } },
      { status: 200, body: { status: 'error', message: 'Order 5 Not Found' } },
      { status: 400, body: { status: 'error', message: 'That order does not exist.' } },
    ];
    const errors = ways.map((way) => refusal({ route: '/orders/{id}', ...way }));
    expect(new Set(errors.map((error) => `${error.code} ${error.message}`)).size).toBe(1);
    expect(errors[0]?.code).toBe('not_found');
  });

  it('of a path that takes no id is no missing order', () => {
    expect(refusal({ route: '/store', status: 404 }).code).toBe('upstream_rejected');
  });

  it.each([
    ['7', 7],
    [' 7 ', 7],
    ['0', 1],
    ['999999', 300],
    ['soon', 30],
    ['-5', 30],
    ['2.5', 30],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 30],
    [undefined, 30],
  ])('for too many requests with a wait of %j tells to wait %i seconds', (retryAfter, seconds) => {
    const error = refusal({ status: 429, retryAfterS: retryAfterSeconds(retryAfter) });
    expect(error.retryAfterS).toBe(seconds);
  });

  it.each<[Refusal['route'], string]>([
    ['/orders/{id}', 'Order Desk has no such order in this store.'],
    ['/orders/{id}/order-history', 'Order Desk has no such order in this store.'],
    ['/orders/{id}/order-items', 'Order Desk has no such order in this store.'],
    ['/orders/{id}/order-items/{id}', 'Order Desk has no such item in this order.'],
    ['/orders/{id}/shipments', 'Order Desk has no such order in this store.'],
    ['/orders/{id}/shipments/{id}', 'Order Desk has no such shipment in this order.'],
    ['/inventory-items/{id}', 'Order Desk has no such inventory item in this store.'],
  ])('of %s is not_found by status or by words', (route, message) => {
    const body = { status: 'error', message: 'Inventory Item, Order or Shipment 5 Not Found' };
    for (const way of [
      { status: 404 },
      { status: 200, body },
      { status: 400, body, method: 'PUT' } as const,
    ]) {
      expect(refusal({ route, ...way })).toMatchObject({ code: 'not_found', message });
    }
  });

  it('of a write for something else that is missing is not taken for the order', () => {
    const body = { status: 'error', message: 'Folder 7 Not Found' };
    const error = refusal({ method: 'PUT', route: '/orders/{id}', status: 400, body });
    expect(error).toMatchObject({
      code: 'upstream_rejected',
      message: 'Order Desk says: "Folder 7 Not Found"',
    });
  });

  it("quotes Order Desk's own words as its own", () => {
    const body = { status: 'error', message: 'Shipment Not Added' };
    expect(refusal({ body }).message).toBe('Order Desk says: "Shipment Not Added"');
  });

  it('says the status where there are no words', () => {
    expect(refusal({ status: 422 }).message).toBe('Order Desk refused the request (HTTP 422).');
  });
});

describe('the words that are quoted', () => {
  it('come from the message and from errors beside it', () => {
    const body = { message: 'Invalid', errors: { email: ['no address'], name: 'missing' } };
    expect(upstreamWords(body, KEY)).toBe('Invalid no address missing');
  });

  it('never repeat the key, not even broken up by invisible characters', () => {
    expect(upstreamWords({ message: `Key ${KEY} is wrong` }, KEY)).toBe('Key [redacted] is wrong');
    expect(upstreamWords({ message: `${'x'.repeat(290)} ${KEY}` }, KEY)).not.toContain(KEY.slice(0, 5));
    expect(upstreamWords({ message: 'Key k3y-0f\u200b-the-store' }, KEY)).toBe('Key [redacted]');
    expect(upstreamWords({ message: 'Key k"y' }, 'k"y')).toBe('Key [redacted]');
  });

  it('are one bounded line without control characters or quotation marks, whatever comes', () => {
    const hostile = fc.string({ unit: 'binary', maxLength: 600 });
    fc.assert(
      fc.property(hostile, fc.array(hostile), (message, errors) => {
        const words = upstreamWords({ message, errors }, KEY) ?? '';
        expect(Array.from(words).length).toBeLessThanOrEqual(300);
        expect(words).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}"]/u);
      }),
    );
  });

  it.each([undefined, {}, { message: '' }, { message: 5 }, { message: '\u0000' }, { errors: 7 }])(
    'are none in %j',
    (body) => {
      expect(upstreamWords(body, KEY)).toBeNull();
    },
  );
});

describe('a failure of the transport', () => {
  const withCode = (code: string) => Object.assign(new Error('connect to 192.0.2.1:443 failed'), { code });

  it.each([
    ['ECONNREFUSED', 'upstream_unavailable'],
    ['UND_ERR_SOCKET', 'upstream_unavailable'],
    ['HPE_INVALID_CONSTANT', 'upstream_unavailable'],
    ['CERT_HAS_EXPIRED', 'upstream_unavailable'],
    ['UND_ERR_CONNECT_TIMEOUT', 'upstream_timeout'],
    ['UND_ERR_HEADERS_TIMEOUT', 'upstream_timeout'],
    ['UND_ERR_BODY_TIMEOUT', 'upstream_timeout'],
    ['UND_ERR_INVALID_ARG', 'internal'],
  ])('%s is %s and names no host', (failure, code) => {
    const error = transportError(withCode(failure));
    expect(error.code).toBe(code);
    expect(error.message).not.toContain('192.0.2.1');
  });

  it('is no cover for a mistake of ours', () => {
    expect(transportError(new TypeError('x is undefined')).code).toBe('internal');
  });

  it('leaves an AppError as it is', () => {
    const error = new AppError('cancelled');
    expect(transportError(error)).toBe(error);
  });
});
