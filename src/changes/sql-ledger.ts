/**
 * The ledger in Postgres, embedded or not. Each method is one transaction, or two where images must be opened in between;
 * sealing and opening are outside of them.
 */
import { AppError } from '../errors.js';
import type { Database } from '../storage/port.js';
import type { Vault } from '../tenancy/vault/vault.js';
import type { Claim, Claimed, Closing, ClosingUnread, Ledger, NewClaim } from './ledger.js';
import { abandon } from './ledger-abandon.js';
import { blockedUndo, claimRow, type Met } from './ledger-claim.js';
import { closeRow } from './ledger-close.js';
import { makeImageBox } from './ledger-images.js';
import { releaseLocks, takeLocks } from './ledger-locks.js';
import { makePending } from './ledger-pending.js';
import { getChange, listChanges } from './ledger-read.js';
import { storedChange } from './ledger-rows.js';
import { type TakenRow, takeDeadRows, takeToSettle } from './ledger-take.js';

export interface SqlLedgerDeps {
  readonly database: Database;
  readonly vault: Vault;
  /** How long a claim and its locks hold without being renewed, in milliseconds. */
  readonly leaseMs: number;
  /** How long a lease must be over before the sweep takes a change, in milliseconds. */
  readonly graceMs: number;
}

const SECOND_UNDO =
  'This undo was thought to have come to nothing, and another has taken the same change back meanwhile.';

/** Rolls a transaction back that could not lock all. */
class NotAll extends Error {}

export function makeSqlLedger({ database, vault, leaseMs, graceMs }: SqlLedgerDeps): Ledger {
  const box = makeImageBox(vault);

  async function met(wanted: NewClaim): Promise<Met> {
    try {
      return await database.asTenant(wanted.tenantId, (tx) => claimRow(tx, wanted, leaseMs));
    } catch (error) {
      const isTaken = error instanceof AppError && error.code === 'conflict' && wanted.undoes !== null;
      if (!isTaken) throw error;
      return database.asTenant(wanted.tenantId, (tx) => blockedUndo(tx, wanted));
    }
  }

  async function closed(
    claim: Claim,
    closing: Closing | ClosingUnread,
    isSecondUndo: boolean,
  ): Promise<boolean> {
    const { images } = closing;
    const told =
      isSecondUndo && images !== null ? { ...images, remarks: [...images.remarks, SECOND_UNDO] } : images;
    const sealed = told === null ? null : await box.seal(claim.tenantId, claim.id, told);
    return database.asTenant(claim.tenantId, (tx) =>
      closeRow(tx, claim, closing, { images: sealed, isSecondUndo }),
    );
  }

  /** Names of stores are for those who list; whoever settles goes by the row. */
  async function taken(row: TakenRow) {
    const claim: Claim = { id: row.change_id, tenantId: row.tenant_id, owner: row.owner };
    return {
      claim,
      change: storedChange(row, null, await box.peek(row.tenant_id, row.change_id, row.images)),
    };
  }

  return {
    async claim(wanted): Promise<Claimed> {
      const { owner, tenantId, store } = wanted;
      const found = await met(wanted);
      if (found.met === 'new') {
        return { met: 'taken', claim: { id: wanted.id, tenantId, owner }, images: null };
      }
      if (!('row' in found)) return found;
      const { row } = found;
      const claim: Claim = { id: row.change_id, tenantId, owner };
      if (found.met === 'taken') {
        // Lines that are done must not be done again: without them the claim is left to its lease.
        return { met: 'taken', claim, images: await box.open(tenantId, row.change_id, row.images) };
      }
      const images = await box.peek(tenantId, row.change_id, row.images);
      const change = storedChange(row, store.name, images);
      return found.met === 'final' ? { met: 'final', change } : { met: 'to_settle', change, claim };
    },

    async lock(claim, names) {
      try {
        await database.asTenant(claim.tenantId, async (tx) => {
          if (!(await takeLocks(tx, claim, names, leaseMs))) throw new NotAll();
        });
        return true;
      } catch (error) {
        if (error instanceof NotAll) return false;
        throw error;
      }
    },

    async unlock(claim, names) {
      try {
        await database.asTenant(claim.tenantId, (tx) => releaseLocks(tx, claim, names));
      } catch {
        // The lease ends by itself; the caller's answer does not hang on this.
      }
    },

    async toPending(claim, pending) {
      const sealed = await box.seal(claim.tenantId, claim.id, pending.images);
      await database.asTenant(claim.tenantId, (tx) => makePending(tx, claim, pending, sealed, leaseMs));
    },

    async close(claim, closing) {
      try {
        return await closed(claim, closing, false);
      } catch (error) {
        // Judged to have come to nothing, it made room for another undo; what it did all the same has to stand somewhere.
        if (!(error instanceof AppError && error.code === 'conflict')) throw error;
        return closed(claim, closing, true);
      }
    },

    abandon: (claim) => abandon(database, box, claim),
    get: (principal, stores, changeId) => getChange(database, box, principal, stores, changeId),
    list: (principal, filter) => listChanges(database, box, principal, filter),

    async takeDead(limit) {
      const rows = await takeDeadRows(database, leaseMs, graceMs, limit);
      return Promise.all(rows.map(taken));
    },

    async takeToSettle(tenantId, changeId) {
      return taken(await database.asTenant(tenantId, (tx) => takeToSettle(tx, tenantId, changeId, leaseMs)));
    },
  };
}
