/** What the engine works with when only its own judgement is asked: a ledger that keeps what it is told, and one kind. */
import type { ChangeTypes, OpenStep, Surroundings, Verdict } from '../../../../src/changes/change-type.js';
import type { Claim, Closing, ClosingUnread, Ledger, StoredChange } from '../../../../src/changes/ledger.js';
import type { ChangeLine, ChangeState } from '../../../../src/changes/port.js';
import type { EngineDeps } from '../../../../src/changes/run.js';
import type { FreshReads } from '../../../../src/orderdesk/port.js';
import { toKeyId, toKid, toStoreRowId, toTenantId } from '../../../../src/tenancy/ids.js';
import { smallKinds } from '../../../support/changes/small-kinds.js';
import { openSealer } from '../../tools/support/ports.js';
import { aStoreEntry } from '../../tools/support/store-entry.js';

type Look = (step: OpenStep, around: Surroundings) => Promise<readonly Verdict[]>;

const notAsked = (): never => {
  throw new Error('not asked in this test');
};

export const orderLine = (id: string): ChangeLine => ({
  target: { kind: 'order', id },
  outcome: 'applied',
  fields: [],
});

const uuid = (number: number): string => `00000000-0000-7000-8000-00000000000${number}`;

/** The row of one of the stores 0 to 9. */
export const storeRow = (number: number) => toStoreRowId(uuid(number));

/** A dead change with so many lines that were sent. @param store number of its store */
export function deadChange(id: string, lines: number, store = 1, state: ChangeState = 'pending') {
  const claim: Claim = { id, tenantId: toTenantId(uuid(0)), owner: `sweeper of ${id}` };
  const made = Array.from({ length: lines }, (_, index) => orderLine(`${id}-${index}`));
  const change: StoredChange = {
    id,
    tenantId: claim.tenantId,
    storeRowId: storeRow(store),
    keyId: toKeyId(uuid(0)),
    at: new Date(0),
    store: { rowId: uuid(store), name: null, orderDeskId: `1000${store}` },
    keyName: 'agent',
    kid: toKid('kid0000001'),
    client: null,
    tool: 'move_orders',
    kind: 'orders_move',
    state,
    outcome: null,
    lines: null,
    undoable: false,
    undoes: null,
    undoneBy: null,
    undoneAs: null,
    images: {
      lines: made.map((line) => ({ ...line, outcome: 'unknown' })),
      records: {},
      open: { lines: made.map((line, index) => ({ index, line })), probe: {} },
      version: null,
      remarks: [],
    },
    sentAt: new Date(0),
    effects: lines,
    refunded: 0,
    resumable: false,
  };
  return { claim, change };
}

/** What the ledger was told. */
export class Told {
  readonly closed = new Map<string, Closing | ClosingUnread>();
  readonly abandoned: string[] = [];
  readonly failures: unknown[] = [];
  readonly slept: number[] = [];
  now = 0;
}

export interface Asked {
  readonly dead?: readonly ReturnType<typeof deadChange>[];
  readonly look?: Look;
  readonly ledger?: Partial<Ledger>;
}

/** Time passes only where something is waited for. */
export function engineDeps(told: Told, { dead = [], look = notAsked, ledger = {} }: Asked): EngineDeps {
  const types: ChangeTypes = { ...smallKinds, orders_move: { ...smallKinds.orders_move, look } };
  const reads: FreshReads = {
    order: notAsked,
    orders: notAsked,
    inventoryByCodes: notAsked,
    inventoryItem: notAsked,
  };
  return {
    ledger: {
      claim: notAsked,
      lock: notAsked,
      unlock: notAsked,
      toPending: notAsked,
      get: notAsked,
      list: notAsked,
      takeToSettle: notAsked,
      takeDead: async () => dead,
      async close({ id }, closing) {
        told.closed.set(id, closing);
        return true;
      },
      async abandon({ id }) {
        told.abandoned.push(id);
      },
      ...ledger,
    },
    types,
    reads,
    writes: { write: notAsked },
    gateway: { store: notAsked },
    budgets: { of: notAsked },
    sealer: openSealer,
    storesOf: notAsked,
    resolveStore: async (_tenant, rowId) => ({ ...aStoreEntry(), rowId }),
    mayUse: () => true,
    now: () => told.now,
    monotonic: () => told.now,
    random: (size) => new Uint8Array(size),
    async sleep(ms) {
      told.slept.push(ms);
      told.now += ms;
    },
    leaseMs: 60_000,
    gapMs: 10_000,
    onFailure: (error) => told.failures.push(error),
    underWay: (work) => work,
  };
}
