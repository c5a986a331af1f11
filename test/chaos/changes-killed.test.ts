/**
 * A server that dies at each step of a change, and inside of its request: whoever makes the same call again with the same
 * key has the change made exactly once, whether or not a sweep comes between.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINE_STEPS } from '../../src/changes/engine-options.js';
import { atMost } from '../support/changes/at-most.js';
import { MAIN, type MainChange } from '../support/changes/killable.js';
import { KilledRoom, type Victim } from '../support/changes/killed-room.js';
import { type Compared, exactlyOnce } from '../support/changes/never-twice.js';
import type { Station } from '../support/changes/replica.js';
import { ACCIDENTS, type Accident } from '../support/changes/road.js';

type Death = Station | { readonly accident: Accident };

const ALL: readonly MainChange[] = [
  'update_order',
  'create_order',
  'create_order without a number',
  'move_orders',
  'add_shipments, a batch',
  'add_shipments, two requests',
];
/** Of these, the engine sends one request after the other. */
const IN_TWO: readonly MainChange[] = ['add_shipments, two requests'];

interface Case {
  readonly at: string;
  readonly death: Death;
  readonly changes: readonly MainChange[];
}

const CASES: readonly Case[] = [
  ...ENGINE_STEPS.map((step) => ({ at: step, death: { step, visit: 1 }, changes: ALL })),
  ...(['pending', 'sent', 'answered', 'closed'] as const).map((step) => ({
    at: `${step}, the second time`,
    death: { step, visit: 2 },
    changes: IN_TWO,
  })),
  ...ACCIDENTS.map((accident) => ({ at: `a write that is ${accident}`, death: { accident }, changes: ALL })),
];

let room: KilledRoom;
const called = new Map<Case, Promise<readonly Compared[]>>();
const swept = new Map<Case, Promise<readonly Compared[]>>();

/** All begin at once, a few at one time: most of their time is waiting for other processes. */
beforeAll(async () => {
  const victims = CASES.reduce((sum, { changes }) => sum + 2 * changes.length, 0) + 1;
  room = await KilledRoom.open(victims);
  const inTurn = atMost(3);
  const begin = (each: Case, firstly?: (victims: readonly Victim[]) => Promise<void>) => {
    const facts = inTurn(async () => exactlyOnce(room, await killed(each), lostWrites(each), firstly));
    // It is its test that tells.
    facts.catch(() => {});
    return facts;
  };
  for (const each of CASES) called.set(each, begin(each));
  for (const each of CASES)
    swept.set(
      each,
      begin(each, (dead) => room.sweep(dead)),
    );
});
afterAll(async () => {
  await Promise.allSettled([...called.values(), ...swept.values()]);
  await room?.close();
});

async function killed({ death, changes }: Case): Promise<readonly Victim[]> {
  const victims: Victim[] = [];
  for (const name of changes) victims.push(await room.victim(MAIN[name]));
  if ('accident' in death) await room.killInSend(death.accident, victims);
  else await room.killAt(death, victims);
  return victims;
}

/** What is lost on the way has to be sent again. */
const lostWrites = ({ death }: Case): number => ('accident' in death && death.accident === 'lost' ? 1 : 0);

/** What a dead process leaves in the ledger. */
function leftAt({ death }: Case, change: MainChange): string {
  if ('accident' in death || ['pending', 'sent', 'answered'].includes(death.step)) return 'pending';
  if (death.step === 'unlocked') return 'applied';
  const isDone = death.step === 'closed' && (death.visit === 2 || !IN_TWO.includes(change));
  return isDone ? 'applied' : 'claimed';
}

async function expectOnce(facts: Promise<readonly Compared[]> | undefined, each: Case): Promise<void> {
  const all = (await facts) ?? [];
  expect(all).toHaveLength(each.changes.length);
  for (const [at, change] of each.changes.entries()) {
    expect(all[at]?.left, change).toBe(leftAt(each, change));
    expect(all[at]?.found, change).toEqual(all[at]?.wanted);
  }
}

describe('once its lease is over, the same call', () => {
  it.each(CASES)('is made once, after death at: $at', (each) => expectOnce(called.get(each), each));
});

describe('a sweep, and then the same call', () => {
  it.each(CASES)('is made once, after death at: $at', (each) => expectOnce(swept.get(each), each));
});

it('waits for the lease, as the refusals of the call tell', async () => {
  const victim = await room.victim(MAIN.update_order);
  await room.killAt({ step: 'sent', visit: 1 }, [victim], 6_000);
  expect(await room.firstCall(victim)).toBe('in_progress');
  expect(await room.untilFinal(victim)).toMatchObject({ outcome: 'applied', replayed: true });
  expect(await room.facts(victim)).toMatchObject({ made: [1], writes: 1, counted: 1, states: ['applied'] });
});
