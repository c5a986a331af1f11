/**
 * What the dead have left: leases that are ended before their time, what the server that takes over makes of it, and what the
 * ledger and the sandbox say in the end.
 */
import type pg from 'pg';
import type { ChangeState } from '../../../src/changes/port.js';
import type { Victim } from './killed-room.js';
import type { Replica } from './replica.js';
import { Refused, type ToldAnswer } from './replica-told.js';
import type { Road } from './road.js';

/** A call whose owner is dead is taken up once the lease is over. */
const MOST_ATTEMPTS = 20;
/** What a caller may be told to try again for; a busy machine makes a database late. */
const GO_ON: ReadonlySet<string> = new Set(['in_progress', 'storage_unavailable']);
/** A sweep leaves alone what ended so lately, in seconds, and a little more. */
const SWEPT_AFTER_S = 60;

/** Names of all locks of a store: by what it is at Order Desk, and by its row. */
const lockPatterns = ({ shop, upstream }: Victim): string[] => [
  `od:${upstream.id}|%`,
  `row:${shop.store.rowId}|%`,
];

/** What a ledger and a sandbox say of a change after it. */
export interface Facts {
  readonly made: readonly number[];
  readonly writes: number;
  readonly counted: number;
  /** Of all entries of the ledger, the newest first, and the lines of the newest. */
  readonly states: readonly ChangeState[];
  readonly lines: readonly string[];
}

export class Aftermath {
  readonly #superuser: pg.Pool;
  readonly #road: Road;
  readonly #survivor: () => Promise<Replica>;

  /** @param survivor the server that takes over */
  constructor(superuser: pg.Pool, road: Road, survivor: () => Promise<Replica>) {
    this.#superuser = superuser;
    this.#road = road;
    this.#survivor = survivor;
  }

  /** The same call again, until it has an answer that leaves nothing to go on with; the last of them. */
  async untilFinal({ call }: Victim): Promise<ToldAnswer> {
    const survivor = await this.#survivor();
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
      return (await (await this.#survivor()).call(call)).outcome;
    } catch (error) {
      if (error instanceof Refused) return error.code;
      throw error;
    }
  }

  /** As the ledger has it now; `undefined` where it has nothing. */
  async stateOf({ shop }: Victim): Promise<string | undefined> {
    const { entries } = await (await this.#survivor()).list(shop);
    return entries[0]?.state;
  }

  /** As if the leases of all these had ended, so long ago. */
  async endLeases(victims: readonly Victim[], secondsAgo = 0): Promise<void> {
    // What is on its way ends within the lease.
    await this.#road.quiet();
    const over = 'set lease_until = clock_timestamp() - make_interval(secs => $1)';
    const tenants = victims.map(({ shop }) => shop.principal.tenantId);
    await this.#superuser.query(`update changes ${over} where tenant_id = any($2)`, [secondsAgo, tenants]);
    const locks = victims.flatMap(lockPatterns);
    await this.#superuser.query(`update change_locks ${over} where lock_name like any($2)`, [
      secondsAgo,
      locks,
    ]);
  }

  /** Ends the leases; then sweeps, until none of the changes is open. */
  async sweep(victims: readonly Victim[]): Promise<void> {
    const survivor = await this.#survivor();
    await survivor.meet(victims.map(({ shop }) => shop));
    await this.endLeases(victims, SWEPT_AFTER_S);
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
    const { entries } = await (await this.#survivor()).list(shop);
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
  async locksLeft(victim: Victim): Promise<number> {
    const { rows } = await this.#superuser.query<{ held: number }>(
      `select count(*)::integer as held from change_locks
        where lock_name like any($1) and lease_until > clock_timestamp()`,
      [lockPatterns(victim)],
    );
    return rows[0]?.held ?? 0;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
