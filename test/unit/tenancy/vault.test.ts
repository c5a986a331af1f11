import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import type { TenantId } from '../../../src/tenancy/ids.js';
import type { SealPurpose } from '../../../src/tenancy/sealer.js';
import { TenantKeys, type WrappedDataKey } from '../../../src/tenancy/vault/data-keys.js';
import { makeSealer } from '../../../src/tenancy/vault/tenant-sealer.js';
import { makeVault, type Place } from '../../../src/tenancy/vault/vault.js';
import { ringOf, TENANT_A, TENANT_B, TestClock } from './support.js';

function setUp(ring = ringOf('k1'), rows = new Map<TenantId, WrappedDataKey>()) {
  const clock = new TestClock();
  const source = { away: false, finds: 0 };
  const keys = new TenantKeys({
    ring,
    random: randomBytes,
    now: clock.now,
    staleMaxMs: 600_000,
    dataKeys: {
      find: async (tenantId) => {
        source.finds += 1;
        if (source.away) throw new AppError('storage_unavailable');
        return rows.get(tenantId);
      },
    },
  });
  for (const tenantId of [TENANT_A, TENANT_B])
    if (!rows.has(tenantId)) rows.set(tenantId, keys.make(tenantId));
  return {
    keys,
    rows,
    clock,
    source,
    vault: makeVault(keys, randomBytes),
    sealer: makeSealer(keys, randomBytes),
  };
}

const PLACE: Place = { table: 'stores', row: 'row-1', column: 'credential' };

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => new Error('it was opened'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AppError)) throw error;
  return JSON.stringify({ code: error.code, message: error.message, hint: error.hint, field: error.field });
}

describe('the vault', () => {
  it('opens what it sealed, at its place', async () => {
    const { vault } = setUp();
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        const sealed = await vault.encrypt(TENANT_A, 'vault', PLACE, text);
        expect(await vault.decrypt(TENANT_A, 'vault', PLACE, sealed)).toBe(text);
      }),
    );
  });

  it('refuses with one error whatever is wrong', async () => {
    const { vault, rows, keys } = setUp();
    const sealed = await vault.encrypt(TENANT_A, 'vault', PLACE, 'made-up credential');
    const places = [
      { ...PLACE, table: 'webhooks' },
      { ...PLACE, row: 'row-2' },
      { ...PLACE, column: 'other' },
    ];
    const otherVersion = Buffer.from(sealed);
    otherVersion.writeUInt8(2, 0);
    const cut = [0, 1, 12, 13, 28, sealed.length - 1].map((length) => sealed.subarray(0, length));
    const refusals = [
      ...places.map((place) => vault.decrypt(TENANT_A, 'vault', place, sealed)),
      vault.decrypt(TENANT_B, 'vault', PLACE, sealed),
      vault.decrypt(TENANT_A, 'ledger', PLACE, sealed),
      ...[otherVersion, ...cut].map((bytes) => vault.decrypt(TENANT_A, 'vault', PLACE, bytes)),
    ];
    const shown = await Promise.all(refusals.map(refusal));
    rows.delete(TENANT_A);
    keys.forget(TENANT_A);
    shown.push(await refusal(vault.decrypt(TENANT_A, 'vault', PLACE, sealed)));
    expect([...new Set(shown)]).toEqual([
      '{"code":"internal","message":"A stored secret could not be read."}',
    ]);
  });

  it('asks for a data key once', async () => {
    const { vault, source } = setUp();
    for (let i = 0; i < 20; i += 1) await vault.encrypt(TENANT_A, 'vault', PLACE, 'text');
    expect(source.finds).toBe(1);
  });

  it('goes on while the database is away', async () => {
    const { vault, source, clock } = setUp();
    const sealed = await vault.encrypt(TENANT_A, 'vault', PLACE, 'text');
    source.away = true;
    clock.advance(599_000);
    expect(await vault.decrypt(TENANT_A, 'vault', PLACE, sealed)).toBe('text');
    clock.advance(6_000);
    await expect(vault.decrypt(TENANT_A, 'vault', PLACE, sealed)).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
  });

  it('lets go of a destroyed data key within a minute', async () => {
    const { vault, rows, clock } = setUp();
    const sealed = await vault.encrypt(TENANT_A, 'vault', PLACE, 'text');
    rows.delete(TENANT_A);
    clock.advance(60_000);
    expect(await refusal(vault.decrypt(TENANT_A, 'vault', PLACE, sealed))).toContain('internal');
  });
});

