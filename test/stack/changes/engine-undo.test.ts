/** Undo: the inverse of a change, as a change of its own. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/changes/engine.js';
import type { ChangeAnswer, UndoRequest } from '../../../src/changes/port.js';
import { EngineRoom, principalOf, type Shop } from '../../support/changes/engine-room.js';
import { emailRequest, moveRequest } from '../../support/changes/requests.js';
import { EVERYTHING } from '../../support/scopes.js';

let room: EngineRoom;
let shop: Shop;
let engine: Engine;
let ids: readonly string[];
let folders: readonly number[];
let orders = 0;

beforeAll(async () => {
  room = await EngineRoom.open();
});
afterAll(() => room.close());
beforeEach(async () => {
  shop = await room.shop();
  engine = room.engine(shop);
  ids = room.upstream
    .orders()
    .slice(orders, orders + 3)
    .map(({ id }) => id);
  orders += 3;
  const [from = 0, to = 0] = room.upstream.folders().map(({ id }) => id);
  folders = [from, to];
  for (const id of ids) room.upstream.moveOrder(id, from);
  for (const list of [room.asked, room.slept]) list.length = 0;
});

const folderOf = (id: string | undefined) => room.upstream.order(id ?? '')?.folder_id;
const email = () => room.upstream.order(ids[0] ?? '')?.email;
const to = () => folders[1] ?? 0;

describe('an undo', () => {
  const undoing = ({ changeId }: ChangeAnswer, change: Partial<UndoRequest> = {}): UndoRequest => ({
    changeId: changeId ?? '',
    dryRun: false,
    ...change,
  });
  const changed = (value: string) => engine.run(emailRequest(shop, ids[0] ?? '', value), room.ctx(shop));

  it('restores what was there, once for one key, and can itself be undone', async () => {
    const before = email();
    const change = await changed('changed@example.com');
    const undo = undoing(change, { idempotencyKey: 'u' });
    const undone = await engine.undo(undo, room.ctx(shop));
    expect(undone).toMatchObject({ outcome: 'applied', remarks: ['It is as it was.', expect.anything()] });
    expect(email()).toBe(before);
    expect(await engine.undo(undo, room.ctx(shop))).toMatchObject({
      replayed: true,
      changeId: undone.changeId,
    });
    await expect(engine.undo(undoing(change), room.ctx(shop))).rejects.toMatchObject({ code: 'cannot_undo' });
    const { entries } = await engine.list(shop.principal, { stores: [shop.store], limit: 10 });
    expect(entries).toMatchObject([
      { tool: 'undo_change', undoes: change.changeId, undoable: true },
      { undoneBy: undone.changeId, undoable: false },
    ]);
    await engine.undo(undoing(undone), room.ctx(shop));
    expect(email()).toBe('changed@example.com');
  });

  it('is refused when somebody else has changed the same since', async () => {
    const change = await changed('changed@example.com');
    room.upstream.changeOrder(ids[0] ?? '', { email: 'somebody@example.com' });
    await expect(engine.undo(undoing(change), room.ctx(shop))).rejects.toMatchObject({ code: 'cannot_undo' });
    expect(email()).toBe('somebody@example.com');
    expect(await room.states(shop)).toEqual(['applied']);
  });

  it('needs the tool for the inverse, and the right to undo what others did', async () => {
    const change = await changed('changed@example.com');
    const tools: string[] = [];
    const narrow = room.engine(shop, {
      mayUse: (_, tool) => {
        tools.push(tool);
        return false;
      },
    });
    await expect(narrow.undo(undoing(change), room.ctx(shop))).rejects.toMatchObject({ code: 'forbidden' });
    expect(tools).toEqual(['update_order']);
    const { tenantId } = shop.principal;
    const colleague = principalOf(tenantId);
    await expect(engine.undo(undoing(change), room.ctx({ principal: colleague }))).rejects.toMatchObject({
      code: 'forbidden',
    });
    const stranger = (await room.shop()).principal;
    await expect(engine.undo(undoing(change), room.ctx({ principal: stranger }))).rejects.toMatchObject({
      code: 'not_found',
    });
    const trusted = principalOf(tenantId, { scope: { ...EVERYTHING, toolsets: ['default', 'destructive'] } });
    expect(await engine.undo(undoing(change), room.ctx({ principal: trusted }))).toMatchObject({
      outcome: 'applied',
    });
  });

  it('of a move has to be confirmed by every key', async () => {
    const moved = await engine.run(moveRequest(shop, ids, to()), room.ctx(shop));
    const refused = engine.undo(undoing(moved), room.ctx(shop));
    await expect(refused).rejects.toMatchObject({ code: 'confirmation_required' });
    const { confirmationToken, outcome } = await engine.undo(
      undoing(moved, { dryRun: true }),
      room.ctx(shop),
    );
    expect(outcome).toBe('preview');
    await engine.undo(undoing(moved, { confirmationToken }), room.ctx(shop));
    expect(ids.map(folderOf)).toEqual(ids.map(() => folders[0]));
  });

  it('is refused for what was not applied, and for what is no longer kept', async () => {
    room.sandbox.fail({ kind: 'status', status: 400, match: { method: 'PUT' } });
    await changed('refused@example.com').catch(() => {});
    const { entries } = await engine.list(shop.principal, { stores: [shop.store], limit: 1 });
    const failed = { ...(await changed('x@example.com')), changeId: entries[0]?.id ?? '' };
    await expect(engine.undo(undoing(failed), room.ctx(shop))).rejects.toMatchObject({
      code: 'cannot_undo',
      message: expect.stringContaining('not applied'),
    });
    const old = await changed('old@example.com');
    await room.database.asTenant(shop.principal.tenantId, (tx) =>
      tx.run('update changes set images = null where change_id = $1', [old.changeId]),
    );
    await expect(engine.undo(undoing(old), room.ctx(shop))).rejects.toMatchObject({
      code: 'cannot_undo',
      message: expect.stringContaining('no longer kept'),
    });
  });
});
