import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { retrying } from '../../../src/orderdesk/retry.js';
import { createRetryBudget } from '../../../src/orderdesk/retry-budget.js';
import type { WriteOutcome } from '../../../src/orderdesk/write-outcome.js';
import { checkOf, touches, type WriteRequest } from '../../../src/orderdesk/write-request.js';
import { createWrites } from '../../../src/orderdesk/writes.js';
import { answered, lost, RATE_LIMITED, type Step, scripted, unsent } from './calls.js';
import { storeEntry } from './records.js';

const NOON = Date.UTC(2026, 0, 5, 12, 0, 0);
const body = '{}';
const update: WriteRequest = { method: 'PUT', route: '/orders/{id}', ids: ['5'], body };
const ctx = { signal: new AbortController().signal };

async function outcome(step: Step, request: WriteRequest = update): Promise<WriteOutcome> {
  const { send } = scripted(step);
  return createWrites({ send, wallClock: () => NOON }).write(storeEntry(), request, ctx);
}

describe('a write', () => {
  it('is applied when Order Desk says so', async () => {
    expect(await outcome(answered(200))).toEqual({ outcome: 'applied', body: { status: 'success' } });
  });

  it.each<[string, Step]>([
    ['no connection was made', unsent('upstream_unavailable')],
    ['connecting took too long', unsent('upstream_timeout')],
    ['its caller left before it began', unsent('cancelled')],
    ['the budget of the store was taken', unsent('rate_budget_exhausted')],
    ['the server was closing', unsent('shutting_down')],
    ['there was too little time', unsent('store_busy')],
    ['the key could not be had', unsent('storage_unavailable')],
    ['the request was refused', answered(400, 'upstream_rejected')],
    ['the key was refused', answered(401, 'upstream_credentials_refused')],
    ['there is no such order', answered(404, 'not_found')],
    ['Order Desk asked to wait', answered(429, 'upstream_rate_limited')],
    ['a refusal was cut off', answered(422, 'upstream_unavailable')],
    ['Order Desk said error with HTTP 200', answered(200, 'upstream_rejected')],
    ['Order Desk said not found with HTTP 200', answered(200, 'not_found')],
  ])('has failed when %s', async (_name, step) => {
    const result = await outcome(step);
    expect(result).toMatchObject({ outcome: 'failed', error: { code: expect.any(String) } });
    expect(result).not.toHaveProperty('check');
  });

  it.each<[string, Step]>([
    ['the connection was lost', lost('upstream_unavailable')],
    ['there was no answer in time', lost('upstream_timeout')],
    ['Order Desk failed', answered(500, 'upstream_unavailable')],
    ['the answer was cut off', answered(200, 'upstream_unavailable')],
    ['the answer made no sense', answered(200, 'upstream_malformed')],
    ['another address was named', answered(302, 'upstream_malformed')],
    ['something broke in us after it was sent', lost('internal')],
  ])('is unknown when %s', async (_name, step) => {
    const result = await outcome(step);
    expect(result).toMatchObject({
      outcome: 'unknown',
      error: {
        message: expect.stringMatching(/Whether the change was made is not known\.$/),
        hint: 'Get the order and compare the fields that were to be changed.',
      },
      check: { route: '/orders/{id}', ids: ['5'] },
    });
  });

  describe('of a batch', () => {
    const batches: readonly WriteRequest[] = [
      { method: 'POST', route: '/batch-shipments', orderIds: ['5'], body },
      { method: 'POST', route: '/move-orders', orderIds: ['5'], body },
      { method: 'PUT', route: '/batch-inventory-items', codes: ['A'], body },
    ];

    it.each(batches)(
      '$route is unknown when Order Desk said error with HTTP 200: a part may be done',
      async (request) => {
        const quotation = {
          message: 'Refused.',
          data: { order_desk_says: 'Ann is not there' },
          mayNameCustomers: true,
        };
        const error = new AppError('upstream_rejected', 'Order Desk says: "Ann is not there"', { quotation });
        expect(await outcome(answered(200, error), request)).toMatchObject({
          outcome: 'unknown',
          error: { message: 'Refused. Whether the change was made is not known.' },
          check: { route: expect.any(String) },
        });
      },
    );

    it.each(batches)('$route has failed when it was refused with HTTP 400 and above', async (request) => {
      expect(await outcome(answered(400, 'upstream_rejected'), request)).toMatchObject({ outcome: 'failed' });
      expect(await outcome(answered(429, 'upstream_rate_limited'), request)).toMatchObject({
        outcome: 'failed',
      });
    });
  });

  it('has failed when its repetition never left, since its first attempt was refused', async () => {
    const { send, calls } = scripted(RATE_LIMITED, unsent('upstream_unavailable'), unsent('cancelled'));
    const retried = retrying(send, {
      budget: createRetryBudget(() => 0),
      onRetry: () => {},
      now: () => 0,
      random: () => 0,
      sleep: async () => {},
    });
    expect(await createWrites({ send: retried }).write(storeEntry(), update, ctx)).toMatchObject({
      outcome: 'failed',
      error: { code: 'cancelled' },
    });
    expect(calls).toHaveLength(3);
  });

  it('goes out as it was asked for, with what its caller has told', async () => {
    const { send, calls } = scripted(answered(200));
    const store = storeEntry();
    const told = { ...ctx, deadlineAt: 7, priority: 'background' } as const;
    await createWrites({ send }).write(store, update, { ...told, principal: { kid: 'key-1' } });
    expect(calls).toMatchObject([{ ...update, ...told, lane: 'key-1', account: { kind: 'kept', store } }]);
  });

  it.each(['', '0', '05', '5/../6', '5?x', '٥', '-5', '1e3'])('is not sent with the id %j', async (id) => {
    const { send, calls } = scripted(answered(200));
    const result = await createWrites({ send }).write(storeEntry(), { ...update, ids: [id] }, ctx);
    expect(result).toMatchObject({ outcome: 'failed', error: { code: 'invalid_argument', field: 'id' } });
    expect(calls).toHaveLength(0);
  });

  it('keeps the first error as the cause, for the log', async () => {
    const error = new AppError('upstream_timeout');
    expect(await outcome(lost(error))).toMatchObject({ error: { code: 'upstream_timeout', cause: error } });
  });
});

