/** A write from claim to close: what is sent, what is left, and what the same call gets when it comes again. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/changes/engine.js';
import type { ChangeEvent, EngineStep } from '../../../src/changes/engine-options.js';
import { EngineRoom, type Shop } from '../../support/changes/engine-room.js';
import { emailRequest } from '../../support/changes/requests.js';
import { deferred } from '../../support/deferred.js';
import { EVERYTHING } from '../../support/scopes.js';

let room: EngineRoom;
let shop: Shop;
let engine: Engine;
let orderId: string;
let orders = 0;
const events: ChangeEvent[] = [];
const steps: EngineStep[] = [];

beforeAll(async () => {
  room = await EngineRoom.open();
});
afterAll(() => room.close());
beforeEach(async () => {
  shop = await room.shop();
  engine = room.engine(shop, {
    observe: (event) => events.push(event),
    onStep: (step) => void steps.push(step),
  });
  orderId = room.upstream.orders()[orders]?.id ?? '';
  orders += 1;
  for (const list of [room.asked, room.slept, events, steps]) list.length = 0;
});

const email = () => room.upstream.order(orderId)?.email;

describe('a write', () => {
  it('is carried out by one read and one write, and recorded', async () => {
    const before = email();
    const answer = await engine.run(emailRequest(shop, orderId, 'new@example.com'), room.ctx(shop));
    expect(answer).toMatchObject({
      outcome: 'applied',
      replayed: false,
      recorded: true,
      undoable: true,
      apiCalls: 2,
      remarks: ['It says who is written to.'],
      lines: [{ outcome: 'applied', fields: [{ path: ['email'], before, after: 'new@example.com' }] }],
    });
    expect(email()).toBe('new@example.com');
    expect(room.asked.map(({ method }) => method)).toEqual(['GET', 'PUT']);
    expect(steps).toEqual([
      'claimed',
      'locked',
      'planned',
      'pending',
      'sent',
      'answered',
      'closed',
      'unlocked',
    ]);
    expect(events).toMatchObject([{ tool: 'update_order', kind: 'order_update', outcome: 'applied' }]);
    const { entries } = await engine.list(shop.principal, { stores: [shop.store], limit: 10 });
    expect(entries).toMatchObject([{ id: answer.changeId, state: 'applied', client: 'made-up client 1.0' }]);
    const next = await engine.run(
      emailRequest(shop, orderId, 'x@example.com', { dryRun: true }),
      room.ctx(shop),
    );
    expect(answer.version).toBe(next.version);
  });

  it('is answered again for the same key, and refused for the key with other arguments', async () => {
    const request = emailRequest(shop, orderId, 'once@example.com', { idempotencyKey: 'k' });
    const first = await engine.run(request, room.ctx(shop));
    room.upstream.changeOrder(orderId, { email: 'else@example.com' });
    expect(await engine.run(request, room.ctx(shop))).toEqual({ ...first, replayed: true, apiCalls: 0 });
    expect(email()).toBe('else@example.com');
    expect(events.at(-1)?.outcome).toBe('replayed');
    const other = emailRequest(shop, orderId, 'other@example.com', { idempotencyKey: 'k' });
    await expect(engine.run(other, room.ctx(shop))).rejects.toMatchObject({
      code: 'invalid_argument',
      field: 'idempotency_key',
    });
    expect(room.writes).toHaveLength(1);
  });

  it('is sent once for many calls at once with one key', async () => {
    const request = emailRequest(shop, orderId, 'many@example.com', { idempotencyKey: 'k' });
    const calls = await Promise.allSettled(
      Array.from({ length: 8 }, () => engine.run(request, room.ctx(shop))),
    );
    expect(room.writes).toHaveLength(1);
    const refused = calls.flatMap((call) => (call.status === 'rejected' ? [call.reason.code] : []));
    expect(new Set(refused)).toEqual(new Set(['in_progress']));
    const answered = calls.flatMap((call) => (call.status === 'fulfilled' ? [call.value] : []));
    expect(answered.filter(({ replayed }) => !replayed)).toHaveLength(1);
  });

  it('leaves nothing when the plan refuses it, or there is nothing to do', async () => {
    const stale = { orderId, patch: { email: 'a@example.com' }, expectedVersion: 'stale' };
    const refused = emailRequest(shop, orderId, 'a@example.com', { intent: stale, idempotencyKey: 'k' });
    await expect(engine.run(refused, room.ctx(shop))).rejects.toMatchObject({ code: 'version_conflict' });
    const same = emailRequest(shop, orderId, email() ?? '');
    expect(await engine.run(same, room.ctx(shop))).toMatchObject({
      outcome: 'unchanged',
      changeId: null,
      undoable: false,
    });
    expect(room.writes).toEqual([]);
    expect(await room.states(shop)).toEqual([]);
    expect(await room.heldLocks()).toBe(0);
    expect(events.map(({ outcome }) => outcome)).toEqual(['version_conflict', 'unchanged']);
  });

  it('that is only previewed reads, says what would be, and records nothing', async () => {
    const before = email();
    const answer = await engine.run(
      emailRequest(shop, orderId, 'p@example.com', { dryRun: true, idempotencyKey: 'k' }),
      room.ctx(shop),
    );
    expect(answer).toMatchObject({
      outcome: 'preview',
      changeId: null,
      apiCalls: 2,
      remarks: ['It says who is written to.', 'Order Desk may recompute.'],
      lines: [{ fields: [{ path: ['email'], before, after: 'p@example.com' }] }],
    });
    expect(answer.confirmationToken).toBeUndefined();
    expect(room.asked.map(({ method }) => method)).toEqual(['GET']);
    expect(email()).toBe(before);
    expect(await room.states(shop)).toEqual([]);
    expect([events, steps]).toEqual([[], []]);
  });

  it('waits for an order that another tenant is changing, and gives up in time', async () => {
    const other = await room.shop();
    const held = deferred<void>();
    const isHeld = deferred<void>();
    const slow = room.engine(other, {
      async onStep(step) {
        if (step !== 'planned') return;
        isHeld.resolve(undefined);
        await held.promise;
      },
    });
    const patient = room.ctx(other, { deadlineAt: room.monotonic() + 60_000 });
    const running = slow.run(emailRequest(other, orderId, 'first@example.com'), patient);
    await isHeld.promise;
    const second = emailRequest(shop, orderId, 'second@example.com', { idempotencyKey: 'k' });
    const ctx = room.ctx(shop);
    await expect(engine.run(second, ctx)).rejects.toMatchObject({ code: 'in_progress', retryAfterS: 5 });
    expect(room.monotonic()).toBeGreaterThan(ctx.deadlineAt - 10_250);
    expect(room.slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(15_000);
    expect(Math.min(...room.slept)).toBeGreaterThanOrEqual(50);
    expect(Math.max(...room.slept)).toBeLessThanOrEqual(250);
    expect(await room.states(shop)).toEqual([]);
    held.resolve(undefined);
    expect(await running).toMatchObject({ outcome: 'applied' });
    expect(await engine.run(second, room.ctx(shop))).toMatchObject({ outcome: 'applied' });
    expect(email()).toBe('second@example.com');
  });

  it('ends while it waits when its caller goes', async () => {
    const other = await room.shop();
    const held = deferred<void>();
    const isHeld = deferred<void>();
    const slow = room.engine(other, {
      async onStep(step) {
        if (step !== 'locked') return;
        isHeld.resolve(undefined);
        await held.promise;
      },
    });
    const running = slow.run(emailRequest(other, orderId, 'first@example.com'), room.ctx(other));
    await isHeld.promise;
    const caller = new AbortController();
    caller.abort();
    const ctx = room.ctx(shop, { signal: caller.signal });
    await expect(engine.run(emailRequest(shop, orderId, 'second@example.com'), ctx)).rejects.toMatchObject({
      code: 'cancelled',
    });
    held.resolve(undefined);
    await running;
    expect(await room.states(shop)).toEqual([]);
  });

  it('is not begun when the budget of the store cannot come in time', async () => {
    room.budget.pausedS = 16;
    const running = engine.run(emailRequest(shop, orderId, 'b@example.com'), room.ctx(shop));
    await expect(running).rejects.toMatchObject({ code: 'rate_budget_exhausted', retryAfterS: 16 });
    room.budget.pausedS = 0;
    expect([room.asked, steps]).toEqual([[], []]);
  });

  it('is refused above the daily cap of its key, which refused and unchanged ones do not count for', async () => {
    const scope = { ...EVERYTHING, dailyWriteCap: 1 };
    const capped = { ...shop, principal: { ...shop.principal, scope } };
    await engine.run(emailRequest(shop, orderId, email() ?? ''), room.ctx(capped));
    await engine.run(emailRequest(shop, orderId, 'one@example.com'), room.ctx(capped));
    const second = engine.run(emailRequest(shop, orderId, 'two@example.com'), room.ctx(capped));
    await expect(second).rejects.toMatchObject({ code: 'write_cap_reached' });
    expect(email()).toBe('one@example.com');
    expect(await room.states(shop)).toEqual(['applied']);
    expect(await room.heldLocks()).toBe(0);
  });

  it('goes on when its caller goes while it is under way, and idle waits for it', async () => {
    const caller = new AbortController();
    const leaving = room.engine(shop, {
      onStep: (step) => {
        if (step === 'sent') caller.abort();
      },
    });
    const running = leaving.run(
      emailRequest(shop, orderId, 'gone@example.com'),
      room.ctx(shop, { signal: caller.signal }),
    );
    expect(await running).toMatchObject({ outcome: 'applied', recorded: true });
    let isDone = false;
    const another = leaving
      .run(emailRequest(shop, orderId, 'later@example.com'), room.ctx(shop))
      .finally(() => {
        isDone = true;
      });
    while (room.writes.length < 2) await new Promise(setImmediate);
    await leaving.idle();
    expect(await room.states(shop)).toEqual(['applied', 'applied']);
    await another;
    expect(isDone).toBe(true);
  });
});
