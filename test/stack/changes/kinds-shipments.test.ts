/** Shipments, added in batches and singly, changed and deleted before a sandbox, whatever Order Desk's answers tell. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ShipmentLine } from '../../../src/changes/intents.js';
import { shipmentUpdate } from '../../../src/changes/kinds/shipment-update.js';
import { shipmentsAdd } from '../../../src/changes/kinds/shipments-add.js';
import { shipmentsDelete } from '../../../src/changes/kinds/shipments-delete.js';
import type { SandboxSwitches } from '../../../src/sandbox/index.js';
import {
  intentFor,
  openPartsRoom,
  type PartsRoom,
  type Run,
} from '../../support/changes/kinds-parts-room.js';

const rooms: PartsRoom[] = [];

afterEach(async () => {
  for (const room of rooms.splice(0)) await room.close();
});

async function opened(orders = 1, switches: Partial<SandboxSwitches> = {}): Promise<PartsRoom> {
  const room = await openPartsRoom(orders, switches);
  rooms.push(room);
  return room;
}

const id = (at: number): string => String(5001 + at);
const number = (at: number): string => `1Z000000000000${1000 + at}`;
const line = (at: number, change: Partial<ShipmentLine> = {}): ShipmentLine => ({
  orderId: id(at),
  trackingNumber: number(at),
  fields: { carrier_code: 'UPS', shipment_method: 'Ground' },
  ...change,
});
const lines = (count: number): ShipmentLine[] => Array.from({ length: count }, (_none, at) => line(at));
const numbers = (room: PartsRoom, at: number) =>
  room.order(id(at)).order_shipments.map(({ tracking_number }) => tracking_number);
const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
const outcomes = ({ lines }: Pick<Run, 'lines'>) => lines.map(({ outcome }) => outcome);
const shipmentId = (room: PartsRoom, at: number) => room.order(id(at)).order_shipments.at(-1)?.id;
const callsOf = (requests: readonly string[]) => requests.length;

/** Somebody else adds a shipment. */
async function add(room: PartsRoom, wanted: ShipmentLine): Promise<void> {
  expect(outcomes(await room.run(shipmentsAdd, { lines: [wanted] }))).toEqual(['applied']);
}

