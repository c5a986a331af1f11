/**
 * The format of an API key: `odm_<kid>_<secret><crc>`. The prefix lets scanners find a leaked key, the checksum lets
 * us refuse a mistyped one without asking the database, and nothing in it needs escaping anywhere.
 */
import { crc32 } from 'node:zlib';
import { type Kid, type RandomBytes, toKid } from '../ids.js';
import { Secret } from '../secret.js';
import { randomBase62, toBase62 } from './base62.js';

const PREFIX = 'odm_';
const KID_LENGTH = 10;
/** 62^32 is a little over 190 bits. */
const SECRET_LENGTH = 32;
const CRC_LENGTH = 6;
const KID_END = PREFIX.length + KID_LENGTH;
const CRC_START = KID_END + 1 + SECRET_LENGTH;

/** Characters in a key, 53. */
export const KEY_LENGTH = CRC_START + CRC_LENGTH;

const SHAPE = /^odm_[0-9A-Za-z]{10}_[0-9A-Za-z]{38}$/;

export interface NewKey {
  readonly kid: Kid;
  /** The whole key: shown once, never stored. */
  readonly key: Secret;
}

export function makeKey(random: RandomBytes): NewKey {
  const kid = toKid(randomBase62(KID_LENGTH, random));
  const body = `${PREFIX}${kid}_${randomBase62(SECRET_LENGTH, random)}`;
  return { kid, key: new Secret(body + checksum(body)) };
}

/** The public part of a well-formed key; `undefined` for anything else. Says nothing about whether the key exists. */
export function parseKey(text: string): Kid | undefined {
  if (text.length !== KEY_LENGTH || !SHAPE.test(text)) return undefined;
  if (checksum(text.slice(0, CRC_START)) !== text.slice(CRC_START)) return undefined;
  return toKid(text.slice(PREFIX.length, KID_END));
}

const checksum = (body: string): string => toBase62(crc32(body), CRC_LENGTH);
