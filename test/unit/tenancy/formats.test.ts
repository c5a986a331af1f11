/**
 * What is stored or handed out must open in every later release. The constants were computed apart from this code, from
 * the formats as written down; a test that fails here means that existing data has become unreadable.
 */
import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toTenantId } from '../../../src/tenancy/ids.js';
import { keyCheck, keyProof } from '../../../src/tenancy/keys/key-digests.js';
import { KeyHasher } from '../../../src/tenancy/keys/key-hasher.js';
import { parseKeyRing } from '../../../src/tenancy/rings/key-ring.js';
import { TenantKeys } from '../../../src/tenancy/vault/data-keys.js';
import { derivePurposeKey, type Purpose } from '../../../src/tenancy/vault/purpose-key.js';
import { makeSealer } from '../../../src/tenancy/vault/tenant-sealer.js';
import { makeVault, type VaultPurpose } from '../../../src/tenancy/vault/vault.js';
import { TEST_COST } from './support.js';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

const TENANT = toTenantId('01900000-0000-7000-8000-00000000000a');
const PLACE = { table: 'stores', row: '01900000-0000-7000-8000-0000000000aa', column: 'credential' };
const BINDING = ['key-1', 'list_orders'];
const DATA_KEY = '1b073b04f6ab05e9db9e2d717c501ed00cdac5c85d812fb80a32c4736cbeec36';
const WRAPPED =
  '01090909090909090909090909a9af50fe90c64af6bfc850f083d9fae00883e071bd6f9336ce1e101dbdfaf9dee2293d19f723338a8d5318b83f4f9c29';

/** Every nonce and data key that is made is the one of the constants. */
const random = (size: number): Uint8Array => (size === 32 ? hex(DATA_KEY) : Buffer.alloc(size, 9));

const keys = new TenantKeys({
  ring: parseKeyRing('k1:Frl0WDFV/csR+2gyo3vgnBjHrOy/s1LCWjVRK/11WjM=', 'TEST_RING'),
  dataKeys: { find: async () => ({ version: 1, ringKeyId: 'k1', wrapped: hex(WRAPPED) }) },
  random,
  now: () => 0,
  staleMaxMs: 0,
});

describe('an API key as it is stored', () => {
  const pepper = createSecretKey(Buffer.from('jLvPKdnO+JZ1xfXB3P6CfQVwQWpaq6MN0N4VlmGtkFs=', 'base64'));
  const KEY = 'odm_0123456789_0123456789ABCDEFGHIJKLMNOPQRSTUV1cPoEU';
  const HASH = 'v1:$2b$04$20Fhx.AOuil3EEGtK8C0nuhn2IjE4iFM0WnovACBQ8VQ93LrlRvYi';

  it('has as its proof base64(HMAC-SHA-256(pepper, key))', () => {
    expect(keyProof(pepper, KEY)).toBe('8wGP64hLzBVgWRGsbvz2u6fBIV19LrAHsg/OMXKIiNc=');
  });

  it('has as its check the first 4 bytes of HMAC-SHA-256(pepper, "check|" + key)', () => {
    expect(keyCheck(pepper, KEY).toString('hex')).toBe('bfebc8c8');
  });

  it('has as its hash bcrypt over the proof, of any cost', async () => {
    const hasher = new KeyHasher({ cost: TEST_COST });
    expect(await hasher.matches(keyProof(pepper, KEY), HASH)).toBe(true);
    expect(await hasher.matches(keyProof(pepper, `${KEY}0`), HASH)).toBe(false);
  });
});

describe("a tenant's data key", () => {
  it('is wrapped under the ring with its tenant and version as associated data', () => {
    expect(Buffer.from(keys.make(TENANT).wrapped).toString('hex')).toBe(WRAPPED);
  });

  it.each<[Purpose, string]>([
    ['vault', '0f9a5a6cb3595e80bb9e9c93c10f6d6cc65f17b70bae19c3c03ee5d44235e11d'],
    ['ledger', 'e46de7d1e408d1aabbfbdace1f96c21a82c4bb922ad4c8878cba20ffb5303b63'],
    ['cursor', '23376028be51ea4e548fbe00419449b019bf55f673c73ee83ff8019870de2f47'],
    ['confirm', '4e08bbefe288b8e2778f57ef7727288f76faf98cbe869c6e903381fbf0f3db58'],
    ['cache|2026-01-31', '835c59946920278216b540548b903596f82ef5e7e3c5c021e0570d8b5af8741c'],
  ])('gives the key for %s', (purpose, expected) => {
    const derived = derivePurposeKey(createSecretKey(hex(DATA_KEY)), purpose);
    expect(derived.export().toString('hex')).toBe(expected);
  });
});

describe('what is sealed under it', () => {
  const vault = makeVault(keys, random);
  const sealer = makeSealer(keys, random);

  it.each<[VaultPurpose, string]>([
    ['vault', '0109090909090909090909090982cbd0e76b2cf3cbb56eddd0c3a0ecf4850f6073f8836e9687dc1e7ae10f'],
    ['ledger', '01090909090909090909090909224f98ffd0e09be547b202d8c63199811e77cd680811f6839d993e67d935'],
  ])(
    'a column, for %s: version, tenant, table, row and column as associated data',
    async (purpose, sealed) => {
      expect(await vault.decrypt(TENANT, purpose, PLACE, hex(sealed))).toBe('made-up secret');
      const again = await vault.encrypt(TENANT, purpose, PLACE, 'made-up secret');
      expect(Buffer.from(again).toString('hex')).toBe(sealed);
    },
  );

  it.each([
    ['cursor', 'AQkJCQkJCQkJCQkJCd547lDi_Ctof82gF8Jsoa6WJWQY6mLdYPiM7w'],
    ['confirm', 'AQkJCQkJCQkJCQkJCSa7U2Gt24xCArr66dReCBnq3yigugs7UHaljQ'],
  ] as const)(
    'a string for %s: version, tenant, purpose and binding as associated data',
    async (purpose, sealed) => {
      expect(await sealer.open(TENANT, purpose, BINDING, sealed)).toBe('{"until":1}');
      expect(await sealer.seal(TENANT, purpose, BINDING, '{"until":1}')).toBe(sealed);
    },
  );
});
