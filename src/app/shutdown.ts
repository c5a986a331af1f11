/**
 * The order in which a server goes down. Nothing that has reached it is lost on the way:
 *
 * 1. Probes are told, and the connections there are end with their next answer; all else is as ever for the delay, so that
 *    balancers leave.
 * 2. The port is given up. Connections that wait for a next request are kept a moment longer: a proxy that tries a new
 *    one is refused, which it may repeat elsewhere, while a request on one that is just being closed would be lost.
 * 3. They end. Calls under way go on as ever for what calls usually take.
 * 4. Then long ones are told: no write begins, batches and scans answer with what they have.
 * 5. At the end of the time of grace the rest is answered with `shutting_down`; a write that was sent is waited for.
 *
 * Without a delay nobody is given time to leave: 2 and 3 take none either.
 */
import { DEFAULT_CLIENT_LIMITS } from '../orderdesk/client.js';
import type { AppConfig } from './foundation.js';

/** All in milliseconds. */
export interface ShutdownTimes {
  readonly delay: number;
  readonly linger: number;
  readonly settle: number;
  /** From the end of idle connections on; `settle` is part of it. */
  readonly grace: number;
  /** After which the whole has gone wrong. */
  readonly longest: number;
}

export interface ShutdownSteps {
  beginDraining(): void;
  stopListening(): Promise<void>;
  /** Resolves when no connection is left; for after `stopListening`. */
  untilNoConnection(): Promise<unknown>;
  /** Ends idle connections; resolves when the others have ended. */
  closeHttp(): Promise<void>;
  /** Tells long calls to come to an end, and lets no write begin. */
  takeNoMore(): void;
  endCalls(): void;
  /** Resolves when the writes that have been sent are written down. */
  writesUnderWay(): Promise<void>;
  cutConnections(): void;
}

/**
 * A proxy that was refused leaves a replica out for a while, three seconds in nginx/upstream.conf, and may then use a
 * connection that it still has: after that there are none left.
 */
const LINGER_MS = 4_000;
const SETTLE_MS = 5_000;
/** For answers to get out of the house once there are no calls any more. */
const LAST_ANSWERS_MS = 500;
/** What giving the port up and closing may take beyond all that. */
const TIDY_UP_MS = 10_000;

export function shutdownTimes({
  drainDelayMs,
  shutdownGraceMs: grace,
}: Pick<AppConfig, 'drainDelayMs' | 'shutdownGraceMs'>): ShutdownTimes {
  const linger = drainDelayMs === 0 ? 0 : LINGER_MS;
  const settle = drainDelayMs === 0 ? 0 : Math.min(SETTLE_MS, grace / 2);
  // A write may begin until calls have settled.
  const busy = Math.max(grace, settle + DEFAULT_CLIENT_LIMITS.writeTimeoutMs);
  const longest = drainDelayMs + linger + busy + LAST_ANSWERS_MS + TIDY_UP_MS;
  return { delay: drainDelayMs, linger, settle, grace, longest };
}

/** Whole seconds that whoever runs a replica must leave it between SIGTERM and SIGKILL. */
export const secondsToEnd = (config: Pick<AppConfig, 'drainDelayMs' | 'shutdownGraceMs'>): number =>
  Math.ceil(shutdownTimes(config).longest / 1_000);

/** Waits so many milliseconds; may fail once the signal ends. */
export type Pause = (ms: number, signal?: AbortSignal) => Promise<unknown>;

/** Resolves when no connection is left. */
export async function goDown(steps: ShutdownSteps, times: ShutdownTimes, pause: Pause): Promise<void> {
  const isDoneWithin = async (ms: number, work: Promise<unknown>): Promise<boolean> => {
    const timer = new AbortController();
    try {
      return await Promise.race([work.then(() => true), pause(ms, timer.signal).then(() => false)]);
    } finally {
      timer.abort();
    }
  };
  steps.beginDraining();
  if (times.delay > 0) await pause(times.delay);
  await steps.stopListening();
  if (times.linger > 0) await isDoneWithin(times.linger, steps.untilNoConnection());
  const closed = steps.closeHttp();
  const isSettled = times.settle > 0 && (await isDoneWithin(times.settle, closed));
  steps.takeNoMore();
  if (isSettled || (await isDoneWithin(times.grace - times.settle, closed))) return;
  steps.endCalls();
  await Promise.race([closed, steps.writesUnderWay()]);
  if (!(await isDoneWithin(LAST_ANSWERS_MS, closed))) steps.cutConnections();
  await closed;
}
