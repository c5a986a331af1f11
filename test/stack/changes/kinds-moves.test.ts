import { afterEach, describe, expect, it } from 'vitest';
import { SAID } from '../../../src/changes/kinds/move-lines.js';
import { ordersMove } from '../../../src/changes/kinds/orders-move.js';
import type { SandboxSwitches } from '../../../src/sandbox/index.js';
import { STAGE_FOLDERS } from '../../../src/sandbox/seed/folders.js';
import { openRoom, type Room } from '../../support/changes/kinds-moves-room.js';

const CLOSED = String(STAGE_FOLDERS.closed.id);
const BACKORDER = String(STAGE_FOLDERS.backorder.id);
const NEW = String(STAGE_FOLDERS.new.id);
const UNKNOWN = '99999999';

const rooms: Room[] = [];

async function room(switches: Partial<SandboxSwitches> = {}, orderCount?: number): Promise<Room> {
  const opened = await openRoom(switches, orderCount);
  rooms.push(opened);
  return opened;
}

afterEach(async () => {
  for (const opened of rooms.splice(0)) await opened.close();
});

/** Orders of the room, all put into one folder without a word in their history. */
function ordersIn({ shop }: Room, folderId: string, count: number): string[] {
  const orders = shop.orders().slice(0, count);
  for (const { id } of orders) shop.changeOrder(id, { folder_id: Number(folderId) });
  return orders.map(({ id }) => id);
}

const folderOf = ({ shop }: Room, id: string): string => String(shop.order(id)?.folder_id);
const rulesRun = ({ sandbox }: Room): number => sandbox.counters().rulesFired.folder_changed ?? 0;

