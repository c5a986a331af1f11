/** What becomes of a write when Order Desk, the database or its own process fails: never twice, and the ledger is true. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/changes/engine.js';
import type { ChangeAnswer } from '../../../src/changes/port.js';
import type { AppError } from '../../../src/errors.js';
import type { OrderDesk } from '../../../src/orderdesk/orderdesk.js';
import type { Fault } from '../../../src/sandbox/index.js';
import { EngineRoom, type Shop } from '../../support/changes/engine-room.js';
import { emailRequest } from '../../support/changes/requests.js';
import { orderDeskOn } from '../../support/order-desk-on.js';

let room: EngineRoom;
/** Gives a write up that gets no answer, sooner than people would. */
let impatient: OrderDesk;
let shop: Shop;
let engine: Engine;
let orderId: string;
let before: string;
let orders = 0;
const WANTED = 'wanted@example.com';

beforeAll(async () => {
  room = await EngineRoom.open();
  impatient = orderDeskOn(room.sandbox, room.upstream, {
    limits: { writeTimeoutMs: 1_000 },
    now: room.monotonic,
    random: () => 0,
  });
});
afterAll(async () => {
  await impatient.close();
  await room.close();
});
beforeEach(async () => {
  shop = await room.shop();
  engine = room.engine(shop);
  const order = room.upstream.orders()[orders];
  orderId = order?.id ?? '';
  before = order?.email ?? '';
  orders += 1;
  room.hasStore = true;
  for (const list of [room.asked, room.slept, room.failures]) list.length = 0;
});

const email = () => room.upstream.order(orderId)?.email;
const request = () => emailRequest(shop, orderId, WANTED, { idempotencyKey: 'k' });
const run = () => engine.run(request(), room.ctx(shop));
const failing = (fault: Fault) => room.sandbox.fail({ ...fault, match: { method: 'PUT' } });
/** The first call, whose write meets the fault. */
function runInto(fault: Fault): Promise<ChangeAnswer> {
  failing(fault);
  const isSilent = fault.kind === 'hang' || fault.kind === 'hang_after';
  const on = isSilent ? room.engine(shop, { writes: impatient.writes }) : engine;
  return on.run(request(), room.ctx(shop));
}

/** All leases are over, and the sweep has been. */
async function swept(): Promise<number> {
  await room.leasesOver(shop, 120);
  return engine.sweep();
}

