import { describe, expect, it } from 'vitest';
import type { Step, Surroundings } from '../../../../src/changes/change-type.js';
import { movedLine, SAID } from '../../../../src/changes/kinds/move-lines.js';
import { lookForMoves } from '../../../../src/changes/kinds/move-look.js';
import { linesOfReply } from '../../../../src/changes/kinds/move-reply.js';
import { ordersMove } from '../../../../src/changes/kinds/orders-move.js';
import { AppError } from '../../../../src/errors.js';
import { parseOrder } from '../../../../src/orderdesk/parse/order.js';
import type { CallContext, FreshReads, Order, OrderQuery } from '../../../../src/orderdesk/port.js';
import { orderRecord, storeEntry } from '../../orderdesk/records.js';

const stepOf = (ids: readonly string[], before?: string): Step => ({
  request: { method: 'POST', route: '/move-orders', orderIds: ids, body: '' },
  lines: ids.map((id, index) => ({ index, line: movedLine(id, before, '7') })),
  probe: { folderId: '7' },
});

const order = (
  id: string,
  folder: number,
  history?: readonly { note: string; date_added: string }[],
): Order =>
  parseOrder(
    orderRecord({
      id,
      folder_id: folder,
      ...(history === undefined
        ? {}
        : { order_history: history.map((entry) => ({ source_name: 'API', ...entry })) }),
    }),
    'order',
  );

interface Asked {
  readonly orders: OrderQuery[];
  readonly single: string[];
  readonly contexts: CallContext[];
}

function around(
  known: readonly Order[],
  listed: (query: OrderQuery) => { readonly orders: readonly Order[]; readonly total: number },
): { readonly surroundings: Surroundings; readonly asked: Asked } {
  const asked: Asked = { orders: [], single: [], contexts: [] };
  const refuse = (): never => {
    throw new Error('Nobody should ask for inventory.');
  };
  const reads: FreshReads = {
    order: async (_store, id, ctx) => {
      asked.single.push(id);
      asked.contexts.push(ctx);
      const found = known.find(({ view }) => view.id === id);
      if (found === undefined) throw new AppError('not_found');
      return found;
    },
    orders: async (_store, query, ctx) => {
      asked.orders.push(query);
      asked.contexts.push(ctx);
      return { ...listed(query), unreadable: [], offset: query.offset ?? 0, tookMs: 0 };
    },
    inventoryByCodes: refuse,
    inventoryItem: refuse,
  };
  const folders = ['5', '6', '7'].map((id) => ({ id, name: `Folder ${id}` }));
  const surroundings: Surroundings = {
    store: storeEntry(),
    storeView: async () => ({
      orderDeskId: '11',
      name: 'Shop',
      timeZone: null,
      country: null,
      locale: null,
      folders,
      shippingMethods: [],
      stockFollowsSales: null,
    }),
    reads,
    ctx: { signal: new AbortController().signal },
    changeId: 'c',
    now: () => new Date('2026-03-01T12:00:00Z'),
  };
  return { surroundings, asked };
}

const nothing = () => ({ orders: [], total: 0 });

