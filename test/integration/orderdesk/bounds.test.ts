/** Answers that no Order Desk should give, through the whole chain: cut off, named, and never kept. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryCache } from '../../../src/cache/memory.js';
import type { ClientLimits } from '../../../src/orderdesk/client.js';
import { createOrderDesk, type OrderDesk } from '../../../src/orderdesk/orderdesk.js';
import { Secret } from '../../../src/tenancy/secret.js';
import { orderRecord, pageReply, storeEntry, storeReply } from '../../unit/orderdesk/records.js';
import { startUpstream } from './upstream.js';

const MEBIBYTE = 1024 * 1024;
const store = storeEntry();
const ctx = () => ({ signal: new AbortController().signal });

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close();
});

function roomAt(url: URL, limits: Partial<ClientLimits> = {}): OrderDesk {
  const orderDesk = createOrderDesk({
    baseUrl: url,
    version: '1.2.3',
    credentials: {
      credential: async ({ orderDeskId }) => ({ storeId: orderDeskId, apiKey: new Secret('made-up-key') }),
      markContact: async () => {},
    },
    cache: createMemoryCache(),
    observe: () => {},
    onContactFailure: (error) => {
      throw error;
    },
    limits,
    random: () => 0,
  });
  open.push(orderDesk);
  return orderDesk;
}

/** @returns also how often Order Desk was asked */
async function answering(answer: (response: ServerResponse) => void) {
  const upstream = await startUpstream((_request, response) => answer(response));
  open.push(upstream);
  return { orderDesk: roomAt(upstream.url), asked: () => upstream.asked.length };
}

const json = (body: unknown) => answering((response) => void response.end(JSON.stringify(body)));

/** Pours on in a thread of its own, so that what it holds is not in this one's figures. @param bytes at least */
async function startPouring(bytes: number): Promise<URL> {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    const chunk = Buffer.alloc(64 * 1024, 0x20);
    const server = require('node:http').createServer((request, response) => {
      let left = workerData;
      const pour = () => {
        while (left > 0 && !response.destroyed) {
          left -= chunk.length;
          if (!response.write(chunk)) return;
        }
        if (left <= 0) response.end();
      };
      response.on('drain', pour);
      pour();
    });
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
  `;
  const worker = new Worker(code, { eval: true, workerData: bytes });
  open.push({ close: async () => void (await worker.terminate()) });
  const [port]: unknown[] = await once(worker, 'message');
  return new URL(`http://127.0.0.1:${port}/api/v2`);
}

/** The most that this thread held during `work` beyond what it held before, in bytes. */
async function growthDuring(work: () => Promise<unknown>): Promise<number> {
  const held = () => {
    const { arrayBuffers, heapUsed } = process.memoryUsage();
    return arrayBuffers + heapUsed;
  };
  const before = held();
  let most = 0;
  const sampling = setInterval(() => {
    most = Math.max(most, held() - before);
  }, 2);
  await work().finally(() => clearInterval(sampling));
  return most;
}

