/**
 * Places for work of one owner: so many at the same time, a short queue behind them, and the rest sent away. Owners
 * share nothing, so a busy one never makes another wait.
 */
import { AppError } from '../errors.js';

export interface PlaceLimits {
  /** Pieces of work at the same time. */
  readonly concurrency: number;
  /** How many may wait for a place. */
  readonly queue: number;
  /** Milliseconds that each of them waits at most. */
  readonly waitMs: number;
}

/** Gives the place back. A second call does nothing. */
export type Release = () => void;

interface Waiting {
  proceed(): void;
}

interface Room {
  taken: number;
  /** In order of arrival. */
  readonly queue: Set<Waiting>;
}

/** Seconds that somebody who was sent away is told to wait: places become free by the second. */
const RETRY_AFTER_S = 1;

export class Places {
  readonly #rooms = new Map<string, Room>();

  /** Owners with work at the moment. */
  get owners(): number {
    return this.#rooms.size;
  }

  /**
   * Resolves when there is a place.
   * @param leaves aborts when whoever asks has gone: it leaves the queue
   * @param onQueued called when there is no place yet
   * @throws AppError `too_many_calls` when the queue is full or the wait was too long; `cancelled` when `leaves` aborted
   */
  async enter(
    owner: string,
    limits: PlaceLimits,
    leaves: AbortSignal,
    onQueued: () => void,
  ): Promise<Release> {
    if (leaves.aborted) throw new AppError('cancelled');
    const room = this.#room(owner);
    if (room.taken < limits.concurrency && room.queue.size === 0) {
      room.taken += 1;
    } else {
      if (room.queue.size >= limits.queue) throw tooManyCalls();
      onQueued();
      await turn(room, limits.waitMs, leaves);
    }
    return this.#releaseOnce(owner, room, limits);
  }

  #room(owner: string): Room {
    const known = this.#rooms.get(owner);
    if (known !== undefined) return known;
    const room: Room = { taken: 0, queue: new Set() };
    this.#rooms.set(owner, room);
    return room;
  }

  #releaseOnce(owner: string, room: Room, limits: PlaceLimits): Release {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      room.taken -= 1;
      // In turn, so that a newcomer does not overtake the queue.
      while (room.taken < limits.concurrency) {
        const [next] = room.queue;
        if (next === undefined) break;
        room.queue.delete(next);
        room.taken += 1;
        next.proceed();
      }
      if (room.taken === 0) this.#rooms.delete(owner);
    };
  }
}

function turn(room: Room, waitMs: number, leaves: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = (): void => {
      clearTimeout(timer);
      leaves.removeEventListener('abort', left);
      room.queue.delete(waiting);
    };
    const waiting: Waiting = {
      proceed: () => {
        over();
        resolve();
      },
    };
    const left = (): void => {
      over();
      reject(new AppError('cancelled'));
    };
    const timer = setTimeout(() => {
      over();
      reject(tooManyCalls());
    }, waitMs);
    leaves.addEventListener('abort', left, { once: true });
    room.queue.add(waiting);
  });
}

const tooManyCalls = (): AppError =>
  new AppError('too_many_calls', undefined, { retryAfterS: RETRY_AFTER_S });
