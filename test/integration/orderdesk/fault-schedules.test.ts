import { expect, it } from 'vitest';
import { expectWeight, playSchedules } from '../../support/fault-schedules.js';

it('holds its promises under a hundred random schedules of faults', async () => {
  const tally = await playSchedules({ runs: 100, limitMs: 50_000 });
  expectWeight(tally);
  expect(tally.reads).toBeGreaterThan(100);
});
