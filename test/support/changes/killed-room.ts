/**
 * Changes that are interrupted by the death of their process: a sandbox with many stores, a ledger in Postgres, servers
 * that die, and one that takes over.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import type { ChangeState } from '../../../src/changes/port.js';
import {
  type Sandbox,
  type SandboxStore,
  type SandboxSwitches,
  startSandbox,
} from '../../../src/sandbox/index.js';
import type { Database } from '../../../src/storage/port.js';
import { openPostgres } from '../../../src/storage/postgres.js';
import { makeRingText, parseKeyRing } from '../../../src/tenancy/rings/key-ring.js';
import { sqlDataKeys, TenantKeys } from '../../../src/tenancy/vault/data-keys.js';
import { insertStore, insertTenant } from '../database.js';
import { createMigratedDatabase } from '../services/index.js';
import { Aftermath } from './aftermath.js';
import { principalOf, storeOf } from './engine-room.js';
import type { Killable, Prepare } from './killable.js';
import { type Replica, type Shop, type Station, startReplica } from './replica.js';
import { Refused, type ToldAnswer } from './replica-told.js';
import { type Accident, openRoad, type Road } from './road.js';

/** Long enough for a change on a busy machine; tests make leases old instead of waiting for them. */
const LEASE_MS = 30_000;
const GAP_MS = 200;
const FIRST_STORE = 20_001;
/** A sweep leaves alone what its test has not made old: others go by the end of their leases. */
const GRACE_MS = 45_000;

/** One change in a shop of its own. */
export interface Victim extends Killable {
  readonly shop: Shop;
  readonly upstream: SandboxStore;
  readonly call: Parameters<Replica['call']>[0];
  /** What was done in its shop before: a change that it takes back. */
  readonly before: {
    readonly writes: number;
    readonly effects: number;
    readonly states: readonly ChangeState[];
  };
}

const NOTHING_BEFORE: Victim['before'] = { writes: 0, effects: 0, states: [] };

export class KilledRoom {
  readonly aftermath: Aftermath;
  readonly #sandbox: Sandbox;
  readonly #road: Road;
  readonly #database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  readonly #superuser: pg.Pool;
  readonly #service: Database;
  readonly #keys: TenantKeys;
  readonly #ring = makeRingText('k1', randomBytes);
  #survivor: Promise<Replica> | undefined;
  #shops = 0;

  /** @param stores as many as there will be changes */
  static async open(stores: number, switches: Partial<SandboxSwitches> = {}): Promise<KilledRoom> {
    const sandbox = await startSandbox({
      stores: Array.from({ length: stores }, (_none, at) => String(FIRST_STORE + at)).map((id) => ({
        id,
        apiKey: `key-of-${id}`,
        name: `Shop ${id}`,
        orderCount: 12,
        // Nothing in it happened in the minutes of the test.
        anchor: new Date(Date.now() - 40 * 86_400_000),
      })),
      rateLimit: false,
      switches,
    });
    return new KilledRoom(sandbox, await openRoad(sandbox.url), await createMigratedDatabase());
  }

