/** The way to Order Desk and back. Requests take it each in their own time, so that one may overtake another. */
import type { Prng } from './seed/prng.js';

/** Milliseconds, both ends included; each way's time is drawn evenly from them. */
export type LatencyRange = readonly [minMs: number, maxMs: number];

export interface LatencyOptions {
  /** From the receipt of a request until it is counted and the bucket is asked. */
  readonly arrival?: LatencyRange;
  /** From then, with the request applied, until its answer is sent. */
  readonly answer?: LatencyRange;
}

export interface Latency {
  /** Runs at once where there is no arrival time. */
  onArrival(run: () => void): void;
  onAnswer(run: () => void): void;
  /** What is still on its way never comes. */
  stop(): void;
}

/**
 * @param newPrng each way has random numbers of its own, so that the times of one do not hang on the other
 * @throws RangeError for a range that is none
 */
export function createLatency({ arrival, answer }: LatencyOptions, newPrng: () => Prng): Latency {
  const timers = new Set<NodeJS.Timeout>();

  const way = (range: LatencyRange | undefined) => {
    const prng = newPrng();
    if (range === undefined) return (run: () => void) => run();
    const [min, max] = range;
    if (!(min >= 0 && max >= min)) throw new RangeError('A latency is a range of milliseconds, from 0 up.');
    return (run: () => void) => {
      const timer = setTimeout(
        () => {
          timers.delete(timer);
          run();
        },
        min + prng.next() * (max - min),
      );
      timers.add(timer.unref());
    };
  };

  return {
    onArrival: way(arrival),
    onAnswer: way(answer),
    stop() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