describe('a move of orders', () => {
  it('takes five requests for 500 orders, and tells where each was', async () => {
    const opened = await room({ moveMaximum: 'refused' }, 500);
    const ids = ordersIn(opened, NEW, 500);
    const intent = { orderIds: ids, folderId: BACKORDER };
    const { lines } = await opened.run(ordersMove, intent);
    expect(opened.requests).toEqual(Array(5).fill('POST /move-orders'));
    expect(ordersMove.calls(intent)).toBe(5);
    expect(lines.map(({ target }) => target.id)).toEqual(ids);
    expect(new Set(lines.map((line) => JSON.stringify([line.outcome, line.fields])))).toEqual(
      new Set([JSON.stringify(['applied', [{ path: ['folder_id'], before: NEW, after: BACKORDER }]])]),
    );
    expect(ids.every((id) => folderOf(opened, id) === BACKORDER)).toBe(true);
  });

  it.each(['left_out', 'told'] as const)('fails the line of an unknown order that is %s', async (how) => {
    const opened = await room({ moveUnknownOrder: how });
    const [first = ''] = ordersIn(opened, NEW, 1);
    const { lines } = await opened.run(ordersMove, { orderIds: [UNKNOWN, first], folderId: CLOSED });
    expect(lines).toMatchObject([
      how === 'told'
        ? { outcome: 'failed', message: SAID.refused, quoted: 'Order Not Found' }
        : { outcome: 'failed', message: SAID.noSuchOrder },
      { outcome: 'applied', target: { id: first } },
    ]);
  });

  it('finds out that nothing was moved where Order Desk says error in HTTP 200, and no more', async () => {
    const opened = await room({ moveUnknownOrder: 'refused', unknownId: 200 });
    const [first = ''] = ordersIn(opened, NEW, 1);
    const step = await opened.lose(ordersMove, { orderIds: [UNKNOWN, first], folderId: CLOSED });
    expect(await ordersMove.look(step, opened.around)).toMatchObject([
      { found: 'not_applied', line: { message: SAID.gone } },
      { found: 'not_applied' },
    ]);
  });

  it('goes by the lines of an answer that says error because of one of them', async () => {
    const opened = await room({ partlyFailedBatch: 'error' });
    const ids = ordersIn(opened, NEW, 12);
    const { lines } = await opened.run(ordersMove, { orderIds: [UNKNOWN, ...ids], folderId: CLOSED });
    expect(lines.map(({ outcome }) => outcome)).toEqual(['failed', ...Array(12).fill('applied')]);
    expect(opened.requests).toEqual(['POST /move-orders', `GET /orders/${UNKNOWN}`]);
    expect(ids.every((id) => folderOf(opened, id) === CLOSED)).toBe(true);
  });

  it.each([404, 400] as const)('says which order made Order Desk refuse all (%s)', async (unknownId) => {
    const opened = await room({ moveUnknownOrder: 'refused', unknownId });
    const [first = ''] = ordersIn(opened, NEW, 1);
    const { lines } = await opened.run(ordersMove, { orderIds: [UNKNOWN, first], folderId: CLOSED });
    expect(lines).toMatchObject([
      { outcome: 'failed', message: SAID.noSuchOrder },
      { outcome: 'failed', message: SAID.refusedTogether },
    ]);
    expect(folderOf(opened, first)).toBe(NEW);
  });

  it('says of many that were refused together that they were, without reading each', async () => {
    const opened = await room({ moveUnknownOrder: 'refused' });
    const ids = [...ordersIn(opened, NEW, 11), UNKNOWN];
    const { lines } = await opened.run(ordersMove, { orderIds: ids, folderId: CLOSED });
    expect(opened.requests).toEqual(['POST /move-orders']);
    expect(new Set(lines.map(({ message }) => message))).toEqual(new Set([SAID.refusedTogether]));
  });

  it('goes by what the answer says of an order that is there already', async () => {
    const again = await room({ moveToSameFolder: 'moved_again' });
    const ids = ordersIn(again, CLOSED, 1);
    const moved = await again.run(ordersMove, { orderIds: ids, folderId: CLOSED });
    expect(moved.lines).toMatchObject([{ outcome: 'applied', fields: [], message: SAID.again }]);
    expect(rulesRun(again)).toBe(1);

    const left = await room({ moveToSameFolder: 'unchanged' });
    const same = await left.run(ordersMove, { orderIds: ordersIn(left, CLOSED, 1), folderId: CLOSED });
    expect(same.lines).toMatchObject([{ outcome: 'already', fields: [], message: SAID.already }]);
    expect(rulesRun(left)).toBe(0);
  });

  it('refuses a folder that the store has not, an order named twice and what is no id', async () => {
    const opened = await room();
    const [first = ''] = ordersIn(opened, NEW, 1);
    const plan = (orderIds: readonly string[], folderId: string) =>
      ordersMove.plan({ orderIds, folderId }, opened.around, new Map());
    await expect(plan([first], '77')).rejects.toMatchObject({ code: 'unknown_folder' });
    await expect(plan([first, first], CLOSED)).rejects.toMatchObject({
      code: 'invalid_argument',
      field: 'order_ids.1',
    });
    for (const id of ['0', '12x', '9007199254740993', '']) {
      await expect(plan([id], CLOSED)).rejects.toMatchObject({ code: 'invalid_argument' });
    }
    expect(opened.requests).toEqual([]);
  });

  it('leaves out lines that an earlier run has finished', async () => {
    const opened = await room();
    const ids = ordersIn(opened, NEW, 3);
    const intent = { orderIds: ids, folderId: CLOSED };
    const { plan } = await opened.run(ordersMove, intent);
    const [first] = plan.lines;
    if (first === undefined) throw new Error('no line');
    const rest = await ordersMove.plan(intent, opened.around, new Map([[1, first]]));
    expect(rest.steps.flatMap(({ lines }) => lines.map(({ index }) => index))).toEqual([0, 2]);
    expect(rest.lines[1]).toBe(first);
    expect(ordersMove.effects(rest)).toBe(2);
  });
});

describe('a dry run of a move', () => {
  it('reads up to ten orders, and shows what the call then does', async () => {
    const opened = await room();
    const ids = [...ordersIn(opened, NEW, 9), UNKNOWN];
    const intent = { orderIds: ids, folderId: CLOSED };
    const around = { ...opened.around, previewed: true };
    const shown = await ordersMove.plan(intent, around, new Map());
    expect([...opened.requests].sort()).toEqual(ids.map((id) => `GET /orders/${id}`));
    expect(ordersMove.calls(intent, true)).toBe(11);
    expect(shown.seen).toHaveLength(9);
    expect(await ordersMove.besides(intent, shown, around)).toEqual([]);
    const { lines } = await opened.run(ordersMove, intent);
    expect(shown.lines.map(({ outcome, fields }) => ({ outcome, fields }))).toEqual(
      lines.map(({ outcome, fields }) => ({ outcome, fields })),
    );
  });

  it('of the same orders is bound to what they are', async () => {
    const opened = await room();
    const [first = ''] = ordersIn(opened, NEW, 1);
    const plan = () =>
      ordersMove.plan(
        { orderIds: [first], folderId: CLOSED },
        { ...opened.around, previewed: true },
        new Map(),
      );
    const before = (await plan()).seen;
    expect((await plan()).seen).toEqual(before);
    opened.shop.changeOrder(first, { email: 'other@example.com' });
    expect((await plan()).seen).not.toEqual(before);
  });

  it('says that more than ten are not read', async () => {
    const opened = await room();
    const intent = { orderIds: ordersIn(opened, NEW, 11), folderId: CLOSED };
    const around = { ...opened.around, previewed: true };
    const shown = await ordersMove.plan(intent, around, new Map());
    expect(opened.requests).toEqual([]);
    expect(await ordersMove.besides(intent, shown, around)).toEqual([
      'The folders that orders are in now are read for up to 10 orders only; the answer to the move names them.',
    ]);
  });
});