describe("Order Desk's answer to a move", () => {
  const read = (results: unknown, known: readonly Order[] = [order('1', 5, [])], ids = ['1']) =>
    linesOfReply(stepOf(ids), '7', { status: 'success', results }, around(known, nothing).surroundings);

  it.each([
    [
      'a previous folder as text',
      { order_id: '1', message: 'Order Moved to X Folder', original_folder_id: '5' },
    ],
    ['no word but the folder', { order_id: 1, original_folder_id: 5 }],
  ])('is understood with %s', async (_name, result) => {
    expect(await read([result])).toEqual([movedLine('1', '5', '7')]);
  });

  it.each([
    [
      'an error',
      { order_id: 1, status: 'error', message: 'Locked', original_folder_id: 5 },
      SAID.refused,
      'Locked',
    ],
    ['words of failure', { order_id: 1, message: 'Order Not Moved' }, SAID.refused, 'Order Not Moved'],
    [
      'words of failure and a folder',
      { order_id: 1, message: 'Cannot be moved', original_folder_id: 5 },
      SAID.refused,
      'Cannot be moved',
    ],
  ])('fails a line with %s', async (_name, result, message, quoted) => {
    expect(await read([result])).toEqual([
      {
        target: { kind: 'order', id: '1' },
        outcome: 'failed',
        fields: [],
        message,
        quoted,
      },
    ]);
  });

  describe.each([
    ['another order', { order_id: 2, original_folder_id: 5 }, undefined],
    ['no words', { order_id: 1 }, undefined],
    ['words that mean nothing to us', { order_id: 1, message: 'Order queued' }, 'Order queued'],
    ['no line at all', undefined, undefined],
  ])('that has %s', (_name, result, quoted) => {
    const results = result === undefined ? undefined : [result];
    const since = [{ note: 'Order Moved to Folder 7 Folder', date_added: '2026-03-01 12:00:00' }];

    it.each([
      ['is in the folder', [order('1', 7, since)], 'applied', SAID.inFolder],
      ['was there before', [order('1', 7, [])], 'already', SAID.alreadyThere],
      ['is elsewhere', [order('1', 5, [])], 'unknown', SAID.notMoved],
      ['was moved there and on', [order('1', 6, since)], 'unknown', SAID.touchedSince],
      ['is not there', [], 'failed', SAID.noSuchOrder],
    ])('is read: the order %s', async (_where, known, outcome, message) => {
      const [line] = await read(results, known);
      expect(line).toMatchObject({ target: { kind: 'order', id: '1' }, outcome, message });
      const isSettled = outcome === 'applied' || outcome === 'already';
      expect(line?.quoted).toBe(isSettled ? undefined : quoted);
    });
  });

  it('that names none of many is not known beyond those that are read', async () => {
    const ids = Array.from({ length: 25 }, (_none, at) => String(at + 1));
    const { surroundings, asked } = around(
      ids.map((id) => order(id, 7, [])),
      nothing,
    );
    const lines = await linesOfReply(stepOf(ids), '7', { results: [] }, surroundings);
    expect(asked.single).toEqual(ids.slice(0, 20));
    expect(lines.map(({ outcome }) => outcome)).toEqual([
      ...Array(20).fill('already'),
      ...Array(5).fill('unknown'),
    ]);
    expect(lines.at(-1)?.message).toBe(SAID.leftOut);
  });

  it('is taken as it is where the orders that it leaves out cannot be read', async () => {
    const { surroundings } = around([], nothing);
    const reads = {
      ...surroundings.reads,
      order: () => Promise.reject(new AppError('upstream_unavailable')),
    };
    const results = [{ order_id: 1, original_folder_id: 5 }];
    const lines = await linesOfReply(stepOf(['1', '2']), '7', { results }, { ...surroundings, reads });
    expect(lines).toMatchObject([{ outcome: 'applied' }, { outcome: 'unknown', message: SAID.leftOut }]);
  });

  it.each([undefined, 0, null])(
    'moved without a previous folder (%s), so that no undo is possible',
    async (folder) => {
      const lines = await read([
        { order_id: 1, message: 'Order Moved to X Folder', original_folder_id: folder },
      ]);
      expect(lines).toEqual([{ ...movedLine('1', undefined, '7'), message: SAID.previousUnknown }]);
      const change = { id: 'c', kind: 'orders_move', lines, records: {}, sentAt: new Date() } as const;
      expect(() => ordersMove.inverse(change)).toThrow(AppError);
    },
  );

  it.each([undefined, 'none', {}])('leaves it unknown where it tells of no order: %s', async (results) => {
    expect(await read(results)).toMatchObject([{ outcome: 'unknown', message: SAID.notMoved }]);
  });

  it('is quoted without line breaks and in short', async () => {
    const [line] = await read([{ order_id: 1, message: `No\n"way" ${'x'.repeat(500)}` }]);
    expect(line?.quoted).toMatch(/^No 'way' x+…$/);
    expect(line?.quoted).toHaveLength(300);
  });
});

