/**
 * How many calls may be made again, for the whole replica: a fifth of the calls of the last ten seconds, and three a
 * second besides, so that a quiet replica may retry too. Without it every failing call would be made three times
 * just when Order Desk can bear least.
 */
const WINDOW_S = 10;
const SHARE = 0.2;
const FLOOR_PER_SECOND = 3;

export interface RetryBudget {
  /** Counts a call that is made for the first time. */
  countCall(): void;
  /** Takes one retry; false when there is none left. */
  take(): boolean;
}

interface Second {
  second: number;
  calls: number;
  retries: number;
}

/** @param now milliseconds on a clock that never goes back */
export function createRetryBudget(now: () => number): RetryBudget {
  const ring: Second[] = Array.from({ length: WINDOW_S }, () => ({ second: -1, calls: 0, retries: 0 }));

  function current(): Second {
    const second = Math.floor(now() / 1000);
    const index = second % WINDOW_S;
    const slot = ring[index];
    if (slot !== undefined && slot.second === second) return slot;
    const fresh = { second, calls: 0, retries: 0 };
    ring[index] = fresh;
    return fresh;
  }

  return {
    countCall() {
      current().calls += 1;
    },
    take() {
      const slot = current();
      const recent = ring.filter(({ second }) => second > slot.second - WINDOW_S);
      const calls = recent.reduce((sum, each) => sum + each.calls, 0);
      const retries = recent.reduce((sum, each) => sum + each.retries, 0);
      if (retries + 1 > SHARE * calls + FLOOR_PER_SECOND * WINDOW_S) return false;
      slot.retries += 1;
      return true;
    },
  };
}