describe('shipments that are added', () => {
  it('go out together, and the orders of a short call are read afterwards', async () => {
    const room = await opened(3);
    const intent = { lines: lines(3) };
    const run = await room.run(shipmentsAdd, intent);
    expect(run.requests[0]).toBe('POST /batch-shipments');
    expect([...run.requests].slice(1).sort()).toEqual([0, 1, 2].map((at) => `GET /orders/${id(at)}`));
    expect(callsOf(run.requests)).toBe(shipmentsAdd.calls(intent));
    expect(outcomes(run)).toEqual(['applied', 'applied', 'applied']);
    expect([0, 1, 2].map((at) => numbers(room, at))).toEqual([0, 1, 2].map((at) => [number(at)]));
    expect(run.lines[1]?.message).toContain('one shipment now');
    expect(run.lines[1]?.fields).toContainEqual({
      path: ['order_shipments', `#${shipmentId(room, 1)}`, 'tracking_number'],
      after: number(1),
    });
  });

  it('of which 7 in 100 are bad: 93 are there, each of the 7 says why, and only those are read', async () => {
    const room = await opened(97);
    await add(room, line(10));
    await add(room, line(11, { fields: { carrier_code: 'FedEx' } }));
    await add(room, line(12));
    await add(room, line(13));
    const intent = { lines: lines(100) };
    const run = await room.run(shipmentsAdd, intent);
    expect(run.requests.filter((request) => request.startsWith('POST'))).toEqual(['POST /batch-shipments']);
    expect(callsOf(run.requests)).toBe(1 + 7);
    expect(shipmentsAdd.calls(intent)).toBe(1);
    expect(outcomes(run).filter((outcome) => outcome === 'applied')).toHaveLength(93);
    expect([10, 12, 13].map((at) => run.lines[at]?.outcome)).toEqual(['already', 'already', 'already']);
    expect(run.lines[11]).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('carrier_code'),
      quoted: 'Shipment Not Added',
    });
    for (const at of [97, 98, 99]) {
      expect(run.lines[at]).toMatchObject({
        outcome: 'failed',
        message: expect.stringContaining('no such order'),
      });
    }
  });

  it('go on where an earlier run of the call ended, in batches of 100', async () => {
    const room = await opened(150, { batchShipmentMaximum: 'refused' });
    const intent = { lines: lines(150) };
    expect((await room.preview(shipmentsAdd, intent)).steps.map((step) => step.lines.length)).toEqual([
      100, 50,
    ]);
    const first = await room.run(shipmentsAdd, { lines: lines(100) });
    const done = new Map(first.lines.map((finished, at) => [at, finished]));
    const rest = await room.run(shipmentsAdd, intent, done);
    expect(rest.plan.steps.map((step) => step.lines.map(({ index }) => index))).toEqual([
      Array.from({ length: 50 }, (_none, at) => 100 + at),
    ]);
    expect(outcomes(rest)).toEqual(Array.from({ length: 150 }, () => 'applied'));
    expect(numbers(room, 7)).toEqual([number(7)]);
  });

  it.each([[{ batchShipmentIds: 'given' }], [{ batchShipmentIds: 'left_out' }]] as const)(
    'of a long call know their ids where Order Desk tells them: %j',
    async (switches) => {
      const room = await opened(11, switches);
      const run = await room.run(shipmentsAdd, { lines: lines(11) });
      expect(run.requests).toEqual(['POST /batch-shipments']);
      const told = switches.batchShipmentIds === 'given' ? `#${shipmentId(room, 3)}` : '#new';
      expect(run.lines[3]?.fields[0]?.path[1]).toBe(told);
    },
  );

  it.each([[{ batchShipmentItems: 'ignored' }], [{ batchShipmentItems: 'honoured' }]] as const)(
    'with items are partial and go out one by one: %j',
    async (switches) => {
      const room = await opened(2, switches);
      const partial = line(0, { items: [{ code: 'SHIRT', quantity: 1 }] });
      const intent = { lines: [partial, line(1)] };
      const run = await room.run(shipmentsAdd, intent);
      expect(run.requests.filter((request) => request.startsWith('POST'))).toEqual([
        'POST /batch-shipments',
        `POST /orders/${id(0)}/shipments`,
      ]);
      expect(callsOf(run.requests)).toBe(shipmentsAdd.calls(intent));
      expect(room.order(id(0)).order_shipments[0]?.order_items).toEqual([
        { id: '500101', code: 'SHIRT', quantity: 1 },
      ]);
      expect(outcomes(await room.run(shipmentsAdd, intent))).toEqual(['already', 'already']);
      const other = { lines: [line(0, { items: [{ code: 'SHIRT', quantity: 2 }] })] };
      expect((await room.run(shipmentsAdd, other)).lines[0]).toMatchObject({
        outcome: 'failed',
        message: expect.stringContaining('items'),
      });
    },
  );

  it.each([[{ unknownId: 404 }], [{ unknownId: 200 }], [{ unknownId: 400 }]] as const)(
    'with items fail for an order that is not there: %j',
    async (switches) => {
      const room = await opened(0, switches);
      const partial = line(0, { items: [{ code: 'SHIRT', quantity: 1 }] });
      expect((await room.run(shipmentsAdd, { lines: [partial] })).lines[0]).toMatchObject({
        outcome: 'failed',
        message: expect.stringContaining('no such order'),
      });
    },
  );

  it('are refused before anything is sent where two are the same, one has no number, or too many are partial', async () => {
    const room = await opened(2);
    const partial = (at: number) =>
      line(0, { trackingNumber: `P${at}`, items: [{ code: 'CAP', quantity: 1 }] });
    const bad: readonly (readonly [readonly ShipmentLine[], string])[] = [
      [[line(0), line(1), line(0, { trackingNumber: ` ${number(0)} ` })], 'shipments.2'],
      [[line(0, { trackingNumber: 'n/a' }), line(0, { trackingNumber: 'n/a' })], 'shipments.1'],
      [[line(0), line(1, { trackingNumber: '  ' })], 'shipments.1.tracking_number'],
      [Array.from({ length: 21 }, (_none, at) => partial(at)), 'shipments'],
    ];
    for (const [wanted, field] of bad) {
      await expect(room.run(shipmentsAdd, { lines: wanted })).rejects.toMatchObject({
        code: 'invalid_argument',
        field,
      });
    }
    expect(room.sandbox.counters().total).toBe(0);
    const two = {
      lines: [line(0, { trackingNumber: 'n/a' }), line(0, { trackingNumber: 'n/a', fields: {} })],
    };
    expect(outcomes(await room.run(shipmentsAdd, two))).toEqual(['applied', 'applied']);
  });

  it('have all failed where Order Desk refuses the batch, but those that are there already', async () => {
    const room = await opened(2);
    await add(room, line(0));
    room.sandbox.fail({
      kind: 'status',
      status: 400,
      message: 'Too many shipments',
      match: { method: 'POST' },
    });
    const run = await room.run(shipmentsAdd, { lines: lines(3) });
    expect(outcomes(run)).toEqual(['already', 'failed', 'failed']);
    expect(run.lines[1]?.quoted).toBe('Too many shipments');
    expect(run.lines[2]?.message).toContain('no such order');
  });

  it('are as Order Desk says where their orders cannot be read afterwards', async () => {
    const room = await opened(2);
    await add(room, line(0));
    const mend = room.sandbox.fail({ kind: 'status', status: 500, match: { method: 'GET' }, times: 99 });
    const run = await room.run(shipmentsAdd, { lines: lines(2) });
    mend();
    expect(outcomes(run)).toEqual(['failed', 'applied']);
    expect(run.lines[0]?.quoted).toBe('Shipment Not Added');
    expect(run.lines[1]?.fields[0]?.path[1]).toBe('#new');
    const back = intentFor(shipmentsDelete, room.inverse(shipmentsAdd, run));
    expect(back.shipments).toMatchObject([{ orderId: id(1), trackingNumber: number(1) }]);
    await room.run(shipmentsDelete, back);
    expect(numbers(room, 1)).toEqual([]);
  });

  it('are previewed with what the orders have already, by reads alone', async () => {
    const room = await opened(2);
    await add(room, line(0));
    room.sandbox.resetCounters();
    const plan = await room.preview(shipmentsAdd, { lines: lines(3) });
    expect(Object.keys(room.sandbox.counters().requests)).toEqual(['GET /orders/{id}']);
    expect(outcomes(plan)).toEqual(['already', 'applied', 'failed']);
    expect(plan.steps.map((step) => step.lines.map(({ index }) => index))).toEqual([[1]]);
    expect(plan.seen).toHaveLength(2);
  });
});

