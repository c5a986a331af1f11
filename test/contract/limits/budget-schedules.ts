/** Random work on a budget, and how much of it was let through. */
import fc from 'fast-check';
import type { Priority } from '../../../src/limits/budget.js';

export const schedules = fc.array(
  fc.record({
    pauseMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 900 })),
    priority: fc.constantFrom<Priority>('interactive', 'background'),
    /** How many tokens somebody else took, if they are told of it. */
    foreign: fc.option(fc.integer({ min: 0, max: 9 })),
  }),
  { minLength: 20, maxLength: 80 },
);

/** By how many tokens the fullest stretch is above capacity + rate x t; below zero when all hold less. */
export function fullestStretch(grants: readonly number[]): number {
  let worst = Number.NEGATIVE_INFINITY;
  for (const [from, first] of grants.entries()) {
    for (const [to, last] of grants.entries()) {
      if (to >= from) worst = Math.max(worst, to - from + 1 - (18 + (3 * (last - first)) / 1_000));
    }
  }
  return worst;
}
