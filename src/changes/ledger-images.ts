/**
 * What a change holds of customers, sealed under the ledger key of its tenant and bound to its row. Sealing and opening
 * happen outside transactions: the key of the tenant may have to be read first.
 */
import { z } from 'zod';
import { AppError } from '../errors.js';
import type { TenantId } from '../tenancy/ids.js';
import type { Place, Vault } from '../tenancy/vault/vault.js';
import type { Images, Refusal } from './ledger.js';
import type { ChangeLine, FieldChange, Target } from './port.js';

/** A parser for every member there is: one that was forgotten would be lost on opening. */
type Shape<T> = { [K in keyof Required<T>]: z.ZodType };

const field = z.object({
  path: z.array(z.string()),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
} satisfies Shape<FieldChange>);

const target = z.object({
  kind: z.enum(['order', 'inventory']),
  id: z.string().nullable(),
  name: z.string().optional(),
} satisfies Shape<Target>);

const line = z.object({
  target,
  outcome: z.enum(['applied', 'already', 'failed', 'unknown', 'not_sent']),
  fields: z.array(field),
  message: z.string().optional(),
  quoted: z.string().optional(),
} satisfies Shape<ChangeLine>);

const refusal = z.object({
  code: z.enum(['upstream_rejected', 'not_found', 'conflict']),
  message: z.string(),
  hint: z.string().optional(),
  field: z.string().optional(),
  quoted: z.string().optional(),
} satisfies Shape<Refusal>);

const images: z.ZodType<Images> = z.object({
  lines: z.array(line),
  records: z.record(z.string(), z.unknown()),
  open: z.object({ lines: z.array(z.object({ index: z.int(), line })), probe: z.unknown() }).nullable(),
  version: z.string().nullable(),
  remarks: z.array(z.string()),
  refusal: refusal.optional(),
} satisfies Shape<Images>);

export interface ImageBox {
  /** @throws AppError `internal`, `storage_unavailable` */
  seal(tenantId: TenantId, changeId: string, images: Images): Promise<Uint8Array>;
  /** @throws AppError `internal` for what cannot be opened, `storage_unavailable` */
  open(tenantId: TenantId, changeId: string, sealed: Uint8Array | null): Promise<Images | null>;
  /** `null` also for what cannot be opened any more. @throws AppError `storage_unavailable` */
  peek(tenantId: TenantId, changeId: string, sealed: Uint8Array | null): Promise<Images | null>;
}

export function makeImageBox(vault: Vault): ImageBox {
  async function open(tenantId: TenantId, changeId: string, sealed: Uint8Array | null) {
    if (sealed === null) return null;
    return parsed(await vault.decrypt(tenantId, 'ledger', placeOf(changeId), sealed));
  }
  return {
    seal: (tenantId, changeId, plain) =>
      vault.encrypt(tenantId, 'ledger', placeOf(changeId), JSON.stringify(plain)),
    open,
    async peek(tenantId, changeId, sealed) {
      try {
        return await open(tenantId, changeId, sealed);
      } catch (error) {
        // The data key of the tenant is destroyed, a part of the rings is missing, or it is of another release.
        if (error instanceof AppError && error.code === 'internal') return null;
        throw error;
      }
    },
  };
}

/** What another release wrote may not be understood by this one: as good as what cannot be opened. */
function parsed(text: string): Images {
  try {
    return images.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError('internal', undefined, {
      cause: new Error('images of a change are not understood', { cause }),
    });
  }
}

const placeOf = (changeId: string): Place => ({ table: 'changes', row: changeId, column: 'images' });
