/** Notes in the history, which is only ever added to. */
import { afterEach, describe, expect, it } from 'vitest';
import { noteAdd } from '../../../src/changes/kinds/note-add.js';
import type { SandboxSwitches } from '../../../src/sandbox/index.js';
import {
  CHANGE,
  openRoom,
  type Room,
  refusalOf,
  withFullHistory,
} from '../../support/changes/kinds-orders-room.js';

const ANOTHER = '01890000-0000-7000-8000-000000000002';
let room: Room;
afterEach(() => room.close());

const open = async (switches: Partial<SandboxSwitches> = {}): Promise<Room> => {
  room = await openRoom(switches);
  return room;
};

describe('a note in the history', () => {
  it.each(['set', 'kept'] as const)(
    'is added by one request and changes nothing else: %s',
    async (historyDate) => {
      const { insert, held, store, carryOut, requests } = await open({ historyDate });
      const { id } = insert();
      const before = held(id);
      requests();
      const { lines, plan } = await carryOut(noteAdd, { orderId: id, note: 'Packed' });
      expect(requests()).toEqual({ 'POST /orders/{id}/order-history': 1 });
      expect(noteAdd.calls({ orderId: id, note: 'Packed' })).toBe(1);
      expect(noteAdd.effects(plan)).toBe(1);
      expect(store.history(id)).toMatchObject([{ note: 'Packed', source_name: `orderdesk-mcp ${CHANGE}` }]);
      expect(held(id)).toEqual(before);
      expect(lines).toEqual(plan.lines);
      expect(lines).toEqual([
        {
          target: { kind: 'order', id },
          outcome: 'applied',
          fields: [{ path: ['order_history', '+'], after: { note: 'Packed' } }],
        },
      ]);
    },
  );

  it('is refused beyond 1,800 characters, and where there is no such order', async () => {
    const { insert, carryOut, requests } = await open();
    const { id } = insert();
    requests();
    expect(await refusalOf(carryOut(noteAdd, { orderId: id, note: 'x'.repeat(1_801) }))).toMatchObject({
      code: 'invalid_argument',
      field: 'note',
    });
    expect(requests()).toEqual({});
    await carryOut(noteAdd, { orderId: id, note: 'x'.repeat(1_800) });
    expect(room.store.history(id)[0]?.note).toHaveLength(1_800);
    expect(await refusalOf(carryOut(noteAdd, { orderId: '999999', note: 'x' }))).toMatchObject({
      code: 'not_found',
    });
  });

  it('is told as not kept where a full history drops it without a word', async () => {
    const { insertFull, carryOut } = await open({ historyCap: 'dropped' }).then(withFullHistory);
    const { lines } = await carryOut(noteAdd, { orderId: insertFull(), note: 'Packed' });
    expect(lines).toMatchObject([
      { outcome: 'failed', fields: [], message: expect.stringContaining('250 entries') },
    ]);
  });

  const WRITTEN = { note: 'Packed', source_name: `orderdesk-mcp ${CHANGE}` };
  it.each([
    ['with its mark cut', { source_name: `orderdesk-mcp ${CHANGE}`.slice(0, 30) }, 'applied', 'unclear'],
    ['without its mark', { source_name: 'API' }, 'applied', 'unclear'],
    ['without its mark or a date', { source_name: 'API', date_added: '' }, 'applied', 'unclear'],
    ['by another change', { source_name: `orderdesk-mcp ${ANOTHER}` }, 'unknown', 'not_applied'],
    ['with other words', { source_name: 'API', note: 'Packed it' }, 'unknown', 'not_applied'],
    ['long before', { source_name: 'API', date_added: '2026-01-01 00:00:00' }, 'unknown', 'not_applied'],
  ] as const)('that the history shows %s', async (_what, change, outcome, found) => {
    const { insert, around } = await open();
    const { id } = insert();
    const { steps } = await noteAdd.plan({ orderId: id, note: 'Packed' }, around(), new Map());
    const [step] = steps;
    if (step === undefined) throw new Error('no step');
    const now = new Date().toISOString().slice(0, 19).replace('T', ' ');
    const order = { id, order_history: [{ ...WRITTEN, date_added: now, ...change }] };
    expect(await noteAdd.read(step, { order }, around())).toMatchObject({ lines: [{ outcome }] });
    const reads = {
      ...around().reads,
      order: async () => ({ ...(await around().reads.order(around().store, id, around().ctx)), raw: order }),
    };
    const sent = { lines: step.lines, probe: step.probe, sentAt: new Date() };
    expect(await noteAdd.look(sent, { ...around(), reads })).toEqual([{ index: 0, found }]);
  });

  it('is shown as Order Desk keeps it, where that differs', async () => {
    const { insert, around } = await open();
    const { id } = insert();
    const { steps } = await noteAdd.plan({ orderId: id, note: 'Packed today' }, around(), new Map());
    const [step] = steps;
    if (step === undefined) throw new Error('no step');
    const order_history = [{ source_name: `orderdesk-mcp ${CHANGE}`, note: 'Packed' }];
    expect(await noteAdd.read(step, { order: { id, order_history } }, around())).toMatchObject({
      lines: [{ outcome: 'applied', fields: [{ after: { note: 'Packed' } }], message: expect.any(String) }],
    });
  });

  it('cannot be taken back', () => {
    expect(noteAdd.undoable).toBe(false);
    const change = { id: CHANGE, kind: 'note_add', lines: [], records: {}, sentAt: new Date() } as const;
    expect(() => noteAdd.inverse(change)).toThrow('cannot be removed');
  });
});

describe('the preview of a note', () => {
  it('reads the order once: whether it is there, and whether its history has room', async () => {
    const { insert, insertFull, around, requests } = await open().then(withFullHistory);
    const [id, full] = [insert().id, insertFull()];
    const preview = (orderId: string) =>
      noteAdd.plan({ orderId, note: 'Packed' }, around(CHANGE, true), new Map());
    requests();
    expect(await preview(id)).toMatchObject({ remarks: [], lines: [{ outcome: 'applied' }] });
    expect(requests()).toEqual({ 'GET /orders/{id}': 1 });
    expect(noteAdd.calls({ orderId: id, note: 'Packed' }, true)).toBe(2);
    expect((await preview(full)).remarks).toEqual([expect.stringContaining('250 entries')]);
    expect(await refusalOf(preview('999999'))).toMatchObject({ code: 'not_found' });
  });
});
