/**
 * AES-256-GCM in the one layout of this product: version, nonce (12), ciphertext, tag (16). The version byte opens the
 * associated data too, so that it cannot be changed to another that a later release would read differently.
 *
 * Nonces are random. SP 800-38D allows 2^32 messages under one key with random nonces; every key here belongs to one
 * tenant and one purpose, which keeps far below that.
 */
import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import type { RandomBytes } from '../ids.js';
import { associatedData } from './associated-data.js';

const VERSION = Uint8Array.of(1);
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const CIPHER = 'aes-256-gcm';

/** Without it Node would accept a tag that was cut to 4 bytes. */
const OPTIONS = { authTagLength: TAG_LENGTH } as const;

/** Bytes that sealing adds to the plaintext. */
export const SEAL_OVERHEAD = VERSION.length + NONCE_LENGTH + TAG_LENGTH;

/** @param context the parts that name the only place where the result may be opened */
export function seal(
  key: KeyObject,
  context: readonly string[],
  plaintext: Uint8Array,
  random: RandomBytes,
): Buffer {
  const nonce = random(NONCE_LENGTH);
  const { ciphertext, tag } = encryptGcm(key, nonce, associatedData([VERSION, ...context]), plaintext);
  return Buffer.concat([VERSION, nonce, ciphertext, tag]);
}

/** The plaintext; `undefined` when anything at all is not as it was sealed: key, context, version, any bit, any length. */
export function open(key: KeyObject, context: readonly string[], sealed: Uint8Array): Buffer | undefined {
  if (sealed.length < SEAL_OVERHEAD || sealed[0] !== VERSION[0]) return undefined;
  return decryptGcm(key, sealed.subarray(1, 1 + NONCE_LENGTH), associatedData([VERSION, ...context]), {
    ciphertext: sealed.subarray(1 + NONCE_LENGTH, -TAG_LENGTH),
    tag: sealed.subarray(-TAG_LENGTH),
  });
}

interface GcmText {
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/** Bare AES-256-GCM (NIST SP 800-38D), apart from our layout so that published vectors can be put to it. */
export function encryptGcm(
  key: KeyObject,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): GcmText {
  const cipher = createCipheriv(CIPHER, key, nonce, OPTIONS).setAAD(aad);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return { ciphertext, tag: cipher.getAuthTag() };
}

export function decryptGcm(
  key: KeyObject,
  nonce: Uint8Array,
  aad: Uint8Array,
  text: GcmText,
): Buffer | undefined {
  const decipher = createDecipheriv(CIPHER, key, nonce, OPTIONS).setAAD(aad).setAuthTag(text.tag);
  const start = decipher.update(text.ciphertext);
  try {
    return Buffer.concat([start, decipher.final()]);
  } catch {
    // `final` throws for one reason: the tag does not fit. What was decrypted so far is worthless and goes no further.
    return undefined;
  }
}
