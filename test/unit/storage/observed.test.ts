import { expect, it } from 'vitest';
import { observedDatabase } from '../../../src/storage/observed.js';
import type { Database, RowParser, Tx } from '../../../src/storage/port.js';
import type { StatementEvent } from '../../../src/telemetry/port.js';
import { toTenantId } from '../../../src/tenancy/ids.js';

const anything: RowParser<unknown> = { parse: (row) => row };

/** Every statement takes 5 ms; one that says so fails. */
function observed() {
  let time = 0;
  const told: StatementEvent[] = [];
  const statement = async (sql: string) => {
    time += 5;
    if (sql === 'fail') throw new Error('refused');
  };
  const tx: Tx = {
    rows: async (_row, sql) => {
      await statement(sql);
      return [];
    },
    run: async (sql) => {
      await statement(sql);
      return 3;
    },
  };
  const database: Database = {
    asTenant: (_tenantId, fn) => fn(tx),
    asSystem: (_job, fn) => fn(tx),
    close: async () => {},
  };
  return {
    database: observedDatabase(
      database,
      (event) => told.push(event),
      () => time,
    ),
    told,
  };
}

const TENANT = toTenantId('01900000-0000-7000-8000-00000000000a');

it('tells each statement with whose work it was', async () => {
  const { database, told } = observed();
  await database.asTenant(TENANT, async (tx) => {
    await tx.rows(anything, 'select');
    expect(await tx.run('update')).toBe(3);
  });
  await database.asSystem('sweep', (tx) => tx.run('delete'));
  expect(told).toEqual([
    { work: 'tenant', outcome: 'ok', durationMs: 5 },
    { work: 'tenant', outcome: 'ok', durationMs: 5 },
    { work: 'sweep', outcome: 'ok', durationMs: 5 },
  ]);
});

it('tells a statement that failed, and lets its failure through', async () => {
  const { database, told } = observed();
  await expect(database.asSystem('audit', (tx) => tx.run('fail'))).rejects.toThrow('refused');
  expect(told).toEqual([{ work: 'audit', outcome: 'error', durationMs: 5 }]);
});

it('tells nothing of work that asked for nothing', async () => {
  const { database, told } = observed();
  expect(await database.asTenant(TENANT, async () => 'done')).toBe('done');
  expect(told).toEqual([]);
});
