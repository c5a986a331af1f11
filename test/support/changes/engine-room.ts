/** The engine on a database in memory and a simulated Order Desk over real HTTP; time that is waited for passes at once. */
import { randomBytes, randomUUID } from 'node:crypto';
import { createChangeEngine, type Engine } from '../../../src/changes/engine.js';
import type { EngineOptions } from '../../../src/changes/engine-options.js';
import type { ChangeContext } from '../../../src/changes/port.js';
import { makeSqlLedger } from '../../../src/changes/sql-ledger.js';
import { AppError } from '../../../src/errors.js';
import type { OrderDesk } from '../../../src/orderdesk/orderdesk.js';
import type { StoreBudget } from '../../../src/orderdesk/port.js';
import { type ApiRequest, type Sandbox, startSandbox } from '../../../src/sandbox/index.js';
import { openInMemory } from '../../../src/storage/embedded.js';
import type { Database } from '../../../src/storage/port.js';
import { type TenantId, toKeyId, toKid, toStoreRowId } from '../../../src/tenancy/ids.js';
import type { Principal } from '../../../src/tenancy/principal.js';
import { makeRingText, parseKeyRing } from '../../../src/tenancy/rings/key-ring.js';
import type { StoreEntry } from '../../../src/tenancy/stores.js';
import { sqlDataKeys, TenantKeys } from '../../../src/tenancy/vault/data-keys.js';
import { makeSealer } from '../../../src/tenancy/vault/tenant-sealer.js';
import { makeVault } from '../../../src/tenancy/vault/vault.js';
import { insertStore, insertTenant } from '../database.js';
import { orderDeskOn } from '../order-desk-on.js';
import { EVERYTHING } from '../scopes.js';
import { smallKinds } from './small-kinds.js';

const STORE = { id: '10001', apiKey: 'key-of-10001', name: 'First', orderCount: 40 };
export const LEASE_MS = 60_000;

/** How many transactions still succeed, and whether the one that fails is carried out all the same. */
interface Outage {
  after: number;
  lost: boolean;
}

export class EngineRoom {
  readonly asked: ApiRequest[];
  readonly slept: number[] = [];
  readonly failures: unknown[] = [];
  readonly budget: { -readonly [K in keyof StoreBudget]: StoreBudget[K] } = {
    mode: 'shared',
    tokens: 18,
    capacity: 18,
    perSecond: 3,
    pausedS: 0,
  };
  readonly sandbox: Sandbox;
  readonly database: Database;
  readonly orderDesk: OrderDesk;
  readonly #keys: TenantKeys;
  #outage: Outage | undefined;
  /** Milliseconds by which the clocks are ahead of the real ones. */
  ahead = 0;
  /** Whether the store is still there for the sweeper. */
  hasStore = true;

  static async open(): Promise<EngineRoom> {
    const asked: ApiRequest[] = [];
    const sandbox = await startSandbox({
      stores: [STORE],
      rateLimit: false,
      onRequest: (request) => asked.push(request),
    });
    return new EngineRoom(sandbox, await openInMemory(), asked);
  }

