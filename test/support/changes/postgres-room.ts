/**
 * The engine with its real kinds on a real Postgres that can be lost, before a simulated Order Desk. What the engine waits
 * for passes at once; leases go by the clock of the database, and a test ends them there.
 */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { createChangeEngine, type Engine } from '../../../src/changes/engine.js';
import type { EngineOptions } from '../../../src/changes/engine-options.js';
import { changeTypes } from '../../../src/changes/kinds/index.js';
import type { ChangeContext, ChangeEntry } from '../../../src/changes/port.js';
import { makeSqlLedger } from '../../../src/changes/sql-ledger.js';
import { AppError } from '../../../src/errors.js';
import type { ClientLimits } from '../../../src/orderdesk/client.js';
import type { OrderDesk } from '../../../src/orderdesk/orderdesk.js';
import { type ApiRequest, type Sandbox, startSandbox } from '../../../src/sandbox/index.js';
import type { Database } from '../../../src/storage/port.js';
import { openPostgres, type PostgresTimeouts } from '../../../src/storage/postgres.js';
import { makeRingText, parseKeyRing } from '../../../src/tenancy/rings/key-ring.js';
import { sqlDataKeys, TenantKeys } from '../../../src/tenancy/vault/data-keys.js';
import { makeSealer } from '../../../src/tenancy/vault/tenant-sealer.js';
import { makeVault } from '../../../src/tenancy/vault/vault.js';
import { insertStore, insertTenant } from '../database.js';
import { orderDeskOn } from '../order-desk-on.js';
import { createMigratedDatabase } from '../services/index.js';
import { principalOf, type Shop, storeOf } from './engine-room.js';
import { type Line, startLine } from './line.js';

const STORE = { id: '10001', apiKey: 'key-of-10001', name: 'First' };

export interface RoomOptions {
  readonly orderCount: number;
  readonly leaseMs?: number;
  /** How long a lease must be over before the sweep comes. */
  readonly graceMs?: number;
  readonly gapMs?: number;
  readonly limits?: Partial<ClientLimits>;
  /** Of what goes by way of `line`. Long unless told: a line that is cut says so at once, only one that is held does not. */
  readonly timeouts?: Partial<PostgresTimeouts>;
}

const PATIENT: Partial<PostgresTimeouts> = { connect: 20_000, query: 20_000, statement: 19_000 };

export class PostgresRoom {
  /** Requests of others than GET, as Order Desk met them. */
  readonly writes: ApiRequest[];
  readonly ringText = makeRingText('k1', randomBytes);
  readonly sandbox: Sandbox;
  /** Goes to the database by way of `line`. */
  readonly database: Database;
  /** Goes there straight. */
  readonly straight: Database;
  readonly serviceUrl: string;
  readonly line: Line;
  readonly orderDesk: OrderDesk;
  readonly leaseMs: number;
  readonly graceMs: number;
  readonly gapMs: number;
  readonly #drop: () => Promise<void>;
  /** Milliseconds by which the clocks are ahead of the real ones. */
  ahead = 0;

  static async open(options: RoomOptions): Promise<PostgresRoom> {
    const writes: ApiRequest[] = [];
    const sandbox = await startSandbox({
      stores: [{ ...STORE, orderCount: options.orderCount }],
      rateLimit: false,
      onRequest: (request) => {
        if (request.method !== 'GET') writes.push(request);
      },
    });
    const { serviceUrl, drop } = await createMigratedDatabase();
    const line = await startLine(serviceUrl);
    return new PostgresRoom({ options, sandbox, writes, serviceUrl, line, drop });
  }

  private constructor(parts: {
    readonly options: RoomOptions;
    readonly sandbox: Sandbox;
    readonly writes: ApiRequest[];
    readonly serviceUrl: string;
    readonly line: Line;
    readonly drop: () => Promise<void>;
  }) {
    const {
      leaseMs = 60_000,
      graceMs = 60_000,
      gapMs = 10_000,
      limits = {},
      timeouts = PATIENT,
    } = parts.options;
    this.leaseMs = leaseMs;
    this.graceMs = graceMs;
    this.gapMs = gapMs;
    this.writes = parts.writes;
    this.sandbox = parts.sandbox;
    this.serviceUrl = parts.serviceUrl;
    this.line = parts.line;
    this.#drop = parts.drop;
    this.straight = openPostgres({ url: parts.serviceUrl, poolMax: 4 });
    this.database = openPostgres({ url: parts.line.url, poolMax: 4, timeouts });
    this.orderDesk = orderDeskOn(this.sandbox, STORE, { limits, now: this.monotonic, random: () => 0 });
  }

