/** A ledger on a database of the suite's own, tenants with a data key, and what most tests begin with. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Claim, Claimed, Images, Ledger, NewClaim, Pending } from '../../../src/changes/ledger.js';
import type { ChangeLine, LineOutcome } from '../../../src/changes/port.js';
import { makeSqlLedger } from '../../../src/changes/sql-ledger.js';
import type { Database } from '../../../src/storage/port.js';
import { newId, type TenantId, toKeyId, toKid, toStoreRowId } from '../../../src/tenancy/ids.js';
import type { Principal } from '../../../src/tenancy/principal.js';
import { makeRingText, parseKeyRing } from '../../../src/tenancy/rings/key-ring.js';
import type { StoreEntry } from '../../../src/tenancy/stores.js';
import { sqlDataKeys, TenantKeys } from '../../../src/tenancy/vault/data-keys.js';
import { makeVault } from '../../../src/tenancy/vault/vault.js';
import { insertStore, insertTenant } from '../../support/database.js';
import { EVERYTHING } from '../../support/scopes.js';

export const LEASE_MS = 60_000;
const GRACE_MS = 60_000;
/** Over for as long as the sweep waits, and more. */
export const DEAD_S = 61;

export interface Shop {
  readonly tenantId: TenantId;
  readonly principal: Principal;
  readonly store: StoreEntry;
}

/** Stands for the words of a customer. */
export const PERSONAL = 'Ada Example, 1 Made-up Street';

export class LedgerWorld {
  readonly database: Database;
  readonly keys: TenantKeys;
  readonly ledger: Ledger;
  #time = Date.now();

  constructor(database: Database) {
    this.database = database;
    this.keys = new TenantKeys({
      ring: parseKeyRing(makeRingText('k1', randomBytes), 'TEST_RING'),
      dataKeys: sqlDataKeys(database),
      random: randomBytes,
      now: Date.now,
      staleMaxMs: 600_000,
    });
    const vault = makeVault(this.keys, randomBytes);
    this.ledger = makeSqlLedger({ database, vault, leaseMs: LEASE_MS, graceMs: GRACE_MS });
  }

  async shop(): Promise<Shop> {
    const tenantId = await insertTenant(this.database);
    const { version, ringKeyId, wrapped } = this.keys.make(tenantId);
    await this.database.asTenant(tenantId, (tx) =>
      tx.run(
        'insert into tenant_data_keys (tenant_id, version, ring_key_id, wrapped) values ($1, $2, $3, $4)',
        [tenantId, version, ringKeyId, wrapped],
      ),
    );
    const store = storeOf(tenantId);
    await insertStore(this.database, store);
    return { tenantId, principal: principalOf(tenantId), store };
  }

  wanted({ tenantId, principal, store }: Shop, change: Partial<NewClaim> = {}): NewClaim {
    this.#time += 1;
    return {
      id: newId(() => this.#time, randomBytes),
      tenantId,
      owner: randomUUID(),
      store,
      principal,
      client: 'made-up client 1.0',
      tool: 'update_order',
      kind: 'order_update',
      idempotencyKey: undefined,
      fingerprint: 'aa'.repeat(32),
      undoes: null,
      ...change,
    };
  }

  async taken(shop: Shop, change: Partial<NewClaim> = {}): Promise<Claim> {
    return claimOf(await this.ledger.claim(this.wanted(shop, change)));
  }

  /** A claim whose first step may have been sent. */
  async sent(shop: Shop, change: Partial<NewClaim> = {}, pending: Partial<Pending> = {}): Promise<Claim> {
    const claim = await this.taken(shop, change);
    await this.ledger.toPending(claim, { ...PENDING, ...pending });
    return claim;
  }

  /** A change that is done. */
  async done(shop: Shop, change: Partial<NewClaim> = {}, images: Partial<Images> = {}): Promise<Claim> {
    const claim = await this.sent(shop, change);
    const applied = { ...imagesOf(['applied'], { open: null }), ...images };
    await this.ledger.close(claim, { state: 'applied', images: applied, resumable: false, refunded: 0 });
    return claim;
  }

  /** Makes the lease of a row, and those of all locks of its owner, end so long ago. */
  async leaseOver({ tenantId, id, owner }: Claim, secondsAgo = 1): Promise<void> {
    const end = `set lease_until = clock_timestamp() - make_interval(secs => $1)`;
    await this.database.asTenant(tenantId, async (tx) => {
      await tx.run(`update changes ${end} where change_id = $2`, [secondsAgo, id]);
      await tx.run(`update change_locks ${end} where owner = $2`, [secondsAgo, owner]);
    });
  }

  /** Begun so long ago, and finished, if it is, as long ago or later. */
  async aged(claim: Claim, hours: number, finishedHours = hours): Promise<void> {
    await this.database.asTenant(claim.tenantId, (tx) =>
      tx.run(
        `update changes set created_at = now() - make_interval(secs => $1), lease_until = now() - make_interval(secs => $1),
           finished_at = case when finished_at is not null then now() - make_interval(secs => $3) end
         where change_id = $2`,
        [hours * 3_600, claim.id, finishedHours * 3_600],
      ),
    );
  }

  /** Destroys the data key of a tenant: nothing of it can be read, or sealed, any more. */
  async loseKey({ tenantId }: Pick<Shop, 'tenantId'>): Promise<void> {
    await this.database.asTenant(tenantId, (tx) => tx.run('delete from tenant_data_keys'));
    this.keys.forget(tenantId);
  }
}

export function claimOf(claimed: Claimed): Claim {
  if (claimed.met !== 'taken') throw new Error(`The claim met ${claimed.met}.`);
  return claimed.claim;
}

export const principalOf = (tenantId: TenantId, change: Partial<Principal> = {}): Principal => ({
  tenantId,
  keyId: toKeyId(randomUUID()),
  kid: toKid(randomBytes(5).toString('hex')),
  keyName: 'made-up key',
  role: 'agent',
  scope: EVERYTHING,
  ...change,
});

export const storeOf = (tenantId: TenantId, orderDeskId = '1001'): StoreEntry => ({
  rowId: toStoreRowId(randomUUID()),
  tenantId,
  name: 'Main',
  orderDeskId,
  isDefault: true,
  verifiedAt: new Date('2026-01-01T00:00:00Z'),
  refusedAt: null,
  lastContactAt: null,
  folderNotes: {},
  folderStates: {},
});

export const line = (outcome: LineOutcome, orderId = '7001'): ChangeLine => ({
  target: { kind: 'order', id: orderId },
  outcome,
  fields: [
    { path: ['shipping', 'address1'], before: PERSONAL, after: null },
    { path: ['note'], after: 'new' },
  ],
});

export const imagesOf = (outcomes: readonly LineOutcome[], change: Partial<Images> = {}): Images => {
  const lines = outcomes.map((outcome, index) => line(outcome, String(7_001 + index)));
  return {
    lines,
    records: { 'order:7001': { shipping: { name: PERSONAL } } },
    open: { lines: lines.map((each, index) => ({ index, line: each })), probe: { look: PERSONAL } },
    version: 'v1',
    remarks: ['A sentence.'],
    ...change,
  };
};

export const PENDING: Pending = {
  images: imagesOf(['unknown']),
  locks: [],
  effects: 1,
  cap: null,
  confirmation: undefined,
};

export const closing = (outcome: LineOutcome, refunded = 0) => {
  const state = outcome === 'applied' || outcome === 'unknown' ? outcome : 'failed';
  const images = imagesOf([outcome], { open: null });
  return { state, images, resumable: outcome === 'not_sent', refunded } as const;
};
