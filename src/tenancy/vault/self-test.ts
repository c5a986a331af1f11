/** Run at start: a platform whose cryptography does not give the published answers must not touch anybody's secrets. */
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { AppError } from '../../errors.js';
import { encryptGcm, open, seal } from './aead.js';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** @throws AppError `internal` naming the check that failed */
export function vaultSelfTest(): void {
  const failed = CHECKS.find((check) => !check.passes());
  if (failed === undefined) return;
  throw new AppError(
    'internal',
    `The vault's self test failed: ${failed.name}. Use an unmodified Node build.`,
  );
}

const CHECKS: readonly { readonly name: string; passes(): boolean }[] = [
  {
    name: 'AES-256-GCM',
    // "The Galois/Counter Mode of Operation", McGrew and Viega, test case 14.
    passes: () => {
      const { ciphertext, tag } = encryptGcm(zeroKey(), Buffer.alloc(12), Buffer.alloc(0), Buffer.alloc(16));
      return (
        hex('cea7403d4d606b6e074ec5d3baf39d18').equals(ciphertext) &&
        hex('d0d1c8a799996bf0265b98b5d48ab919').equals(tag)
      );
    },
  },
  {
    name: 'HKDF-SHA-256',
    // RFC 5869, A.3: no salt, no info.
    passes: () =>
      hex('8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8').equals(
        Buffer.from(hkdfSync('sha256', Buffer.alloc(22, 0x0b), '', '', 42)),
      ),
  },
  {
    name: 'refusal of altered ciphertext',
    passes: () => {
      const key = zeroKey();
      const sealed = seal(key, ['self-test'], Buffer.from('text'), (size) => Buffer.alloc(size));
      const whole = open(key, ['self-test'], sealed)?.toString() === 'text';
      const moved = open(key, ['elsewhere'], sealed);
      const cut = open(key, ['self-test'], sealed.subarray(0, -12));
      return whole && moved === undefined && cut === undefined;
    },
  },
];

const zeroKey = (): KeyObject => createSecretKey(Buffer.alloc(32));