const create: WriteRequest = { method: 'POST', route: '/orders', body };
const item: WriteRequest = { method: 'POST', route: '/orders/{id}/order-items', ids: ['5'], body };
const itemGone: WriteRequest = {
  method: 'DELETE',
  route: '/orders/{id}/order-items/{id}',
  ids: ['5', '6'],
};
const shipment: WriteRequest = { method: 'PUT', route: '/orders/{id}/shipments/{id}', ids: ['5', '7'], body };
const note: WriteRequest = { method: 'POST', route: '/orders/{id}/order-history', ids: ['5'], body };
const shipments: WriteRequest = {
  method: 'POST',
  route: '/batch-shipments',
  orderIds: ['5', '6', '5'],
  body,
};
const move: WriteRequest = { method: 'POST', route: '/move-orders', orderIds: ['5', '6'], body };
const newItem: WriteRequest = { method: 'POST', route: '/inventory-items', code: 'SKU-1', body };
const setItem: WriteRequest = { method: 'PUT', route: '/inventory-items/{id}', ids: ['9'], body };
const stock = (...codes: string[]): WriteRequest => ({
  method: 'PUT',
  route: '/batch-inventory-items',
  codes,
  body,
});

describe('how to find out what became of it', () => {
  it.each<[string, WriteRequest, object]>([
    [
      'a new order with a source_id',
      { ...create, sourceId: 'A-1' },
      { route: '/orders', query: { source_id: 'A-1' } },
    ],
    [
      'a new order without',
      create,
      { route: '/orders', query: { search_start_date: '2026-01-05 11:45:00' } },
    ],
    [
      'a new order with an empty source_id, which Order Desk would ignore',
      { ...create, sourceId: ' ' },
      { route: '/orders', query: { search_start_date: '2026-01-05 11:45:00' } },
    ],
    ['an order', update, { route: '/orders/{id}', ids: ['5'] }],
    ['an order that goes', { method: 'DELETE', route: '/orders/{id}', ids: ['5'] }, { ids: ['5'] }],
    ['a note', note, { route: '/orders/{id}', ids: ['5'], query: { get_order_history: '1' } }],
    ['a new item', item, { route: '/orders/{id}/order-items', ids: ['5'] }],
    ['an item that goes', itemGone, { route: '/orders/{id}/order-items', ids: ['5'] }],
    ['a shipment', shipment, { route: '/orders/{id}/shipments', ids: ['5'] }],
    ['many shipments', shipments, { route: '/orders/{id}/shipments', each: ['5', '6'] }],
    ['a move', move, { route: '/orders/{id}', each: ['5', '6'] }],
    ['a new inventory item', newItem, { route: '/inventory-items', query: { code: 'SKU-1' } }],
    ['an inventory item', setItem, { route: '/inventory-items/{id}', ids: ['9'] }],
    ['stock', stock('A', 'B', 'A'), { route: '/inventory-items', query: { code: 'A,B' } }],
  ])('%s', (_name, request, expected) => {
    expect(checkOf(request, new Date(NOON))).toMatchObject(expected);
  });

  it('stock by a code that no list can hold: all are read', () => {
    for (const request of [stock('A,B', 'C'), stock('x'.repeat(2_001)), stock('')]) {
      expect(checkOf(request, new Date(NOON))).not.toHaveProperty('query');
    }
  });

  it('is said without any value of the request', () => {
    const request: WriteRequest = { ...create, sourceId: 'wilhelmina' };
    expect(checkOf(request, new Date(NOON)).describe).not.toContain('wilhelmina');
  });
});

describe('what it may change', () => {
  const order = (id: string) => ({ kind: 'order', id });
  const orders = { kind: 'orders' };

  it.each<[WriteRequest, object[]]>([
    [create, [orders]],
    [update, [order('5'), orders]],
    [note, [order('5'), orders]],
    [item, [order('5'), orders]],
    [itemGone, [order('5'), orders]],
    [shipment, [order('5'), orders]],
    [shipments, [order('5'), order('6'), orders]],
    [move, [order('5'), order('6'), orders]],
    [newItem, [{ kind: 'inventory' }]],
    [setItem, [{ kind: 'inventory' }]],
    [stock('A'), [{ kind: 'inventory' }]],
  ])('%j', (request, expected) => {
    expect(touches(request)).toEqual(expected);
  });
});
