/**
 * Who is next for a store's budget: interactive work before background work, and within each the keys in turn, so
 * that one key with many waiting calls delays another's by one turn at most.
 */
import type { Priority } from './call.js';

export interface Waiting {
  readonly priority: Priority;
  readonly lane: string;
}

/** Lanes in the order of their next turn; a lane that had one goes to the end. */
type Rotation<W> = Map<string, Set<W>>;

export class BudgetLanes<W extends Waiting> {
  readonly #rotations: Readonly<Record<Priority, Rotation<W>>> = {
    interactive: new Map(),
    background: new Map(),
  };

  get isEmpty(): boolean {
    return this.#rotations.interactive.size === 0 && this.#rotations.background.size === 0;
  }

  /** For which work is to be asked next. */
  get nextPriority(): Priority {
    return this.#rotations.interactive.size > 0 ? 'interactive' : 'background';
  }

  add(waiting: W): void {
    const rotation = this.#rotations[waiting.priority];
    const lane = rotation.get(waiting.lane);
    if (lane === undefined) rotation.set(waiting.lane, new Set([waiting]));
    else lane.add(waiting);
  }

  remove(waiting: W): void {
    const rotation = this.#rotations[waiting.priority];
    const lane = rotation.get(waiting.lane);
    lane?.delete(waiting);
    if (lane?.size === 0) rotation.delete(waiting.lane);
  }

  /**
   * Takes out who may have a token that was asked for with this priority: one for interactive work is not for
   * background work, which has to leave more in the bucket.
   */
  take(asked: Priority): W | undefined {
    return (
      this.#takeFrom('interactive') ?? (asked === 'background' ? this.#takeFrom('background') : undefined)
    );
  }

  /** All who wait, in the order in which they would be served if nobody came or went. */
  *inOrder(): Generator<W> {
    for (const rotation of [this.#rotations.interactive, this.#rotations.background]) {
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

  #takeFrom(priority: Priority): W | undefined {
    const rotation = this.#rotations[priority];
    const [first] = rotation;
    if (first === undefined) return undefined;
    const [name, lane] = first;
    const [waiting] = lane;
    if (waiting !== undefined) lane.delete(waiting);
    rotation.delete(name);
    if (lane.size > 0) rotation.set(name, lane);
    return waiting;
  }
}
