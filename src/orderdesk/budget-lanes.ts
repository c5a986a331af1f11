/**
 * Who is next for a store's budget: interactive work before background work, and within each the keys in turn, so
 * that one key with many waiting calls delays another's by one turn at most. Ahead of them goes who completes what was
 * begun in turn: its key has waited already, and what it has read grows old.
 */
import type { Priority } from './call.js';

export interface Waiting {
  readonly priority: Priority;
  readonly lane: string;
  /** Completes what began in turn: before all others of its priority. */
  readonly isCompleting: boolean;
}

/** Lanes in the order of their next turn; a lane that had one goes to the end. */
type Rotation<W> = Map<string, Set<W>>;

interface Rotations<W> {
  readonly completing: Rotation<W>;
  readonly others: Rotation<W>;
}

const noRotations = <W>(): Rotations<W> => ({ completing: new Map(), others: new Map() });
const sizeOf = ({ completing, others }: Rotations<unknown>): number => completing.size + others.size;

export class BudgetLanes<W extends Waiting> {
  readonly #rotations: Readonly<Record<Priority, Rotations<W>>> = {
    interactive: noRotations(),
    background: noRotations(),
  };

  get isEmpty(): boolean {
    return sizeOf(this.#rotations.interactive) === 0 && sizeOf(this.#rotations.background) === 0;
  }

  /** For which work is to be asked next. */
  get nextPriority(): Priority {
    return sizeOf(this.#rotations.interactive) > 0 ? 'interactive' : 'background';
  }

  add(waiting: W): void {
    const rotation = this.#rotationOf(waiting);
    const lane = rotation.get(waiting.lane);
    if (lane === undefined) rotation.set(waiting.lane, new Set([waiting]));
    else lane.add(waiting);
  }

  remove(waiting: W): void {
    const rotation = this.#rotationOf(waiting);
    const lane = rotation.get(waiting.lane);
    lane?.delete(waiting);
    if (lane?.size === 0) rotation.delete(waiting.lane);
  }

  /**
   * Takes out who may have a token that was asked for with this priority: one for interactive work is not for
   * background work, which has to leave more in the bucket.
   */
  take(asked: Priority): W | undefined {
    const { interactive, background } = this.#rotations;
    const late = asked === 'background' ? [background.completing, background.others] : [];
    for (const rotation of [interactive.completing, interactive.others, ...late]) {
      const taken = takeFrom(rotation);
      if (taken !== undefined) return taken;
    }
    return undefined;
  }

  /** All who wait, in the order in which they would be served if nobody came or went. */
  *inOrder(): Generator<W> {
    const { interactive, background } = this.#rotations;
    for (const rotation of [
      interactive.completing,
      interactive.others,
      background.completing,
      background.others,
    ]) {
      let lanes = [...rotation.values()].map((lane) => lane.values());
      while (lanes.length > 0) {
        const going: typeof lanes = [];
        for (const lane of lanes) {
          const next = lane.next();
          if (next.done === true) continue;
          yield next.value;
          going.push(lane);
        }
        lanes = going;
      }
    }
  }

  #rotationOf({ priority, isCompleting }: W): Rotation<W> {
    const { completing, others } = this.#rotations[priority];
    return isCompleting ? completing : others;
  }
}

function takeFrom<W>(rotation: Rotation<W>): W | undefined {
  const [first] = rotation;
  if (first === undefined) return undefined;
  const [name, lane] = first;
  const [waiting] = lane;
  if (waiting !== undefined) lane.delete(waiting);
  rotation.delete(name);
  if (lane.size > 0) rotation.set(name, lane);
  return waiting;
}
