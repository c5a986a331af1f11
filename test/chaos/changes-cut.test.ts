/**
 * A connection that is cut under a change: before anything is sent, after it and before Order Desk has carried it out, and
 * after that. The same call with the same key makes the change exactly once.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Engine } from '../../src/changes/engine.js';
import { changeTypes } from '../../src/changes/kinds/index.js';
import type { ChangeRequest } from '../../src/changes/port.js';
import { AppError } from '../../src/errors.js';
import type { SandboxStore, StoreData } from '../../src/sandbox/index.js';
import { EngineRoom, type Shop } from '../support/changes/engine-room.js';
import { MAIN, type Prepare } from '../support/changes/killable.js';
import { orderDeskOn } from '../support/order-desk-on.js';

type Cut = 'before it is sent' | 'after it is sent' | 'after it is carried out';

const CUTS: readonly Cut[] = ['before it is sent', 'after it is sent', 'after it is carried out'];

/** Nobody listens there. */
const NOWHERE = { url: 'http://127.0.0.1:1/api/v2' };

let room: EngineRoom;
let shop: Shop;

/** The engine with the connection of its next write cut so. */
function cutEngine(cut: Cut): { readonly engine: Engine; readonly close: () => Promise<void> } {
  const options = { types: changeTypes() };
  if (cut === 'before it is sent') {
    const nowhere = orderDeskOn(NOWHERE, room.upstream, { random: () => 0, now: room.monotonic });
    return {
      engine: room.engine(shop, { ...options, writes: nowhere.writes }),
      close: () => nowhere.close(),
    };
  }
  const kind = cut === 'after it is sent' ? 'reset' : 'reset_after';
  room.sandbox.fail({ kind, match: (method) => method !== 'GET' });
  return { engine: room.engine(shop, options), close: async () => {} };
}

async function counted(): Promise<number> {
  const row = z.object({ effects: z.int() });
  const [found] = await room.database.asTenant(shop.principal.tenantId, (tx) =>
    tx.rows(row, 'select coalesce(sum(effects), 0)::integer as effects from write_counts'),
  );
  return found?.effects ?? 0;
}

/** The change, cut so, in a shop that nobody has changed before. */
async function expectOnce(prepare: Prepare, cut: Cut): Promise<void> {
  const change = prepare(room.upstream);
  const { tool, kind, intent } = change.request;
  const call: ChangeRequest = {
    ...{ tool, kind, intent, args: { made: 'up' }, store: shop.store },
    ...{ dryRun: false, idempotencyKey: 'a key' },
  };
  const ctx = () => room.ctx(shop, { deadlineAt: room.monotonic() + 60_000 });
  const { engine, close } = cutEngine(cut);
  await engine.run(call, ctx()).catch((error: unknown) => expect(error).toBeInstanceOf(AppError));
  await close();
  await room.leasesOver(shop);
  const healed = room.engine(shop, { types: changeTypes() });
  expect(await healed.run(call, ctx())).toMatchObject({ outcome: 'applied' });
  expect(await healed.run(call, ctx())).toMatchObject({ outcome: 'applied', replayed: true, apiCalls: 0 });
  expect(change.made()).toEqual(change.made().map(() => 1));
  expect(room.writes).toHaveLength(change.writes + (cut === 'after it is sent' ? 1 : 0));
  expect(await room.states(shop)).toEqual(['applied']);
  expect(await counted()).toBe(change.effects);
  expect(await room.heldLocks()).toBe(0);
}

describe.each(Object.entries<Prepare>(MAIN))('%s', (_name, prepare) => {
  let untouched: StoreData;
  beforeAll(async () => {
    room = await EngineRoom.open();
    untouched = dataOf(room.upstream);
  });
  afterAll(() => room?.close());
  beforeEach(async () => {
    room.upstream.replaceData(untouched);
    room.asked.length = 0;
    shop = await room.shop();
  });

  it.each(CUTS)('is made once, its connection cut %s', (cut) => expectOnce(prepare, cut));
});

const dataOf = (upstream: SandboxStore): StoreData => ({
  folders: upstream.folders(),
  inventory: upstream.inventory(),
  orders: upstream.orders(),
  history: new Map(upstream.orders().map(({ id }) => [id, upstream.history(id)])),
});
