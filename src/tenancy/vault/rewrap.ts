/**
 * Wraps data keys anew under the current ring key, a batch a transaction. It may stop anywhere and be started again,
 * and it runs beside replicas that read: the data key inside stays the same, both ring keys are in everybody's ring.
 */
import { z } from 'zod';
import type { Database, Tx } from '../../storage/port.js';
import type { EventWriter } from '../audit/events.js';
import { type RandomBytes, type TenantId, toTenantId } from '../ids.js';
import type { KeyRing } from '../rings/key-ring.js';
import { dataKeyColumns, toWrapped, unwrapDataKey, type WrappedDataKey, wrapDataKey } from './data-keys.js';

export interface RewrapDeps {
  readonly database: Database;
  readonly ring: KeyRing;
  readonly random: RandomBytes;
  readonly record: EventWriter;
}

export interface RewrapOutcome {
  readonly rewrapped: number;
  /** Data keys that still need another ring key: those in `problems`, and those that another run holds just now. */
  readonly remaining: number;
  /** One sentence for each data key that could not be opened, at most 20. */
  readonly problems: readonly string[];
}

const PROBLEMS_SHOWN = 20;

/** @param batch data keys a transaction. @throws AppError `storage_unavailable`; what was rewrapped stays so */
export async function rewrapDataKeys(deps: RewrapDeps, batch: number): Promise<RewrapOutcome> {
  const problems: string[] = [];
  let rewrapped = 0;
  let after: TenantId | undefined;
  do {
    const done = await deps.database.asSystem('rewrap', (tx) => rewrapBatch(deps, tx, after, batch));
    rewrapped += done.rewrapped;
    problems.push(...done.problems);
    after = done.last;
  } while (after !== undefined);
  const remaining = await deps.database.asSystem('rewrap', (tx) =>
    tx.rows(z.object({ n: z.int() }), COUNT_OTHERS, [deps.ring.current.id]),
  );
  return { rewrapped, remaining: remaining[0]?.n ?? 0, problems: problems.slice(0, PROBLEMS_SHOWN) };
}

/** @returns `last: undefined` when there is nothing behind this batch */
async function rewrapBatch(
  { ring, random, record }: RewrapDeps,
  tx: Tx,
  after: TenantId | undefined,
  batch: number,
): Promise<{ rewrapped: number; problems: string[]; last: TenantId | undefined }> {
  const rows = await tx.rows(heldRow, NEXT_BATCH, [ring.current.id, after ?? null, batch]);
  const changes: { tenantId: TenantId; old: WrappedDataKey; next: WrappedDataKey }[] = [];
  const problems: string[] = [];
  for (const { tenantId, old } of rows) {
    const opened = unwrapDataKey(ring, tenantId, old);
    if ('problem' in opened) {
      problems.push(`tenant ${tenantId}: ${opened.problem}`);
      continue;
    }
    changes.push({
      tenantId,
      old,
      next: wrapDataKey(ring.current, tenantId, old.version, opened.bytes, random),
    });
    opened.bytes.fill(0);
  }
  const rewrapped = await replace(tx, ring.current.id, changes);
  if (rewrapped > 0) {
    const from = [...new Set(changes.map(({ old }) => old.ringKeyId))].sort().join(',');
    await record.ofInstallation(tx, {
      action: 'data_keys.rewrapped',
      subject: `ring_key:${ring.current.id}`,
      detail: { from, data_keys: rewrapped },
    });
  }
  return { rewrapped, problems, last: rows.length < batch ? undefined : rows.at(-1)?.tenantId };
}

async function replace(
  tx: Tx,
  ringKeyId: string,
  changes: readonly { tenantId: TenantId; old: WrappedDataKey; next: WrappedDataKey }[],
): Promise<number> {
  if (changes.length === 0) return 0;
  return tx.run(REPLACE, [
    ringKeyId,
    changes.map(({ tenantId }) => tenantId),
    changes.map(({ old }) => hex(old.wrapped)),
    changes.map(({ next }) => hex(next.wrapped)),
  ]);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const NEXT_BATCH = `select tenant_id, version, ring_key_id, wrapped from tenant_data_keys
  where ring_key_id <> $1 and ($2::uuid is null or tenant_id > $2::uuid)
  order by tenant_id limit $3 for update skip locked`;
// Only what still stands as it was read: another run, or a deletion, may have come first.
const REPLACE = `update tenant_data_keys as d set ring_key_id = $1, wrapped = decode(c.next, 'hex')
  from unnest($2::text[], $3::text[], $4::text[]) as c(tenant_id, old, next)
  where d.tenant_id = c.tenant_id::uuid and d.wrapped = decode(c.old, 'hex')`;
const COUNT_OTHERS = 'select count(*)::integer as n from tenant_data_keys where ring_key_id <> $1';

const heldRow = dataKeyColumns
  .extend({ tenant_id: z.string().transform(toTenantId) })
  .transform((row) => ({ tenantId: row.tenant_id, old: toWrapped(row) }));
