/** Short sealed strings that travel through a client, such as a cursor: encrypted under the tenant's own key. */
import type { TenantId } from './ids.js';

export type SealPurpose = 'cursor' | 'confirm';

export interface Sealer {
  /** @param binding parts the string is only valid with (principal, tool, arguments); order counts */
  seal(
    tenantId: TenantId,
    purpose: SealPurpose,
    binding: readonly string[],
    plaintext: string,
  ): Promise<string>;
  /** `undefined` for anything that this tenant, purpose and binding did not seal. Never throws on bad input. */
  open(
    tenantId: TenantId,
    purpose: SealPurpose,
    binding: readonly string[],
    sealed: string,
  ): Promise<string | undefined>;
}
