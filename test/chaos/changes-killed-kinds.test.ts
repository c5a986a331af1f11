/**
 * Of each kind of change that is not killed at every step: a server that dies before its request left, after it was carried
 * out, and while it is on its way. The same call again makes the change exactly once.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAIN, OTHERS, type OtherChange, type Prepare } from '../support/changes/killable.js';
import { KilledRoom, type Victim } from '../support/changes/killed-room.js';
import { type Compared, exactlyOnce } from '../support/changes/never-twice.js';

const KINDS: readonly OtherChange[] = [
  'add_order_note',
  'add_order_note, for the staff',
  'add_order_item',
  'update_order_item',
  'remove_order_item',
  'update_shipment',
  'delete_shipment',
  'update_inventory',
  'create_inventory_item',
  'delete_inventory_item',
  'delete_order',
];
/** Changes that are taken back, and how many requests that takes. */
const UNDONE: Readonly<Record<string, readonly [prepare: Prepare, requests: number]>> = {
  'undo_change of update_order_item': [OTHERS.update_order_item, 1],
  'undo_change of add_shipments': [MAIN['add_shipments, a batch'], 3],
};
const CHANGES: readonly string[] = [...KINDS, ...Object.keys(UNDONE)];

const DEATHS = {
  'before it was sent': (victims) => room.killAt({ step: 'pending', visit: 1 }, victims),
  'after it was carried out': (victims) => room.killAt({ step: 'sent', visit: 1 }, victims),
  'while it is on its way': (victims) => room.killInSend('late', victims),
} as const satisfies Readonly<Record<string, (victims: readonly Victim[]) => Promise<void>>>;

let room: KilledRoom;
beforeAll(async () => {
  room = await KilledRoom.open(CHANGES.length * Object.keys(DEATHS).length);
});
afterAll(() => room?.close());

describe.each(Object.keys(DEATHS))('a server that dies %s', (death) => {
  let facts: readonly Compared[];
  beforeAll(async () => {
    const victims: Victim[] = [];
    for (const kind of KINDS) victims.push(await room.victim(OTHERS[kind]));
    for (const [prepare, requests] of Object.values(UNDONE)) {
      victims.push(await room.undoing(prepare, requests));
    }
    await Object.entries(DEATHS).find(([name]) => name === death)?.[1](victims);
    facts = await exactlyOnce(room.aftermath, victims, 0);
  });

  it.each(CHANGES)('makes it once: %s', (change) => {
    const compared = facts[CHANGES.indexOf(change)];
    expect(compared).toBeDefined();
    expect(compared?.found).toEqual(compared?.wanted);
  });
});
