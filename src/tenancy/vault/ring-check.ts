/** Asked at start: whether the ring opens what the database holds. A dump restored beside another ring does not. */
import { z } from 'zod';
import { AppError } from '../../errors.js';
import type { Database } from '../../storage/port.js';
import { toTenantId } from '../ids.js';
import type { KeyRing } from '../rings/key-ring.js';
import { dataKeyColumns, toWrapped, unwrapDataKey } from './data-keys.js';

/**
 * Tries one data key for each ring key that the database names.
 * @throws AppError `invalid_argument` with the field MCP_KMS_KEY; `storage_unavailable`
 */
export async function assertRingOpensDatabase(database: Database, ring: KeyRing): Promise<void> {
  const samples = await database.asSystem('rewrap', (tx) => tx.rows(sampleRow, SAMPLES));
  const problems = samples.flatMap(({ tenantId, dataKeys, wrapped }) => {
    const opened = unwrapDataKey(ring, tenantId, wrapped);
    if (!('problem' in opened)) {
      opened.bytes.fill(0);
      return [];
    }
    const known = ring.byId.has(wrapped.ringKeyId);
    const needed = `${dataKeys} data ${dataKeys === 1 ? 'key needs' : 'keys need'} it`;
    return known
      ? `its key "${wrapped.ringKeyId}" is not the one that this database was sealed with (${needed})`
      : `it holds no key "${wrapped.ringKeyId}" (${needed})`;
  });
  if (problems.length === 0) return;
  throw new AppError(
    'invalid_argument',
    `MCP_KMS_KEY does not open this database: ${problems.join('; ')}. ` +
      'Give the ring that was in use when the database, or the dump it was restored from, was written.',
    { field: 'MCP_KMS_KEY' },
  );
}

const SAMPLES = `select distinct on (ring_key_id) ring_key_id, tenant_id, version, wrapped,
    count(*) over (partition by ring_key_id)::integer as data_keys
  from tenant_data_keys order by ring_key_id, tenant_id`;

const sampleRow = dataKeyColumns
  .extend({ tenant_id: z.string().transform(toTenantId), data_keys: z.int() })
  .transform((row) => ({ tenantId: row.tenant_id, dataKeys: row.data_keys, wrapped: toWrapped(row) }));
