import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Claim, Closing, Ledger } from '../../../src/changes/ledger.js';
import { type Swept, tellingSwept } from '../../../src/changes/swept.js';
import { ChangeUpkeep, type UpkeepDeps } from '../../../src/changes/upkeep.js';
import type { Database } from '../../../src/storage/port.js';
import { toTenantId } from '../../../src/tenancy/ids.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A database that counts four unfinished changes. */
const database: Database = {
  asTenant: () => Promise.reject(new Error('no tenant is asked for')),
  asSystem: (_job, fn) =>
    fn({ rows: async (row) => [row.parse({ n: 4, oldest_s: 75 })], run: async () => 0 }),
  close: async () => {},
};

function upkeep(change: Partial<UpkeepDeps> = {}) {
  const told: string[] = [];
  const made = new ChangeUpkeep({
    sweep: async () => {
      told.push('swept');
      return 0;
    },
    retain: async () => 7,
    onRetention: (rows) => told.push(`let go of ${rows}`),
    database,
    isReached: () => true,
    monotonic: () => performance.now(),
    random: () => 0.5,
    onUnfinished: ({ count, oldestS }) => told.push(`${count} unfinished for ${oldestS} s`),
    onBackgroundError: (error) => told.push(String(error)),
    ...change,
  });
  return { made, told };
}

describe('the upkeep of the ledger', () => {
  it('sweeps every 15 seconds or so, and then counts what is unfinished', async () => {
    const { made, told } = upkeep();
    made.start();
    await vi.advanceTimersByTimeAsync(14_999);
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(told).toEqual(['swept', '4 unfinished for 75 s']);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(told).toHaveLength(4);
    await made.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toHaveLength(4);
  });

  it.each([
    [0, 12_000],
    [0.999, 17_994],
  ])('draws its pause, so that replicas do not keep step: %d', async (drawn, pauseMs) => {
    const { made, told } = upkeep({ random: () => drawn });
    made.start();
    await vi.advanceTimersByTimeAsync(pauseMs - 1);
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(told).toContain('swept');
    await made.stop();
  });

  it('does nothing before the database was reached', async () => {
    let isReached = false;
    const { made, told } = upkeep({ isReached: () => isReached });
    made.start();
    await vi.advanceTimersByTimeAsync(90_000);
    expect(told).toEqual([]);
    isReached = true;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toContain('swept');
    expect(told).toContain('let go of 7');
    await made.stop();
  });

  it('lets go by the hour, and tries again after a failure', async () => {
    let isAway = true;
    const { made, told } = upkeep({
      sweep: async () => 0,
      onUnfinished: () => {},
      retain: async () => {
        if (isAway) throw new Error('the database is away');
        return 2;
      },
    });
    made.start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toEqual(['Error: the database is away']);
    isAway = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told.slice(1)).toEqual(['let go of 2']);
    await vi.advanceTimersByTimeAsync(3_540_000);
    expect(told).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toHaveLength(3);
    await made.stop();
  });

  it('is stopped in the middle of a sweep, and calls that no failure', async () => {
    const { made, told } = upkeep({
      sweep: (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('the sweep was ended')));
        }),
    });
    made.start();
    await vi.advanceTimersByTimeAsync(15_000);
    await made.stop();
    expect(told).toEqual([]);
  });
});

describe('what sweeps made of changes', () => {
  const tenantId = toTenantId('01900000-0000-7000-8000-000000000001');
  const claim = (owner: string): Claim => ({ id: `change of ${owner}`, tenantId, owner });
  const closing = (state: Closing['state']): Closing => ({
    state,
    images: { lines: [], records: {}, open: null, version: null, remarks: [] },
    resumable: false,
    refunded: 0,
  });
  const nobody = () => Promise.reject(new Error('not asked for here'));

  function ledger(rounds: readonly (readonly string[])[], isHis = true) {
    const told: Swept[] = [];
    const left = rounds.map((owners) => owners.map((owner) => ({ claim: claim(owner) })));
    const made: Ledger = {
      claim: nobody,
      lock: nobody,
      unlock: nobody,
      toPending: nobody,
      get: nobody,
      list: nobody,
      takeToSettle: nobody,
      close: async () => isHis,
      abandon: async () => {},
      takeDead: async () => (left.shift() ?? []) as never,
    };
    return { told, ledger: tellingSwept(made, (verdict) => told.push(verdict)) };
  }

  it('is told by how each was closed, once, and not of the calls of this process', async () => {
    const { told, ledger: swept } = ledger([['a', 'b', 'c', 'd'], []]);
    await swept.takeDead(10);
    await swept.close(claim('own call'), closing('applied'));
    await swept.close(claim('a'), closing('applied'));
    await swept.close(claim('a'), closing('applied'));
    await swept.close(claim('b'), closing('unknown'));
    await swept.abandon(claim('c'));
    expect(told).toEqual(['applied', 'unknown', 'abandoned']);
    await swept.takeDead(10);
    expect(told.slice(3)).toEqual(['open']);
  });

  it('is nothing where the change was not the sweep’s to close any more', async () => {
    const { told, ledger: swept } = ledger([['a']], false);
    await swept.takeDead(10);
    await swept.close(claim('a'), closing('failed'));
    expect(told).toEqual([]);
  });
});
