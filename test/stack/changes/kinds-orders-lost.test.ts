/** What became of writes to an order whose answers were lost, found out by looking. */
import { afterEach, describe, expect, it } from 'vitest';
import { noteAdd } from '../../../src/changes/kinds/note-add.js';
import { orderDelete } from '../../../src/changes/kinds/order-delete.js';
import { orderUpdate } from '../../../src/changes/kinds/order-update.js';
import type { SandboxSwitches } from '../../../src/sandbox/index.js';
import { openRoom, type Room, withFullHistory } from '../../support/changes/kinds-orders-room.js';

let room: Room;
afterEach(() => room.close());

const open = async (switches: Partial<SandboxSwitches> = {}): Promise<Room> => {
  room = await openRoom(switches);
  return room;
};

describe('an update whose answer was lost', () => {
  const patch = { email: 'ada@shop.example', shipping: { city: 'Newtown' }, order_notes: ['A note'] };

  it.each([
    ['was applied', 'reset_after', {}, 'applied'],
    ['was not applied', 'reset', {}, 'not_applied'],
    ['was applied, and another field changed since', 'reset_after', { tag_name: 'else' }, 'applied'],
    ['and another field was changed: it may have been put back', 'reset', { tag_name: 'else' }, 'unclear'],
    [
      'and the order was changed long before',
      'reset',
      { date_updated: '2026-01-01 00:00:00' },
      'not_applied',
    ],
    [
      'was applied, and the same field changed since',
      'reset_after',
      { email: 'else@shop.example' },
      'unclear',
    ],
    ['was not applied, and the same field changed since', 'reset', { email: 'else@shop.example' }, 'unclear'],
  ] as const)('is found out: it %s', async (_what, fault, edit, found) => {
    const { insert, lose } = await open();
    const { id } = insert({ date_updated: '2026-01-01 00:00:00' });
    const verdicts = await lose(orderUpdate, { orderId: id, patch }, fault, () => {
      if (Object.keys(edit).length > 0) room.store.changeOrder(id, edit);
    });
    expect(verdicts).toEqual([{ index: 0, found }]);
  });

  it('cannot be told where somebody has put back what it did', async () => {
    const { insert, lose } = await open();
    const { id, email } = insert({ date_updated: '2026-01-01 00:00:00' });
    const verdicts = await lose(
      orderUpdate,
      { orderId: id, patch: { email: 'new@shop.example' } },
      'reset_after',
      () => {
        room.store.changeOrder(id, { email });
      },
    );
    expect(verdicts).toEqual([{ index: 0, found: 'unclear' }]);
  });

  it('cannot be told where the order is gone', async () => {
    const { insert, lose } = await open();
    const { id } = insert();
    const gone = () => room.store.removeOrder(id);
    expect(await lose(orderUpdate, { orderId: id, patch }, 'reset_after', gone)).toEqual([
      { index: 0, found: 'unclear' },
    ]);
  });

  it('was the undo of a note: it is found out by the note', async () => {
    const { insert, carryOut, lose } = await open();
    const { id } = insert();
    const { lines } = await carryOut(orderUpdate, { orderId: id, patch: { order_notes: ['A note'] } });
    const fields = lines[0]?.fields ?? [];
    expect(await lose(orderUpdate, { orderId: id, fields }, 'reset')).toEqual([
      { index: 0, found: 'not_applied' },
    ]);
    expect(await lose(orderUpdate, { orderId: id, fields }, 'reset_after')).toEqual([
      { index: 0, found: 'applied' },
    ]);
  });
});

describe('a note whose answer was lost', () => {
  const note = { note: 'Packed' };

  it.each([
    ['reset_after', 'applied'],
    ['reset', 'not_applied'],
  ] as const)('is looked for by its mark: %s, %s', async (fault, found) => {
    const { insert, lose, requests } = await open();
    const { id } = insert();
    requests();
    const verdicts = await lose(noteAdd, { orderId: id, ...note }, fault);
    expect(verdicts).toMatchObject([{ index: 0, found }]);
    expect(requests()).toMatchObject({ 'GET /orders/{id}': 1 });
  });

  it('is not taken for an equal note of another change', async () => {
    const { insert, lose, carryOut, around } = await open();
    const { id } = insert();
    await carryOut(noteAdd, { orderId: id, ...note }, around('01890000-0000-7000-8000-000000000002'));
    expect(await lose(noteAdd, { orderId: id, ...note }, 'reset')).toEqual([
      { index: 0, found: 'not_applied' },
    ]);
  });

  it('cannot be told where the history cannot be read', async () => {
    const { insert, lose } = await open({ historyOnSingleOrder: 'ignored' });
    for (const fault of ['reset', 'reset_after'] as const) {
      expect(await lose(noteAdd, { orderId: insert().id, ...note }, fault)).toEqual([
        { index: 0, found: 'unclear' },
      ]);
    }
  });

  it.each(['refused', 'dropped'] as const)(
    'cannot be told where the history is full: %s',
    async (historyCap) => {
      const { lose, insertFull } = await open({ historyCap }).then(withFullHistory);
      expect(await lose(noteAdd, { orderId: insertFull(), ...note }, 'reset_after')).toEqual([
        { index: 0, found: 'unclear' },
      ]);
    },
  );
});

describe('a deletion whose answer was lost', () => {
  it.each([
    ['reset_after', 404, 'applied'],
    ['reset_after', 400, 'applied'],
    ['reset_after', 200, 'applied'],
    ['reset', 404, 'not_applied'],
  ] as const)('is found out: %s, %s, %s', async (fault, unknownId, found) => {
    const { insert, lose } = await open({ unknownId });
    expect(await lose(orderDelete, { orderId: insert().id }, fault)).toEqual([{ index: 0, found }]);
  });
});
