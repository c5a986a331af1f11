/**
 * Encryption of what is kept in a cache outside the process, under a key of the tenant's own that is new each day, and
 * the names it is kept under.
 */
import type { TenantId } from './ids.js';

/** No method throws for a key that cannot be had (destroyed, unreadable, database away): it is a cache. */
export interface CacheCipher {
  /**
   * The same text for the same parts within a tenant; whoever lacks the tenant's key can neither undo it nor try parts
   * out against it.
   * @param parts of what is named; order counts
   * @returns base64url; `undefined` when the tenant's key cannot be had now
   */
  name(tenantId: TenantId, parts: readonly string[]): Promise<string | undefined>;
  /**
   * @param binding parts the bytes are only valid with; order counts
   * @returns `undefined` when the tenant's key cannot be had now
   */
  seal(tenantId: TenantId, binding: readonly string[], plaintext: Buffer): Promise<Buffer | undefined>;
  /** `undefined` for all that this tenant and binding did not seal within the last days, and without the tenant's key. */
  open(tenantId: TenantId, binding: readonly string[], sealed: Buffer): Promise<Buffer | undefined>;
}
