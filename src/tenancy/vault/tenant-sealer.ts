/** Strings that travel through a client: base64url of sealed bytes, bound to whoever may bring them back and for what. */
import type { RandomBytes, TenantId } from '../ids.js';
import type { Sealer, SealPurpose } from '../sealer.js';
import { open, seal } from './aead.js';
import type { TenantKeys } from './data-keys.js';

/** Longer strings are none of ours; they are refused before any work. */
const LONGEST_SEALED = 8_192;

export function makeSealer(keys: TenantKeys, random: RandomBytes): Sealer {
  return {
    async seal(tenantId, purpose, binding, plaintext) {
      const key = await keys.purposeKey(tenantId, purpose);
      const bytes = Buffer.from(plaintext, 'utf8');
      const sealed = seal(key, context(tenantId, purpose, binding), bytes, random).toString('base64url');
      if (sealed.length > LONGEST_SEALED) throw new Error(`too long to be sealed: ${bytes.length} bytes`);
      return sealed;
    },
    async open(tenantId, purpose, binding, sealed) {
      if (sealed.length > LONGEST_SEALED) return undefined;
      const bytes = Buffer.from(sealed, 'base64url');
      // Node skips what is not base64url; a string that we made reads back exactly.
      if (bytes.toString('base64url') !== sealed) return undefined;
      const key = await keys.purposeKey(tenantId, purpose);
      return open(key, context(tenantId, purpose, binding), bytes)?.toString('utf8');
    },
  };
}

const context = (tenantId: TenantId, purpose: SealPurpose, binding: readonly string[]): readonly string[] => [
  tenantId,
  purpose,
  ...binding,
];