describe('several shipments of one order', () => {
  it('have their order read once, after the last of them', async () => {
    const room = await opened(1);
    const partial = (at: number) =>
      line(0, { trackingNumber: `P${at}`, items: [{ code: 'CAP', quantity: 1 }] });
    const intent = { lines: [line(0), partial(1), partial(2)] };
    const run = await room.run(shipmentsAdd, intent);
    expect(run.requests).toEqual([
      'POST /batch-shipments',
      `POST /orders/${id(0)}/shipments`,
      `POST /orders/${id(0)}/shipments`,
      `GET /orders/${id(0)}`,
    ]);
    expect(shipmentsAdd.calls(intent)).toBe(4);
    expect(shipmentsAdd.calls(intent, true)).toBe(5);
    expect(outcomes(run)).toEqual(['applied', 'applied', 'applied']);
    expect(run.lines[2]?.message).toContain('3 shipments now');
    await room.run(shipmentsDelete, intentFor(shipmentsDelete, room.inverse(shipmentsAdd, run)));
    expect(numbers(room, 0)).toEqual([]);
  });
});

describe('shipments whose answer was lost', () => {
  const lost = async (room: PartsRoom, kind: 'reset' | 'reset_after', wanted: readonly ShipmentLine[]) => {
    room.sandbox.fail({ kind, match: { method: 'POST' } });
    const { plan, outcomes } = await room.run(shipmentsAdd, { lines: wanted });
    expect(outcomes).toEqual(['unknown']);
    return plan;
  };

  it('are found by their numbers, each in its order, and by no number at all they are not', async () => {
    const room = await opened(2);
    const plan = await lost(room, 'reset_after', [
      line(0),
      line(1),
      line(1, { trackingNumber: 'n/a' }),
      line(7),
    ]);
    const verdicts = await room.look(shipmentsAdd, plan);
    expect(verdicts.map(({ found }) => found)).toEqual(['applied', 'applied', 'unclear', 'unclear']);
    expect(plan.remarks.join(' ')).toContain('n/a');
  });

  const MINUTE_MS = 60_000;
  it.each([
    ['long before the call: it was there', -5 * MINUTE_MS, 'already', undefined],
    ['about then: it is not known whose it is', -MINUTE_MS, 'applied', '#unsure'],
    ['on no date: it is not known whose it is', undefined, 'applied', '#unsure'],
    ['long after the call was sent: it is its own', 5 * MINUTE_MS, 'applied', 'its id'],
  ] as const)('and of which there is one added %s', async (_what, addedMs, outcome, told) => {
    const room = await opened(2);
    await add(room, line(0));
    const store = room.sandbox.store('612');
    const dated = addedMs === undefined ? '0000-00-00 00:00:00' : dateOf(Date.now() + addedMs);
    const [twin] = room.order(id(0)).order_shipments;
    if (twin === undefined) throw new Error('The order has a shipment.');
    store.changeOrder(id(0), { order_shipments: [{ ...twin, date_added: dated }] });
    const plan = await lost(room, 'reset', [line(0)]);
    const [verdict] = await room.look(shipmentsAdd, plan);
    expect(verdict).toMatchObject({ found: 'applied', line: { outcome } });
    expect(verdict?.line?.fields[0]?.path[1]).toBe(told === 'its id' ? `#${twin.id}` : told);
    const found = verdict?.line;
    if (found === undefined) throw new Error('The look says what it found.');
    const run = { plan, lines: [found], requests: [], outcomes: [] };
    if (told === 'its id') {
      expect(intentFor(shipmentsDelete, room.inverse(shipmentsAdd, run)).shipments).toHaveLength(1);
      return;
    }
    expect(() => room.inverse(shipmentsAdd, run)).toThrow(expect.objectContaining({ code: 'cannot_undo' }));
    const added = (await room.run(shipmentsAdd, { lines: [line(1)] })).lines;
    const back = room.inverse(shipmentsAdd, { ...run, lines: [found, ...added] });
    expect(intentFor(shipmentsDelete, back).shipments).toMatchObject([{ orderId: id(1) }]);
    expect(back.remarks.join(' ').includes('were there before')).toBe(outcome === 'applied');
  });

  it('are not there where they were not added', async () => {
    const room = await opened(2);
    const plan = await lost(room, 'reset', lines(2));
    expect((await room.look(shipmentsAdd, plan)).map(({ found }) => found)).toEqual([
      'not_applied',
      'not_applied',
    ]);
  });

  it('are unclear where somebody else has given the number to another shipment', async () => {
    const room = await opened(1);
    const plan = await lost(room, 'reset', lines(1));
    await add(room, line(0, { fields: { carrier_code: 'FedEx' } }));
    expect((await room.look(shipmentsAdd, plan)).map(({ found }) => found)).toEqual(['unclear']);
  });

  it('are not judged where an order cannot be read', async () => {
    const room = await opened(2);
    const plan = await lost(room, 'reset_after', lines(2));
    room.sandbox.fail({ kind: 'status', status: 500, match: { method: 'GET' }, times: 9 });
    await expect(room.look(shipmentsAdd, plan)).rejects.toMatchObject({ code: 'upstream_unavailable' });
  });
});

