/** Seeded random numbers (mulberry32): the same seed gives the same records everywhere. */
export interface Prng {
  /** At least 0, below 1. */
  next(): number;
  /** A whole number, both ends included. */
  int(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(choices: NonEmpty<T>): T;
  /** Each choice comes with its weight. */
  weighted<T>(choices: NonEmpty<readonly [T, number]>): T;
  digits(count: number): string;
}

export type NonEmpty<T> = readonly [T, ...T[]];

export function createPrng(seed: number): Prng {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));

  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (choices) => choices[int(0, choices.length - 1)] ?? choices[0],
    weighted(choices) {
      let left = next() * choices.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [choice, weight] of choices) {
        left -= weight;
        if (left < 0) return choice;
      }
      return choices[0][0];
    },
    digits(count) {
      let text = String(int(1, 9));
      while (text.length < count) text += String(int(0, 999_999)).padStart(6, '0');
      return text.slice(0, count);
    },
  };
}
