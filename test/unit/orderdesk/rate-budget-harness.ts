/** A rate budget whose clock, timers and bucket are in the hands of the test. */
import { AppError } from '../../../src/errors.js';
import type { Budget, BudgetView, Priority, Reservation, Token } from '../../../src/limits/budget.js';
import type { ReplyFacts, Send, UpstreamCall } from '../../../src/orderdesk/call.js';
import {
  type BudgetEvent,
  createRateBudget,
  type RateBudgetOptions,
} from '../../../src/orderdesk/rate-budget.js';
import type { StoreRowId, TenantId } from '../../../src/tenancy/ids.js';
import type { StoreEntry } from '../../../src/tenancy/stores.js';

export const storeEntry = (changes: Partial<StoreEntry> = {}): StoreEntry => ({
  rowId: 'row-1' as StoreRowId,
  tenantId: 'tenant-1' as TenantId,
  name: 'Store',
  orderDeskId: '20001',
  isDefault: true,
  verifiedAt: new Date('2026-01-01T00:00:00Z'),
  refusedAt: null,
  lastContactAt: null,
  folderNotes: {},
  folderStates: {},
  ...changes,
});

export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class HandClock {
  now = 0;
  #timers: { readonly at: number; readonly run: () => void }[] = [];

  readonly timer = (run: () => void, ms: number): (() => void) => {
    const entry = { at: this.now + ms, run };
    this.#timers.push(entry);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== entry);
    };
  };

  get timers(): number {
    return this.#timers.length;
  }

  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      await settled();
      const [next] = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    this.now = end;
  }
}

interface Question {
  readonly bucket: string;
  readonly priority: Priority;
  readonly answer: (reservation: Reservation) => void;
}

/** A bucket that answers when it is told to. */
export class HandBudget implements Budget {
  readonly mode = 'shared';
  readonly asked: string[] = [];
  readonly said: string[] = [];
  readonly returned: Token[] = [];
  noticesForeignUse = false;
  #open: Question[] = [];
  #tokens = 0;

  reserve(bucket: string, priority: Priority): Promise<Reservation> {
    this.asked.push(`${bucket} ${priority}`);
    return new Promise((answer) => this.#open.push({ bucket, priority, answer }));
  }
  async observe(bucket: string, token: Token, remaining: number): Promise<boolean> {
    this.said.push(`${bucket} ${token.epoch} left ${remaining}`);
    return this.noticesForeignUse;
  }
  async pause(bucket: string, ms: number): Promise<void> {
    this.said.push(`${bucket} pause ${ms}`);
  }
  async giveBack(_bucket: string, token: Token): Promise<void> {
    this.returned.push(token);
  }
  async peek(): Promise<BudgetView> {
    throw new Error('a call reserves and never merely looks');
  }
  async close(): Promise<void> {}

  get open(): number {
    return this.#open.length;
  }

  /** @param meanwhile begins as soon as the answer is given */
  async grant(meanwhile?: () => Promise<void>): Promise<void> {
    this.#tokens += 1;
    const token = { epoch: `token ${this.#tokens}`, takenAt: 0, left: 0 };
    await this.#answer({ granted: true, token }, meanwhile);
  }

  async refuse(waitMs: number): Promise<void> {
    await this.#answer({ granted: false, waitMs });
  }

  async #answer(reservation: Reservation, meanwhile?: () => Promise<void>): Promise<void> {
    await settled();
    const question = this.#open.shift();
    if (question === undefined) throw new Error('nobody asks');
    question.answer(reservation);
    await meanwhile?.();
    await settled();
  }
}

export interface CallOptions {
  readonly method?: UpstreamCall['method'];
  readonly lane?: string;
  readonly priority?: Priority;
  readonly deadlineAt?: number;
  readonly store?: StoreEntry;
  readonly onReply?: (facts: ReplyFacts) => void;
}

export interface MadeCall {
  /** `sent`, the code of its error, or `waiting`. */
  outcome: string;
  error: AppError | undefined;
  readonly leave: (reason?: unknown) => void;
}

export function rateBudgetHarness<B extends Budget>(
  budget: B,
  clock = new HandClock(),
  maxWaitMs = 60_000,
  places = 1_000,
) {
  const events: BudgetEvent[] = [];
  const sent: string[] = [];
  /** Calls that were sent although their caller had gone. */
  const late: string[] = [];
  const foreign = { noticed: 0 };
  /** How long calls take to leave. */
  const leavesAfter = { ms: 0 };
  const fails = { beforeDeparture: false };
  /** What calls under way wait for. */
  const held: { until: Promise<void> } = { until: Promise.resolve() };
  const reply: { facts: ReplyFacts | undefined } = { facts: undefined };
  const next: Send = async (call) => {
    sent.push(call.lane ?? '');
    if (call.signal.aborted) late.push(call.lane ?? '');
    clock.now += leavesAfter.ms;
    if (fails.beforeDeparture) throw new AppError('upstream_unavailable');
    call.onDeparture?.();
    if (reply.facts !== undefined) call.onReply?.(reply.facts);
    await held.until;
    return { body: {}, tookMs: 0, tokensRemaining: undefined };
  };
  const options: RateBudgetOptions = {
    budget,
    perSecond: 3,
    places,
    maxWaitMs,
    observe: (event) => events.push(event),
    onForeignUse: () => {
      foreign.noticed += 1;
    },
    now: () => clock.now,
    timer: clock.timer,
    random: () => 0,
  };
  const send = createRateBudget(options)(next);

  function call({ store = storeEntry(), ...options }: CallOptions = {}): MadeCall {
    const controller = new AbortController();
    const made: MadeCall = {
      outcome: 'waiting',
      error: undefined,
      leave: (reason) => controller.abort(reason),
    };
    const upstream: UpstreamCall = {
      method: 'GET',
      route: '/orders',
      account: { kind: 'kept', store },
      signal: controller.signal,
      ...options,
    };
    send(upstream).then(
      () => {
        made.outcome = 'sent';
      },
      (error: AppError) => {
        made.outcome = error.code;
        made.error = error;
      },
    );
    return made;
  }
  return { budget, options, clock, events, sent, late, foreign, fails, held, leavesAfter, reply, send, call };
}
