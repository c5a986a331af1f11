/** What every adapter of the database must make of the ledger. */
import { afterAll, beforeAll, describe } from 'vitest';
import type { Database } from '../../../src/storage/port.js';
import { claimContract } from './claims.js';
import { closeContract } from './closing.js';
import { lockContract } from './locks.js';
import { pendingContract } from './pending.js';
import { readContract } from './reading.js';
import { retentionContract } from './retention.js';
import { LedgerWorld } from './support.js';
import { sweepContract } from './sweep.js';
import { unreadContract } from './unread.js';

interface Opened {
  readonly database: Database;
  close(): Promise<void>;
}

export function ledgerContract(name: string, open: () => Promise<Opened>): void {
  describe(`ledger contract: ${name}`, () => {
    let opened: Opened;
    let world: LedgerWorld;

    beforeAll(async () => {
      opened = await open();
      world = new LedgerWorld(opened.database);
    });
    afterAll(() => opened?.close());

    claimContract(() => world);
    lockContract(() => world);
    pendingContract(() => world);
    closeContract(() => world);
    readContract(() => world);
    sweepContract(() => world);
    unreadContract(() => world);
    retentionContract(() => world);
  });
}
