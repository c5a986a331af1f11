import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import type { TenantId } from '../../../src/tenancy/ids.js';
import { TenantKeys, type WrappedDataKey } from '../../../src/tenancy/vault/data-keys.js';
import { makeCacheCipher } from '../../../src/tenancy/vault/tenant-cache-cipher.js';
import { ringOf, TENANT_A, TENANT_B, TestClock } from './support.js';

const DAY_MS = 86_400_000;
const KEY = ['od:tenant:row:order:abc'];
const PLAIN = Buffer.from('{"email":"wilhelmina@shop.example"}');

function setUp() {
  const clock = new TestClock();
  const rows = new Map<TenantId, WrappedDataKey>();
  const source = { away: false };
  const keys = new TenantKeys({
    ring: ringOf('k1'),
    random: randomBytes,
    now: clock.now,
    staleMaxMs: 0,
    dataKeys: {
      find: async (tenantId) => {
        if (source.away) throw new AppError('storage_unavailable');
        return rows.get(tenantId);
      },
    },
  });
  for (const tenantId of [TENANT_A, TENANT_B]) rows.set(tenantId, keys.make(tenantId));
  const cipher = makeCacheCipher({ keys, random: randomBytes, now: clock.now });
  const sealed = async (plain = PLAIN, tenantId = TENANT_A) => {
    const bytes = await cipher.seal(tenantId, KEY, plain);
    if (bytes === undefined) throw new Error('not sealed');
    return bytes;
  };
  return { cipher, clock, rows, keys, source, sealed };
}