  private constructor(
    sandbox: Sandbox,
    road: Road,
    database: Awaited<ReturnType<typeof createMigratedDatabase>>,
  ) {
    this.#sandbox = sandbox;
    this.#road = road;
    this.#database = database;
    this.#superuser = new pg.Pool({ connectionString: database.superuserUrl, max: 2 });
    // Its end does not wait for its connections: some are there when the database is dropped.
    this.#superuser.on('error', () => {});
    this.#service = openPostgres({ url: database.serviceUrl, poolMax: 2, timeouts: { connect: 20_000 } });
    this.#keys = new TenantKeys({
      ring: parseKeyRing(this.#ring, 'TEST_RING'),
      dataKeys: sqlDataKeys(this.#service),
      random: randomBytes,
      now: Date.now,
      staleMaxMs: 0,
    });
    this.aftermath = new Aftermath(this.#superuser, road, () => this.survivor());
  }

  /** A server; with `dieAt` one that kills itself there. */
  start(dieAt?: Station & { readonly changes: number }, leaseMs: number = LEASE_MS): Promise<Replica> {
    return startReplica({
      databaseUrl: this.#database.serviceUrl,
      ring: this.#ring,
      orderDeskUrl: this.#road.url,
      leaseMs,
      graceMs: GRACE_MS,
      gapMs: GAP_MS,
      dieAt,
    });
  }

  /** The server that takes over: the same one for all that has died. */
  survivor(): Promise<Replica> {
    this.#survivor ??= this.start();
    return this.#survivor;
  }

  async victim(prepare: Prepare): Promise<Victim> {
    const { shop, upstream } = await this.#shop();
    const made = prepare(upstream);
    const asked = { ...made.request, args: { made: 'up' }, dryRun: false };
    const preview = { act: 'run', shop, request: { ...asked, dryRun: true } } as const;
    const confirmationToken =
      made.confirmed === true ? (await (await this.survivor()).call(preview)).confirmationToken : undefined;
    const request = { ...asked, idempotencyKey: randomUUID(), confirmationToken };
    return { ...made, shop, upstream, call: { act: 'run', shop, request }, before: NOTHING_BEFORE };
  }

  /** A victim that takes a change back which was made before. @param requests that write, to take it back */
  async undoing(prepare: Prepare, requests: number): Promise<Victim> {
    const first = await this.victim(prepare);
    const survivor = await this.survivor();
    const { changeId } = await survivor.call(first.call);
    if (changeId === null) throw new Error('Nothing was changed that could be undone.');
    const asked = { changeId, dryRun: false, idempotencyKey: randomUUID() };
    const preview = { act: 'undo', shop: first.shop, request: { changeId, dryRun: true } } as const;
    const { confirmationToken } = await survivor.call(preview);
    const request = { ...asked, confirmationToken };
    const { shop, writes, effects, made } = first;
    return {
      ...first,
      writes: requests,
      call: { act: 'undo', shop, request },
      before: { writes, effects, states: ['applied'] },
      made: () => made().map((times) => 1 - times),
    };
  }

  /** A request that no server of ours makes. @throws Error where the sandbox refuses it */
  async asSomebodyElse(
    { id, apiKey }: SandboxStore,
    method: string,
    path: string,
    body: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const headers = {
      'ORDERDESK-STORE-ID': id,
      'ORDERDESK-API-KEY': apiKey,
      'Content-Type': 'application/json',
    };
    const reply = await fetch(`${this.#sandbox.url}${path}`, { method, headers, body: JSON.stringify(body) });
    if (!reply.ok) throw new Error(`The sandbox said ${reply.status}: ${await reply.text()}`);
  }

  /** Makes all the changes in one process, which is dead once each has come to the station. */
  async killAt(station: Station, victims: readonly Victim[], leaseMs?: number): Promise<void> {
    const doomed = await this.start({ ...station, changes: victims.length }, leaseMs);
    await this.#die(doomed, victims);
  }

  /** Makes all the changes in one process, and kills it once the write of each has met the accident. */
  async killInSend(accident: Accident, victims: readonly Victim[]): Promise<void> {
    const doomed = await this.start();
    const struck = victims.map(({ upstream }) => this.#road.strike(upstream.id, accident));
    void Promise.all(struck).then(() => doomed.kill());
    await this.#die(doomed, victims);
  }

  async #die(doomed: Replica, victims: readonly Victim[]): Promise<void> {
    const answers = victims.map(({ call }) => doomed.call(call));
    const outcomes = Promise.allSettled(answers);
    // A change that ends otherwise would be waited for in vain.
    const early = Promise.any(answers.map((answer) => survived(answer)));
    const signal = await Promise.race([doomed.ended, early]);
    if (signal !== 'SIGKILL') {
      await doomed.kill();
      throw new Error(`A change did not meet its end: ${JSON.stringify(signal)}`);
    }
    await outcomes;
  }

  async close(): Promise<void> {
    // One that did not start has failed who asked for it.
    await (await this.#survivor?.catch(() => undefined))?.kill();
    await this.#road.close();
    await this.#sandbox.close();
    await this.#superuser.end();
    await this.#service.close();
    await this.#database.drop();
  }

  /** The next store of the sandbox, registered by a tenant of its own. */
  async #shop(): Promise<{ readonly shop: Shop; readonly upstream: SandboxStore }> {
    const upstream = this.#sandbox.store(String(FIRST_STORE + this.#shops));
    this.#shops += 1;
    const tenantId = await insertTenant(this.#service);
    const { version, ringKeyId, wrapped } = this.#keys.make(tenantId);
    await this.#service.asTenant(tenantId, (tx) =>
      tx.run(
        'insert into tenant_data_keys (tenant_id, version, ring_key_id, wrapped) values ($1, $2, $3, $4)',
        [tenantId, version, ringKeyId, wrapped],
      ),
    );
    const store = { ...storeOf(tenantId), orderDeskId: upstream.id };
    await insertStore(this.#service, store);
    return { shop: { principal: principalOf(tenantId), store }, upstream };
  }
}

async function survived(answer: Promise<ToldAnswer>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}
