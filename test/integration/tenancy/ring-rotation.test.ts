import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../../src/errors.js';
import type { Database } from '../../../src/storage/port.js';
import { openPostgres } from '../../../src/storage/postgres.js';
import type { TenantId } from '../../../src/tenancy/ids.js';
import { makeRingText, parseKeyRing } from '../../../src/tenancy/rings/key-ring.js';
import { assertRingOpensDatabase } from '../../../src/tenancy/vault/ring-check.js';
import { createMigratedDatabase } from '../../support/services/index.js';
import { told, trail } from '../audit/support.js';
import { AcceptedCredentials, newRing, replica } from './support.js';

const [k1, k2] = ['k1', 'k2'].map((id) => makeRingText(id, randomBytes));
const [p1, p2] = ['p1', 'p2'].map((id) => makeRingText(id, randomBytes));
const ring = (...entries: readonly (string | undefined)[]) => parseKeyRing(entries.join(','), 'TEST_RING');
const PLACE = { table: 'stores', row: 'row-1', column: 'credential' };
const TENANTS = 25;

let opened: Database;
beforeEach(async () => {
  const made = await createMigratedDatabase();
  opened = openPostgres({ url: made.serviceUrl });
  return async () => {
    await opened.close();
    await made.drop();
  };
});

const orderDesk = new AcceptedCredentials();
const start = (
  kms: readonly (string | undefined)[],
  peppers: readonly (string | undefined)[] = [p1],
  db = opened,
) => replica(db, orderDesk, { kms: ring(...kms), peppers: ring(...peppers) });

/** Tenants of a time when k1 was the only key, each with something sealed. */
async function tenantsUnderK1(count = TENANTS) {
  const before = start([k1]);
  const sealed = new Map<TenantId, Uint8Array>();
  for (let n = 0; n < count; n += 1) {
    const { tenantId } = await before.operations.createTenant.run({ name: `Tenant ${n}` });
    sealed.set(tenantId, await before.vault.encrypt(tenantId, 'vault', PLACE, `secret of ${n}`));
  }
  const allReadableBy = async (one: ReturnType<typeof replica>) => {
    const texts = [];
    for (const [tenantId, bytes] of sealed)
      texts.push(await one.vault.decrypt(tenantId, 'vault', PLACE, bytes));
    return texts.every((text, n) => text === `secret of ${n}`) && texts.length === count;
  };
  return { sealed, allReadableBy };
}

const usesOf = async (one: ReturnType<typeof replica>) =>
  (await one.operations.vaultStatus.run({})).rings.map(
    ({ ring: variable, id, state, neededBy }) => `${variable} ${id} ${state} ${neededBy}`,
  );

