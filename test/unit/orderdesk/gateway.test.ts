import { describe, expect, it } from 'vitest';
import { createMemoryCache } from '../../../src/cache/memory.js';
import type { Cache } from '../../../src/cache/port.js';
import { AppError } from '../../../src/errors.js';
import type { Send, UpstreamCall } from '../../../src/orderdesk/call.js';
import { createStoreGateway, type GatewayTtls } from '../../../src/orderdesk/gateway.js';
import type { JsonRecord } from '../../../src/orderdesk/parse/json.js';
import { deferred } from '../../support/deferred.js';
import { orderRecord, pageReply, storeEntry, storeReply } from './records.js';

const ctx = () => ({ signal: new AbortController().signal });
const shop = storeEntry();

type Reply = (call: UpstreamCall) => JsonRecord | Promise<JsonRecord>;

const usual: Reply = ({ route, ids, account }) => {
  if (route === '/store') return storeReply();
  const owner = account.kind === 'kept' ? account.store.tenantId : 'nobody';
  if (route === '/orders/{id}') return { order: orderRecord({ id: ids?.[0], source_name: owner }) };
  return pageReply([orderRecord({ source_name: owner })], { total_records: 7 });
};

function subject(options: { reply?: Reply; cache?: Cache; ttls?: Partial<GatewayTtls> } = {}) {
  const calls: UpstreamCall[] = [];
  const cacheEvents: string[] = [];
  let time = Date.parse('2026-02-01T00:00:00Z');
  const now = () => time;
  const cache = options.cache ?? createMemoryCache({ now });
  const send: Send = async (call) => {
    calls.push(call);
    return { body: await (options.reply ?? usual)(call), tookMs: 12.5, tokensRemaining: undefined };
  };
  const gateway = createStoreGateway({
    send,
    cache,
    now,
    observeCache: (operation, resource) => cacheEvents.push(`${operation} ${resource}`),
    ...(options.ttls === undefined ? {} : { ttls: options.ttls }),
  });
  return {
    gateway,
    calls,
    cacheEvents,
    pass: (ms: number) => {
      time += ms;
    },
  };
}

/** A cache that remembers everything for ever and shows what it holds. */
function openCache() {
  const entries = new Map<string, string>();
  const cache: Cache = {
    items: 0,
    lookup: async (key) => {
      const entry = entries.get(key);
      return { value: entry === undefined ? undefined : Buffer.from(entry), ticket: 'ticket' };
    },
    store: async (key, _scopes, _ticket, value) => {
      entries.set(key, value.toString());
      return 'set';
    },
    raise: async () => {},
    close: async () => {},
  };
  return { cache, entries };
}

describe('the gateway', () => {
  it('asks for the order by its id and answers with view and raw', async () => {
    const { gateway, calls } = subject();
    const order = await gateway.getOrder(shop, '26211', ctx());
    expect(order.view.id).toBe('26211');
    expect(order.raw).toMatchObject({ order_shipments: [{ print_status: '0' }] });
    expect(calls).toMatchObject([{ method: 'GET', route: '/orders/{id}', ids: ['26211'] }]);
  });

  it('asks for history only when told, and keeps the two answers apart', async () => {
    const { gateway, calls } = subject();
    await gateway.getOrder(shop, '5', ctx());
    await gateway.getOrder(shop, '5', ctx(), { history: true });
    expect(calls.map((call) => call.query?.toString())).toEqual(['', 'get_order_history=1']);
  });

  it.each(['', '0', '07', '../store', '1?x=1', '１２', 'abc', '9'.repeat(20)])(
    'does not ask Order Desk for the id %j: nobody has it',
    async (orderId) => {
      const { gateway, calls } = subject();
      await expect(gateway.getOrder(shop, orderId, ctx())).rejects.toMatchObject({ code: 'not_found' });
      expect(calls).toHaveLength(0);
    },
  );

  it.each([null, false, []])('reads the order %j as none', async (order) => {
    const { gateway } = subject({ reply: () => ({ status: 'success', order }) });
    await expect(gateway.getOrder(shop, '5', ctx())).rejects.toMatchObject({ code: 'not_found' });
  });

  it.each([
    [{ order: orderRecord({ id: '6' }) }, 'order.id'],
    [{}, 'order'],
    [{ order: 'five' }, 'order'],
  ])('does not take another answer for the order: %#', async (reply, field) => {
    const { gateway } = subject({ reply: () => reply });
    await expect(gateway.getOrder(shop, '5', ctx())).rejects.toMatchObject({
      code: 'upstream_malformed',
      field,
    });
  });

  it('lists orders with the total that Order Desk counts, and what was asked for as parameters', async () => {
    const { gateway, calls } = subject();
    const page = await gateway.listOrders(shop, { limit: 20, offset: 40, sourceName: 'Shopify' }, ctx());
    expect(page).toMatchObject({ total: 7, orders: [{ view: { id: '26211' } }] });
    expect(calls[0]?.query?.toString()).toBe('source_name=Shopify&limit=20&offset=40');
  });

  it('hands on who asks, until when and how urgently, and nothing that was not said', async () => {
    const { gateway, calls } = subject();
    const said = { deadlineAt: 1_234, principal: { kid: 'kid0000001' }, priority: 'background' } as const;
    await gateway.store(shop, { ...ctx(), ...said });
    await gateway.listOrders(shop, { limit: 20 }, { ...ctx(), ...said });
    await gateway.getOrder(shop, '5', { ...ctx(), ...said });
    await gateway.getOrder(shop, '6', ctx());
    const expected = { deadlineAt: 1_234, lane: 'kid0000001', priority: 'background' };
    expect(calls.slice(0, 3)).toMatchObject([expected, expected, expected]);
    expect(Object.keys(calls[3] ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/deadlineAt|lane|priority/)]),
    );
  });

  it('refuses an empty filter before anything is asked', async () => {
    const { gateway, calls } = subject();
    await expect(gateway.listOrders(shop, { limit: 20, email: '' }, ctx())).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    expect(calls).toHaveLength(0);
  });
});

