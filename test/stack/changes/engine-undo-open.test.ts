/** Undo where an outcome is open: of the change itself, of the undo, or of a part of either. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/changes/engine.js';
import type { EngineOptions } from '../../../src/changes/engine-options.js';
import type { ChangeAnswer, UndoRequest } from '../../../src/changes/port.js';
import { EngineRoom, type Shop } from '../../support/changes/engine-room.js';
import { lostWrites } from '../../support/changes/lost-writes.js';
import { emailRequest, moveRequest } from '../../support/changes/requests.js';
import { smallKinds } from '../../support/changes/small-kinds.js';

let room: EngineRoom;
let shop: Shop;
let engine: Engine;
let ids: readonly string[];
let to: number;
let orders = 0;

/** Moves that no key has to confirm, and whose undo is of those orders only that were moved. */
const types: EngineOptions['types'] = {
  ...smallKinds,
  orders_move: {
    ...smallKinds.orders_move,
    confirm: undefined,
    inverse: ({ lines, ...change }) =>
      smallKinds.orders_move.inverse({
        ...change,
        lines: lines.filter(({ outcome }) => outcome === 'applied'),
      }),
  },
};

beforeAll(async () => {
  room = await EngineRoom.open();
});
afterAll(() => room.close());
beforeEach(async () => {
  shop = await room.shop();
  engine = room.engine(shop, { types });
  ids = room.upstream
    .orders()
    .slice(orders, orders + 3)
    .map(({ id }) => id);
  orders += 3;
  const [from = 0, other = 0] = room.upstream.folders().map(({ id }) => id);
  to = other;
  for (const id of ids) room.upstream.moveOrder(id, from);
  for (const list of [room.asked, room.slept]) list.length = 0;
});

const undoing = ({ changeId }: ChangeAnswer, change: Partial<UndoRequest> = {}): UndoRequest => ({
  changeId: changeId ?? '',
  dryRun: false,
  ...change,
});
const outcomes = ({ lines }: ChangeAnswer) => lines.map(({ outcome }) => outcome);

/** An engine whose calls have no time left after so many requests. */
const endsAfter = (requests: number): Engine => {
  let sent = 0;
  return room.engine(shop, {
    types,
    onStep: (step) => {
      if (step !== 'sent') return;
      sent += 1;
      if (sent === requests) room.ahead += 14_000;
    },
  });
};

describe('an undo', () => {
  const changed = (on = engine) =>
    on.run(emailRequest(shop, ids[0] ?? '', 'changed@example.com'), room.ctx(shop));
  const withLostAnswers = () => room.engine(shop, { types, writes: lostWrites });

  it('has to wait while it is not known what became of the change', async () => {
    const change = await changed(withLostAnswers());
    expect(change.outcome).toBe('unknown');
    await expect(engine.undo(undoing(change), room.ctx(shop))).rejects.toMatchObject({
      code: 'in_progress',
      message: expect.stringContaining('not known yet'),
      retryAfterS: expect.any(Number),
    });
  });

  it('has to wait while it is not known what became of another', async () => {
    const change = await changed();
    const open = await withLostAnswers().undo(undoing(change), room.ctx(shop));
    for (const again of [undoing(change), undoing(change, { idempotencyKey: 'other' })]) {
      await expect(engine.undo(again, room.ctx(shop))).rejects.toMatchObject({
        code: 'in_progress',
        message: expect.stringContaining(open.changeId ?? 'an id'),
        retryAfterS: expect.any(Number),
      });
    }
  });

  it('is refused for good, and not as done, when nobody can tell what became of another', async () => {
    const change = await changed();
    const open = await withLostAnswers().undo(undoing(change), room.ctx(shop));
    room.upstream.changeOrder(ids[0] ?? '', { email: 'third@example.com' });
    await room.leasesOver(shop, 200);
    expect(await engine.sweep()).toBe(1);
    for (const again of [undoing(change), undoing(change, { idempotencyKey: 'other' })]) {
      await expect(engine.undo(again, room.ctx(shop))).rejects.toMatchObject({
        code: 'cannot_undo',
        message: expect.stringMatching(new RegExp(`${open.changeId}.* unknown outcome`)),
      });
    }
  });

  it('of a part ends the change: the rest of it is not carried out later', async () => {
    const request = moveRequest(shop, ids, to, { idempotencyKey: 'k' });
    const part = await endsAfter(2).run(request, room.ctx(shop));
    expect(outcomes(part)).toEqual(['applied', 'applied', 'not_sent']);
    const undone = await engine.undo(undoing(part), room.ctx(shop));
    expect(outcomes(undone)).toEqual(['applied', 'applied']);
    const sent = room.writes.length;
    await expect(engine.run(request, room.ctx(shop))).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(undone.changeId ?? 'an id'),
    });
    expect(room.writes).toHaveLength(sent);
    expect(await room.states(shop)).toEqual(['applied', 'applied']);
  });

  it('does not go on where the change it takes back has more to it by now', async () => {
    const request = moveRequest(shop, ids, to, { idempotencyKey: 'k' });
    const part = await endsAfter(2).run(request, room.ctx(shop));
    room.sandbox.fail({ kind: 'status', status: 400, match: { path: '/move-orders' } });
    const undo = undoing(part, { idempotencyKey: 'u' });
    expect(outcomes(await endsAfter(1).undo(undo, room.ctx(shop)))).toEqual(['failed', 'not_sent']);
    expect(outcomes(await engine.run(request, room.ctx(shop)))).toEqual(['applied', 'applied', 'applied']);
    const sent = room.writes.length;
    await expect(engine.undo(undo, room.ctx(shop))).rejects.toMatchObject({ code: 'conflict' });
    expect(room.writes).toHaveLength(sent);
    const anew = await engine.undo(undoing(part, { idempotencyKey: 'v' }), room.ctx(shop));
    expect(outcomes(anew)).toEqual(['applied', 'applied', 'applied']);
  });
});