describe('rewrapping', () => {
  it('leads from one ring key to the next, everything readable at each step', async () => {
    const { allReadableBy } = await tenantsUnderK1();
    const added = start([k1, k2]);
    expect(await usesOf(added)).toEqual([
      `MCP_KMS_KEY k1 current ${TENANTS}`,
      'MCP_KMS_KEY k2 old 0',
      'MCP_KEY_PEPPER p1 current 0',
    ]);
    expect(await allReadableBy(added)).toBe(true);

    const promoted = start([k2, k1]);
    expect(await allReadableBy(promoted)).toBe(true);
    const outcome = await promoted.operations.rewrapDataKeys.run({ batch: 10 });
    expect(outcome).toEqual({ rewrapped: TENANTS, remaining: 0, problems: [] });
    expect(await allReadableBy(added)).toBe(true);
    expect((await usesOf(promoted)).slice(0, 2)).toEqual([
      `MCP_KMS_KEY k2 current ${TENANTS}`,
      'MCP_KMS_KEY k1 old 0',
    ]);

    const { next } = await promoted.operations.retireRingKey.run({ id: 'k1' });
    expect(next).toContain('"k1:…" from MCP_KMS_KEY');
    expect(await allReadableBy(start([k2]))).toBe(true);
    expect(told(await trail(promoted.operations)).slice(-4)).toEqual([
      ...Array(3).fill('operator data_keys.rewrapped ring_key:k2 done'),
      'operator ring_key.retired ring_key:k1 done',
    ]);
  });

  it('does nothing where there is nothing to do', async () => {
    await tenantsUnderK1(3);
    const one = start([k1]);
    expect(await one.operations.rewrapDataKeys.run({})).toEqual({ rewrapped: 0, remaining: 0, problems: [] });
    expect(told(await trail(one.operations)).filter((line) => line.includes('rewrapped'))).toEqual([]);
  });

  it('cut short goes on from there', async () => {
    const { allReadableBy } = await tenantsUnderK1();
    let transactions = 0;
    const dying: Database = {
      ...opened,
      asSystem: async (job, fn) => {
        transactions += 1;
        if (transactions > 2) throw new AppError('storage_unavailable');
        return opened.asSystem(job, fn);
      },
    };
    const cut = start([k2, k1], [p1], dying).operations.rewrapDataKeys.run({ batch: 7 });
    await expect(cut).rejects.toMatchObject({ code: 'storage_unavailable' });
    const one = start([k2, k1]);
    expect((await usesOf(one)).slice(0, 2)).toEqual([
      'MCP_KMS_KEY k2 current 14',
      `MCP_KMS_KEY k1 old ${TENANTS - 14}`,
    ]);
    expect(await allReadableBy(one)).toBe(true);
    expect(await one.operations.rewrapDataKeys.run({ batch: 7 })).toMatchObject({
      rewrapped: TENANTS - 14,
      remaining: 0,
    });
    expect(await allReadableBy(start([k2]))).toBe(true);
  });

  it('runs beside readers and beside itself without one failed read', async () => {
    const { sealed } = await tenantsUnderK1();
    let ended = false;
    const reads = (async () => {
      let count = 0;
      while (!ended || count < 50) {
        const reader = start(count % 2 === 0 ? [k1, k2] : [k2, k1]);
        const [[tenantId, bytes] = []] = [...sealed].slice(count % TENANTS);
        if (tenantId === undefined || bytes === undefined) throw new Error('no tenant');
        expect(await reader.vault.decrypt(tenantId, 'vault', PLACE, bytes)).toMatch(/^secret of/);
        count += 1;
      }
      return count;
    })();
    const runs = await Promise.all(
      [3, 4].map((batch) => start([k2, k1]).operations.rewrapDataKeys.run({ batch })),
    );
    ended = true;
    expect(runs.reduce((sum, { rewrapped }) => sum + rewrapped, 0)).toBe(TENANTS);
    expect(await reads).toBeGreaterThanOrEqual(50);
  });

  it('leaves what it cannot open as it is, and says which', async () => {
    const { sealed } = await tenantsUnderK1(3);
    const [spoilt] = sealed.keys();
    if (spoilt === undefined) throw new Error('no tenant');
    await opened.asTenant(spoilt, (tx) =>
      tx.run(`update tenant_data_keys set wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)`),
    );
    const outcome = await start([k2, k1]).operations.rewrapDataKeys.run({});
    expect(outcome).toEqual({
      rewrapped: 2,
      remaining: 1,
      problems: [`tenant ${spoilt}: the data key does not open under "k1" of MCP_KMS_KEY`],
    });
  });

  it('overwrites no row that was changed since it was read', async () => {
    const { sealed } = await tenantsUnderK1(1);
    const [tenantId] = sealed.keys();
    if (tenantId === undefined) throw new Error('no tenant');
    const raced: Database = {
      ...opened,
      asSystem: (job, fn) =>
        opened.asSystem(job, (tx) =>
          fn({
            ...tx,
            rows: async (row, sql, params) => {
              const rows = await tx.rows(row, sql, params);
              if (sql.includes('for update')) {
                await tx.run(`update tenant_data_keys set wrapped = '\\x01'::bytea, ring_key_id = 'k1'`);
              }
              return rows;
            },
          }),
        ),
    };
    const outcome = await start([k2, k1], [p1], raced).operations.rewrapDataKeys.run({});
    expect(outcome).toMatchObject({ rewrapped: 0, remaining: 1 });
    const rows = await opened.asTenant(tenantId, (tx) =>
      tx.rows(z.object({ ring_key_id: z.string() }), 'select ring_key_id from tenant_data_keys'),
    );
    expect(rows).toEqual([{ ring_key_id: 'k1' }]);
  });

  it.each([0, 5_001, 1.5])('takes no batch of %s', async (batch) => {
    await expect(start([k1]).operations.rewrapDataKeys.run({ batch })).rejects.toMatchObject({
      code: 'invalid_argument',
      field: 'batch',
    });
  });
});