describe('what the gateway keeps', () => {
  it('answers again from the cache, the same to the last field, until its life is over', async () => {
    const { gateway, calls, pass, cacheEvents } = subject();
    const ask = () =>
      Promise.all([
        gateway.store(shop, ctx()),
        gateway.getOrder(shop, '5', ctx()),
        gateway.listOrders(shop, { limit: 20 }, ctx()),
      ]);
    const first = await ask();
    pass(14_000);
    expect(await ask()).toEqual(first);
    expect(calls).toHaveLength(3);
    expect(cacheEvents.toSorted()).toEqual(
      ['hit', 'miss', 'set'].flatMap((what) => ['order', 'orders', 'store'].map((r) => `${what} ${r}`)),
    );
    pass(2_000);
    await ask();
    expect(calls.map((call) => call.route)).toEqual([
      '/store',
      '/orders/{id}',
      '/orders',
      '/orders/{id}',
      '/orders',
    ]);
    pass(300_000);
    await gateway.store(shop, ctx());
    expect(calls).toHaveLength(6);
  });

  it('says how long Order Desk took for a page', async () => {
    const { gateway } = subject({});
    for (const priority of ['interactive', 'background'] as const) {
      const page = await gateway.listOrders(shop, { limit: 20 }, { ...ctx(), priority });
      expect(page.tookMs).toBe(12.5);
    }
  });

  it('is alike for a page with an order that cannot be understood', async () => {
    const orders = [orderRecord(), orderRecord({ id: '7', order_total: 'lots' })];
    const { gateway, calls } = subject({ reply: () => pageReply(orders) });
    const first = await gateway.listOrders(shop, { limit: 20 }, ctx());
    expect(first).toMatchObject({ orders: [{ view: { id: '26211' } }], unreadable: [{ id: '7', index: 1 }] });
    expect(await gateway.listOrders(shop, { limit: 20 }, ctx())).toEqual(first);
    expect(calls).toHaveLength(1);
  });

  it('is nothing for a resource whose life is 0', async () => {
    const { gateway, calls, cacheEvents } = subject({ ttls: { orders: 0 } });
    for (let i = 0; i < 2; i += 1) {
      await gateway.getOrder(shop, '5', ctx());
      await gateway.store(shop, ctx());
    }
    expect(calls.map((call) => call.route)).toEqual(['/orders/{id}', '/store', '/orders/{id}']);
    expect(cacheEvents).toEqual(['miss store', 'set store', 'hit store']);
  });

  it('is never shown to another tenant or row, not even for the same Order Desk store', async () => {
    const { gateway, calls } = subject();
    const others = [shop, storeEntry({ tenant: 'tenant-b', row: 'row-b' }), storeEntry({ row: 'row-c' })];
    for (const store of [...others, ...others]) {
      const { view } = await gateway.getOrder(store, '5', ctx());
      expect(view.sourceName).toBe(store.tenantId);
    }
    expect(calls).toHaveLength(3);
  });

  it('holds no secret of the settings and no filter in a key', async () => {
    const { cache, entries } = openCache();
    const { gateway } = subject({ cache });
    await gateway.store(shop, ctx());
    await gateway.listOrders(shop, { limit: 20, email: 'wilhelmina@shop.example' }, ctx());
    expect(entries.size).toBe(2);
    expect([...entries.values()].join()).not.toContain('LEAKED');
    expect([...entries.keys()].join()).not.toContain('wilhelmina');
  });

  it('is a miss when it is corrupt, foreign, of another version or too old', async () => {
    const { cache, entries } = openCache();
    const { gateway, calls, pass } = subject({ cache });
    await gateway.getOrder(shop, '5', ctx());
    const [key, good] = [...entries][0] ?? ['', ''];
    const spoiled = [
      '',
      '{"v":1,"at":1',
      'null',
      '[]',
      '"text"',
      good.replace('"v":1', '"v":2'),
      good.replace('"v":1', '"v":"1"'),
      good.replace(/"at":\d+/, '"at":null'),
      JSON.stringify({ ...JSON.parse(good), value: null }),
      JSON.stringify({ ...JSON.parse(good), value: { id: {} } }),
    ];
    for (const entry of spoiled) {
      entries.set(key, entry);
      expect((await gateway.getOrder(shop, '5', ctx())).view.id).toBe('5');
    }
    expect(calls).toHaveLength(1 + spoiled.length);
    pass(15_000);
    await gateway.getOrder(shop, '5', ctx());
    expect(calls).toHaveLength(2 + spoiled.length);
  });

  it('is never a failure', async () => {
    let healthy = false;
    const { gateway, calls } = subject({
      reply: (call) => {
        if (!healthy) throw new AppError('upstream_unavailable');
        return usual(call);
      },
    });
    await expect(gateway.getOrder(shop, '5', ctx())).rejects.toMatchObject({ code: 'upstream_unavailable' });
    healthy = true;
    expect((await gateway.getOrder(shop, '5', ctx())).view.id).toBe('5');
    expect(calls).toHaveLength(2);
  });

  it('is fetched once for a hundred who ask at the same time, also when the first of them leaves', async () => {
    const gate = deferred<void>();
    const { gateway, calls } = subject({
      reply: async (call) => {
        await gate.promise;
        return usual(call);
      },
    });
    const first = new AbortController();
    const leaving = gateway.getOrder(shop, '5', { signal: first.signal });
    const staying = Array.from({ length: 99 }, () => gateway.getOrder(shop, '5', ctx()));
    first.abort();
    await expect(leaving).rejects.toMatchObject({ code: 'cancelled' });
    gate.resolve();
    for (const order of await Promise.all(staying)) expect(order.view.id).toBe('5');
    expect(calls).toHaveLength(1);
    expect(calls[0]?.signal.aborted).toBe(false);
  });

  it('is asked for anew, by his own deadline, for one whose fetch began with the little time of another', async () => {
    const gate = deferred<void>();
    const { gateway, calls } = subject({
      reply: async (call) => {
        if (call.deadlineAt !== 200) return usual(call);
        await gate.promise;
        throw new AppError('upstream_timeout');
      },
    });
    const hurried = gateway.getOrder(shop, '5', { ...ctx(), deadlineAt: 200 });
    await expect.poll(() => calls.length).toBe(1);
    const patient = gateway.getOrder(shop, '5', { ...ctx(), deadlineAt: 25_000 });
    const background = gateway.getOrder(shop, '5', { ...ctx(), deadlineAt: 200, priority: 'background' });
    await expect.poll(() => calls.length).toBe(2);
    gate.resolve();
    for (const one of [hurried, background])
      await expect(one).rejects.toMatchObject({ code: 'upstream_timeout' });
    expect((await patient).view.id).toBe('5');
    expect(calls.map(({ deadlineAt, priority }) => [deadlineAt, priority])).toEqual([
      [200, undefined],
      [200, 'background'],
      [25_000, undefined],
    ]);
  });

  it('is given up at Order Desk when the last who asked has left', async () => {
    const { gateway, calls } = subject({ reply: () => new Promise(() => {}) });
    const waiters = [new AbortController(), new AbortController()];
    const leaving = waiters.map(({ signal }) => gateway.listOrders(shop, { limit: 20 }, { signal }));
    await expect.poll(() => calls.length).toBe(1);
    for (const waiter of waiters) waiter.abort(new AppError('upstream_timeout'));
    for (const left of leaving) await expect(left).rejects.toMatchObject({ code: 'upstream_timeout' });
    expect(calls[0]?.signal.aborted).toBe(true);
  });
});