describe('a write whose answer is lost', () => {
  it.each<[string, Fault]>([
    ['reset', { kind: 'reset_after' }],
    ['awaited in vain', { kind: 'hang_after' }],
    ['cut short', { kind: 'truncated' }],
    ['not to be understood', { kind: 'malformed' }],
  ])('after it was applied (%s) is found by looking', async (_, fault) => {
    expect(await runInto(fault)).toMatchObject({ outcome: 'applied', recorded: true, apiCalls: 3 });
    expect(await room.states(shop)).toEqual(['applied']);
    expect(await run()).toMatchObject({ outcome: 'applied', replayed: true });
    expect(room.writes).toHaveLength(1);
    expect(await room.heldLocks()).toBe(0);
  });

  it.each<[string, Fault]>([
    ['reset', { kind: 'reset' }],
    ['awaited in vain', { kind: 'hang' }],
    ['a page of a proxy', { kind: 'html' }],
    ['HTTP 500', { kind: 'status', status: 500 }],
  ])(
    'before it was applied (%s) is unknown, until the sweep has looked twice; then it can be made',
    async (_, fault) => {
      const answer = await runInto(fault);
      expect(answer).toMatchObject({ outcome: 'unknown', undoable: false, lines: [{ outcome: 'unknown' }] });
      expect(answer.check).toContain('Get the order');
      expect(await room.states(shop)).toEqual(['pending']);
      await expect(run()).rejects.toMatchObject({ code: 'in_progress' });
      await expect(
        engine.run(emailRequest(shop, orderId, 'other@example.com'), room.ctx(shop)),
      ).rejects.toMatchObject({ code: 'in_progress' });
      room.slept.length = 0;
      expect(await swept()).toBe(1);
      expect(room.slept).toEqual([10_000]);
      expect(await room.states(shop)).toEqual(['failed']);
      expect(email()).toBe(before);
      expect(await run()).toMatchObject({ outcome: 'applied', replayed: false });
      expect(email()).toBe(WANTED);
      expect(room.writes).toHaveLength(2);
      expect(await room.states(shop)).toEqual(['applied']);
    },
  );

  it('is settled by the same call when it comes again', async () => {
    failing({ kind: 'reset' });
    await run();
    await room.leasesOver(shop);
    room.upstream.changeOrder(orderId, { email: WANTED });
    expect(await run()).toMatchObject({ outcome: 'applied', replayed: true });
    expect(room.writes).toHaveLength(1);
  });

  it('and was not applied is carried out by the same call, after two looks', async () => {
    failing({ kind: 'reset' });
    await run();
    await room.leasesOver(shop);
    room.slept.length = 0;
    expect(await run()).toMatchObject({ outcome: 'applied', replayed: false });
    expect(room.slept).toEqual([10_000]);
    expect(email()).toBe(WANTED);
    expect(await room.states(shop)).toEqual(['applied']);
  });

  it('and was not applied, but is so by now, is recorded as it is found', async () => {
    failing({ kind: 'reset' });
    const { changeId } = await run();
    await swept();
    expect(await room.states(shop)).toEqual(['failed']);
    room.upstream.changeOrder(orderId, { email: WANTED });
    const answer = await run();
    expect(answer).toMatchObject({ outcome: 'unchanged', changeId, replayed: false, undoable: false });
    expect(await room.states(shop)).toEqual(['applied']);
    expect(await run()).toMatchObject({ outcome: 'unchanged', changeId, replayed: true });
    expect(await room.heldLocks()).toBe(0);
    expect(room.writes).toHaveLength(1);
  });

  it('is still unknown to a call that has no time for a second look', async () => {
    failing({ kind: 'reset' });
    await run();
    await room.leasesOver(shop);
    const answer = await engine.run(request(), room.ctx(shop, { deadlineAt: room.monotonic() + 11_000 }));
    expect(answer).toMatchObject({ outcome: 'unknown', replayed: true });
    expect(await room.states(shop)).toEqual(['pending']);
  });

  it('and that somebody else has changed since stays unknown for good, unless a person knows', async () => {
    failing({ kind: 'reset' });
    const { changeId } = await run();
    room.upstream.changeOrder(orderId, { email: 'somebody@example.com' });
    await swept();
    expect(await room.states(shop)).toEqual(['unknown']);
    expect(await run()).toMatchObject({ outcome: 'unknown', replayed: true });
    expect(room.writes).toHaveLength(1);
    await engine.settle(shop.principal.tenantId, changeId ?? '', 'applied');
    expect(await run()).toMatchObject({
      outcome: 'applied',
      lines: [{ message: 'Settled by a person: it was applied.' }],
    });
    const again = engine.settle(shop.principal.tenantId, changeId ?? '', 'failed');
    await expect(again).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a write that Order Desk refuses', () => {
  it.each<[string, Fault]>([
    ['HTTP 400', { kind: 'status', status: 400, message: 'No such mail' }],
    ['an error in HTTP 200', { kind: 'error200', message: 'No such mail' }],
  ])('by %s has failed, and fails the same way again', async (_, fault) => {
    failing(fault);
    const first = await run().catch((error: unknown) => error as AppError);
    expect(first).toMatchObject({
      code: 'upstream_rejected',
      message: 'Order Desk says: "No such mail"',
      quotation: { data: { order_desk_says: 'No such mail' }, mayNameCustomers: true },
    });
    const again = await run().catch((error: unknown) => error as AppError);
    expect({ ...(again as AppError) }).toEqual({ ...(first as AppError) });
    expect(again).toMatchObject({ message: 'Order Desk says: "No such mail"' });
    expect(room.writes).toHaveLength(1);
    expect(await room.states(shop)).toEqual(['failed']);
    expect(await room.heldLocks()).toBe(0);
  });

  it.each([401, 429])(
    'for another reason (HTTP %i) leaves nothing, and can be made again',
    async (status) => {
      failing({ kind: 'status', status });
      await expect(run()).rejects.toMatchObject({
        code: status === 401 ? 'upstream_credentials_refused' : 'upstream_rate_limited',
      });
      expect(await room.states(shop)).toEqual([]);
      expect(await room.heldLocks()).toBe(0);
      expect(await run()).toMatchObject({ outcome: 'applied' });
    },
  );
});

describe('a write while the database goes away', () => {
  it.each(Array.from({ length: 7 }, (_, after) => [false, true].map((lost) => ({ after, lost }))).flat())(
    'after $after transactions, its last answer lost: $lost',
    async ({ after, lost }) => {
      room.lose(after, lost);
      const answer = await run().catch((error: AppError) => error);
      room.restore();
      const isApplied = email() === WANTED;
      if ('code' in answer) {
        expect(answer.code).toBe('storage_unavailable');
        expect(isApplied).toBe(false);
      } else {
        expect(answer).toMatchObject({ outcome: 'applied', recorded: after >= 4 });
        expect(isApplied).toBe(true);
      }
      await swept();
      const last: ChangeAnswer = await run();
      expect(last).toMatchObject({ outcome: 'applied', replayed: isApplied });
      expect(email()).toBe(WANTED);
      expect(room.writes).toHaveLength(1);
      expect(await room.states(shop)).toEqual(['applied']);
    },
  );
});

describe('the sweep', () => {
  it('removes what was claimed and never sent, of any tenant', async () => {
    const stuck = room.engine(shop, {
      onStep: (step) => (step === 'locked' ? new Promise<void>(() => {}) : undefined),
    });
    void stuck.run(request(), room.ctx(shop));
    while ((await room.heldLocks()) === 0) await new Promise(setImmediate);
    expect(await engine.sweep()).toBe(0);
    expect(await swept()).toBe(1);
    expect(await room.states(shop)).toEqual([]);
  });

  it('and a slow writer do not fight: what the writer knows stands, and it is sent once', async () => {
    let wake = () => {};
    const paused = new Promise<void>((resolve) => {
      wake = resolve;
    });
    let isPaused = false;
    const slow = room.engine(shop, {
      onStep: (step) => {
        if (step !== 'sent') return undefined;
        isPaused = true;
        return paused;
      },
    });
    const running = slow.run(request(), room.ctx(shop));
    while (!isPaused) await new Promise(setImmediate);
    expect(await engine.sweep()).toBe(0);
    expect(await swept()).toBe(1);
    wake();
    expect(await running).toMatchObject({ outcome: 'applied', recorded: true });
    expect(await room.states(shop)).toEqual(['applied']);
    expect(room.writes).toHaveLength(1);
  });

  it('finds a writer that woke up too late not to have sent', async () => {
    const late = room.engine(shop, {
      onStep: (step) => {
        if (step === 'pending') room.ahead += 31_000;
      },
    });
    const ctx = room.ctx(shop, { deadlineAt: room.monotonic() + 110_000 });
    await expect(late.run(request(), ctx)).rejects.toMatchObject({ code: 'store_busy' });
    expect(room.writes).toEqual([]);
    expect(await room.states(shop)).toEqual([]);
  });

  it('leaves what it cannot look at for a day, then calls it unknown', async () => {
    failing({ kind: 'reset' });
    await run();
    room.hasStore = false;
    expect(await swept()).toBe(0);
    expect(await room.states(shop)).toEqual(['pending']);
    room.ahead += 24 * 3_600_000;
    expect(await swept()).toBe(1);
    expect(await room.states(shop)).toEqual(['unknown']);
  });
});
