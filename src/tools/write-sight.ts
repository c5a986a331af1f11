/** What the caller may see of a change: the ledger and the stored answers hold facts, and each reader gets his view of them. */
import type { FieldChange, Target } from '../changes/port.js';
import { maskFields } from '../orders/mask-changes.js';
import { withoutMails } from '../orders/mask-texts.js';
import { wholeVersion } from '../orders/version.js';
import type { Masker } from '../tenancy/masker.js';
import type { Principal } from '../tenancy/principal.js';

export interface ChangeSight {
  fields(fields: readonly FieldChange[], target: Target): readonly FieldChange[];
  /** Number of a shop or SKU. */
  name(name: string): string;
  /** Version of an order: the digits of its parts would let a guess at what is masked be tried out. */
  version(version: string): string;
  /** Whether words that others wrote of it are shown: they may name customers. */
  readonly quotes: boolean;
  /** Name of a folder by its id, where the tool knows the folders; `null` for one that is not there any more. */
  readonly folder?: ((id: string) => string | null) | undefined;
}

export const WHOLE_SIGHT: ChangeSight = {
  fields: (fields) => fields,
  name: (name) => name,
  version: (version) => version,
  quotes: true,
};

export async function changeSightOf(masker: Masker, principal: Principal): Promise<ChangeSight> {
  const pseudonym = await masker.of(principal);
  if (pseudonym === undefined) return WHOLE_SIGHT;
  return {
    fields: (fields, { kind }) => maskFields(fields, pseudonym, kind),
    name: (name) => withoutMails(name, (mail) => pseudonym('mail', mail.trim().toLowerCase())),
    version: wholeVersion,
    quotes: false,
  };
}