describe('shipments that are taken back', () => {
  it('are deleted by their ids or numbers, while they are as they were left', async () => {
    const room = await opened(11);
    const wanted = [...lines(10), line(10, { trackingNumber: 'n/a' })];
    const back = room.inverse(shipmentsAdd, await room.run(shipmentsAdd, { lines: wanted }));
    expect(back.remarks.join(' ')).toMatch(/Mail .* 1 of the shipments stay/);
    const intent = intentFor(shipmentsDelete, back);
    expect(intent.shipments).toHaveLength(10);
    const edit = { orderId: id(3), shipmentId: shipmentId(room, 3) ?? '', patch: { carrier_code: 'DHL' } };
    await room.run(shipmentUpdate, edit);
    const run = await room.run(shipmentsDelete, intent);
    expect(callsOf(run.requests)).toBe(10 + 9);
    expect(shipmentsDelete.calls(intent)).toBe(20);
    expect(run.lines[3]).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('carrier_code'),
    });
    expect(outcomes(run).filter((outcome) => outcome === 'applied')).toHaveLength(9);
    expect(Array.from({ length: 11 }, (_none, at) => numbers(room, at).length)).toEqual([
      0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1,
    ]);
    expect(
      outcomes(await room.run(shipmentsDelete, intent)).filter((outcome) => outcome === 'already'),
    ).toHaveLength(9);
  });

  it('were never added where they were there already: those stay', async () => {
    const room = await opened(2);
    await add(room, line(0));
    const run = await room.run(shipmentsAdd, { lines: lines(2) });
    const intent = intentFor(shipmentsDelete, room.inverse(shipmentsAdd, run));
    expect(intent.shipments.map(({ orderId }) => orderId)).toEqual([id(1)]);
    const none = await room.run(shipmentsAdd, { lines: lines(2) });
    expect(() => room.inverse(shipmentsAdd, none)).toThrow(expect.objectContaining({ code: 'cannot_undo' }));
  });
});

