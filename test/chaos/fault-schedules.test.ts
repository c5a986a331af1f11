import { expect, it } from 'vitest';
import { expectWeight, playSchedules } from '../support/fault-schedules.js';

it('holds its promises under nine hundred random schedules of faults', async () => {
  const tally = await playSchedules({ runs: 900, limitMs: 400_000 });
  expectWeight(tally);
  expect(tally.reads).toBeGreaterThan(900);
});
