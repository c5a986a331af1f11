/**
 * What is hard to find out after a server has died. What nobody can tell is never sent again, and stands as unknown; each
 * case of it is one that docs/TOOLS.md names. What something still tells is made exactly once.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SandboxSwitches } from '../../src/sandbox/index.js';
import type { Facts } from '../support/changes/aftermath.js';
import * as hard from '../support/changes/hard-to-tell.js';
import type { Prepare } from '../support/changes/killable.js';
import { KilledRoom, type Victim } from '../support/changes/killed-room.js';
import type { Station } from '../support/changes/replica.js';
import type { ToldAnswer } from '../support/changes/replica-told.js';

const BEFORE: Station = { step: 'pending', visit: 1 };
const AFTER: Station = { step: 'sent', visit: 1 };

interface Case {
  readonly name: string;
  readonly dies: Station;
  readonly prepare: Prepare;
  /** What somebody else does between the death and the next call. */
  readonly meanwhile?: typeof hard.sellOne;
  readonly made: readonly number[];
  /** Whether something tells what became of it. */
  readonly isTold?: true;
}

const ORDER_DESK: readonly Case[] = [
  { name: 'a shipment n/a that was never sent', dies: BEFORE, prepare: hard.unnumbered, made: [0] },
  { name: 'a shipment n/a that was added', dies: AFTER, prepare: hard.unnumbered, made: [1] },
  { name: 'a note into a full history', dies: BEFORE, prepare: hard.noteIntoFullHistory, made: [0] },
  {
    name: 'a move of an order with a full history',
    dies: BEFORE,
    prepare: hard.moveWithFullHistory,
    made: [0],
  },
  {
    name: 'stock sold meanwhile, never sent',
    dies: BEFORE,
    prepare: hard.takeStock,
    meanwhile: hard.sellOne,
    made: [1],
  },
  {
    name: 'stock sold meanwhile by somebody who signs, after it was written',
    dies: AFTER,
    prepare: hard.takeStock,
    meanwhile: hard.sellOneAndSign,
    made: [6],
  },
  {
    name: 'stock sold meanwhile by somebody who does not sign, after it was written',
    dies: AFTER,
    prepare: hard.takeStock,
    meanwhile: hard.sellOne,
    made: [6],
    isTold: true,
  },
];

/** An Order Desk that shows histories to searches only, and keeps nobody's name but its own at an item. */
const SILENT: Partial<SandboxSwitches> = { historyOnSingleOrder: 'ignored', inventoryWriter: 'ignored' };
const SILENT_CASES: readonly Case[] = [
  { name: 'a note that was never sent', dies: BEFORE, prepare: hard.note, made: [0] },
  { name: 'a note that was added', dies: AFTER, prepare: hard.note, made: [1] },
  {
    name: 'a move of an order that no search finds, never sent',
    dies: BEFORE,
    prepare: hard.moveOfUnnumbered,
    made: [0],
  },
  { name: 'stock that was written', dies: AFTER, prepare: hard.takeStock, made: [5] },
  {
    name: 'a move of an order that a search finds, never sent',
    dies: BEFORE,
    prepare: hard.move,
    made: [1],
    isTold: true,
  },
];

type Settled = Facts & { readonly answers: readonly ToldAnswer[] };

/** @returns what each case has come to, settled by the next call or by a sweep */
async function settleAll(
  room: KilledRoom,
  cases: readonly Case[],
  firstly: (victims: readonly Victim[]) => Promise<void>,
): Promise<ReadonlyMap<Case, Settled>> {
  const of = (station: Station) => cases.filter(({ dies }) => dies === station);
  const all = await Promise.all([BEFORE, AFTER].map((at) => settle(room, at, of(at), firstly)));
  return new Map(all.flat());
}

async function settle(
  room: KilledRoom,
  station: Station,
  cases: readonly Case[],
  firstly: (victims: readonly Victim[]) => Promise<void>,
): Promise<readonly (readonly [Case, Settled])[]> {
  const killed: { readonly each: Case; readonly victim: Victim }[] = [];
  for (const each of cases) killed.push({ each, victim: await room.victim(each.prepare) });
  const victims = killed.map(({ victim }) => victim);
  await room.killAt(station, victims);
  for (const { each, victim } of killed) {
    const sale = each.meanwhile?.(victim.upstream);
    if (sale !== undefined) await room.asSomebodyElse(victim.upstream, 'PUT', sale.path, sale.body);
  }
  await firstly(victims);
  const { aftermath } = room;
  return Promise.all(
    killed.map(async ({ each, victim }) => {
      const answers = [await aftermath.untilFinal(victim), await aftermath.untilFinal(victim)];
      return [each, { ...(await aftermath.facts(victim)), answers }] as const;
    }),
  );
}

describe.each([
  ['Order Desk', {}, ORDER_DESK],
  ['an Order Desk that tells little', SILENT, SILENT_CASES],
] as const)('%s', (_name, switches, cases) => {
  let room: KilledRoom;
  let called: ReadonlyMap<Case, Settled>;
  let swept: ReadonlyMap<Case, Settled>;
  beforeAll(async () => {
    room = await KilledRoom.open(cases.length * 2, switches);
    const { aftermath } = room;
    called = await settleAll(room, cases, (dead) => aftermath.endLeases(dead));
    swept = await settleAll(room, cases, (dead) => aftermath.sweep(dead));
  });
  afterAll(() => room?.close());

  const hardCases = cases.filter(({ isTold }) => isTold !== true);
  const toldCases = cases.filter(({ isTold }) => isTold === true);

  describe.each([
    ['once its lease is over, the same call', () => called],
    ['a sweep, and then the same call', () => swept],
  ] as const)('%s', (_way, settled) => {
    it.each(hardCases)('leaves it unknown and sends nothing: $name', (each) => {
      expect(settled().get(each)).toMatchObject({
        made: each.made,
        writes: each.dies === AFTER ? 1 : 0,
        states: ['unknown'],
        lines: ['unknown'],
        // It may have been made.
        counted: 1,
        answers: [{ outcome: 'unknown' }, { outcome: 'unknown', replayed: true, apiCalls: 0 }],
      });
    });

    it.each(toldCases)('has it made once: $name', (each) => {
      expect(settled().get(each)).toMatchObject({
        made: each.made,
        writes: 1,
        states: ['applied'],
        lines: ['applied'],
        counted: 1,
        answers: [{ outcome: 'applied' }, { outcome: 'applied', replayed: true, apiCalls: 0 }],
      });
    });
  });
});