describe('a shipment that is deleted', () => {
  it('goes by its id or by its number, and there is no way back', async () => {
    const room = await opened(1);
    await add(room, line(0));
    await add(room, line(0, { trackingNumber: 'SECOND' }));
    const intent = { shipments: [{ orderId: id(0), trackingNumber: 'SECOND' }] };
    const run = await room.run(shipmentsDelete, intent);
    expect(callsOf(run.requests)).toBe(shipmentsDelete.calls(intent));
    expect(numbers(room, 0)).toEqual([number(0)]);
    expect(() => room.inverse(shipmentsDelete, run)).toThrow(
      expect.objectContaining({ code: 'cannot_undo' }),
    );
    await room.run(shipmentsDelete, { shipments: [{ orderId: id(0), shipmentId: shipmentId(room, 0) }] });
    expect(numbers(room, 0)).toEqual([]);
  });

  it('must be one, and be there', async () => {
    const room = await opened(1);
    const none = {
      lines: [line(0, { trackingNumber: 'n/a' }), line(0, { trackingNumber: 'n/a', fields: {} })],
    };
    await room.run(shipmentsAdd, none);
    const both = { shipments: [{ orderId: id(0), trackingNumber: 'n/a' }] };
    await expect(room.run(shipmentsDelete, both)).rejects.toMatchObject({ code: 'invalid_argument' });
    for (const gone of [
      { orderId: id(0), shipmentId: '99999' },
      { orderId: id(9), trackingNumber: 'x' },
    ]) {
      await expect(room.run(shipmentsDelete, { shipments: [gone] })).rejects.toMatchObject({
        code: 'not_found',
      });
    }
    expect(numbers(room, 0)).toHaveLength(2);
  });

  it('waits for the next call where there are more than 25', async () => {
    const room = await opened(27);
    await room.run(shipmentsAdd, { lines: lines(27) });
    const intent = {
      shipments: lines(27).map(({ orderId, trackingNumber }) => ({ orderId, trackingNumber })),
    };
    const first = await room.run(shipmentsDelete, intent);
    expect(callsOf(first.requests)).toBe(shipmentsDelete.calls(intent));
    expect(outcomes(first).slice(24)).toEqual(['applied', 'not_sent', 'not_sent']);
    const done = new Map(first.lines.slice(0, 25).map((finished, at) => [at, finished]));
    const second = await room.run(shipmentsDelete, intent, done);
    expect(callsOf(second.requests)).toBe(4);
    expect(new Set(outcomes(second))).toEqual(new Set(['applied']));
  });

  it.each([
    ['reset_after', 'applied'],
    ['reset', 'not_applied'],
  ] as const)('with a lost answer (%s) is looked for: %s', async (kind, found) => {
    const room = await opened(1);
    await add(room, line(0));
    room.sandbox.fail({ kind, match: { method: 'DELETE' } });
    const { plan } = await room.run(shipmentsDelete, {
      shipments: [{ orderId: id(0), trackingNumber: number(0) }],
    });
    expect(await room.look(shipmentsDelete, plan)).toEqual([{ index: 0, found }]);
  });
});

