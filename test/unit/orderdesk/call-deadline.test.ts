import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { type Leash, ReadLeash, WriteLeash } from '../../../src/orderdesk/call-deadline.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const now = (): number => Date.now();
const ended = (leash: Leash): string =>
  leash.signal.reason instanceof AppError ? leash.signal.reason.code : 'not ended';

function subject(kind: 'read' | 'write', deadlineMs?: number) {
  const caller = new AbortController();
  const closing = new AbortController();
  const bounds = {
    caller: caller.signal,
    closing: closing.signal,
    callTimeoutMs: 10_000,
    writeTimeoutMs: 30_000,
    writeNeedsMs: 10_000,
    deadlineAt: deadlineMs === undefined ? undefined : now() + deadlineMs,
    now,
  };
  return { caller, closing, leash: kind === 'read' ? new ReadLeash(bounds) : new WriteLeash(bounds) };
}

/** Milliseconds until it ends by itself. */
function endsAfter(leash: Leash): number {
  for (let ms = 0; ms <= 60_000; ms += 10) {
    if (leash.signal.aborted) return ms;
    vi.advanceTimersByTime(10);
  }
  return Number.POSITIVE_INFINITY;
}

describe('a read', () => {
  it.each([
    [undefined, 10_000],
    [25_000, 10_000],
    [3_000, 2_950],
    [50, 0],
    [-5_000, 0],
  ])('with %s ms to its deadline ends after %i ms', (deadlineMs, expected) => {
    const { leash } = subject('read', deadlineMs);
    expect(endsAfter(leash)).toBe(expected);
    expect(ended(leash)).toBe('upstream_timeout');
  });

  it('ends with its caller, after its first byte too', () => {
    const { leash, caller } = subject('read');
    leash.depart();
    caller.abort();
    expect(ended(leash)).toBe('cancelled');
  });
});

describe('a write', () => {
  it.each([
    [undefined, 10_000],
    [25_000, 10_000],
    [15_000, 5_000],
    [10_000, 0],
    [1_000, 0],
  ])('with %s ms to its deadline has to begin within %i ms', (deadlineMs, expected) => {
    const { leash } = subject('write', deadlineMs);
    expect(endsAfter(leash)).toBe(expected);
    expect(ended(leash)).toBe('store_busy');
    expect(() => leash.depart()).toThrow('nothing was sent');
  });

  it('does not begin late when the timer that should have ended it is late itself', () => {
    const { leash } = subject('write', 15_000);
    vi.setSystemTime(now() + 5_001);
    expect(leash.signal.aborted).toBe(false);
    expect(() => leash.depart()).toThrow('nothing was sent');
  });

  it('that has begun ends by its own time alone', () => {
    const { leash, caller, closing } = subject('write', 15_000);
    vi.advanceTimersByTime(4_000);
    leash.depart();
    caller.abort();
    closing.abort();
    expect(endsAfter(leash)).toBe(30_000);
    expect(ended(leash)).toBe('upstream_timeout');
  });

  it('that has not begun ends with its caller, or when no new ones are taken', () => {
    const left = subject('write');
    left.caller.abort();
    expect(() => left.leash.depart()).toThrow(new AppError('cancelled'));
    const late = subject('write');
    late.closing.abort(new AppError('shutting_down'));
    expect(() => late.leash.depart()).toThrow(new AppError('shutting_down'));
  });

  it('goes out once', () => {
    const { leash } = subject('write');
    leash.depart();
    expect(() => leash.depart()).toThrow(new AppError('upstream_unavailable'));
  });
});

describe('what is done meanwhile', () => {
  it('is named by what ended it, however the transport words that', async () => {
    const { leash, caller } = subject('write');
    const work = leash.during(async () => {
      caller.abort();
      throw new Error('aborted');
    });
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('is not begun when it has ended already, and leaves no timer behind', async () => {
    const { leash, caller } = subject('read');
    caller.abort();
    let began = false;
    const work = leash.during(async () => {
      began = true;
    });
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
    expect(began).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('fails with its own error otherwise', async () => {
    const error = new Error('its own');
    await expect(subject('read').leash.during(() => Promise.reject(error))).rejects.toBe(error);
  });
});
