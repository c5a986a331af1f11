/**
 * What nobody can find out after its server has died: it is never sent again, and stands as unknown. Each case is one that
 * docs/TOOLS.md names.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangeAnswer } from '../../src/changes/port.js';
import { WRITER } from '../../src/orderdesk/parse/marks.js';
import { orderOf, type Prepare, stockOf } from '../support/changes/killable.js';
import { type Facts, KilledRoom, type Victim } from '../support/changes/killed-room.js';
import type { Station } from '../support/changes/replica.js';

const BEFORE: Station = { step: 'pending', visit: 1 };
const AFTER: Station = { step: 'sent', visit: 1 };
/** Order Desk keeps so many entries of an order's history. */
const MOST_ENTRIES = 250;

interface Case {
  readonly name: string;
  readonly dies: Station;
  readonly prepare: Prepare;
  readonly before?: (victim: Victim) => Promise<void>;
  /** What happens between the death and the next call. */
  readonly meanwhile?: (victim: Victim) => Promise<void>;
  readonly made: readonly number[];
}

const unnumbered: Prepare = (shop) => {
  const { id } = orderOf(shop);
  const intent = { lines: [{ orderId: id, trackingNumber: 'n/a', fields: { carrier_code: 'UPS' } }] };
  return {
    request: { tool: 'add_shipments', kind: 'shipments_add', intent },
    writes: 1,
    effects: 1,
    made: () => [
      (shop.order(id)?.order_shipments ?? []).filter(({ tracking_number }) => tracking_number === 'n/a')
        .length,
    ],
  };
};

/** Of an order whose history takes no more. */
const noteIntoFullHistory: Prepare = (shop) => {
  const { id } = orderOf(shop);
  fillHistory(shop, id);
  return {
    request: { tool: 'add_order_note', kind: 'note_add', intent: { orderId: id, note: 'Customer called' } },
    writes: 1,
    effects: 1,
    made: () => [shop.history(id).filter(({ note }) => note === 'Customer called').length],
  };
};

const moveWithFullHistory: Prepare = (shop) => {
  const { id } = orderOf(shop);
  fillHistory(shop, id);
  const folderId = shop.folders().at(-1)?.id ?? 0;
  return {
    request: {
      tool: 'move_orders',
      kind: 'orders_move',
      intent: { orderIds: [id], folderId: String(folderId) },
    },
    writes: 1,
    effects: 1,
    made: () => [shop.order(id)?.folder_id === folderId ? 1 : 0],
  };
};

function fillHistory(shop: Parameters<Prepare>[0], id: string): void {
  const [first, second] = shop.folders();
  for (let entries = 0; entries < MOST_ENTRIES; entries += 1) {
    shop.moveOrder(id, (entries % 2 === 0 ? second : first)?.id ?? 0);
  }
}

const takeStock: Prepare = (shop) => {
  const { code, stock } = stockOf(shop);
  return {
    request: {
      tool: 'update_inventory',
      kind: 'inventory_update',
      intent: { lines: [{ code, adjustStockBy: -5 }] },
    },
    writes: 1,
    effects: 1,
    made: () => [stock - stockOf(shop, code).stock],
  };
};

/** Order Desk takes a sale off the stock, and the item still names who wrote it last. */
async function sell({ upstream }: Victim): Promise<void> {
  const item = stockOf(upstream);
  const path = `/inventory-items/${item.id}`;
  await room.asSomebodyElse(upstream, 'PUT', path, { ...item, stock: item.stock - 1 });
}

/** An item that this server wrote last does not tell by its writer. */
async function wroteItBefore({ upstream }: Victim): Promise<void> {
  const item = stockOf(upstream);
  const path = `/inventory-items/${item.id}`;
  await room.asSomebodyElse(upstream, 'PUT', path, { ...item, update_source: WRITER });
}

const CASES: readonly Case[] = [
  { name: 'a shipment n/a that was never sent', dies: BEFORE, prepare: unnumbered, made: [0] },
  { name: 'a shipment n/a that was added', dies: AFTER, prepare: unnumbered, made: [1] },
  { name: 'a note into a full history', dies: BEFORE, prepare: noteIntoFullHistory, made: [0] },
  { name: 'a move of an order with a full history', dies: BEFORE, prepare: moveWithFullHistory, made: [0] },
  { name: 'stock sold meanwhile, never sent', dies: BEFORE, prepare: takeStock, meanwhile: sell, made: [1] },
  {
    name: 'stock sold meanwhile, of an item that this server wrote before',
    dies: AFTER,
    prepare: takeStock,
    before: wroteItBefore,
    meanwhile: sell,
    made: [6],
  },
];

type Settled = Facts & { readonly answers: readonly ChangeAnswer[] };

let room: KilledRoom;
const called = new Map<Case, Settled>();
const swept = new Map<Case, Settled>();

beforeAll(async () => {
  room = await KilledRoom.open(CASES.length * 2);
  await Promise.all(
    [BEFORE, AFTER].map((station) => settle(station, called, (dead) => room.endLeases(dead))),
  );
  await Promise.all([BEFORE, AFTER].map((station) => settle(station, swept, (dead) => room.sweep(dead))));
});
afterAll(() => room?.close());

async function settle(
  station: Station,
  settled: Map<Case, Settled>,
  first: (victims: readonly Victim[]) => Promise<void>,
): Promise<void> {
  const killed: { readonly each: Case; readonly victim: Victim }[] = [];
  for (const each of CASES.filter(({ dies }) => dies === station)) {
    const victim = await room.victim(each.prepare);
    await each.before?.(victim);
    killed.push({ each, victim });
  }
  const victims = killed.map(({ victim }) => victim);
  await room.killAt(station, victims);
  for (const { each, victim } of killed) await each.meanwhile?.(victim);
  await first(victims);
  await Promise.all(
    killed.map(async ({ each, victim }) => {
      const answers = [await room.untilFinal(victim), await room.untilFinal(victim)];
      settled.set(each, { ...(await room.facts(victim)), answers });
    }),
  );
}

describe.each([
  ['once its lease is over, the same call', called],
  ['a sweep, and then the same call', swept],
])('%s', (_way, settled) => {
  it.each(CASES)('leaves it unknown and sends nothing: $name', (each) => {
    expect(settled.get(each)).toMatchObject({
      made: each.made,
      writes: each.dies === AFTER ? 1 : 0,
      states: ['unknown'],
      lines: ['unknown'],
      // It may have been made.
      counted: 1,
      answers: [{ outcome: 'unknown' }, { outcome: 'unknown', replayed: true, apiCalls: 0 }],
    });
  });
});
