/**
 * Three replicas, twenty agents, ten stores, and somebody else who edits the same orders in Order Desk itself. The sandbox
 * and the budget of our side grant three times what Order Desk does (60 requests at once, then 9 a second), so that 500
 * updates take a third of the time; the limit itself is real, and going over it would be answered with 429.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPrng } from '../../../src/sandbox/seed/prng.js';
import { type Judged, judgeEdits, tallied } from '../../support/changes/judged-edits.js';
import { ledgerFacts } from '../../support/changes/ledger-facts.js';
import {
  entriesOf,
  type OrderEvent,
  OrderLog,
  type OrderName,
  type Window,
  type WriteEvent,
  windowsOf,
} from '../../support/changes/order-log.js';
import {
  type AppliedUpdate,
  makeUpdate,
  type PlannedUpdate,
  planUpdates,
} from '../../support/changes/update-agents.js';
import { type Fleet, startFleet } from '../../support/fleet.js';
import { emptyRedis } from '../../support/services/index.js';

const SEED = 20_261_123;
const [REPLICAS, AGENTS, UPDATES_EACH] = [3, 20, 25];
const EDITS = 500;
const EDITS_PAUSE_MS = 30;
/** On a machine that others use at the same time. */
const PATIENCE_MS = 300_000;

const STORES = Array.from({ length: 10 }, (_, number) => ({
  id: `${30_001 + number}`,
  apiKey: `sandbox-key-for-store-${30_001 + number}`,
  name: `${30_001 + number}`,
  orderCount: 5,
}));

const log = new OrderLog();
let fleet: Fleet;
let keys: readonly string[];
let orders: readonly [OrderName, ...OrderName[]];

beforeAll(async () => {
  const { url } = await emptyRedis();
  fleet = await startFleet({
    replicas: REPLICAS,
    redisUrl: url,
    sandbox: {
      stores: STORES,
      rateLimit: { capacity: 60, refillPerSecond: 9 },
      onRequest: log.onRequest,
    },
    env: {
      UPSTREAM_BUDGET_BURST: '54',
      UPSTREAM_BUDGET_RATE: '9',
      // A call may wait for two seconds, since a write needs ten: some are sent away, and come again.
      UPSTREAM_DEADLINE: '12',
      MCP_LIMIT_TENANT_CONCURRENCY: '100',
    },
  });
  log.of(fleet.sandbox);
  const { createTenant, addStore, createKey } = fleet.operations;
  await createTenant.run({ name: 'agency' });
  for (const { id, apiKey, name } of STORES) {
    await addStore.run({ tenant: 'agency', orderDeskStoreId: id, apiKey, name });
  }
  const made: string[] = [];
  for (let agent = 0; agent < AGENTS; agent += 1) {
    const { key } = await createKey.run({ tenant: 'agency', name: `agent ${agent}`, role: 'agent' });
    made.push(key);
  }
  keys = made;
  const [first, ...others] = STORES.map(({ id }) => orderOf(id, 0));
  if (first === undefined) throw new Error('no store');
  orders = [first, ...others];
});
afterAll(() => fleet.close());

const orderOf = (store: string, place: number): OrderName => ({
  store,
  order: fleet.sandbox.store(store).orders()[place]?.id ?? '',
});

const update = (agent: number, planned: PlannedUpdate): Promise<AppliedUpdate> =>
  makeUpdate(fleet.urls[planned.replica] ?? '', keys[agent] ?? '', planned);

const recordOf = (name: OrderName) => {
  const record = log.record(name);
  if (record === undefined) throw new Error(`Order ${name.order} is gone.`);
  return record;
};

/** The update that a write carried out: the one whose own entry was not there before. */
const newKeysOf = ({ sent, stood }: WriteEvent): readonly string[] =>
  (['checkout_data', 'order_metadata'] as const).flatMap((part) =>
    Object.keys(entriesOf(sent[part])).filter((key) => !(key in entriesOf(stood[part]))),
  );

