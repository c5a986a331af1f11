/** Twenty seconds without something: before, meanwhile and after, calls of all kinds are made on every replica. */
import { setTimeout as pause } from 'node:timers/promises';
import { vi } from 'vitest';
import type { CommandOutcome } from '../../support/running-program.js';
import { type AskedWrite, type Installation, metricValue, REPLICAS } from './installation.js';
import { type Seen, Watch } from './watch.js';

export const AWAY_MS = 20_000;
const BEFORE_MS = 2_000;
/** How long is looked at after it is back. */
const AFTER_MS = 12_000;
/** When things that are tried once are tried, after the loss. */
const ONCE_AFTER_MS = 6_000;
/**
 * A write that is under way at the loss is answered by Order Desk so long after it arrived: later than it takes to lose
 * something, and soon enough to be answered before the return.
 */
const UNDER_WAY_MS = 5_000;

/** Something that can be lost. */
export interface Part {
  lose(): Promise<void> | void;
  bringBack(): Promise<void> | void;
}

export interface Asked extends AskedWrite {
  readonly seen: Seen;
}

export class Outage {
  readonly installation: Installation;
  readonly watch = new Watch();
  readonly writes: Asked[] = [];
  /** Those that Order Desk had got, and not answered, when it happened. */
  underWay: readonly Asked[] = [];
  /** `key create` while it was away. */
  command: CommandOutcome | undefined;
  /** When it began to go, and when it was gone. */
  lostAt = 0;
  goneAt = 0;
  /** When it began to come back, and when it was there. */
  backAt = 0;
  returnedAt = 0;
  /** Requests for what was read before, as Order Desk counts them: up to the loss, the return and the end. */
  readonly repeated: number[] = [];
  /** Of each replica, in seconds since 1970, before and after. */
  readonly startTimes: (readonly (number | undefined)[])[] = [];

  constructor(installation: Installation) {
    this.installation = installation;
  }

  async suffer({ lose, bringBack }: Part): Promise<void> {
    this.startTimes.push(await this.#startTimes());
    const changeIds = await this.#changes();
    const freshKeys = await Promise.all(REPLICAS.map(() => this.installation.newKey()));
    await this.#firstCalls();
    this.#look();
    this.#read();
    await pause(BEFORE_MS);

    const { answers } = await this.#beginWrites();
    this.#noteRepeated();
    this.lostAt = performance.now();
    await lose();
    this.goneAt = performance.now();
    this.#write();
    // A process of its own takes a while to start.
    const command = this.#tryCommand();
    await pause(this.lostAt + ONCE_AFTER_MS - performance.now());
    const once = this.#tryOnce(freshKeys, changeIds, 'meanwhile');
    await pause(this.lostAt + AWAY_MS - performance.now());

    this.backAt = performance.now();
    await bringBack();
    this.#noteRepeated();
    this.returnedAt = performance.now();
    await Promise.all([command, once]);
    await pause(this.returnedAt + AFTER_MS - performance.now());
    await this.watch.end();
    this.#noteRepeated();
    this.underWay = await answers;
    await this.#tryOnce(freshKeys, changeIds, 'afterwards');
    this.startTimes.push(await this.#startTimes());
  }

  /** Asked for while it was away: from when it was gone until it began to come back. */
  meanwhile(what: string): readonly Seen[] {
    return this.watch.seen.filter(
      (each) => each.what === what && each.sentAt >= this.goneAt && each.sentAt < this.backAt,
    );
  }

  /** Asked for so much later than its return. */
  afterwards(what: string, ms: number): readonly Seen[] {
    return this.watch.seen.filter((each) => each.what === what && each.sentAt >= this.returnedAt + ms);
  }

  /** What is made up for afterwards, where it was refused. */
  async #tryOnce(keys: readonly string[], changeIds: readonly string[], when: string): Promise<void> {
    const { installation, watch } = this;
    await Promise.all(
      REPLICAS.flatMap((replica) => [
        watch.once('first use of a key', replica, () =>
          installation.call('firstUse', replica, 'list_stores', {}, keys[replica]),
        ),
        watch.once('undo', replica, () =>
          installation.call('undo', replica, 'undo_change', {
            change_id: changeIds[replica],
            idempotency_key: `${when} ${replica}`,
          }),
        ),
      ]),
    );
  }

  async #tryCommand(): Promise<void> {
    this.command = await this.installation.keyCommand();
  }

