/** What is derived from a key under a pepper. None of it leads back to the key. */
import { createHmac, type KeyObject } from 'node:crypto';

/** Bytes of the tag that is compared before bcrypt may run. */
export const CHECK_LENGTH = 4;

/** base64(HMAC-SHA-256(pepper, key)): names the key in memory, and is what bcrypt hashes (44 characters, below its 72). */
export const keyProof = (pepper: KeyObject, key: string): string =>
  createHmac('sha256', pepper).update(key).digest('base64');

/**
 * Four bytes that a wrong secret meets by chance once in 2^32. They spare us bcrypt for wrong keys; alone they
 * admit nobody, and under an unknown pepper they tell a reader of the table nothing about the key.
 */
export const keyCheck = (pepper: KeyObject, key: string): Buffer =>
  createHmac('sha256', pepper).update('check|').update(key).digest().subarray(0, CHECK_LENGTH);
