/** What has to be so once a call that was interrupted was made again until it had its answer, and then once more. */
import type { KilledRoom, Victim } from './killed-room.js';

export interface Compared {
  /** The state of the change when its process had died. */
  readonly left: string | undefined;
  readonly found: object;
  readonly wanted: object;
}

/**
 * What the dead have left excludes the same call, which has an answer once the leases are over, and the same answer then.
 * @param lost how many writes were sent that nobody has carried out
 * @param firstly what comes before that call; the leases end by themselves unless told
 */
export async function exactlyOnce(
  room: KilledRoom,
  victims: readonly Victim[],
  lost: number,
  firstly: (victims: readonly Victim[]) => Promise<void> = (dead) => room.endLeases(dead),
): Promise<readonly Compared[]> {
  const left = await Promise.all(victims.map((victim) => room.stateOf(victim)));
  const first = await Promise.all(victims.map((victim) => room.firstCall(victim)));
  await firstly(victims);
  return Promise.all(
    victims.map(async (victim, at) => {
      const { found, wanted } = await compared(room, victim, lost);
      const isOpen = left[at] === 'claimed' || left[at] === 'pending';
      return {
        left: left[at],
        found: { ...found, first: first[at] },
        wanted: { ...wanted, first: isOpen ? 'in_progress' : 'applied' },
      };
    }),
  );
}

async function compared(room: KilledRoom, victim: Victim, lost: number): Promise<Omit<Compared, 'left'>> {
  const answer = await room.untilFinal(victim);
  const again = await room.untilFinal(victim);
  const facts = await room.facts(victim);
  const parts = victim.made().map(() => 1);
  const { writes, effects, before } = victim;
  return {
    found: {
      outcome: answer.outcome,
      again: {
        outcome: again.outcome,
        replayed: again.replayed,
        changeId: again.changeId,
        apiCalls: again.apiCalls,
      },
      ...facts,
      locks: await room.locksLeft(victim),
    },
    wanted: {
      outcome: 'applied',
      again: { outcome: 'applied', replayed: true, changeId: answer.changeId, apiCalls: 0 },
      made: parts,
      writes: writes + lost + before.writes,
      counted: effects + before.effects,
      states: ['applied', ...before.states],
      lines: answer.lines.map(() => 'applied'),
      locks: 0,
    },
  };
}
