/** The claim: one row for one call, found again by the caller's key for 72 hours. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../errors.js';
import type { Tx } from '../storage/port.js';
import type { Claimed, NewClaim } from './ledger.js';
import { type ChangeRow, COLUMNS, changeRow, STATES, UNDONE_BY } from './ledger-rows.js';
import { outcomeOpen, undoneAlready } from './undone.js';

/** What the transaction found; images are opened after it. */
export type Met =
  | { readonly met: 'new' }
  | { readonly met: 'taken' | 'final' | 'to_settle'; readonly row: ChangeRow }
  | Extract<Claimed, { met: 'other_arguments' | 'in_progress' | 'undone' }>;

const LEASE = `clock_timestamp() + $1::double precision * interval '1 millisecond'`;

const INSERT = `insert into changes (lease_until, owner, change_id, tenant_id, store_row_id, orderdesk_store_id, key_id, kid,
    key_name, client, tool, kind, idempotency_hash, fingerprint, undoes, state)
  values (${LEASE}, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 'claimed')
  on conflict (tenant_id, key_id, tool, idempotency_hash) where idempotency_hash is not null do nothing`;

/** Holds the row until the claim is committed: whoever removes the store waits, and finds the claim then. */
const STORE_THERE = 'select 1 from stores where tenant_id = $1 and store_row_id = $2 for key share';

/** What is not finished is not forgotten, and what was finished late is still to be asked for. */
const FIND = `select ${COLUMNS}, ${UNDONE_BY}, c.fingerprint, c.state not in ('claimed', 'pending')
    and greatest(c.created_at, c.finished_at) < now() - interval '72 hours' as expired
  from changes c where c.tenant_id = $1 and c.key_id = $2 and c.tool = $3 and c.idempotency_hash = $4
  for update of c`;

const FORGET = 'update changes set idempotency_hash = null where tenant_id = $1 and change_id = $2';

/** The row is locked by now: whoever else wants it waits, and then finds a live lease. */
const TAKE_OVER = `update changes set lease_until = ${LEASE}, owner = $2, state = $5, finished_at = null
  where tenant_id = $3 and change_id = $4`;

const foundRow = changeRow.extend({ fingerprint: z.instanceof(Uint8Array), expired: z.boolean() });

const anyRow = { parse: (row: unknown) => row };

/** Between two readings a row may go or come; more often than this it does not. */
const ATTEMPTS = 5;

/**
 * @throws AppError `conflict` when the change that this one takes back is being, or was, taken back by another;
 *   `in_progress` when somebody is at work on that change; `unknown_store` when the store was removed: what became of the change could not be looked for
 */
export async function claimRow(tx: Tx, wanted: NewClaim, leaseMs: number): Promise<Met> {
  const there = await tx.rows(anyRow, STORE_THERE, [wanted.tenantId, wanted.store.rowId]);
  if (there.length === 0) throw new AppError('unknown_store');
  if (wanted.undoes !== null) await assertClosed(tx, wanted);
  const hash = hashOf(wanted.idempotencyKey);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (await insert(tx, wanted, hash, leaseMs)) return { met: 'new' };
    const { tenantId, keyId } = wanted.principal;
    const [found] = await tx.rows(foundRow, FIND, [tenantId, keyId, wanted.tool, hash]);
    if (found?.expired) await tx.run(FORGET, [tenantId, found.change_id]);
    else if (found !== undefined) return meet(tx, wanted, found, leaseMs);
  }
  return { met: 'in_progress', retryAfterS: 1 };
}

const TO_UNDO = 'select state from changes where tenant_id = $1 and change_id = $2 for share';
const stateRow = z.object({ state: z.enum(STATES) });

/** Holds the change until its undo is claimed: whoever would go on with it waits, and finds the undo then. */
async function assertClosed(tx: Tx, { tenantId, undoes }: NewClaim): Promise<void> {
  const [change] = await tx.rows(stateRow, TO_UNDO, [tenantId, undoes]);
  if (change?.state === 'claimed' || change?.state === 'pending') throw outcomeOpen();
}

async function insert(tx: Tx, wanted: NewClaim, hash: Uint8Array | null, leaseMs: number): Promise<boolean> {
  const { store, principal } = wanted;
  const inserted = await tx.run(INSERT, [
    leaseMs,
    wanted.owner,
    wanted.id,
    wanted.tenantId,
    store.rowId,
    store.orderDeskId,
    principal.keyId,
    principal.kid,
    principal.keyName,
    wanted.client,
    wanted.tool,
    wanted.kind,
    hash,
    Buffer.from(wanted.fingerprint, 'hex'),
    wanted.undoes,
  ]);
  return inserted === 1;
}

async function meet(tx: Tx, wanted: NewClaim, row: z.output<typeof foundRow>, leaseMs: number): Promise<Met> {
  if (Buffer.from(row.fingerprint).toString('hex') !== wanted.fingerprint) return { met: 'other_arguments' };
  const isFinished = row.state !== 'claimed' && row.state !== 'pending';
  if (isFinished && !row.resumable) return { met: 'final', row };
  if (!isFinished && row.lease_s !== null) return { met: 'in_progress', retryAfterS: row.lease_s };
  // Asked after the row is held, and not with it: an undo that was claimed just before must be seen.
  if (row.settled_as !== null && row.state !== 'pending') {
    const [undo] = await tx.rows(blockingRow, BLOCKING, [wanted.tenantId, row.change_id]);
    if (undo !== undefined) return { met: 'undone', by: undo.change_id };
  }
  const state = row.state === 'pending' ? 'pending' : 'claimed';
  await tx.run(TAKE_OVER, [leaseMs, wanted.owner, wanted.tenantId, row.change_id, state]);
  return { met: row.state === 'pending' ? 'to_settle' : 'taken', row };
}

const hashOf = (key: string | undefined): Uint8Array | null =>
  key === undefined ? null : createHash('sha256').update(key).digest();

const BLOCKING = `select c.change_id, c.state,
    greatest(1, ceil(extract(epoch from c.lease_until - clock_timestamp())))::integer as wait_s
  from changes c where c.tenant_id = $1 and c.undoes = $2 and c.state in ('claimed', 'pending', 'applied', 'unknown')`;

const blockingRow = z.object({ change_id: z.string(), state: z.enum(STATES), wait_s: z.int() });

/** Why an undo could not be claimed. @throws AppError `cannot_undo`, `in_progress` */
export async function blockedUndo(tx: Tx, { tenantId, undoes }: NewClaim): Promise<Met> {
  const [by] = await tx.rows(blockingRow, BLOCKING, [tenantId, undoes]);
  if (by === undefined) return { met: 'in_progress', retryAfterS: 1 };
  throw undoneAlready(by.change_id, by.state, by.wait_s);
}