describe('the cipher of the cache', () => {
  it('opens what it sealed, for the tenant and the key of the entry', async () => {
    const { cipher, sealed } = setUp();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (bytes) => {
        const plain = Buffer.from(bytes);
        expect(await cipher.open(TENANT_A, KEY, await sealed(plain))).toEqual(plain);
      }),
    );
  });

  it('shows the day in clear and nothing else', async () => {
    const { sealed } = setUp();
    const bytes = await sealed();
    expect(bytes.toString('latin1', 0, 10)).toBe('2026-01-01');
    expect(bytes.includes('wilhelmina')).toBe(false);
    expect(await sealed()).not.toEqual(bytes);
  });

  it('opens for no other tenant, no other key and no other list of parts', async () => {
    const { cipher, sealed } = setUp();
    const bytes = await sealed();
    expect(await cipher.open(TENANT_B, KEY, bytes)).toBeUndefined();
    for (const binding of [['od:tenant:row:order:abd'], [], [...KEY, ''], ['od:tenant:row', 'order:abc']]) {
      expect(await cipher.open(TENANT_A, binding, bytes)).toBeUndefined();
    }
    expect(await cipher.open(TENANT_A, KEY, bytes)).toEqual(PLAIN);
  });

  it('opens nothing with a flipped bit or another length', async () => {
    const { cipher, sealed } = setUp();
    const bytes = await sealed();
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(await cipher.open(TENANT_A, KEY, changed)).toBeUndefined();
    }
    for (let length = 0; length < bytes.length; length += 1) {
      expect(await cipher.open(TENANT_A, KEY, bytes.subarray(0, length))).toBeUndefined();
    }
    expect(await cipher.open(TENANT_A, KEY, Buffer.concat([bytes, Buffer.from([0])]))).toBeUndefined();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (any) => {
        expect(await cipher.open(TENANT_A, KEY, Buffer.from(any))).toBeUndefined();
      }),
    );
  });

  it('opens what was sealed a day before or, by a clock ahead, a day after, and nothing beyond', async () => {
    const { cipher, clock, sealed } = setUp();
    const start = clock.time;
    const bytes = await sealed();
    const opens = async (days: number) => {
      clock.time = start + days * DAY_MS;
      return (await cipher.open(TENANT_A, KEY, bytes)) !== undefined;
    };
    const seen = [];
    for (const days of [-2, -1, 0, 0.999, 1, 1.999, 2]) seen.push(await opens(days));
    expect(seen).toEqual([false, true, true, true, true, true, false]);
  });

  it('does not take the bytes of one day for those of another', async () => {
    const { cipher, sealed } = setUp();
    const bytes = await sealed();
    bytes.write('2025-12-31');
    expect(await cipher.open(TENANT_A, KEY, bytes)).toBeUndefined();
  });

  it('names the same parts alike on every day and in every process, and otherwise for others', async () => {
    const { cipher, clock, keys } = setUp();
    const name = await cipher.name(TENANT_A, ['od:tenant:row:orders', 'abc']);
    expect(name).toMatch(/^[\w-]{43}$/);
    clock.advance(40 * DAY_MS);
    keys.forget(TENANT_A);
    expect(await cipher.name(TENANT_A, ['od:tenant:row:orders', 'abc'])).toBe(name);
    const others = await Promise.all([
      cipher.name(TENANT_B, ['od:tenant:row:orders', 'abc']),
      cipher.name(TENANT_A, ['od:tenant:row:orders', 'abd']),
      cipher.name(TENANT_A, ['od:tenant:row:order', 'sabc']),
      cipher.name(TENANT_A, ['abc', 'od:tenant:row:orders']),
    ]);
    expect(new Set([name, ...others]).size).toBe(5);
  });

  it('names nothing without the key, and what was named with the old one otherwise with a new one', async () => {
    const { cipher, source, keys, rows } = setUp();
    const name = await cipher.name(TENANT_A, KEY);
    source.away = true;
    keys.forget(TENANT_A);
    expect(await cipher.name(TENANT_A, KEY)).toBeUndefined();
    source.away = false;
    rows.delete(TENANT_A);
    expect(await cipher.name(TENANT_A, KEY)).toBeUndefined();
    rows.set(TENANT_A, keys.make(TENANT_A));
    expect(await cipher.name(TENANT_A, KEY)).not.toBe(name);
  });

  it('reads the data key once for names, seals and opens of a minute', async () => {
    const { cipher, rows, sealed } = setUp();
    const bytes = await sealed();
    rows.clear();
    expect(await cipher.name(TENANT_A, KEY)).toMatch(/^[\w-]{43}$/);
    expect(await cipher.open(TENANT_A, KEY, bytes)).toEqual(PLAIN);
  });

  it('derives one key a day, not one an entry', async () => {
    const { keys, clock } = setUp();
    const asked: unknown[] = [];
    const cipher = makeCacheCipher({
      keys: {
        purposeKey: async (tenantId, purpose) => {
          const key = await keys.purposeKey(tenantId, purpose);
          asked.push(key);
          return key;
        },
      },
      random: randomBytes,
      now: clock.now,
    });
    for (let i = 0; i < 5; i += 1) await cipher.seal(TENANT_A, [`${i}`], PLAIN);
    expect(asked).toHaveLength(5);
    expect(new Set(asked).size).toBe(1);
  });

  it('seals and opens nothing while the database is away and the key is not known', async () => {
    const { cipher, source, keys, sealed } = setUp();
    const bytes = await sealed();
    keys.forget(TENANT_A);
    source.away = true;
    expect(await cipher.seal(TENANT_A, KEY, PLAIN)).toBeUndefined();
    expect(await cipher.open(TENANT_A, KEY, bytes)).toBeUndefined();
    source.away = false;
    expect(await cipher.open(TENANT_A, KEY, bytes)).toEqual(PLAIN);
  });

  it('seals and opens nothing once the data key is destroyed, a minute later at the latest', async () => {
    const { cipher, clock, rows, sealed } = setUp();
    const bytes = await sealed();
    rows.delete(TENANT_A);
    clock.advance(60_000);
    expect(await cipher.open(TENANT_A, KEY, bytes)).toBeUndefined();
    expect(await cipher.seal(TENANT_A, KEY, PLAIN)).toBeUndefined();
  });

  it('opens nothing under a new data key in the place of the old one', async () => {
    const { cipher, keys, rows, sealed } = setUp();
    const bytes = await sealed();
    rows.set(TENANT_A, keys.make(TENANT_A));
    keys.forget(TENANT_A);
    expect(await cipher.open(TENANT_A, KEY, bytes)).toBeUndefined();
  });
});