  #noteRepeated(): void {
    const { installation } = this;
    const tally = installation.sandbox.counters().byStore[installation.storeId('cached')];
    this.repeated.push(tally?.requests ?? 0);
  }

  async #startTimes() {
    const metrics = await Promise.all(REPLICAS.map((replica) => this.installation.replicas.metrics(replica)));
    return metrics.map((text) => metricValue(text, 'process_start_time_seconds'));
  }

  /** @returns one change for each replica to undo */
  async #changes(): Promise<readonly string[]> {
    const { installation } = this;
    return Promise.all(
      REPLICAS.map(async (replica) => {
        const { told } = await installation.call('undo', replica, 'update_order', {
          order_id: installation.order('undo', replica),
          changes: { email: 'before@example.com' },
        });
        if (typeof told !== 'object' || told === null || !('change_id' in told)) {
          throw new Error(`A change before the outage failed: ${JSON.stringify(told)}`);
        }
        return `${told.change_id}`;
      }),
    );
  }

  /** Each key is proven on each replica, and what is cached is cached. */
  async #firstCalls(): Promise<void> {
    const { installation } = this;
    await Promise.all(
      REPLICAS.flatMap((replica) =>
        (['read', 'write', 'preview', 'undo', 'cached'] as const).map((use) =>
          installation.call(use, replica, 'get_order', { order_id: installation.order(use, 39) }),
        ),
      ),
    );
  }

  #look(): void {
    const { installation, watch } = this;
    for (const replica of REPLICAS) {
      for (const path of ['/health', '/health/live', '/health/ready']) {
        watch.every(1_000, path, replica, () => installation.probe(replica, path));
      }
      watch.every(2_000, '/health/detailed', replica, () => installation.detailed(replica));
      watch.every(3_000, '/metrics', replica, () => installation.metrics(replica));
    }
  }

  #read(): void {
    const { installation, watch } = this;
    for (const replica of REPLICAS) {
      watch.every(3_000, 'read', replica, (number) =>
        installation.call('read', replica, 'get_order', {
          order_id: installation.order('read', number * REPLICAS.length + replica),
        }),
      );
      watch.every(3_000, 'read again', replica, () =>
        installation.call('cached', replica, 'get_order', {
          order_id: installation.order('cached', replica),
        }),
      );
      watch.every(1_000, 'list_stores', replica, () => installation.call('read', replica, 'list_stores', {}));
      watch.every(2_000, 'list_changes', replica, () =>
        installation.call('undo', replica, 'list_changes', {}),
      );
    }
  }

  #write(): void {
    const { installation, watch, writes } = this;
    for (const replica of REPLICAS) {
      watch.every(4_000, 'preview', replica, (number) =>
        installation.call('preview', replica, 'update_order', {
          order_id: installation.order('preview', number),
          changes: { email: 'preview@example.com' },
          dry_run: true,
        }),
      );
      watch.every(4_000, 'write', replica, async (number) => {
        const asked = {
          orderId: installation.order('write', number * REPLICAS.length + replica),
          email: `outage-${replica}-${number}@example.com`,
        };
        const sentAt = performance.now();
        const outcome = await installation.write(replica, asked);
        const seen = { ...outcome, what: 'write', replica, sentAt, endedAt: performance.now() };
        writes.push({ ...asked, seen });
        return outcome;
      });
    }
  }

  /** Resolves once Order Desk has got them; the answers come later. */
  async #beginWrites(): Promise<{ readonly answers: Promise<readonly Asked[]> }> {
    const { installation, watch } = this;
    const match = { method: 'PUT' };
    const store = installation.storeId('write');
    installation.sandbox.fail({ kind: 'delay', ms: UNDER_WAY_MS, times: REPLICAS.length, match, store });
    const answers = Promise.all(
      REPLICAS.map(async (replica) => {
        const asked = {
          orderId: installation.order('write', 30 + replica),
          email: `outage-under-way-${replica}@example.com`,
        };
        const seen = await watch.once('write under way', replica, () => installation.write(replica, asked));
        return { ...asked, seen };
      }),
    );
    await vi.waitFor(
      () => {
        if (installation.arrived.length < REPLICAS.length) throw new Error('The writes did not arrive.');
      },
      { timeout: 20_000, interval: 10 },
    );
    return { answers };
  }
}
