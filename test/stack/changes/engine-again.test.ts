/** The same call again, and what may stand in its way: a store that is paused, a row that is read differently, a hang-up. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/changes/engine.js';
import { EngineRoom, type Shop } from '../../support/changes/engine-room.js';
import { lostWrites } from '../../support/changes/lost-writes.js';
import { emailRequest, moveRequest } from '../../support/changes/requests.js';

let room: EngineRoom;
let shop: Shop;
let engine: Engine;
let orderId: string;
let orders = 0;

beforeAll(async () => {
  room = await EngineRoom.open();
});
afterAll(() => room.close());
beforeEach(async () => {
  shop = await room.shop();
  engine = room.engine(shop);
  orderId = room.upstream.orders()[orders]?.id ?? '';
  orders += 1;
  Object.assign(room.budget, { tokens: 18, pausedS: 0 });
  for (const list of [room.asked, room.slept]) list.length = 0;
});

const keyed = { idempotencyKey: 'k' };

describe('a call that is repeated', () => {
  it('is answered while the store is paused, and a new one leaves nothing', async () => {
    const request = emailRequest(shop, orderId, 'new@example.com', keyed);
    const first = await engine.run(request, room.ctx(shop));
    Object.assign(room.budget, { tokens: 0, pausedS: 300 });
    expect(await engine.run(request, room.ctx(shop))).toEqual({ ...first, replayed: true, apiCalls: 0 });
    for (const change of [{}, { idempotencyKey: 'other' }, { dryRun: true }]) {
      const refused = engine.run(emailRequest(shop, orderId, 'x@example.com', change), room.ctx(shop));
      await expect(refused).rejects.toMatchObject({
        code: 'rate_budget_exhausted',
        message: expect.stringContaining('Nothing was changed by this call.'),
      });
    }
    expect(await room.states(shop)).toEqual(['applied']);
    expect(await room.heldLocks()).toBe(0);
  });

  it('says that it was cancelled when its caller hangs up while it finds out', async () => {
    const caller = new AbortController();
    const hangingUp = room.engine(shop, {
      sleep: async (_, signal) => {
        caller.abort();
        signal.throwIfAborted();
      },
    });
    const request = emailRequest(shop, orderId, 'lost@example.com', keyed);
    await room.engine(shop, { writes: lostWrites }).run(request, room.ctx(shop));
    await room.leasesOver(shop);
    const again = hangingUp.run(request, room.ctx(shop, { signal: caller.signal }));
    await expect(again).rejects.toMatchObject({ name: 'AppError', code: 'cancelled' });
  });
});

describe('an answer that was lost', () => {
  it('gives no version: that of before may not be true any more', async () => {
    const lossy = room.engine(shop, { writes: lostWrites });
    const answer = await lossy.run(emailRequest(shop, orderId, 'lost@example.com'), room.ctx(shop));
    expect(answer.outcome).toBe('unknown');
    expect(answer).not.toHaveProperty('version');
  });
});

describe('what is left of a batch', () => {
  it.each([
    ['with a key', keyed, true],
    ['without one', {}, false],
  ])('is told how to be carried out, %s', async (_, change, isNamed) => {
    const [from = 0, to = 0] = room.upstream.folders().map(({ id }) => id);
    room.upstream.moveOrder(orderId, from);
    const slow = room.engine(shop, {
      onStep: (step) => {
        if (step === 'sent') room.ahead += 14_000;
      },
    });
    const { lines } = await slow.run(moveRequest(shop, [orderId, '999999'], to, change), room.ctx(shop));
    expect(lines.map(({ outcome }) => outcome)).toEqual(['applied', 'not_sent']);
    expect(lines[1]?.message?.includes('idempotency_key')).toBe(isNamed);
  });
});

describe('a store row', () => {
  it('excludes itself, whether or not its key is known to be good', async () => {
    const unproven = { ...shop, store: { ...shop.store, verifiedAt: null } };
    const pairs: [Shop, Shop][] = [
      [shop, unproven],
      [unproven, shop],
    ];
    for (const [place, [first, second]] of pairs.entries()) {
      let met: unknown;
      const meeting = room.engine(first, {
        onStep: async (step) => {
          if (step !== 'planned') return;
          const ctx = room.ctx(second, { deadlineAt: room.monotonic() + 10_500 });
          met = await engine
            .run(emailRequest(second, orderId, 'second@example.com'), ctx)
            .catch((error: unknown) => error);
        },
      });
      const request = emailRequest(first, orderId, `first${place}@example.com`);
      await meeting.run(request, room.ctx(first));
      expect(met).toMatchObject({ code: 'in_progress' });
    }
  });
});
