/**
 * Changes that are interrupted by the death of their process: a sandbox with many stores, a ledger in Postgres, servers
 * that die, and one that takes over.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import type { ChangeAnswer, ChangeState } from '../../../src/changes/port.js';
import { type Sandbox, type SandboxStore, startSandbox } from '../../../src/sandbox/index.js';
import type { Database } from '../../../src/storage/port.js';
import { openPostgres } from '../../../src/storage/postgres.js';
import { makeRingText, parseKeyRing } from '../../../src/tenancy/rings/key-ring.js';
import { sqlDataKeys, TenantKeys } from '../../../src/tenancy/vault/data-keys.js';
import { insertStore, insertTenant } from '../database.js';
import { createMigratedDatabase } from '../services/index.js';
import { principalOf, storeOf } from './engine-room.js';
import type { Killable, Prepare } from './killable.js';
import { Refused, type Replica, type Shop, type Station, startReplica } from './replica.js';
import { type Accident, openRoad, type Road } from './road.js';

/** Long enough for a change on a busy machine; tests make leases old instead of waiting for them. */
const LEASE_MS = 30_000;
const GAP_MS = 200;
const FIRST_STORE = 20_001;
/** A call whose owner is dead is taken up once the lease is over. */
const MOST_ATTEMPTS = 20;
/** What a caller may be told to try again for; a busy machine makes a database late. */
const GO_ON: ReadonlySet<string> = new Set(['in_progress', 'storage_unavailable']);

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

/** What a ledger and a sandbox say of a change after it. */
export interface Facts {
  readonly made: readonly number[];
  readonly writes: number;
  readonly counted: number;
  /** Of all entries of the ledger, the newest first, and the lines of the newest. */
  readonly states: readonly ChangeState[];
  readonly lines: readonly string[];
}

export class KilledRoom {
  readonly #sandbox: Sandbox;
  readonly #road: Road;
  readonly #database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  readonly #superuser: pg.Pool;
  readonly #service: Database;
  readonly #keys: TenantKeys;
  readonly #ring = makeRingText('k1', randomBytes);
  #survivor: Replica | undefined;
  #shops = 0;

  /** @param stores as many as there will be changes */
  static async open(stores: number): Promise<KilledRoom> {
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
    this.#service = openPostgres({ url: database.serviceUrl, poolMax: 2, timeouts: { connect: 20_000 } });
    this.#keys = new TenantKeys({
      ring: parseKeyRing(this.#ring, 'TEST_RING'),
      dataKeys: sqlDataKeys(this.#service),
      random: randomBytes,
      now: Date.now,
      staleMaxMs: 0,
    });
  }

  /** A server; with `dieAt` one that kills itself there. */
  start(dieAt?: Station & { readonly changes: number }, leaseMs: number = LEASE_MS): Promise<Replica> {
    return startReplica({
      databaseUrl: this.#database.serviceUrl,
      ring: this.#ring,
      orderDeskUrl: this.#road.url,
      leaseMs,
      gapMs: GAP_MS,
      dieAt,
    });
  }

  /** The server that takes over: the same one for all that has died. */
  async survivor(): Promise<Replica> {
    this.#survivor ??= await this.start();
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

  /** The same call again, until it has an answer that leaves nothing to go on with; the last of them. */
  async untilFinal({ call }: Victim): Promise<ChangeAnswer> {
    const survivor = await this.survivor();
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await survivor.call(call);
        const isFinal = answer.lines.every(({ outcome }) => outcome !== 'not_sent');
        if (isFinal || attempt === MOST_ATTEMPTS) return answer;
      } catch (error) {
        if (!(error instanceof Refused) || !GO_ON.has(error.code) || attempt === MOST_ATTEMPTS) throw error;
        await pause((error.retryAfterS ?? 1) * 1_000);
      }
    }
  }

  /** What the call that its owner has left gets at once: the outcome, or the code of a refusal. */
  async firstCall({ call }: Victim): Promise<string> {
    try {
      return (await (await this.survivor()).call(call)).outcome;
    } catch (error) {
      if (error instanceof Refused) return error.code;
      throw error;
    }
  }

  /** As the ledger has it now; `undefined` where it has nothing. */
  async stateOf({ shop }: Victim): Promise<string | undefined> {
    const { entries } = await (await this.survivor()).list(shop);
    return entries[0]?.state;
  }

  /** As if the leases of all these had ended, so long ago. A sweep leaves alone what ended in this minute. */
  async endLeases(victims: readonly Victim[], secondsAgo = 0): Promise<void> {
    // What is on its way ends within the lease.
    await this.#road.quiet();
    const over = 'set lease_until = clock_timestamp() - make_interval(secs => $1)';
    const tenants = victims.map(({ shop }) => shop.principal.tenantId);
    await this.#superuser.query(`update changes ${over} where tenant_id = any($2)`, [secondsAgo, tenants]);
    const locks = victims.map(({ upstream }) => `od:${upstream.id}|%`);
    await this.#superuser.query(`update change_locks ${over} where lock_name like any($2)`, [
      secondsAgo,
      locks,
    ]);
  }

  /** Ends the leases; then sweeps, until none of the changes is open. */
  async sweep(victims: readonly Victim[]): Promise<void> {
    const survivor = await this.survivor();
    await survivor.meet(victims.map(({ shop }) => shop));
    await this.endLeases(victims, 60);
    const tenants = victims.map(({ shop }) => shop.principal.tenantId);
    const open = `select count(*)::integer as open from changes
      where tenant_id = any($1) and state in ('claimed', 'pending')`;
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      await survivor.sweep();
      const { rows } = await this.#superuser.query<{ open: number }>(open, [tenants]);
      if (rows[0]?.open === 0) return;
      await pause(500);
    }
    throw new Error('The sweep has left changes open.');
  }

  async facts({ shop, upstream, made }: Victim): Promise<Facts> {
    const { entries } = await (await this.survivor()).list(shop);
    const counted = await this.#superuser.query<{ effects: number }>(
      'select coalesce(sum(effects), 0)::integer as effects from write_counts where tenant_id = $1',
      [shop.principal.tenantId],
    );
    return {
      made: made(),
      writes: this.#road.writes(upstream.id).length,
      counted: counted.rows[0]?.effects ?? 0,
      states: entries.map(({ state }) => state),
      lines: entries[0]?.lines?.map(({ outcome }) => outcome) ?? [],
    };
  }

  /** Locks of the store that still exclude others. */
  async locksLeft({ upstream }: Victim): Promise<number> {
    const { rows } = await this.#superuser.query<{ held: number }>(
      `select count(*)::integer as held from change_locks
        where lock_name like $1 and lease_until > clock_timestamp()`,
      [`od:${upstream.id}|%`],
    );
    return rows[0]?.held ?? 0;
  }

  async close(): Promise<void> {
    await this.#survivor?.kill();
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

async function survived(answer: Promise<ChangeAnswer>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
