/** Limits of a tenant as they are stored. What cannot be read must not stop the tenant's keys: the usual limits hold then. */
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { TenantId } from '../ids.js';
import type { TenantLimits } from '../principal.js';

/** Bounds as for the installation's own limits. */
const members = {
  keyBurst: z.int().min(10).max(100_000),
  keyPerSecond: z.number().min(0.1).max(10_000),
  concurrency: z.int().min(1).max(10_000),
  queue: z.int().min(0).max(10_000),
  waitMs: z.int().min(0).max(30_000),
};

/** For what is written: a member that nobody reads is a mistake. */
export const tenantLimitsInput = z.strictObject(members).partial() satisfies z.ZodType<TenantLimits>;

/** For what is read: a newer release may have written more. */
const storedLimits = z.object(members).partial();

const WARN_AGAIN_MS = 10 * 60_000;
const WARNED_HELD = 1_000;

/**
 * @param onUnreadable told at most once in ten minutes for each tenant: states are read every second
 */
export function tenantLimitsReader(
  onUnreadable: (tenantId: TenantId) => void,
): (tenantId: TenantId, stored: unknown) => TenantLimits | undefined {
  const warned = new LRUCache<TenantId, true>({ max: WARNED_HELD, ttl: WARN_AGAIN_MS });
  return (tenantId, stored) => {
    const read = storedLimits.safeParse(stored);
    if (read.success) return Object.keys(read.data).length === 0 ? undefined : read.data;
    if (!warned.has(tenantId)) {
      warned.set(tenantId, true);
      onUnreadable(tenantId);
    }
    return undefined;
  };
}