describe('an undo of a move of many orders', () => {
  const ids = Array.from({ length: 30 }, (_none, at) => String(at + 1));
  const back = Object.fromEntries(ids.map((id) => [id, { from: '7', to: id === '30' ? '404' : '5' }]));
  const intent = { orderIds: ids, folderId: '5', back };

  it('gives up on orders that it does not find in six lists, and sends nothing for them', async () => {
    const others = (query: OrderQuery) => ({
      orders: [order(String(900 + (query.offset ?? 0)), 7)],
      total: 9_000,
    });
    const { surroundings, asked } = around([], others);
    const plan = await ordersMove.plan(intent, surroundings, new Map());
    expect(asked.orders).toHaveLength(6);
    expect(asked.orders[0]).toEqual({ folderIds: ['7'], limit: 500, offset: 0 });
    expect(asked.single).toEqual([]);
    expect(plan.steps).toEqual([]);
    expect(new Set(plan.lines.map(({ message }) => message))).toEqual(new Set([SAID.notChecked]));
  });

  it('reads the last few by themselves, and leaves out a folder that is gone', async () => {
    const listed = () => ({ orders: ids.slice(5).map((id) => order(id, 7)), total: 25 });
    const { surroundings, asked } = around([order('1', 7), order('2', 6)], listed);
    const plan = await ordersMove.plan(intent, surroundings, new Map());
    expect(asked.orders).toHaveLength(1);
    expect(asked.single).toEqual(['1', '2', '3', '4', '5']);
    expect(plan.lines.map(({ message }) => message)).toEqual([
      undefined,
      SAID.notThere,
      ...Array(3).fill(SAID.noSuchOrder),
      ...Array(24).fill(undefined),
      SAID.noSuchFolder,
    ]);
    expect(plan.steps.map(({ lines, probe }) => [lines.length, probe])).toEqual([[25, { folderId: '5' }]]);
    expect(ordersMove.effects(plan)).toBe(25);
  });

  it('says how many stay where they are', () => {
    const lines = [movedLine('1', '5', '7'), movedLine('2', undefined, '7'), movedLine('3', '7', '7')];
    const change = { id: 'c', kind: 'orders_move', lines, records: {}, sentAt: new Date() } as const;
    expect(ordersMove.inverse(change)).toMatchObject({
      intent: { orderIds: ['1'], folderId: '5', back: { '1': { from: '7', to: '5' } } },
      remarks: [expect.any(String), expect.stringMatching(/: 2\.$/)],
    });
  });
});

