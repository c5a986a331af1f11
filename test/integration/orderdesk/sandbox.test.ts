/** The room as a whole against a simulated Order Desk. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryCache } from '../../../src/cache/memory.js';
import type { CallEvent } from '../../../src/orderdesk/call.js';
import { createOrderDesk, type OrderDesk } from '../../../src/orderdesk/orderdesk.js';
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.js';
import { Secret } from '../../../src/tenancy/secret.js';
import type { CredentialSource } from '../../../src/tenancy/stores.js';
import { storeEntry } from '../../unit/orderdesk/records.js';

const STORE = { id: '10001', apiKey: 'key-of-10001', name: 'First', timeZone: 'Europe/Berlin' };
const OTHER = { id: '10002', apiKey: 'key-of-10002', name: 'Second', orderCount: 5 };

const first = storeEntry({ row: 'row-1', orderDeskId: '10001' });
const second = storeEntry({ row: 'row-2', orderDeskId: '10002' });
const wrongKey = storeEntry({ row: 'row-3', orderDeskId: '10002' });
const ctx = { signal: new AbortController().signal };

describe('Order Desk, simulated', () => {
  let sandbox: Sandbox;
  let orderDesk: OrderDesk;
  const marks: string[] = [];
  const events: CallEvent[] = [];

  beforeAll(async () => {
    sandbox = await startSandbox({ stores: [STORE, OTHER], rateLimit: false });
    const keys: Record<string, string> = { 'row-1': STORE.apiKey, 'row-2': OTHER.apiKey, 'row-3': 'wrong' };
    const credentials: CredentialSource = {
      credential: async (store) => ({
        storeId: store.orderDeskId,
        apiKey: new Secret(keys[store.rowId] ?? ''),
      }),
      markContact: async (store, outcome) => void marks.push(`${store.rowId} ${outcome}`),
    };
    orderDesk = createOrderDesk({
      baseUrl: new URL(sandbox.url),
      version: '1.2.3',
      credentials,
      cache: createMemoryCache(),
      observe: (event) => events.push(event),
      onContactFailure: (error) => {
        throw error;
      },
      random: () => 0,
    });
  });

  afterAll(async () => {
    await orderDesk.close();
    await sandbox.close();
  });

  it('has its settings read, and no secret of them', async () => {
    const store = await orderDesk.gateway.store(first, ctx);
    expect(store).toMatchObject({ orderDeskId: '10001', name: 'First', timeZone: 'Europe/Berlin' });
    expect(store.folders.map(({ name }) => name).toSorted()).toEqual(
      sandbox
        .store('10001')
        .folders()
        .map(({ name }) => name)
        .toSorted(),
    );
    expect(JSON.stringify(store)).not.toContain(sandbox.store('10001').smtpPassword);
    expect(JSON.stringify(store)).not.toContain(STORE.apiKey);
  });

  it('has every order read, page by page, oddities included', async () => {
    const held = sandbox.store('10001').orders();
    const seen = new Set<string>();
    for (let offset = 0; offset < held.length; offset += 500) {
      const page = await orderDesk.gateway.listOrders(
        first,
        { limit: 500, offset, sortBy: 'date_added', sort: 'asc' },
        ctx,
      );
      expect(page).toMatchObject({ total: held.length, offset });
      for (const { view } of page.orders) seen.add(view.id);
    }
    expect(seen).toEqual(new Set(held.map(({ id }) => id)));
  });

  it('filters by date as it is asked, start inclusive and end exclusive', async () => {
    const all = await orderDesk.gateway.listOrders(first, { limit: 500, sortBy: 'date_added' }, ctx);
    const times = [...new Set(all.orders.map(({ view }) => view.addedAt))].toSorted();
    const [from = '', to = ''] = [times[10], times[20]];
    const page = await orderDesk.gateway.listOrders(
      first,
      { limit: 500, addedFrom: new Date(from), addedTo: new Date(to) },
      ctx,
    );
    const found = [...new Set(page.orders.map(({ view }) => view.addedAt))].toSorted();
    expect(found).toEqual(times.slice(10, 20));
  });

  it('answers for one order, once to Order Desk however many ask', async () => {
    const id = sandbox.store('10001').orders()[3]?.id ?? '';
    sandbox.resetCounters();
    const before = events.length;
    const orders = await Promise.all(
      Array.from({ length: 100 }, () =>
        orderDesk.gateway.getOrder(first, id, { signal: new AbortController().signal }),
      ),
    );
    expect(new Set(orders.map(({ view }) => view.id))).toEqual(new Set([id]));
    expect(events.slice(before)).toMatchObject([{ route: '/orders/{id}', status: 200, outcome: 'ok' }]);
  });

  it("does not have another store's order, in the words for an order that nobody has", async () => {
    const held = new Set(
      sandbox
        .store('10002')
        .orders()
        .map(({ id }) => id),
    );
    const foreign =
      sandbox
        .store('10001')
        .orders()
        .find(({ id }) => !held.has(id))?.id ?? '';
    const refusals = await Promise.all(
      [foreign, '999999999', 'no-id'].map((id) =>
        orderDesk.gateway.getOrder(second, id, ctx).catch((error: Error) => `${error.name} ${error.message}`),
      ),
    );
    expect(new Set(refusals)).toEqual(new Set(['AppError Order Desk has no such order in this store.']));
  });

  it('refuses a wrong key, and only its row is marked', async () => {
    marks.length = 0;
    await expect(orderDesk.gateway.store(wrongKey, ctx)).rejects.toMatchObject({
      code: 'upstream_credentials_refused',
    });
    expect(marks).toEqual(['row-3 refused']);
    expect((await orderDesk.gateway.store(second, ctx)).name).toBe('Second');
  });

  it('verifies a credential before it is kept', async () => {
    expect(await orderDesk.verifyCredential('10002', new Secret(OTHER.apiKey), ctx.signal)).toEqual({
      storeName: 'Second',
      orderDeskId: '10002',
      folders: expect.arrayContaining([{ id: expect.any(String), name: 'New' }]),
    });
    await expect(
      orderDesk.verifyCredential('10002', new Secret(STORE.apiKey), ctx.signal),
    ).rejects.toMatchObject({ code: 'upstream_credentials_refused' });
  });

  it.each([
    ['malformed', 'upstream_malformed', 2],
    ['truncated', 'upstream_unavailable', 2],
    ['html', 'upstream_unavailable', 3],
    ['error200', 'upstream_rejected', 1],
    ['reset', 'upstream_unavailable', 3],
  ] as const)(
    'that keeps answering %s gives a typed error, and the next read works',
    async (kind, code, times) => {
      const query = { limit: 1, sourceName: `after ${kind}` };
      const before = events.length;
      const heal = sandbox.fail({ kind, times: 100 });
      await expect(orderDesk.gateway.listOrders(first, query, ctx)).rejects.toMatchObject({ code });
      heal();
      expect(events.slice(before).map(({ outcome }) => outcome)).toEqual(Array(times).fill(code));
      expect((await orderDesk.gateway.listOrders(first, query, ctx)).total).toBe(0);
    },
  );

  it.each(['malformed', 'truncated', 'html', 'reset'] as const)(
    'that answers %s once is asked again, and nobody notices',
    async (kind) => {
      sandbox.fail({ kind });
      const query = { limit: 1, sourceName: `despite ${kind}` };
      expect((await orderDesk.gateway.listOrders(first, query, ctx)).total).toBe(0);
    },
  );
});
