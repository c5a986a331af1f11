import { describe, expect, it } from 'vitest';
import { changesForPeople } from '../../../../src/changes/operations.js';
import { settleByHand } from '../../../../src/changes/settle-by-hand.js';
import type { Database } from '../../../../src/storage/port.js';
import { deadChange, engineDeps, Told } from './support.js';

const taken = deadChange('a', 1, 1, 'unknown');
const { tenantId } = taken.claim;
const noRows: Database = {
  asTenant: (_tenant, work) => work({ rows: async () => [], run: async () => 0 }),
  asSystem: (_job, work) => work({ rows: async () => [], run: async () => 0 }),
  close: async () => {},
};

/** @param isHis whether the row is still that of the person who settles it */
function settling(isHis: boolean) {
  const told = new Told();
  return engineDeps(told, {
    ledger: {
      takeToSettle: async () => taken,
      get: async () => taken.change,
      close: async () => isHis,
    },
  });
}

describe('what a person has found out', () => {
  it('is refused where somebody else took the change up meanwhile', async () => {
    await expect(settleByHand(settling(false), tenantId, 'a', 'applied')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('Nothing was settled'),
    });
    await expect(settleByHand(settling(true), tenantId, 'a', 'applied')).resolves.toBeUndefined();
  });

  it.each([
    [true, ['done']],
    [false, ['done', 'refused']],
  ])('is recorded as it came out (his: %s)', async (isHis, expected) => {
    const deps = settling(isHis);
    const records: string[] = [];
    const people = changesForPeople({
      database: noRows,
      ledger: deps.ledger,
      settle: (...asked) => settleByHand(deps, ...asked),
      storesNow: async () => [],
    });
    const settled = people.settle(tenantId, 'a', 'applied', async (outcome) => {
      records.push(outcome);
    });
    await settled.catch(() => {});
    expect(records).toEqual(expected);
  });
});