describe('an undo of a move', () => {
  it('takes orders back to where each was, but not one that has gone on', async () => {
    const opened = await room();
    const [a = '', b = '', c = ''] = ordersIn(opened, NEW, 3);
    opened.shop.changeOrder(b, { folder_id: Number(BACKORDER) });
    const { recorded } = await opened.run(ordersMove, { orderIds: [a, b, c], folderId: CLOSED });
    opened.shop.moveOrder(c, Number(BACKORDER));
    const undo = ordersMove.inverse(recorded);
    if (undo.kind !== 'orders_move' || !('orderIds' in undo.intent)) throw new Error('no move');
    const { lines } = await opened.run(ordersMove, undo.intent);
    expect(lines).toMatchObject([
      { outcome: 'applied', fields: [{ before: CLOSED, after: NEW }] },
      { outcome: 'applied', fields: [{ before: CLOSED, after: BACKORDER }] },
      { outcome: 'failed', message: SAID.notThere },
    ]);
    expect([a, b, c].map((id) => folderOf(opened, id))).toEqual([NEW, BACKORDER, BACKORDER]);
  });

  it('of many lists the folder instead of reading each', async () => {
    const opened = await room({}, 120);
    const ids = ordersIn(opened, NEW, 120);
    const { recorded } = await opened.run(ordersMove, { orderIds: ids, folderId: CLOSED });
    const gone = ids.slice(0, 11);
    for (const id of gone) opened.shop.moveOrder(id, Number(BACKORDER));
    opened.requests.length = 0;
    const undo = ordersMove.inverse(recorded);
    if (undo.kind !== 'orders_move' || !('orderIds' in undo.intent)) throw new Error('no move');
    const { lines } = await opened.run(ordersMove, undo.intent);
    expect(opened.requests).toEqual(['GET /orders', 'POST /move-orders', 'POST /move-orders']);
    expect(opened.requests.length).toBeLessThanOrEqual(ordersMove.calls(undo.intent));
    expect(lines.filter(({ outcome }) => outcome === 'applied')).toHaveLength(109);
    expect(lines.slice(0, 11).map(({ message }) => message)).toEqual(Array(11).fill(SAID.notThere));
    expect(ids.map((id) => folderOf(opened, id))).toEqual([
      ...Array(11).fill(BACKORDER),
      ...Array(109).fill(NEW),
    ]);
  });

  it('cannot be had where no previous folder is known', () => {
    const line = { target: { kind: 'order', id: '1' }, outcome: 'applied', fields: [] } as const;
    const change = { id: 'c', kind: 'orders_move', lines: [line], records: {}, sentAt: new Date() } as const;
    expect(() => ordersMove.inverse(change)).toThrow(expect.objectContaining({ code: 'cannot_undo' }));
  });
});

