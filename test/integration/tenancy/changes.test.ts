/** The ledger in the operator's hands: what only rows in a certain state can show. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangeState } from '../../../src/changes/port.js';
import type { Database } from '../../../src/storage/port.js';
import type { TenantId } from '../../../src/tenancy/ids.js';
import { openTestDatabase } from '../../support/database.js';
import { AcceptedCredentials, newRing, replica } from './support.js';

const rings = { kms: newRing('k1'), peppers: newRing('p1') };
const orderDesk = new AcceptedCredentials();
let database: Database;
let operations: ReturnType<typeof replica>['operations'];
let tenantId: TenantId;
let storeRowId: string;
beforeAll(async () => {
  database = await openTestDatabase();
  ({ operations } = replica(database, orderDesk, rings));
  orderDesk.accept('1001', 'made-up-key-1001');
  ({ tenantId } = await operations.createTenant.run({ name: 'shop' }));
  const store = { tenant: 'shop', name: 'Main', orderDeskStoreId: '1001', apiKey: 'made-up-key-1001' };
  ({ storeRowId } = await operations.addStore.run(store));
});
afterAll(() => database.close());

/** An entry whose images are past their time. @param leaseS seconds that the lease still holds */
async function change(state: ChangeState, leaseS = -1): Promise<string> {
  const id = randomUUID();
  await database.asTenant(tenantId, (tx) =>
    tx.run(
      `insert into changes (change_id, tenant_id, store_row_id, orderdesk_store_id, key_id, kid, key_name, tool, kind,
         fingerprint, state, owner, lease_until)
       values ($1, $2, $3, '1001', $1, 'kid0000001', 'bot', 'move_orders', 'orders_move', $4, $5, $1,
         now() + $6::integer * interval '1 second')`,
      [id, tenantId, storeRowId, Buffer.alloc(32), state, leaseS],
    ),
  );
  return id;
}

const settle = (id: string, given: object = {}) =>
  operations.settleChange.run({
    tenant: 'shop',
    change: id,
    outcome: 'applied',
    reason: 'seen there',
    ...given,
  });
const told = async (id: string) =>
  (await operations.readAudit.run({ tenant: 'shop' })).entries
    .filter(({ subject }) => subject === `change:${id}`)
    .map(({ actor, action, outcome, detail }) => [actor, action, outcome, detail]);

describe('settling', () => {
  it.each([
    ['unknown', 'applied'],
    ['unknown', 'failed'],
    ['pending', 'failed'],
  ] as const)('of a change that is %s makes it %s, and the trail says why', async (state, outcome) => {
    const id = await change(state);
    expect(await settle(id, { outcome })).toMatchObject({ id, state: outcome, tool: 'move_orders' });
    expect(await operations.showChange.run({ tenant: 'shop', change: id })).toMatchObject({ state: outcome });
    expect(await told(id)).toEqual([
      ['operator', 'change.settled', 'done', { settled_as: outcome, reason: 'seen there' }],
    ]);
    await expect(settle(id)).rejects.toMatchObject({ code: 'conflict' });
    expect(await told(id)).toHaveLength(1);
  });

  it.each(['applied', 'failed'] as const)('is refused for one that is %s', async (state) => {
    const id = await change(state);
    await expect(settle(id)).rejects.toMatchObject({ code: 'conflict' });
    expect(await told(id)).toEqual([]);
  });

  it.each(['claimed', 'pending'] as const)('is refused while somebody is at work: %s', async (state) => {
    const id = await change(state, 60);
    await expect(settle(id)).rejects.toMatchObject({ code: 'in_progress' });
    // That a lease still holds is found out late: what the trail said before is taken back.
    expect((await told(id)).at(-1)?.[2]).toBe(state === 'pending' ? 'refused' : undefined);
    expect(await operations.showChange.run({ tenant: 'shop', change: id })).toMatchObject({ state });
  });

  it.each([{ reason: ' ' }, { reason: 'two\nlines' }, { reason: 'x'.repeat(301) }, { outcome: 'unknown' }])(
    'needs to be told as what and why: %j',
    async (given) => {
      const id = await change('unknown');
      await expect(settle(id, given)).rejects.toMatchObject({
        code: 'invalid_argument',
        field: Object.keys(given)[0],
      });
      expect(await told(id)).toEqual([]);
    },
  );
});

describe('the changes since', () => {
  const since = async (from: string) =>
    (await operations.listChanges.run({ tenant: 'shop', since: from })).entries.map(({ id }) => id);

  it('a date are those since its midnight in UTC, since a time those since then', async () => {
    const id = await change('failed');
    await database.asTenant(tenantId, (tx) =>
      tx.run("update changes set created_at = '2035-01-31T00:00:00Z' where change_id = $1", [id]),
    );
    expect(await since('2035-01-31')).toEqual([id]);
    expect(await since('2035-01-31T00:00:00Z')).toEqual([id]);
    expect(await since('2035-01-31T00:00:01Z')).toEqual([]);
    expect(await since('2035-02-01')).toEqual([]);
  });

  it.each(['yesterday', '2035-02-30', '2035-01-31T00:00'])('%s are refused', async (from) => {
    await expect(since(from)).rejects.toMatchObject({ code: 'invalid_argument', field: 'since' });
  });

  it('say what they came to beside their state, by it where nothing else is kept', async () => {
    const show = async (id: string) => operations.showChange.run({ tenant: 'shop', change: id });
    expect(await show(await change('failed'))).toMatchObject({ state: 'failed', outcome: 'failed' });
    expect(await show(await change('pending'))).toMatchObject({ state: 'pending', outcome: null });
  });
});

describe('the changes of a store that was removed', () => {
  it('stay in the ledger, and are found by its Order Desk id', async () => {
    const id = await change('applied');
    await database.asTenant(tenantId, (tx) =>
      tx.run("update changes set state = 'failed' where state <> 'applied'"),
    );
    await operations.removeStore.run({ tenant: 'shop', store: 'Main' });
    for (const store of ['1001', '1001 (removed)']) {
      const { entries } = await operations.listChanges.run({ tenant: 'shop', store, state: 'applied' });
      expect(entries.find((entry) => entry.id === id)).toMatchObject({
        store: '1001 (removed)',
        orderDeskStoreId: '1001',
        lines: null,
      });
    }
    await expect(operations.listChanges.run({ tenant: 'shop', store: 'Main' })).rejects.toMatchObject({
      code: 'unknown_store',
    });
  });
});
