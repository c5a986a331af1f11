/** What has to be so once a call that was interrupted was made again until it had its answer, and then once more. */
import type { Aftermath } from './aftermath.js';
import type { Victim } from './killed-room.js';

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
  aftermath: Aftermath,
  victims: readonly Victim[],
  lost: number,
  firstly: (victims: readonly Victim[]) => Promise<void> = (dead) => aftermath.endLeases(dead),
): Promise<readonly Compared[]> {
  const left = await Promise.all(victims.map((victim) => aftermath.stateOf(victim)));
  const first = await Promise.all(victims.map((victim) => aftermath.firstCall(victim)));
  await firstly(victims);
  return Promise.all(
    victims.map(async (victim, at) => {
      const { found, wanted } = await compared(aftermath, victim, lost);
      const isOpen = left[at] === 'claimed' || left[at] === 'pending';
      return {
        left: left[at],
        found: { ...found, first: first[at] },
        wanted: { ...wanted, first: isOpen ? 'in_progress' : 'applied' },
      };
    }),
  );
}

async function compared(aftermath: Aftermath, victim: Victim, lost: number): Promise<Omit<Compared, 'left'>> {
  const answer = await aftermath.untilFinal(victim);
  const again = await aftermath.untilFinal(victim);
  const facts = await aftermath.facts(victim);
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
      locks: await aftermath.locksLeft(victim),
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