describe('an answer without a declared size', () => {
  const CALLS = 8;
  /** Of all calls at the same time, each with its buffers and what the collector has not taken yet. */
  const ROOM = CALLS * 6 * MEBIBYTE;

  it.each([
    ['of 20 MiB', 20 * MEBIBYTE],
    ['that never ends', Number.POSITIVE_INFINITY],
  ])('%s is cut off with bounded memory', async (_size, bytes) => {
    const orderDesk = roomAt(await startPouring(bytes), { maxBodyBytes: 2 * MEBIBYTE });
    const failures: unknown[] = [];
    const growth = await growthDuring(() =>
      Promise.all(
        Array.from({ length: CALLS }, (_, n) =>
          orderDesk.gateway
            .getOrder(store, `${n + 1}`, ctx())
            .catch((error: unknown) => failures.push(error)),
        ),
      ),
    );
    expect(failures).toHaveLength(CALLS);
    for (const failure of failures)
      expect(failure).toMatchObject({ code: 'upstream_malformed', field: 'body' });
    expect(growth).toBeLessThan(ROOM);
  });

  it('of 20 MiB is cut off by the bound that holds unless another is set', async () => {
    const orderDesk = roomAt(await startPouring(20 * MEBIBYTE));
    await expect(orderDesk.gateway.getOrder(store, '1', ctx())).rejects.toMatchObject({
      code: 'upstream_malformed',
      field: 'body',
    });
  });
});

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('with HTTP %i is followed by no read and no write', async (status) => {
    const elsewhere = await startUpstream((_request, response) => {
      response.end(JSON.stringify({ order: orderRecord() }));
    });
    open.push(elsewhere);
    const location = new URL('/api/v2/orders/26211', elsewhere.url).href;
    const { orderDesk, asked } = await answering(
      (response) => void response.writeHead(status, { location }).end(),
    );
    await expect(orderDesk.gateway.getOrder(store, '26211', ctx())).rejects.toMatchObject({
      code: 'upstream_malformed',
      field: 'status',
    });
    const remove = { method: 'DELETE', route: '/orders/{id}', ids: ['26211'] } as const;
    expect(await orderDesk.writes.write(store, remove, ctx())).toMatchObject({
      outcome: 'unknown',
      error: { code: 'upstream_malformed' },
    });
    expect(asked()).toBe(2);
    expect(elsewhere.asked).toHaveLength(0);
  });
});

describe('a record', () => {
  it('keeps what nobody knows in raw, of an order and of a page, and hides it in the view', async () => {
    const order = orderRecord({ x_new: { deep: [1, null] }, 'X Odd': 'kept' });
    const { orderDesk } = await answering(
      (response) => void response.end(JSON.stringify({ ...pageReply([order]), order })),
    );
    const single = await orderDesk.gateway.getOrder(store, '26211', ctx());
    const page = await orderDesk.gateway.listOrders(store, { limit: 20 }, ctx());
    expect(single.raw).toEqual(order);
    expect(page.orders[0]?.raw).toEqual(order);
    expect(JSON.stringify(single.view)).not.toMatch(/x_new|X Odd/);
  });

  it.each<[string, Record<string, unknown>]>([
    ['order.order_total', { order_total: { amount: 1 } }],
    ['order.order_items', { order_items: 'three' }],
    ['order.order_items.0', { order_items: [7] }],
    ['order.email', { email: ['a', 'b'] }],
    ['order.shipping', { shipping: 5 }],
    ['order.date_added', { date_added: 'yesterday' }],
  ])('with a wrong %s is refused by that name, and asked for anew each time', async (field, change) => {
    const { orderDesk, asked } = await json({ order: orderRecord(change) });
    const read = () => orderDesk.gateway.getOrder(store, '26211', ctx());
    await expect(read()).rejects.toMatchObject({ code: 'upstream_malformed', field });
    const before = asked();
    await expect(read()).rejects.toMatchObject({ code: 'upstream_malformed', field });
    expect(asked()).toBeGreaterThan(before);
  });

  it.each<[string, string, unknown]>([
    ['a page', 'orders', pageReply([], { orders: 'none' })],
    ['the store', 'store.id', storeReply({ store: { id: null } })],
  ])('of %s with a wrong %s is refused by that name', async (of, field, reply) => {
    const { orderDesk } = await json(reply);
    const { gateway } = orderDesk;
    const read =
      of === 'a page' ? gateway.listOrders(store, { limit: 20 }, ctx()) : gateway.store(store, ctx());
    await expect(read).rejects.toMatchObject({ code: 'upstream_malformed', field });
  });

  it('of a page that is wrong itself is left out, and named', async () => {
    const { orderDesk } = await json(
      pageReply([orderRecord({ order_total: [] }), orderRecord({ id: 26212 })]),
    );
    const { orders, unreadable } = await orderDesk.gateway.listOrders(store, { limit: 20 }, ctx());
    expect(orders.map(({ view }) => view.id)).toEqual(['26212']);
    expect(unreadable).toMatchObject([{ id: '26211', index: 0 }]);
  });
});
