import { createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decryptGcm, encryptGcm, open, SEAL_OVERHEAD, seal } from '../../../src/tenancy/vault/aead.js';
import { associatedData } from '../../../src/tenancy/vault/associated-data.js';
import { derivePurposeKey } from '../../../src/tenancy/vault/purpose-key.js';
import { vaultSelfTest } from '../../../src/tenancy/vault/self-test.js';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const key = () => createSecretKey(randomBytes(32));

const K = 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308';
const IV = 'cafebabefacedbaddecaf888';
const P =
  'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255';
const C =
  '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad';

describe('AES-256-GCM gives the published answers (McGrew and Viega, as in NIST SP 800-38D)', () => {
  it.each([
    ['13', '00'.repeat(32), '00'.repeat(12), '', '', '', '530f8afbc74536b9a963b4f1c4cb738b'],
    [
      '14',
      '00'.repeat(32),
      '00'.repeat(12),
      '00'.repeat(16),
      '',
      'cea7403d4d606b6e074ec5d3baf39d18',
      'd0d1c8a799996bf0265b98b5d48ab919',
    ],
    ['15', K, IV, P, '', C, 'b094dac5d93471bdec1a502270e3cc6c'],
    [
      '16',
      K,
      IV,
      P.slice(0, 120),
      'feedfacedeadbeeffeedfacedeadbeefabaddad2',
      C.slice(0, 120),
      '76fc6ece0f4e1768cddf8853bb2d551b',
    ],
  ])('test case %s', (_, k, iv, p, a, c, t) => {
    const cipherKey = createSecretKey(hex(k));
    const { ciphertext, tag } = encryptGcm(cipherKey, hex(iv), hex(a), hex(p));
    expect(Buffer.from(ciphertext).toString('hex')).toBe(c);
    expect(Buffer.from(tag).toString('hex')).toBe(t);
    expect(decryptGcm(cipherKey, hex(iv), hex(a), { ciphertext, tag })?.toString('hex')).toBe(p);
  });
});

describe('HKDF-SHA-256 gives the published answers (RFC 5869)', () => {
  it.each([
    [
      'A.1',
      '0b'.repeat(22),
      '000102030405060708090a0b0c',
      'f0f1f2f3f4f5f6f7f8f9',
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    ],
    [
      'A.3',
      '0b'.repeat(22),
      '',
      '',
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    ],
  ])('test case %s', (_, ikm, salt, info, okm) => {
    expect(Buffer.from(hkdfSync('sha256', hex(ikm), hex(salt), hex(info), 42)).toString('hex')).toBe(okm);
  });
});

describe('purpose keys', () => {
  it('keep their derivation for ever', () => {
    const dataKey = createSecretKey(Buffer.alloc(32, 7));
    expect(derivePurposeKey(dataKey, 'vault').export().toString('hex')).toBe(
      'c16a0299886fa7bb864a6a2edfc20f5d9d7af16324b54862af4ae1b00a118b4a',
    );
  });

  it('differ by purpose and by data key', () => {
    const dataKeys = [key(), key()];
    const purposes = [
      'vault',
      'ledger',
      'cursor',
      'confirm',
      'cache|2026-01-01',
      'cache|2026-01-02',
    ] as const;
    const derived = dataKeys.flatMap((dataKey) =>
      purposes.map((purpose) => derivePurposeKey(dataKey, purpose).export().toString('hex')),
    );
    expect(new Set(derived).size).toBe(12);
  });
});

describe('sealed bytes', () => {
  it('are laid out as version, nonce, ciphertext, tag', () => {
    const sealed = seal(createSecretKey(Buffer.alloc(32, 1)), ['a'], Buffer.from('text'), (size) =>
      Buffer.alloc(size, 2),
    );
    expect(sealed.subarray(0, 13).toString('hex')).toBe(`01${'02'.repeat(12)}`);
    expect(sealed.length).toBe(SEAL_OVERHEAD + 4);
    expect(sealed.toString('hex')).toBe('0102020202020202020202020273b3b13d1abd30046ffa3dd8645f073c748dd252');
  });

  it('open to what was sealed, whatever it was', () => {
    const k = key();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.string()), (plaintext, context) => {
        const opened = open(k, context, seal(k, context, plaintext, randomBytes));
        expect(opened).toEqual(Buffer.from(plaintext));
      }),
    );
  });

  it('differ each time', () => {
    const k = key();
    const sealed = Array.from({ length: 100 }, () =>
      seal(k, [], Buffer.from('same'), randomBytes).toString('hex'),
    );
    expect(new Set(sealed).size).toBe(100);
  });

  it('do not open with any bit flipped', () => {
    const k = key();
    const sealed = seal(k, ['a', 'b'], Buffer.from('made-up text'), randomBytes);
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const altered = Buffer.from(sealed);
      altered.writeUInt8(altered.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(open(k, ['a', 'b'], altered)).toBeUndefined();
    }
  });

  it('do not open cut at any length, or longer', () => {
    const k = key();
    const sealed = seal(k, ['a'], Buffer.from('made-up text'), randomBytes);
    for (let length = 0; length < sealed.length; length += 1) {
      expect(open(k, ['a'], sealed.subarray(0, length))).toBeUndefined();
      expect(open(k, ['a'], sealed.subarray(sealed.length - length))).toBeUndefined();
    }
    expect(open(k, ['a'], Buffer.concat([sealed, Buffer.alloc(1)]))).toBeUndefined();
  });

  it('do not open under another key, or with any part of the context changed', () => {
    const k = key();
    fc.assert(
      fc.property(
        fc.array(fc.string(), { maxLength: 5 }),
        fc.array(fc.string(), { maxLength: 5 }),
        (a, b) => {
          fc.pre(JSON.stringify(a) !== JSON.stringify(b));
          expect(open(k, b, seal(k, a, Buffer.from('text'), randomBytes))).toBeUndefined();
        },
      ),
    );
    expect(open(key(), [], seal(k, [], Buffer.from('text'), randomBytes))).toBeUndefined();
  });
});

describe('associated data', () => {
  it('keeps lists apart that would be the same when joined', () => {
    const lists = [['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', ''], ['', 'abc'], ['a', 'b', 'c'], [], ['']];
    expect(new Set(lists.map((list) => associatedData(list).toString('hex'))).size).toBe(lists.length);
  });

  it('is each part after its length', () => {
    expect(associatedData([Uint8Array.of(1), 'é']).toString('hex')).toBe('000000010100000002c3a9');
  });
});

describe('the self test', () => {
  it('passes on this platform', () => {
    expect(() => vaultSelfTest()).not.toThrow();
  });
});
