/**
 * What a change holds of customers, as the database keeps it: nobody's name in any column of any table, nothing to be read
 * without the ring, and nothing any more once the data key of the tenant is destroyed.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toTenantId } from '../../../src/tenancy/ids.js';
import { makeRingText, parseKeyRing } from '../../../src/tenancy/rings/key-ring.js';
import { callTool } from '../../support/call-tool.js';
import { PLANTED_KEY, type PlantedRun, plantedIn, runPlanted } from '../../support/changes/planted.js';
import { ALL_TOOLSETS, openWritingShop, type WritingShop } from '../../support/changes/writing-shop.js';

const STORE = { id: '962', apiKey: 'sandbox-key-962', name: 'At rest', timeZone: 'UTC', orderCount: 3 };

let shop: WritingShop;
let tenantId: string;
let key: string;
let run: PlantedRun;
beforeAll(async () => {
  shop = await openWritingShop({ stores: [STORE], database: 'postgres' });
  ({ tenantId } = await shop.addTenant('rested', [STORE.id]));
  key = await shop.addKey('rested', { toolsets: ALL_TOOLSETS });
  run = await runPlanted(shop, STORE.id, key);
});
afterAll(() => shop?.close());

const ledger = async (url: string) => {
  const { result, text } = await callTool(url, key, 'list_changes', { limit: 100 });
  const { rows } = result?.structuredContent ?? {};
  if (!Array.isArray(rows)) throw new Error(text);
  return { rows, text };
};

/** Every column of every row of every table, bytes as the characters they would be. */
async function dump(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
    );
    const texts: string[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await client.query(`select * from ${name}`);
      texts.push(`${name}: ${rows.length}`, ...rows.flatMap((row) => Object.values(row).map(plain)));
    }
    return texts.join('\n');
  } finally {
    await client.end();
  }
}

const plain = (value: unknown): string => {
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
};

describe('the ledger at rest', () => {
  it('holds none of what was planted, nor an idempotency key in clear, in any table', async () => {
    const whole = await dump(shop.superuserUrl ?? '');
    expect(run.changes.length).toBeGreaterThan(15);
    expect(whole).toMatch(/changes: [1-9]/);
    for (const clear of ['update_order', 'delete_order', `order:${run.orderId}`, 'rested']) {
      expect(whole).toContain(clear);
    }
    expect(plantedIn(whole)).toEqual([]);
    expect(whole).not.toContain(PLANTED_KEY);
    // Who holds the keys reads all of it.
    expect(plantedIn((await ledger(shop.url)).text).length).toBeGreaterThan(5);
  });

  it('cannot be read with another ring: entries without what was changed, and no undo', async () => {
    const { rows } = await ledger(shop.url);
    const replica = await shop.replica(parseKeyRing(makeRingText('k1', randomBytes), 'MCP_KMS_KEY'));
    try {
      const seen = await ledger(replica.url);
      expect(seen.rows.map(({ id, tool, status }) => ({ id, tool, status }))).toEqual(
        rows.map(({ id, tool, status }) => ({ id, tool, status })),
      );
      for (const row of seen.rows) expect(row).not.toHaveProperty('results');
      expect(plantedIn(seen.text)).toEqual([]);
      for (const { change_id } of run.changes.slice(0, 3)) await expectNoUndo(replica.url, change_id);
    } finally {
      await replica.close();
    }
  });

  // Last: nothing of this tenant can be read afterwards.
  it('cannot be read any more at once after the data key of the tenant is destroyed', async () => {
    const { rows } = await ledger(shop.url);
    const destroyed = await shop.database.asTenant(toTenantId(tenantId), (tx) =>
      tx.run('delete from tenant_data_keys where tenant_id = $1', [tenantId]),
    );
    expect(destroyed).toBe(1);
    const replica = await shop.replica();
    try {
      const seen = await ledger(replica.url);
      expect(seen.rows.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
      for (const row of seen.rows) expect(row).not.toHaveProperty('results');
      expect(plantedIn(seen.text)).toEqual([]);
      for (const { change_id } of run.changes) await expectNoUndo(replica.url, change_id);
    } finally {
      await replica.close();
    }
  });
});

async function expectNoUndo(url: string, change_id: string | null): Promise<void> {
  const sent = structuredClone(shop.sandbox.counters());
  const { error, text } = await callTool(url, key, 'undo_change', { change_id });
  expect(error, text).toMatchObject({
    code: 'cannot_undo',
    message: expect.stringContaining('no longer kept'),
  });
  expect(shop.sandbox.counters()).toEqual(sent);
}