describe('a data key', () => {
  it('is wrapped under the current ring key and opens under the ring that still holds it', async () => {
    const [next, old] = [ringOf('k2').current, ringOf('k1').current];
    const byId = new Map([next, old].map((key) => [key.id, key]));
    const before = setUp({ current: old, byId });
    expect(before.rows.get(TENANT_A)?.ringKeyId).toBe('k1');
    const sealed = await before.vault.encrypt(TENANT_A, 'vault', PLACE, 'text');

    const after = setUp({ current: next, byId }, before.rows);
    expect(await after.vault.decrypt(TENANT_A, 'vault', PLACE, sealed)).toBe('text');
    expect(after.keys.make(TENANT_A).ringKeyId).toBe('k2');
  });

  it.each<[string, (a: WrappedDataKey, b: WrappedDataKey) => WrappedDataKey]>([
    ["another tenant's", (_, b) => b],
    ['of another version', (a) => ({ ...a, version: a.version + 1 })],
    ['under a ring key that is not there', (a) => ({ ...a, ringKeyId: 'k9' })],
    ['cut', (a) => ({ ...a, wrapped: a.wrapped.subarray(0, -1) })],
  ])('%s is refused', async (_, replace) => {
    const { vault, rows } = setUp();
    const [a, b] = [rows.get(TENANT_A), rows.get(TENANT_B)];
    if (a === undefined || b === undefined) throw new Error('the rows are missing');
    rows.set(TENANT_A, replace(a, b));
    expect(await refusal(vault.encrypt(TENANT_A, 'vault', PLACE, 'text'))).toContain('internal');
  });

  it('under the wrong ring is refused, and the log is told which ring key it wants', async () => {
    const { rows } = setUp();
    const { vault } = setUp(ringOf('k3'), rows);
    await expect(vault.encrypt(TENANT_A, 'vault', PLACE, 'text')).rejects.toMatchObject({
      cause: new Error('vault: MCP_KMS_KEY holds no key "k1"'),
    });
  });

  it('is random for each tenant and each making', () => {
    const { keys } = setUp();
    const made = [TENANT_A, TENANT_A, TENANT_B].map((tenant) =>
      Buffer.from(keys.make(tenant).wrapped).toString('hex'),
    );
    expect(new Set(made).size).toBe(3);
    expect(made[0]).toHaveLength(2 * (1 + 12 + 32 + 16));
  });

  it('gives as many day keys as are asked for', async () => {
    const { keys } = setUp();
    const first = (await keys.purposeKey(TENANT_A, 'cache|2026-01-01')).export();
    for (let day = 1; day <= 28; day += 1) {
      await keys.purposeKey(TENANT_A, `cache|2026-02-${String(day).padStart(2, '0')}`);
    }
    expect((await keys.purposeKey(TENANT_A, 'cache|2026-01-01')).export()).toEqual(first);
  });
});

describe('a string that travels through a client', () => {
  const BINDING = ['key-1', 'list_orders', '{"limit":25}'];

  it('opens for whom and what it was sealed', async () => {
    const { sealer } = setUp();
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 500 }), fc.array(fc.string()), async (text, binding) => {
        const sealed = await sealer.seal(TENANT_A, 'cursor', binding, text);
        expect(sealed).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(await sealer.open(TENANT_A, 'cursor', binding, sealed)).toBe(text);
      }),
    );
  });

  it.each<[string, TenantId, SealPurpose, string[]]>([
    ['another tenant', TENANT_B, 'cursor', BINDING],
    ['another purpose', TENANT_A, 'confirm', BINDING],
    ['another principal', TENANT_A, 'cursor', ['key-2', ...BINDING.slice(1)]],
    ['other arguments', TENANT_A, 'cursor', [...BINDING.slice(0, 2), '{"limit":26}']],
    ['another order of the binding', TENANT_A, 'cursor', BINDING.toReversed()],
    ['a binding cut elsewhere', TENANT_A, 'cursor', ['key-1l', 'ist_orders', '{"limit":25}']],
    ['a shorter binding', TENANT_A, 'cursor', BINDING.slice(0, 2)],
  ])('does not open for %s', async (_, tenantId, purpose, binding) => {
    const { sealer } = setUp();
    const sealed = await sealer.seal(TENANT_A, 'cursor', BINDING, 'text');
    expect(await sealer.open(tenantId, purpose, binding, sealed)).toBeUndefined();
  });

  it('does not open with any character changed, left out or added', async () => {
    const { sealer } = setUp();
    const sealed = await sealer.seal(TENANT_A, 'cursor', BINDING, 'text');
    const altered = [
      `${sealed}A`,
      `${sealed}=`,
      `${sealed} `,
      ` ${sealed}`,
      `${sealed}\n`,
      sealed.toUpperCase(),
    ];
    for (let at = 0; at < sealed.length; at += 1) {
      altered.push(sealed.slice(0, at) + sealed.slice(at + 1));
      for (const other of 'Aq_9') {
        if (sealed[at] !== other) altered.push(sealed.slice(0, at) + other + sealed.slice(at + 1));
      }
    }
    for (const text of altered) expect(await sealer.open(TENANT_A, 'cursor', BINDING, text)).toBeUndefined();
  });

  it('is never opened out of arbitrary text', async () => {
    const { sealer } = setUp();
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.base64String()), async (text) => {
        expect(await sealer.open(TENANT_A, 'cursor', BINDING, text)).toBeUndefined();
      }),
    );
    expect(await sealer.open(TENANT_A, 'cursor', BINDING, 'A'.repeat(1_000_000))).toBeUndefined();
  });

  it('is not made longer than can be opened', async () => {
    const { sealer } = setUp();
    await expect(sealer.seal(TENANT_A, 'cursor', [], 'x'.repeat(8_192))).rejects.toThrow(
      'too long to be sealed',
    );
  });
});