describe('looking for a move', () => {
  const sentAt = new Date('2026-03-01T12:00:00Z');
  const look = (known: readonly Order[], before?: string) => {
    const { surroundings, asked } = around(known, nothing);
    const ids = known.map(({ view }) => view.id);
    return { verdicts: lookForMoves({ ...stepOf(ids, before), sentAt }, '7', surroundings), asked };
  };
  const entry = (date_added: string) => [{ note: 'Order Moved to Folder 7 Folder', date_added }];

  it.each([
    ['2026-03-01 11:57:59', 'not_applied'],
    ['2026-03-01 11:58:00', 'unclear'],
    ['2026-03-01 12:00:01', 'unclear'],
    ['0000-00-00 00:00:00', 'unclear'],
  ])(
    'takes a history entry of %s as %s, two minutes being left for clocks that differ',
    async (at, found) => {
      expect(await look([order('1', 5, entry(at))]).verdicts).toMatchObject([{ found }]);
    },
  );

  it('does not take a note of ours for a move', async () => {
    const note = [{ ...entry('2026-03-01 12:00:01')[0], source_name: 'orderdesk-mcp' }];
    const noted = parseOrder(orderRecord({ id: '1', folder_id: 5, order_history: note }), 'order');
    expect(await look([noted]).verdicts).toEqual([{ index: 0, found: 'not_applied' }]);
  });

  it('knows by the folder alone that one that was elsewhere has arrived', async () => {
    expect(await look([order('1', 7)], '5').verdicts).toEqual([{ index: 0, found: 'applied' }]);
  });

  it('never proves by the folder alone that nothing was moved', async () => {
    const { verdicts } = look([order('1', 5)], '5');
    expect(await verdicts).toMatchObject([{ found: 'unclear', line: { message: SAID.historyUnread } }]);
  });

  describe('of a hundred orders', () => {
    const ids = Array.from({ length: 100 }, (_none, at) => String(((at * 37) % 100) + 1));
    const many = async (
      known: readonly Order[],
      listed: (query: OrderQuery) => { readonly orders: readonly Order[]; readonly total: number },
    ) => {
      const { surroundings, asked } = around(known, listed);
      return { verdicts: await lookForMoves({ ...stepOf(ids), sentAt }, '7', surroundings), asked };
    };
    const untouched = ids.map((id) => order(id, 5, []));
    const tally = (verdicts: readonly { readonly found: string }[]) =>
      ['applied', 'not_applied', 'unclear'].map(
        (found) => verdicts.filter((one) => one.found === found).length,
      );

    it('lists the folder twice at most, in the background, and reads those that are not in it', async () => {
      const { verdicts, asked } = await many(untouched, () => ({
        orders: [...ids.slice(0, 98).map((id) => order(id, 7)), order(ids[98] ?? '', 6)],
        total: 1_200,
      }));
      expect(asked.orders.map(({ offset, modifiedFrom }) => [offset, modifiedFrom?.toISOString()])).toEqual([
        [0, '2026-03-01T11:58:00.000Z'],
        [500, '2026-03-01T11:58:00.000Z'],
      ]);
      expect(asked.single).toEqual(ids.slice(98));
      expect(new Set(asked.contexts.map(({ priority }) => priority))).toEqual(new Set(['background']));
      expect(tally(verdicts)).toEqual([98, 2, 0]);
    });

    it('takes those at the ends for all, where none has arrived', async () => {
      const { verdicts, asked } = await many(untouched, nothing);
      expect(asked.orders).toHaveLength(1);
      expect(new Set(asked.single)).toEqual(
        new Set([...ids.slice(0, 3), ...ids.slice(-3), '1', '2', '3', '98', '99', '100']),
      );
      expect(verdicts.map(({ index }) => index)).toEqual(ids.map((_id, index) => index));
      expect(tally(verdicts)).toEqual([0, 100, 0]);
    });

    it.each([
      ['first', ids[0]],
      ['last', ids[99]],
      ['lowest', '1'],
      ['highest', '100'],
    ])('does not, where the %s may have been moved and on', async (_name, id) => {
      const moved = untouched.map((one) =>
        one.view.id === id ? order(id, 6, entry('2026-03-01 12:00:01')) : one,
      );
      const { verdicts, asked } = await many(moved, nothing);
      expect(tally(verdicts)[2]).toBeGreaterThan(60);
      expect(asked.single.length).toBeLessThanOrEqual(32);
      expect(verdicts.find(({ index }) => ids[index] === id)).toMatchObject({
        found: 'unclear',
        line: { message: SAID.touchedSince },
      });
    });

    it('is not misled by one that was in the folder before and that somebody edited', async () => {
      const [first = ''] = ids;
      const before = order(first, 7, []);
      const known = [before, ...untouched.slice(1)];
      const { verdicts } = await many(known, () => ({ orders: [before], total: 1 }));
      expect(tally(verdicts)).toEqual([1, 99, 0]);
      expect(verdicts[0]).toMatchObject({ found: 'applied', line: { outcome: 'already' } });
    });

    it('passes over one at an end that Order Desk does not know, but not over all of them', async () => {
      const without = (gone: readonly string[]) => untouched.filter(({ view }) => !gone.includes(view.id));
      expect(tally((await many(without(['1', ids[99] ?? '']), nothing)).verdicts)).toEqual([0, 100, 0]);
      expect(tally((await many(without(['1', '2', '3']), nothing)).verdicts)[2]).toBeGreaterThan(60);
    });

    it('goes by the whole folder where moves leave the date of an order as it was', async () => {
      const moved = ids.map((id) => order(id, 7, entry('2026-03-01 12:00:01')));
      const { verdicts, asked } = await many(moved, ({ modifiedFrom }) =>
        modifiedFrom === undefined ? { orders: moved, total: 100 } : { orders: [], total: 0 },
      );
      expect(tally(verdicts)).toEqual([100, 0, 0]);
      expect(asked.orders).toHaveLength(2);
    });
  });
});
