import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RedisHealth, type RedisState } from '../../../src/redis/health.js';

/** As ioredis words it. */
const timeout = () => new Error('Command timed out');

let now: number;
let answers: boolean;
let states: RedisState[];
let health: RedisHealth;

beforeEach(() => {
  vi.useFakeTimers();
  now = 0;
  answers = true;
  states = [];
  health = new RedisHealth({
    ask: async () => {
      if (!answers) throw timeout();
    },
    retryMs: 1_000,
    now: () => now,
    onChange: (state) => states.push(state),
  });
});
afterEach(() => {
  health.close();
  vi.useRealTimers();
});

/** Time-outs of commands that were sent one after another. */
function timeOut(times: number): void {
  for (let i = 0; i < times; i += 1) {
    now += 100;
    health.failed(timeout());
  }
}

describe('Redis', () => {
  it('counts as away after three time-outs in a row', () => {
    timeOut(2);
    expect(health.state).toBe('there');
    timeOut(1);
    expect(health.state).toBe('away');
    expect(states).toEqual(['away']);
  });

  it('is not away for one stall, however many commands were under way', () => {
    now = 100;
    for (let i = 0; i < 50; i += 1) health.failed(timeout());
    expect(health.state).toBe('there');
  });

  it('is not away when an answer came between time-outs', () => {
    timeOut(2);
    health.succeeded();
    timeOut(2);
    expect(health.state).toBe('there');
  });

  it('counts as away at once when it says no or cannot be reached', () => {
    health.failed(new Error('ECONNREFUSED'));
    expect(health.state).toBe('away');
  });

  it('is asked every second while it is away, and is back when it answers', async () => {
    answers = false;
    timeOut(3);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(health.state).toBe('away');
    answers = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(states).toEqual(['away', 'there']);
    timeOut(2);
    expect(health.state).toBe('there');
  });

  it('is asked at the start, where one failure of any kind is enough', async () => {
    answers = false;
    await health.start();
    expect(states).toEqual(['away']);
    answers = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(states).toEqual(['away', 'there']);
  });

  it('is there from the start when it answers', async () => {
    await health.start();
    expect(health.state).toBe('there');
    expect(states).toEqual([]);
  });

  it('counts as away once when the connection is lost again and again', async () => {
    answers = false;
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      health.lost(new Error('closed'));
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(states).toEqual(['away']);
    answers = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(states).toEqual(['away', 'there']);
  });

  it('is asked no more once it is closed', async () => {
    timeOut(3);
    health.close();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(states).toEqual(['away']);
  });
});
