import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { goDown, type ShutdownSteps, type ShutdownTimes, shutdownTimes } from '../../../src/app/shutdown.js';
import { DEFAULT_CLIENT_LIMITS } from '../../../src/orderdesk/client.js';
import { deferred } from '../../support/deferred.js';

const TIMES = shutdownTimes({ drainDelayMs: 3_000, shutdownGraceMs: 25_000 });
const AT_ONCE = shutdownTimes({ drainDelayMs: 0, shutdownGraceMs: 25_000 });

/** A server that goes down; connections, writes and time are the test's. */
function goingDown(times: ShutdownTimes) {
  const done: string[] = [];
  const [silent, closed, written] = [deferred<void>(), deferred<void>(), deferred<void>()];
  const waits: { readonly ms: number; readonly end: () => void }[] = [];
  const note = (step: string) => () => void done.push(step);
  const steps: ShutdownSteps = {
    beginDraining: note('draining'),
    stopListening: async () => note('port given up')(),
    untilNoConnection: () => silent.promise,
    closeHttp() {
      done.push('idle ended');
      return closed.promise;
    },
    takeNoMore: note('no more'),
    endCalls: note('calls ended'),
    writesUnderWay: () => written.promise,
    cutConnections() {
      done.push('cut');
      closed.resolve();
    },
  };
  const pause = (ms: number) => {
    const over = deferred<void>();
    waits.push({ ms, end: () => over.resolve() });
    return over.promise;
  };
  const down = goDown(steps, times, pause);
  return {
    done,
    silent,
    closed,
    written,
    down,
    /** Lets the wait that is open now come to its end. @returns how long it was to be, in milliseconds */
    async timePasses(): Promise<number | undefined> {
      await turn();
      const wait = waits.at(-1);
      wait?.end();
      await turn();
      return wait?.ms;
    },
  };
}

describe('a server that goes down with a delay', () => {
  it('serves as ever for the delay, then lingers, settles, and only then takes no more', async () => {
    const { done, timePasses, closed, down } = goingDown(TIMES);
    expect(done).toEqual(['draining']);
    expect(await timePasses()).toBe(3_000);
    expect(done).toEqual(['draining', 'port given up']);
    expect(await timePasses()).toBe(4_000);
    expect(done.at(-1)).toBe('idle ended');
    expect(await timePasses()).toBe(5_000);
    expect(done.at(-1)).toBe('no more');
    closed.resolve();
    await down;
    expect(done).toEqual(['draining', 'port given up', 'idle ended', 'no more']);
  });

  it('waits for no time once nobody is connected and no call is left', async () => {
    const { done, timePasses, silent, closed, down } = goingDown(TIMES);
    silent.resolve();
    closed.resolve();
    await timePasses();
    await down;
    expect(done).toEqual(['draining', 'port given up', 'idle ended', 'no more']);
  });

  it('ends calls after the time of grace, waits for writes, and cuts what is left after that', async () => {
    const { done, timePasses, written, down } = goingDown(TIMES);
    for (const _wait of ['delay', 'linger', 'settle']) await timePasses();
    expect(await timePasses()).toBe(20_000);
    expect(done.at(-1)).toBe('calls ended');
    // However long it takes.
    await turn();
    expect(done.at(-1)).toBe('calls ended');
    written.resolve();
    expect(await timePasses()).toBe(500);
    await down;
    expect(done.slice(-2)).toEqual(['calls ended', 'cut']);
  });

  it('cuts nobody off whose answer got out', async () => {
    const { done, timePasses, written, closed, down } = goingDown(TIMES);
    for (const _wait of ['delay', 'linger', 'settle', 'grace']) await timePasses();
    written.resolve();
    closed.resolve();
    await down;
    expect(done.at(-1)).toBe('calls ended');
  });
});

describe('a server that goes down without a delay', () => {
  it('takes no more at once', async () => {
    const { done, closed, down } = goingDown(AT_ONCE);
    await turn();
    expect(done).toEqual(['draining', 'port given up', 'idle ended', 'no more']);
    closed.resolve();
    await down;
  });
});

describe('the time that a shutdown may take', () => {
  it('has room for the delay, and for a write that begins at the last moment', () => {
    const { writeTimeoutMs } = DEFAULT_CLIENT_LIMITS;
    expect(TIMES.longest).toBeGreaterThan(TIMES.delay + TIMES.linger + TIMES.settle + writeTimeoutMs);
    expect(TIMES.longest).toBeGreaterThan(TIMES.delay + TIMES.linger + TIMES.grace);
    expect(AT_ONCE.longest).toBeLessThan(TIMES.longest);
  });
});
