/** Pseudonyms of customers, for keys that may not see who they are. */
import type { Principal } from './principal.js';

/** The same text for the same kind and value within a tenant, and another in every other tenant. */
export type Pseudonym = (kind: string, value: string) => string;

export interface Masker {
  /**
   * `undefined` for a principal that may see customers; the others get what must stand in their place.
   * @throws AppError `internal`, `storage_unavailable`
   */
  of(principal: Pick<Principal, 'tenantId' | 'scope'>): Promise<Pseudonym | undefined>;
}
