/**
 * So many calls of a store at the same time, the rest in order of arrival: a slow store cannot take every connection.
 * Behind a rate budget that hands out no more tokens than there are places, nobody waits here.
 */
import { cancellation } from '../errors.js';
import type { Waiting } from '../telemetry/waits.js';
import type { Account, Send, UpstreamCall } from './call.js';
import { noPlace } from './failures.js';
import { sharedName } from './shared-name.js';

export interface PlacesOptions {
  /** Calls of one store at the same time. */
  readonly perStore: number;
  /** Milliseconds on the clock of `deadlineAt`. */
  readonly now: () => number;
  readonly waiting?: Waiting;
}

interface Room {
  taken: number;
  /** In order of arrival; each takes over the place of one who left. */
  readonly queue: Set<() => void>;
}

/**
 * @throws AppError `store_busy` when no place came free by the call's deadline, the reason of its signal when that
 *   ended; nothing was sent in either case
 */
export function placesPerStore(next: Send, options: PlacesOptions): Send {
  const { perStore, now, waiting = (_on, work) => work() } = options;
  const rooms = new Map<string, Room>();

  function leave(name: string, room: Room): void {
    const [successor] = room.queue;
    if (successor !== undefined) successor();
    else room.taken -= 1;
    if (room.taken === 0) rooms.delete(name);
  }

  return async (call) => {
    const name = roomOf(call.account);
    const room = rooms.get(name) ?? { taken: 0, queue: new Set() };
    rooms.set(name, room);
    if (room.taken < perStore) room.taken += 1;
    else await waiting('budget', () => turn(room, call, now));
    try {
      return await next(call);
    } finally {
      leave(name, room);
    }
  };
}

/** Whoever only claims to be a store must not stand in its way. */
const roomOf = (account: Account): string =>
  account.kind === 'kept' ? sharedName(account.store) : `offered:${account.storeId}`;

function turn(room: Room, { signal, deadlineAt }: UpstreamCall, now: () => number): Promise<void> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', left);
      room.queue.delete(enter);
    };
    const enter = (): void => {
      over();
      resolve();
    };
    const left = (): void => {
      over();
      reject(cancellation(signal));
    };
    const late = (): void => {
      over();
      reject(noPlace());
    };
    if (signal.aborted) return left();
    if (deadlineAt !== undefined) timer = setTimeout(late, Math.max(0, deadlineAt - now()));
    signal.addEventListener('abort', left, { once: true });
    room.queue.add(enter);
  });
}