describe('updates at the same time', () => {
  it.each([
    ['has read', 'read'],
    ['has written', 'write'],
  ] as const)('the second waits for the first, which %s and not heard of it yet', async (_, kind) => {
    const on = orderOf('30001', kind === 'read' ? 1 : 2);
    const heard = log.next((event) => event.kind === kind && event.order === on.order);
    fleet.sandbox.fail({
      kind: 'delay',
      ms: 700,
      store: on.store,
      match: { method: kind === 'read' ? 'GET' : 'PUT', path: `/orders/${on.order}` },
    });
    const planned = (key: string, replica: number): PlannedUpdate => ({
      on,
      replica,
      own: { part: 'checkout_data', key },
      note: `Note of ${key}`,
      shippingMethod: undefined,
      idempotencyKey: undefined,
    });
    const first = update(0, planned('first', 0));
    await heard;
    const second = update(1, planned('second', 1));
    const both = await Promise.all([first, second]);

    expect(log.about(on).map((event) => event.kind)).toEqual(['read', 'write', 'read', 'write']);
    const record = recordOf(on);
    expect(record.checkout_data).toMatchObject({ first: 'first', second: 'second' });
    expect(record.order_notes.map(({ content }) => content)).toEqual(
      expect.arrayContaining(['Note of first', 'Note of second']),
    );
    expect(new Set(both.map(({ changeId }) => changeId)).size).toBe(2);
  });

  it(
    'loses none of 500, nor an edit of somebody else outside of the window, without a 429',
    async ({ annotate }) => {
      const before = await ledgerFacts(fleet.superuserUrl);
      const plans = planUpdates(createPrng(SEED), AGENTS, UPDATES_EACH, orders, REPLICAS);
      const startedAt = performance.now();
      const over = new AbortController();
      const editing = somebodyElse(over.signal);
      const perAgent = await Promise.all(
        plans.map(async (plan, agent) => {
          const done: AppliedUpdate[] = [];
          for (const planned of plan) done.push(await update(agent, planned));
          return done;
        }),
      );
      over.abort();
      await editing;
      const tookMs = performance.now() - startedAt;
      const applied = perAgent.flat();
      const byKey = new Map(applied.map((one) => [one.update.own.key, one]));
      const oursOf = (write: WriteEvent): AppliedUpdate | undefined =>
        newKeysOf(write).flatMap((key) => byKey.get(key) ?? [])[0];

      // Of ours: each stands, and of the field that all set, the last one unless somebody else came after it.
      for (const { update: planned } of applied) {
        const record = recordOf(planned.on);
        expect(entriesOf(record[planned.own.part])).toMatchObject({ [planned.own.key]: planned.own.key });
        const notes = record.order_notes.filter(({ content }) => content === planned.note);
        expect(notes).toHaveLength(planned.note === undefined ? 0 : 1);
      }
      const after = await ledgerFacts(fleet.superuserUrl);
      const rows = after.changes.filter(
        ({ change_id }) => !before.changes.some((earlier) => earlier.change_id === change_id),
      );
      const judged = orders.flatMap((name) => {
        const events = log.about(name);
        const writes = events.filter((event) => event.kind === 'write');
        const sequence = writes.map((write) => oursOf(write)?.changeId);
        const here = new Set(sequence);
        const recorded = rows.filter(({ change_id }) => here.has(change_id));
        expect(recorded.map(({ change_id }) => change_id)).toEqual(sequence);
        assertMethods(windowsOf(events), oursOf);
        expect(recordOf(name).shipping_method).toBe(lastMethod(events));
        return judgeEdits(events, recordOf(name), (write) => beforeOf(oursOf(write)));
      });

      // Of somebody else: in the window it may be lost, elsewhere it stands or an answer shows it.
      const lost = judged.filter(({ fate }) => fate === 'lost');
      expect(lost.filter(({ isInWindow }) => !isInWindow)).toEqual([]);
      for (const fate of ['preserved', 'reported'] as const) expect(countOf(judged, fate)).toBeGreaterThan(0);

      expect(rows).toHaveLength(AGENTS * UPDATES_EACH);
      expect(new Set(rows.map(({ change_id }) => change_id))).toEqual(
        new Set(applied.map(({ changeId }) => changeId)),
      );
      expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['applied']));
      expect(after).toMatchObject({ locks: 0, effects: before.effects + AGENTS * UPDATES_EACH });
      const { rateLimited, requests } = fleet.sandbox.counters();
      expect(rateLimited).toBe(0);
      const retried = applied.flatMap(({ retriedAfter }) => retriedAfter);
      await annotate(
        `seed ${SEED}: ${applied.length} updates in ${(tookMs / 1000).toFixed(1)} s, made again after ` +
          `${JSON.stringify(tallied(retried))}; requests ${JSON.stringify(requests)}; ${judged.length} edits of somebody else: ` +
          `${JSON.stringify(tallied(judged.map(({ fate }) => fate)))}, ` +
          `${judged.filter(({ isInWindow }) => isInWindow).length} in the window`,
      );
    },
    PATIENCE_MS,
  );
});

/** Whoever set the field finds as `before` what stood there; whoever did not has left it as it was. */
function assertMethods(
  windows: readonly Window[],
  oursOf: (write: WriteEvent) => AppliedUpdate | undefined,
): void {
  for (const { write, edits } of windows) {
    const ours = oursOf(write);
    const wanted = ours?.update.shippingMethod;
    const isUndisturbed = edits.every(({ edit }) => edit.part !== 'shipping_method');
    if (wanted !== undefined) expect(write.sent.shipping_method).toBe(wanted);
    else if (isUndisturbed) expect(write.sent.shipping_method).toBe(write.stood.shipping_method);
    if (wanted !== undefined && isUndisturbed) expect(beforeOf(ours)).toBe(write.stood.shipping_method);
  }
}

/** What the last who set it has set it to. */
const lastMethod = (events: readonly OrderEvent[]): string | undefined =>
  events
    .flatMap((event) => {
      if (event.kind === 'write') return [event.sent.shipping_method];
      return event.kind === 'edit' && event.edit.part === 'shipping_method' ? [event.edit.value] : [];
    })
    .at(-1);

const beforeOf = (applied: AppliedUpdate | undefined): unknown =>
  applied?.changes.find(({ field }) => field === 'shipping_method')?.before;

const countOf = (judged: readonly Judged[], fate: Judged['fate']): number =>
  judged.filter((one) => one.fate === fate).length;

async function somebodyElse(signal: AbortSignal): Promise<void> {
  const prng = createPrng(SEED + 1);
  for (let number = 0; number < EDITS && !signal.aborted; number += 1) {
    const value = `theirs ${number}`;
    const part = prng.pick(['checkout_data', 'order_metadata', 'order_notes', 'shipping_method'] as const);
    const isMap = part === 'checkout_data' || part === 'order_metadata';
    log.edit(prng.pick(orders), isMap ? { part, key: `theirs${number}`, value } : { part, value });
    await pause(EDITS_PAUSE_MS);
  }
}