describe('a move whose answer was lost', () => {
  it('is found to be applied, by one list for many orders', async () => {
    const opened = await room({}, 40);
    const ids = ordersIn(opened, NEW, 40);
    opened.sandbox.fail({ kind: 'reset_after', match: { path: '/move-orders' } });
    const step = await opened.lose(ordersMove, { orderIds: ids, folderId: CLOSED });
    opened.requests.length = 0;
    const verdicts = await ordersMove.look(step, opened.around);
    expect(opened.requests).toEqual(['GET /orders']);
    expect(verdicts).toHaveLength(40);
    expect(new Set(verdicts.map(({ found, line }) => `${found}: ${line?.message}`))).toEqual(
      new Set([`applied: ${SAID.inFolder}`]),
    );
  });

  it('is found to have changed nothing where histories show no move', async () => {
    const opened = await room();
    const ids = ordersIn(opened, NEW, 3);
    opened.sandbox.fail({ kind: 'reset', match: { path: '/move-orders' } });
    const step = await opened.lose(ordersMove, { orderIds: ids, folderId: CLOSED });
    const verdicts = await ordersMove.look(step, opened.around);
    expect(verdicts).toEqual([0, 1, 2].map((index) => ({ index, found: 'not_applied' })));
    expect(ids.map((id) => folderOf(opened, id))).toEqual([NEW, NEW, NEW]);
  });

  it('tells an order that was there before from one that was moved', async () => {
    const opened = await room();
    const [before = '', moved = ''] = ordersIn(opened, NEW, 2);
    opened.shop.changeOrder(before, { folder_id: Number(CLOSED) });
    opened.sandbox.fail({ kind: 'reset', match: { path: '/move-orders' } });
    const step = await opened.lose(ordersMove, { orderIds: [before, moved], folderId: CLOSED });
    opened.shop.moveOrder(moved, Number(CLOSED));
    expect(await ordersMove.look(step, opened.around)).toMatchObject([
      { found: 'applied', line: { outcome: 'already', fields: [], message: SAID.alreadyThere } },
      { found: 'applied', line: { outcome: 'applied', message: SAID.inFolder } },
    ]);
  });

  it('keeps the previous folder that was read before it was sent', async () => {
    const opened = await room();
    const ids = ordersIn(opened, NEW, 1);
    opened.sandbox.fail({ kind: 'reset_after', match: { path: '/move-orders' } });
    const step = await opened.lose(ordersMove, { orderIds: ids, folderId: CLOSED }, true);
    expect(step.lines[0]?.line.fields).toEqual([{ path: ['folder_id'], before: NEW, after: CLOSED }]);
    expect(await ordersMove.look(step, opened.around)).toEqual([{ index: 0, found: 'applied' }]);
  });

  it('is unclear where a rule or a person has moved an order since', async () => {
    const opened = await room();
    const ids = ordersIn(opened, NEW, 1);
    opened.sandbox.fail({ kind: 'reset_after', match: { path: '/move-orders' } });
    const step = await opened.lose(ordersMove, { orderIds: ids, folderId: CLOSED });
    for (const id of ids) opened.shop.moveOrder(id, Number(BACKORDER));
    expect(await ordersMove.look(step, opened.around)).toMatchObject([
      { found: 'unclear', line: { outcome: 'unknown', message: SAID.touchedSince } },
    ]);
  });

  it('reads the history from a search where reading one order leaves it out', async () => {
    const opened = await room({ historyOnSingleOrder: 'ignored' });
    const [first = '', other = ''] = ordersIn(opened, NEW, 2);
    opened.sandbox.fail({ kind: 'reset', match: { path: '/move-orders' } });
    const step = await opened.lose(ordersMove, { orderIds: [first, other], folderId: CLOSED });
    opened.shop.moveOrder(other, Number(BACKORDER));
    expect(await ordersMove.look(step, opened.around)).toMatchObject([
      { found: 'not_applied' },
      { found: 'unclear' },
    ]);
  });

  it('is unclear where the history is full, so that a move may have left no trace in it', async () => {
    const opened = await room({ historyCap: 'dropped' });
    const ids = ordersIn(opened, NEW, 1);
    const { around } = opened;
    const longAgo = '2020-01-01 00:00:00';
    const entries = Array.from({ length: 250 }, () => ({
      source_name: 'API',
      note: 'x',
      date_added: longAgo,
    }));
    const full = {
      ...around.reads,
      order: async (...args: Parameters<typeof around.reads.order>) => {
        const { raw, view } = await around.reads.order(...args);
        const history = entries.map(() => ({ at: '2020-01-01T00:00:00Z', by: 'API', text: 'x' }));
        return { raw: { ...raw, order_history: entries }, view: { ...view, history } };
      },
    };
    opened.sandbox.fail({ kind: 'reset', match: { path: '/move-orders' } });
    const step = await opened.lose(ordersMove, { orderIds: ids, folderId: CLOSED });
    expect(await ordersMove.look(step, { ...around, reads: full })).toMatchObject([
      { found: 'unclear', line: { message: SAID.historyUnread } },
    ]);
  });

  it('has not moved an order that is not there', async () => {
    const opened = await room();
    opened.sandbox.fail({ kind: 'reset_after', match: { path: '/move-orders' } });
    const step = await opened.lose(ordersMove, { orderIds: [UNKNOWN], folderId: CLOSED });
    expect(await ordersMove.look(step, opened.around)).toMatchObject([
      { found: 'not_applied', line: { message: SAID.gone } },
    ]);
  });
});
