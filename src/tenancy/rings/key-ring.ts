/**
 * A ring of 256-bit keys as an environment variable holds it: `k2:<base64>,k1:<base64>`, the first being current.
 * Pure; errors name the variable, the entry and the remedy, never a character of what may be key material.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { AppError } from '../../errors.js';
import type { RandomBytes } from '../ids.js';
import { weakness } from './weak-material.js';

export const RING_KEY_BYTES = 32;

export interface RingKey {
  readonly id: string;
  /** A key object prints as nothing. */
  readonly key: KeyObject;
}

export interface KeyRing {
  readonly current: RingKey;
  readonly byId: ReadonlyMap<string, RingKey>;
}

const ID = /^[a-z0-9]{1,16}$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const REMEDY = 'Generate a key with: openssl rand -base64 32';

/**
 * @param variable name of the setting, for the error
 * @throws AppError `invalid_argument` with the variable as its field
 */
export function parseKeyRing(text: string, variable: string): KeyRing {
  const byId = new Map<string, RingKey>();
  let current: RingKey | undefined;
  for (const [index, entry] of text.split(',').entries()) {
    const ringKey = parseEntry(entry.trim(), `entry ${index + 1}`, variable);
    if (byId.has(ringKey.id)) throw problem(variable, `the id "${ringKey.id}" occurs twice`);
    for (const other of byId.values()) {
      if (other.key.equals(ringKey.key)) {
        throw problem(variable, `"${other.id}" and "${ringKey.id}" are the same key`);
      }
    }
    byId.set(ringKey.id, ringKey);
    current ??= ringKey;
  }
  if (current === undefined) throw problem(variable, 'it holds no key');
  return { current, byId };
}

/**
 * Peppers and encryption keys must not be the same: who learns one would hold the other.
 * @throws AppError `invalid_argument`
 */
export function assertRingsDiffer(
  first: { readonly variable: string; readonly ring: KeyRing },
  second: { readonly variable: string; readonly ring: KeyRing },
): void {
  for (const a of first.ring.byId.values()) {
    for (const b of second.ring.byId.values()) {
      if (!a.key.equals(b.key)) continue;
      throw problem(second.variable, `"${b.id}" is the same key as "${a.id}" of ${first.variable}`);
    }
  }
}

/** A ring of one new key, as the text of the variable. */
export const makeRingText = (id: string, random: RandomBytes): string =>
  `${id}:${Buffer.from(random(RING_KEY_BYTES)).toString('base64')}`;

function parseEntry(entry: string, where: string, variable: string): RingKey {
  const colon = entry.indexOf(':');
  // What stands before a missing or misplaced colon may be the key itself, so it is not quoted.
  if (colon < 0) throw problem(variable, `${where} is not of the form id:base64`);
  const id = entry.slice(0, colon);
  if (!ID.test(id)) throw problem(variable, `${where}: the id must be 1 to 16 of a-z and 0-9`);
  const bytes = decode(entry.slice(colon + 1));
  if (bytes === undefined) throw problem(variable, `"${id}" is not base64`);
  if (bytes.length !== RING_KEY_BYTES) {
    throw problem(variable, `"${id}" has ${bytes.length} bytes where ${RING_KEY_BYTES} are needed`);
  }
  const weak = weakness(bytes);
  if (weak !== undefined) throw problem(variable, `"${id}" ${weak}`);
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return { id, key };
}

/** Standard base64, padded or not; `undefined` for text that decodes to nothing or has stray bits. */
function decode(text: string): Buffer | undefined {
  if (!BASE64.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  const unpadded = (value: string): string => value.replace(/=+$/, '');
  return unpadded(bytes.toString('base64')) === unpadded(text) ? bytes : undefined;
}

const problem = (variable: string, what: string): AppError =>
  new AppError('invalid_argument', `${variable}: ${what}. ${REMEDY}`, { field: variable, hint: REMEDY });
