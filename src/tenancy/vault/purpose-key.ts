/** One key per purpose out of a tenant's data key, so that what is sealed for one use never opens in another. */
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/** `cache|…` carries the UTC day as `YYYY-MM-DD` where entries are sealed, and `names` where they are named. */
export type Purpose = 'vault' | 'ledger' | 'cursor' | 'confirm' | 'mask' | `cache|${string}`;

/** HKDF-SHA-256 (RFC 5869). The data key is uniformly random, so there is no salt. */
export const derivePurposeKey = (dataKey: KeyObject, purpose: Purpose): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', dataKey, '', `orderdesk-mcp/v1/${purpose}`, 32)));
