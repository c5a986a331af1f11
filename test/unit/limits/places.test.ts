import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { type PlaceLimits, Places, type Release } from '../../../src/limits/places.js';

const LIMITS: PlaceLimits = { concurrency: 2, queue: 2, waitMs: 5_000 };
const nothing = () => {};

/** Asks for a place; the outcome is there to look at. */
function ask(places: Places, owner = 'a', limits = LIMITS, leaves = new AbortController()) {
  const asked: {
    outcome: 'waiting' | 'inside' | string;
    release: Release;
    leave(): void;
    readonly ended: Promise<void>;
  } = {
    outcome: 'waiting',
    release: nothing,
    leave: () => leaves.abort(),
    ended: Promise.resolve(),
  };
  const ended = places.enter(owner, limits, leaves.signal, nothing).then(
    (release) => {
      asked.outcome = 'inside';
      asked.release = release;
    },
    (error: unknown) => {
      asked.outcome = error instanceof AppError ? error.code : 'another error';
    },
  );
  return Object.assign(asked, { ended });
}

const settled = () => vi.advanceTimersByTimeAsync(0);

describe('places of one owner', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('are given at once while there are any, then in the order of asking, and no more than fit the queue', async () => {
    const places = new Places();
    const asked = Array.from({ length: 5 }, () => ask(places));
    await settled();
    expect(asked.map(({ outcome }) => outcome)).toEqual([
      'inside',
      'inside',
      'waiting',
      'waiting',
      'too_many_calls',
    ]);
    asked[1]?.release();
    await settled();
    expect(asked[2]?.outcome).toBe('inside');
    expect(asked[3]?.outcome).toBe('waiting');
    for (const { release } of asked) release();
    await settled();
    expect(asked[3]?.outcome).toBe('inside');
    asked[3]?.release();
    asked[2]?.release();
  });

  it('are refused with a wait when the turn does not come in time, and the queue has room again', async () => {
    const places = new Places();
    const [first, second] = [ask(places), ask(places)];
    const late = ask(places);
    await vi.advanceTimersByTimeAsync(LIMITS.waitMs - 1);
    expect(late.outcome).toBe('waiting');
    await vi.advanceTimersByTimeAsync(1);
    expect(late.outcome).toBe('too_many_calls');
    const next = ask(places);
    first.release();
    await settled();
    expect(next.outcome).toBe('inside');
    second.release();
    next.release();
  });

  it('are passed on when a caller that waits hangs up', async () => {
    const places = new Places();
    const [first, second] = [ask(places), ask(places)];
    const [gone, patient] = [ask(places), ask(places)];
    gone.leave();
    await settled();
    expect(gone.outcome).toBe('cancelled');
    first.release();
    await settled();
    expect(patient.outcome).toBe('inside');
    const another = ask(places);
    second.release();
    await settled();
    expect(another.outcome).toBe('inside');
    patient.release();
    another.release();
  });

  it('are not given to a caller that has gone already', async () => {
    const places = new Places();
    const leaves = new AbortController();
    leaves.abort();
    const gone = ask(places, 'a', LIMITS, leaves);
    await gone.ended;
    expect(gone.outcome).toBe('cancelled');
    expect(places.owners).toBe(0);
  });

  it('are given back once, however often somebody says so', async () => {
    const places = new Places();
    const asked = Array.from({ length: 4 }, () => ask(places));
    await settled();
    asked[0]?.release();
    asked[0]?.release();
    await settled();
    expect(asked.map(({ outcome }) => outcome)).toEqual(['inside', 'inside', 'inside', 'waiting']);
    for (const each of asked) each.release();
    await settled();
    asked[3]?.release();
  });

  it('of one owner never make another wait', async () => {
    const places = new Places();
    const busy = Array.from({ length: 4 }, () => ask(places, 'a'));
    const other = ask(places, 'b');
    await settled();
    expect(other.outcome).toBe('inside');
    other.release();
    for (let i = 0; i < 4; i += 1) {
      for (const { release } of busy) release();
      await settled();
    }
  });

  it('follow limits that change: more are let in when there are more, none beyond when there are fewer', async () => {
    const places = new Places();
    const asked = Array.from({ length: 4 }, () => ask(places));
    const wide = ask(places, 'a', { ...LIMITS, concurrency: 4, queue: 10 });
    await settled();
    // It waits behind those who came first.
    expect(wide.outcome).toBe('waiting');
    const narrow = { ...LIMITS, concurrency: 1 };
    asked[0]?.release();
    asked[1]?.release();
    await settled();
    expect(asked.map(({ outcome }) => outcome)).toEqual(['inside', 'inside', 'inside', 'inside']);
    const late = ask(places, 'a', narrow);
    asked[2]?.release();
    await settled();
    expect(wide.outcome).toBe('inside');
    asked[3]?.release();
    wide.release();
    await settled();
    expect(late.outcome).toBe('inside');
    late.release();
  });

  it('hold for any order of coming, leaving and giving back: never too many inside, nobody forgotten', async () => {
    const action = fc.constantFrom('ask', 'ask', 'ask', 'release', 'leave');
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60 }), fc.nat(), async (actions, seed) => {
        const places = new Places();
        const asked: ReturnType<typeof ask>[] = [];
        const done = new Set<object>();
        const pick = (outcome: string, index: number) => {
          const fitting = asked.filter((each) => each.outcome === outcome && !done.has(each));
          return fitting[(seed + index) % Math.max(1, fitting.length)];
        };
        for (const [index, what] of actions.entries()) {
          if (what === 'ask') asked.push(ask(places));
          else if (what === 'leave') pick('waiting', index)?.leave();
          else {
            const one = pick('inside', index);
            one?.release();
            if (one !== undefined) done.add(one);
          }
          await settled();
          const inside = asked.filter((each) => each.outcome === 'inside' && !done.has(each)).length;
          const waiting = asked.filter((each) => each.outcome === 'waiting').length;
          expect(inside).toBeLessThanOrEqual(LIMITS.concurrency);
          expect(waiting).toBeLessThanOrEqual(LIMITS.queue);
          if (waiting > 0) expect(inside).toBe(LIMITS.concurrency);
        }
        while (asked.some((each) => each.outcome === 'inside' && !done.has(each))) {
          const one = pick('inside', 0);
          one?.release();
          if (one !== undefined) done.add(one);
          await settled();
        }
        expect(asked.filter(({ outcome }) => outcome === 'waiting')).toEqual([]);
        expect(places.owners).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