describe('a ring key', () => {
  it('is not retired while it is current or needed, and the error says what to do', async () => {
    await tenantsUnderK1(2);
    const one = start([k2, k1]);
    await expect(one.operations.retireRingKey.run({ id: 'k2' })).rejects.toMatchObject({
      code: 'conflict',
      field: 'id',
      message: expect.stringContaining('current'),
    });
    await expect(one.operations.retireRingKey.run({ id: 'k1' })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('2 data keys are wrapped by it'),
      hint: expect.stringContaining('vault rewrap'),
    });
    await expect(one.operations.retireRingKey.run({ id: 'k9' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(one.operations.retireRingKey.run({ id: 'k1:abc' })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    expect(told(await trail(one.operations)).filter((line) => line.includes('retired'))).toEqual([]);
  });
});

describe('a pepper', () => {
  it('is retired when no key that may still be used needs it', async () => {
    const before = start([k1], [p1]);
    await before.operations.createTenant.run({ name: 'Peppered' });
    const make = (name: string) =>
      before.operations.createKey.run({ tenant: 'Peppered', name, role: 'agent' });
    const [used, idle, dead] = [await make('used'), await make('idle'), await make('dead')];
    await before.operations.revokeKey.run({ kid: dead.kid });

    const after = start([k1], [p2, p1]);
    await after.authenticator.authenticate(`Bearer ${used.key}`);
    await after.authenticator.housekeep();
    expect((await usesOf(after)).slice(1)).toEqual([
      'MCP_KEY_PEPPER p2 current 1',
      'MCP_KEY_PEPPER p1 old 1',
    ]);
    expect((await after.operations.vaultStatus.run({})).keysOnOldPeppers).toEqual([
      { kid: idle.kid, name: 'idle', pepperId: 'p1', lastUsedAt: null },
    ]);
    await expect(after.operations.retirePepper.run({ id: 'p1' })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('1 API key has not been used since the pepper was changed'),
    });
    // Without the pepper the key is lost, and the status says so.
    const early = start([k1], [p2]);
    await expect(early.authenticator.authenticate(`Bearer ${idle.key}`)).rejects.toMatchObject({
      code: 'unauthorized',
    });
    expect((await usesOf(early)).slice(1)).toEqual([
      'MCP_KEY_PEPPER p2 current 1',
      'MCP_KEY_PEPPER p1 missing 1',
    ]);

    const successor = await after.operations.rotateKey.run({ kid: idle.kid, overlap: '0m' });
    expect((await after.operations.retirePepper.run({ id: 'p1' })).next).toContain('MCP_KEY_PEPPER');
    for (const key of [used.key, successor.key]) {
      expect((await start([k1], [p2]).authenticator.authenticate(`Bearer ${key}`)).keyName).toBeDefined();
    }
  });
});

describe('the check at start', () => {
  it('passes with the ring of the database, and with an empty database', async () => {
    await assertRingOpensDatabase(opened, newRing('k7'));
    await tenantsUnderK1(2);
    await assertRingOpensDatabase(opened, ring(k1));
    await assertRingOpensDatabase(opened, ring(k2, k1));
  });

  it('fails clearly beside another ring: a key that is missing, or another key of that name', async () => {
    await tenantsUnderK1(2);
    await expect(assertRingOpensDatabase(opened, ring(k2))).rejects.toMatchObject({
      code: 'invalid_argument',
      field: 'MCP_KMS_KEY',
      message: expect.stringMatching(/it holds no key "k1" \(2 data keys need it\)/),
    });
    await expect(assertRingOpensDatabase(opened, newRing('k1'))).rejects.toMatchObject({
      message: expect.stringMatching(/its key "k1" is not the one that this database was sealed with/),
    });
  });
});