describe('a shipment that is changed', () => {
  const edited = async (room: PartsRoom) => {
    await add(
      room,
      line(0, { items: [{ code: 'SHIRT', quantity: 1 }], fields: { carrier_code: 'UPS', cost: '4.50' } }),
    );
    return {
      orderId: id(0),
      shipmentId: shipmentId(room, 0) ?? '',
      patch: { tracking_number: 'NEW-1', cost: '5' },
    };
  };

  it('keeps all that was not named, its items included: two requests', async () => {
    const room = await opened(1);
    const intent = await edited(room);
    const before = room.order(id(0)).order_shipments[0];
    const run = await room.run(shipmentUpdate, intent);
    expect(callsOf(run.requests)).toBe(shipmentUpdate.calls(intent));
    expect(room.order(id(0)).order_shipments).toEqual([{ ...before, tracking_number: 'NEW-1', cost: '5' }]);
    const back = intentFor(shipmentUpdate, room.inverse(shipmentUpdate, run));
    await room.run(shipmentUpdate, back);
    expect(room.order(id(0)).order_shipments).toEqual([before]);
    await room.run(shipmentUpdate, { ...intent, patch: { cost: '9' } });
    await expect(room.run(shipmentUpdate, back)).rejects.toMatchObject({ code: 'cannot_undo' });
  });

  it.each([
    ['reset_after', {}, 'applied'],
    ['reset', {}, 'not_applied'],
    ['reset_after', { cost: '7' }, 'unclear'],
  ] as const)('with a lost answer (%s), and %j by somebody else: %s', async (kind, change, found) => {
    const room = await opened(1);
    const intent = await edited(room);
    room.sandbox.fail({ kind, match: { method: 'PUT' } });
    const { plan } = await room.run(shipmentUpdate, intent);
    const shipments = room.order(id(0)).order_shipments.map((one) => ({ ...one, ...change }));
    room.sandbox.store('612').changeOrder(id(0), { order_shipments: shipments });
    expect(await room.look(shipmentUpdate, plan)).toEqual([{ index: 0, found }]);
  });
});