  readonly monotonic = (): number => performance.now() + this.ahead;

  get upstream() {
    return this.sandbox.store(STORE.id);
  }

  /** A tenant of its own with a key and the store. */
  async shop(): Promise<Shop> {
    const tenantId = await insertTenant(this.straight);
    const { version, ringKeyId, wrapped } = this.#keys().make(tenantId);
    await this.straight.asTenant(tenantId, (tx) =>
      tx.run(
        'insert into tenant_data_keys (tenant_id, version, ring_key_id, wrapped) values ($1, $2, $3, $4)',
        [tenantId, version, ringKeyId, wrapped],
      ),
    );
    const store = storeOf(tenantId);
    await insertStore(this.straight, store);
    return { principal: principalOf(tenantId), store };
  }

  /** As after a restart: with nothing that another has read. */
  engine({ store }: Pick<Shop, 'store'>, change: Partial<EngineOptions> = {}): Engine {
    const { database, leaseMs, graceMs, gapMs } = this;
    const keys = this.#keys();
    return createChangeEngine({
      ledger: makeSqlLedger({ database, vault: makeVault(keys, randomBytes), leaseMs, graceMs }),
      types: changeTypes(),
      reads: this.orderDesk.fresh,
      writes: this.orderDesk.writes,
      gateway: this.orderDesk.gateway,
      budgets: { of: async () => PLENTY },
      sealer: makeSealer(keys, randomBytes),
      storesOf: async () => [store],
      resolveStore: async () => store,
      mayUse: () => true,
      now: () => Date.now() + this.ahead,
      monotonic: this.monotonic,
      random: randomBytes,
      sleep: async (ms, signal) => {
        signal.throwIfAborted();
        this.ahead += ms;
        await new Promise(setImmediate);
      },
      leaseMs,
      gapMs,
      ...change,
    });
  }

  ctx({ principal }: Pick<Shop, 'principal'>, change: Partial<ChangeContext> = {}): ChangeContext {
    const signal = new AbortController().signal;
    return { principal, signal, deadlineAt: this.monotonic() + 40_000, ...change };
  }

  /** The line is there again, and connections that broke with it are given up. */
  async restore(): Promise<void> {
    this.line.restore();
    for (;;) {
      try {
        await this.database.asSystem('sweep', (tx) => tx.run('select 1'));
        return;
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'storage_unavailable') throw error;
      }
    }
  }

  /** Ends all leases of a tenant, and the grace that follows them. */
  async leasesOver({ principal: { tenantId } }: Shop): Promise<void> {
    await this.straight.asTenant(tenantId, async (tx) => {
      const set = `set lease_until = clock_timestamp() - interval '200 seconds'`;
      await tx.run(`update changes ${set}`);
      await tx.run(`update change_locks ${set}`);
    });
  }

  /** The whole ledger of a tenant, newest first, as its agents read it. */
  async entries(shop: Shop): Promise<readonly ChangeEntry[]> {
    const filter = { stores: [shop.store], limit: 100 };
    return (await this.engine(shop).list(shop.principal, filter)).entries;
  }

  /** Effects that were counted against the daily cap of the key. */
  async counted({ principal: { tenantId, keyId } }: Shop): Promise<number> {
    const [n] = await this.straight.asTenant(tenantId, (tx) =>
      tx.rows(
        number,
        'select coalesce(sum(effects), 0)::integer as n from write_counts where tenant_id = $1 and key_id = $2',
        [tenantId, keyId],
      ),
    );
    return n ?? 0;
  }

  /** Locks of anybody whose lease is not over. */
  async held({ principal: { tenantId } }: Shop): Promise<number> {
    const [n] = await this.straight.asTenant(tenantId, (tx) =>
      tx.rows(
        number,
        'select count(*)::integer as n from change_locks where lease_until > clock_timestamp()',
      ),
    );
    return n ?? 0;
  }

  async close(): Promise<void> {
    await this.orderDesk.close();
    await this.database.close();
    await this.straight.close();
    await this.line.close();
    await this.sandbox.close();
    await this.#drop();
  }

  #keys(): TenantKeys {
    return new TenantKeys({
      ring: parseKeyRing(this.ringText, 'TEST_RING'),
      dataKeys: sqlDataKeys(this.database),
      random: randomBytes,
      now: Date.now,
      staleMaxMs: 600_000,
    });
  }
}

export const PLENTY = { mode: 'shared', tokens: 18, capacity: 18, perSecond: 3, pausedS: 0 } as const;

const number = z.object({ n: z.int() }).transform(({ n }) => n);
