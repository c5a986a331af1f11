/**
 * Two tenants that registered the same store of Order Desk, on replicas of their own. Locks go by the store as Order Desk
 * knows it once the credential of a row is proven; a row that is not proven has locks of its own, so that nobody stands in
 * the way of a store by merely naming it.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callTool } from '../../support/call-tool.js';
import { ledgerFacts } from '../../support/changes/ledger-facts.js';
import { OrderLog, type OrderName } from '../../support/changes/order-log.js';
import { type AppliedUpdate, makeUpdate } from '../../support/changes/update-agents.js';
import { type Fleet, startFleet } from '../../support/fleet.js';
import { emptyRedis, execute } from '../../support/services/index.js';

const STORE = {
  id: '30001',
  apiKey: 'sandbox-key-for-store-30001',
  name: 'Shared (sandbox)',
  orderCount: 40,
};
const HELD_MS = 1_000;
/** Longer than another's update takes on any machine. */
const LONG_HELD_MS = 5_000;

const log = new OrderLog();
let fleet: Fleet;
let first: string;
let second: string;
let unproven: string;
let on: OrderName;
let used = 0;

beforeAll(async () => {
  const { url } = await emptyRedis();
  fleet = await startFleet({
    replicas: 2,
    redisUrl: url,
    sandbox: { stores: [STORE], rateLimit: false, onRequest: log.onRequest },
    // A call waits four seconds for a lock, since a write needs ten.
    env: {
      UPSTREAM_BUDGET_BURST: '1000',
      UPSTREAM_BUDGET_RATE: '1000',
      UPSTREAM_DEADLINE: '14',
    },
  });
  log.of(fleet.sandbox);
  first = await fleet.addTenant('first', STORE.id);
  second = await fleet.addTenant('second', STORE.id);
  unproven = await fleet.addTenant('unproven', STORE.id);
  // The second replica, which has not read the row yet, finds it so.
  await execute(fleet.superuserUrl, [
    `update stores set verified_at = null
      where tenant_id = (select tenant_id from tenants where name = 'unproven')`,
  ]);
});
afterAll(() => fleet.close());
beforeEach(() => {
  used += 1;
  on = { store: STORE.id, order: fleet.sandbox.store(STORE.id).orders()[used]?.id ?? '' };
});

const update = (key: string, replica: number, entry: string): Promise<AppliedUpdate> =>
  makeUpdate(fleet.urls[replica] ?? '', key, {
    on: { store: STORE.name, order: on.order },
    replica,
    own: { part: 'checkout_data', key: entry },
    note: undefined,
    shippingMethod: undefined,
    idempotencyKey: undefined,
  });

/** The next answer of this kind about the order comes so much later, though Order Desk has done what it was told. */
function hold(method: 'GET' | 'PUT', ms: number): Promise<void> {
  fleet.sandbox.fail({ kind: 'delay', ms, match: { method, path: `/orders/${on.order}` } });
  const kind = method === 'GET' ? 'read' : 'write';
  return log.next((event) => event.kind === kind && event.order === on.order);
}

const entries = () => log.record(on)?.checkout_data;
/** Reads and writes of the order, each row of the same as one: who had to come again has read twice. */
const turns = () =>
  log
    .about(on)
    .map(({ kind }) => kind)
    .filter((kind, place, all) => kind === 'write' || kind !== all[place - 1]);

describe('two tenants with the same store', () => {
  it.each(['GET', 'PUT'] as const)(
    'exclude each other on an order while the %s of one is unanswered',
    async (method) => {
      const held = hold(method, HELD_MS);
      const one = update(first, 0, 'first');
      await held;
      await Promise.all([one, update(second, 1, 'second')]);
      expect(turns()).toEqual(['read', 'write', 'read', 'write']);
      expect(entries()).toMatchObject({ first: 'first', second: 'second' });
    },
  );

  it('lose nothing of twenty updates on one order', async () => {
    const each = Array.from({ length: 10 }, (_, number) => number);
    await Promise.all([
      ...each.map((number) => update(first, number % 2, `first${number}`)),
      ...each.map((number) => update(second, number % 2, `second${number}`)),
    ]);
    const all = each.flatMap((number) => [`first${number}`, `second${number}`]);
    expect(entries()).toMatchObject(Object.fromEntries(all.map((entry) => [entry, entry])));
    expect(turns().filter((kind) => kind === 'write')).toHaveLength(20);
  });

  it('tell the one who waits too long to come again, which then goes through', async () => {
    const held = hold('PUT', 6_500);
    const one = update(first, 0, 'first');
    await held;
    const refused = await callTool(fleet.urls[1] ?? '', second, 'update_order', {
      order_id: on.order,
      changes: { checkout_data: { second: 'second' } },
    });
    expect(refused.error).toMatchObject({ code: 'in_progress', retry_after_s: 5 });
    expect(entries()).not.toHaveProperty('second');
    const again = await update(second, 1, 'second');
    await one;
    expect(again.changes).toMatchObject([{ after: 'second' }]);
    expect(entries()).toMatchObject({ first: 'first', second: 'second' });
  });

  it('work on two orders at the same time', async () => {
    const held = hold('PUT', LONG_HELD_MS);
    let isFirstUnderWay = true;
    const one = update(first, 0, 'first').finally(() => {
      isFirstUnderWay = false;
    });
    await held;
    const other = fleet.sandbox.store(STORE.id).orders()[30]?.id ?? '';
    const reply = await callTool(fleet.urls[1] ?? '', second, 'update_order', {
      order_id: other,
      changes: { checkout_data: { second: 'second' } },
    });
    expect(reply.result?.structuredContent).toMatchObject({ outcome: 'applied' });
    expect(isFirstUnderWay).toBe(true);
    await one;
  });
});

describe('a tenant whose row is not proven', () => {
  it('does not stand in the way of one whose row is', async () => {
    const held = hold('GET', LONG_HELD_MS);
    // Its read takes so long that too little is left for its write: it has to come again.
    const one = update(unproven, 1, 'unproven');
    await held;
    const { retriedAfter } = await update(first, 0, 'first');
    expect(retriedAfter).toEqual([]);
    expect(log.about(on).map(({ kind }) => kind)).toEqual(['read', 'read', 'write']);
    expect(entries()).toMatchObject({ first: 'first' });
    await one;
    expect(await ledgerFacts(fleet.superuserUrl)).toMatchObject({ locks: 0 });
  });
});
