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

/** Of one case: what is so after the same call alone, and after a sweep and that call. */
interface Ends {
  readonly called: readonly Compared[];
  readonly swept: readonly Compared[];
}

let room: KilledRoom;
const ends = new Map<Case, Promise<Ends>>();

/** All begin at once, a few at one time: most of their time is waiting for other processes. */
beforeAll(async () => {
  const victims = CASES.reduce((sum, { changes }) => sum + 2 * changes.length, 0) + 1;
  room = await KilledRoom.open(victims);
  const inTurn = atMost(3);
  for (const each of CASES) {
    const facts = inTurn(() => endsOf(each));
    // It is its test that tells.
    facts.catch(() => {});
    ends.set(each, facts);
  }
});
afterAll(async () => {
  await Promise.allSettled(ends.values());
  await room?.close();
});

/** Each change twice, in shops of their own; they all die with one process. */
async function endsOf(each: Case): Promise<Ends> {
  const { death, changes } = each;
  const victims: Victim[] = [];
  for (const name of [...changes, ...changes]) victims.push(await room.victim(MAIN[name]));
  if ('accident' in death) await room.killInSend(death.accident, victims);
  else await room.killAt(death, victims);
  const { aftermath } = room;
  const lost = lostWrites(each);
  const [called, swept] = await Promise.all([
    exactlyOnce(aftermath, victims.slice(0, changes.length), lost),
    exactlyOnce(aftermath, victims.slice(changes.length), lost, (dead) => aftermath.sweep(dead)),
  ]);
  return { called, swept };
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

async function expectOnce(way: keyof Ends, each: Case): Promise<void> {
  const all = (await ends.get(each))?.[way] ?? [];
  expect(all).toHaveLength(each.changes.length);
  for (const [at, change] of each.changes.entries()) {
    expect(all[at]?.left, change).toBe(leftAt(each, change));
    expect(all[at]?.found, change).toEqual(all[at]?.wanted);
  }
}

describe('once its lease is over, the same call', () => {
  it.each(CASES)('is made once, after death at: $at', (each) => expectOnce('called', each));
});

describe('a sweep, and then the same call', () => {
  it.each(CASES)('is made once, after death at: $at', (each) => expectOnce('swept', each));
});

it('waits for the lease, as the refusals of the call tell', async () => {
  const victim = await room.victim(MAIN.update_order);
  // Its start is no part of the lease.
  await room.survivor();
  await room.killAt({ step: 'sent', visit: 1 }, [victim], 10_000);
  expect(await room.aftermath.firstCall(victim)).toBe('in_progress');
  expect(await room.aftermath.untilFinal(victim)).toMatchObject({ outcome: 'applied', replayed: true });
  expect(await room.aftermath.facts(victim)).toMatchObject({
    made: [1],
    writes: 1,
    counted: 1,
    states: ['applied'],
  });
});
