/** Reads for writing over real connections: the text of the answer decides, and nothing of ours takes it for a failure. */
import { afterEach, describe, expect, it } from 'vitest';
import type { BreakerEvent } from '../../../src/orderdesk/breaker.js';
import type { CallEvent } from '../../../src/orderdesk/call.js';
import type { OrderDesk } from '../../../src/orderdesk/orderdesk.js';
import { orderDeskOn } from '../../support/order-desk-on.js';
import { orderRecord, storeEntry } from '../../unit/orderdesk/records.js';
import { API_KEY, startUpstream, type Upstream } from './upstream.js';

const store = storeEntry({ orderDeskId: '11' });
const ctx = { signal: new AbortController().signal };
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close();
});

interface Room {
  readonly upstream: Upstream;
  readonly orderDesk: OrderDesk;
  readonly events: readonly CallEvent[];
  readonly breaker: readonly BreakerEvent[];
}

async function answering(text: string): Promise<Room> {
  const upstream = await startUpstream((_request, response) => response.end(text));
  const events: CallEvent[] = [];
  const breaker: BreakerEvent[] = [];
  const url = upstream.url.href;
  const orderDesk = orderDeskOn(
    { url },
    { id: '11', apiKey: API_KEY },
    { observe: (event) => events.push(event), onBreaker: (event) => breaker.push(event) },
  );
  open.push(upstream, orderDesk);
  return { upstream, orderDesk, events, breaker };
}

const replyWith = (bigId: string): string =>
  JSON.stringify({ status: 'success', order: orderRecord({ order_metadata: { big_id: 'HERE' } }) }).replace(
    '"HERE"',
    bigId,
  );

describe('an order with a number that a double cannot carry', () => {
  it.each(['9007199254740993', '1e400', '0.1234567890123456789'])(
    'is refused by the path of %s, each time with one request',
    async (number) => {
      const { upstream, orderDesk, events, breaker } = await answering(replyWith(number));
      for (let reads = 1; reads <= 12; reads += 1) {
        await expect(orderDesk.fresh.order(store, '26211', ctx)).rejects.toMatchObject({
          code: 'upstream_malformed',
          field: 'order.order_metadata.big_id',
        });
      }
      expect(upstream.asked).toHaveLength(12);
      expect(new Set(events.map(({ outcome }) => outcome))).toEqual(new Set(['ok']));
      expect(breaker).toEqual([]);
    },
  );

  it('is read by the lenient, and by those who only show it', async () => {
    const { orderDesk } = await answering(replyWith('9007199254740993'));
    const { raw } = await orderDesk.fresh.order(store, '26211', ctx, { lenient: true });
    expect(raw.order_metadata).toEqual({ big_id: 9007199254740992 });
    await expect(orderDesk.gateway.getOrder(store, '26211', ctx)).resolves.toBeDefined();
  });
});

describe('a read for writing', () => {
  it('asks Order Desk each time, and neither takes from the cache nor leaves anything there', async () => {
    const { upstream, orderDesk } = await answering(replyWith('1'));
    await Promise.all([
      orderDesk.fresh.order(store, '26211', ctx),
      orderDesk.fresh.order(store, '26211', ctx),
    ]);
    expect(upstream.asked).toHaveLength(2);
    await orderDesk.gateway.getOrder(store, '26211', ctx);
    await orderDesk.gateway.getOrder(store, '26211', ctx);
    expect(upstream.asked).toHaveLength(3);
    await orderDesk.fresh.order(store, '26211', ctx);
    expect(upstream.asked).toHaveLength(4);
  });
});
