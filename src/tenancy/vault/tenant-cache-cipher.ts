/**
 * Cache entries: the UTC day in clear, then the bytes sealed under the tenant's key of that day. Days other than the
 * present one and its neighbours are not tried, so a made-up day costs nothing; the neighbours are there for entries
 * that outlive midnight and for clocks that differ. An entry must be found again on the next day, so names have one key
 * for all days.
 */
import { createHmac, type KeyObject } from 'node:crypto';
import { AppError } from '../../errors.js';
import type { CacheCipher } from '../cache-cipher.js';
import type { Clock, RandomBytes, TenantId } from '../ids.js';
import { open, seal } from './aead.js';
import type { TenantKeys } from './data-keys.js';
import type { Purpose } from './purpose-key.js';

const DAY_MS = 86_400_000;
const DAY_LENGTH = 'YYYY-MM-DD'.length;

export interface CacheCipherDeps {
  /** Holds derived keys for as long as it holds the data key: a destroyed one is not outlived here. */
  readonly keys: Pick<TenantKeys, 'purposeKey'>;
  readonly random: RandomBytes;
  readonly now: Clock;
}

export function makeCacheCipher({ keys, random, now }: CacheCipherDeps): CacheCipher {
  /** The key, unless it cannot be had. */
  async function keyOf(tenantId: TenantId, purpose: Purpose): Promise<KeyObject | undefined> {
    try {
      return await keys.purposeKey(tenantId, purpose);
    } catch (error) {
      if (error instanceof AppError && MISSING_KEY.includes(error.code)) return undefined;
      throw error;
    }
  }

  return {
    async name(tenantId, parts) {
      const key = await keyOf(tenantId, NAMES);
      return key && createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url');
    },
    async seal(tenantId, binding, plaintext) {
      const day = dayOf(now());
      const key = await keyOf(tenantId, purposeOf(day));
      if (key === undefined) return undefined;
      const sealed = seal(key, context(tenantId, day, binding), plaintext, random);
      return Buffer.concat([Buffer.from(day), sealed]);
    },
    async open(tenantId, binding, sealed) {
      const day = sealed.toString('latin1', 0, DAY_LENGTH);
      const today = now();
      if (![today, today - DAY_MS, today + DAY_MS].some((time) => dayOf(time) === day)) return undefined;
      const key = await keyOf(tenantId, purposeOf(day));
      return key && open(key, context(tenantId, day, binding), sealed.subarray(DAY_LENGTH));
    },
  };
}

const NAMES: Purpose = 'cache|names';

/** The database is away, or the tenant's data key is gone or does not open. */
const MISSING_KEY: readonly string[] = ['storage_unavailable', 'internal'];

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, DAY_LENGTH);

const purposeOf = (day: string): Purpose => `cache|${day}`;

const context = (tenantId: TenantId, day: string, binding: readonly string[]): readonly string[] => [
  tenantId,
  purposeOf(day),
  ...binding,
];