  private constructor(sandbox: Sandbox, database: Database, asked: ApiRequest[]) {
    this.asked = asked;
    this.sandbox = sandbox;
    this.database = database;
    this.orderDesk = orderDeskOn(sandbox, STORE, { now: this.monotonic, random: () => 0 });
    this.#keys = new TenantKeys({
      ring: parseKeyRing(makeRingText('k1', randomBytes), 'TEST_RING'),
      dataKeys: sqlDataKeys(database),
      random: randomBytes,
      now: Date.now,
      staleMaxMs: 600_000,
    });
  }

  readonly monotonic = (): number => performance.now() + this.ahead;

  get upstream() {
    return this.sandbox.store(STORE.id);
  }

  /** Requests that were not reads. */
  get writes(): readonly ApiRequest[] {
    return this.asked.filter(({ method }) => method !== 'GET');
  }

  /** A tenant of its own with a key and the store. */
  async shop(change: Partial<Principal> = {}): Promise<Shop> {
    const tenantId = await insertTenant(this.database);
    const { version, ringKeyId, wrapped } = this.#keys.make(tenantId);
    await this.database.asTenant(tenantId, (tx) =>
      tx.run(
        'insert into tenant_data_keys (tenant_id, version, ring_key_id, wrapped) values ($1, $2, $3, $4)',
        [tenantId, version, ringKeyId, wrapped],
      ),
    );
    const store = storeOf(tenantId);
    await insertStore(this.database, store);
    return { principal: principalOf(tenantId, change), store };
  }

  /** The database is away after so many more transactions, until `restore`. */
  lose(after: number, lost = false): void {
    this.#outage = { after, lost };
  }

  restore(): void {
    this.#outage = undefined;
  }

  engine({ store }: Pick<Shop, 'store'>, change: Partial<EngineOptions> = {}): Engine {
    const vault = makeVault(this.#keys, randomBytes);
    return createChangeEngine({
      ledger: makeSqlLedger({ database: this.#flaky(), vault, leaseMs: LEASE_MS, graceMs: LEASE_MS }),
      types: smallKinds,
      reads: this.orderDesk.fresh,
      writes: this.orderDesk.writes,
      gateway: this.orderDesk.gateway,
      budgets: { of: async () => this.budget },
      sealer: makeSealer(this.#keys, randomBytes),
      storesOf: async () => [store],
      resolveStore: async () => (this.hasStore ? store : undefined),
      mayUse: () => true,
      now: () => Date.now() + this.ahead,
      monotonic: this.monotonic,
      random: randomBytes,
      sleep: async (ms, signal) => {
        signal.throwIfAborted();
        this.slept.push(ms);
        this.ahead += ms;
      },
      leaseMs: LEASE_MS,
      gapMs: 10_000,
      onFailure: (error) => this.failures.push(error),
      ...change,
    });
  }

  ctx({ principal }: Pick<Shop, 'principal'>, change: Partial<ChangeContext> = {}): ChangeContext {
    return {
      principal,
      signal: new AbortController().signal,
      deadlineAt: this.monotonic() + 25_000,
      client: 'made-up client 1.0',
      ...change,
    };
  }

  /** Ends all leases of a tenant, so long ago. */
  async leasesOver({ principal: { tenantId } }: Shop, secondsAgo = 1): Promise<void> {
    await this.database.asTenant(tenantId, async (tx) => {
      const set = 'set lease_until = clock_timestamp() - make_interval(secs => $1)';
      await tx.run(`update changes ${set}`, [secondsAgo]);
      await tx.run(`update change_locks ${set}`, [secondsAgo]);
    });
  }

  /** States of the tenant's rows. */
  async states({ principal: { tenantId } }: Shop): Promise<readonly string[]> {
    const state = { parse: (row: unknown) => (row as { state: string }).state };
    return this.database.asTenant(tenantId, (tx) =>
      tx.rows(state, 'select state from changes order by created_at, change_id'),
    );
  }

  async heldLocks(): Promise<number> {
    const count = { parse: (row: unknown) => (row as { held: number }).held };
    const tenantId = await insertTenant(this.database);
    const [held] = await this.database.asTenant(tenantId, (tx) =>
      tx.rows(
        count,
        'select count(*)::integer as held from change_locks where lease_until > clock_timestamp()',
      ),
    );
    return held ?? 0;
  }

  async close(): Promise<void> {
    await this.orderDesk.close();
    await this.sandbox.close();
    await this.database.close();
  }

  #flaky(): Database {
    const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
      const outage = this.#outage;
      if (outage === undefined) return work();
      outage.after -= 1;
      if (outage.after >= 0) return work();
      if (outage.lost && outage.after === -1) await work();
      throw new AppError('storage_unavailable');
    };
    return {
      asTenant: (tenantId, fn) => guarded(() => this.database.asTenant(tenantId, fn)),
      asSystem: (job, fn) => guarded(() => this.database.asSystem(job, fn)),
      close: async () => {},
    };
  }
}

export interface Shop {
  readonly principal: Principal;
  readonly store: StoreEntry;
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

export const storeOf = (tenantId: TenantId): StoreEntry => ({
  rowId: toStoreRowId(randomUUID()),
  tenantId,
  name: 'First',
  orderDeskId: STORE.id,
  isDefault: true,
  verifiedAt: new Date('2026-01-01T00:00:00Z'),
  refusedAt: null,
  lastContactAt: null,
  folderNotes: {},
  folderStates: {},
});
