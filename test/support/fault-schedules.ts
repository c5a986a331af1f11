/**
 * Any schedule of faults over any program of reads and creates. A read ends in time, with the very record or with an
 * error of ours; what is said of a create is true, and none is made twice.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import { AppError, type ErrorCode } from '../../src/errors.js';
import type { OrderDesk } from '../../src/orderdesk/orderdesk.js';
import { isRecord } from '../../src/orderdesk/parse/json.js';
import type { CallContext } from '../../src/orderdesk/port.js';
import type { WriteOutcome } from '../../src/orderdesk/write-outcome.js';
import type { Fault } from '../../src/sandbox/index.js';
import type { StoreEntry } from '../../src/tenancy/stores.js';
import { type Act, crowdedSchedule, FAULTS, type Schedule, schedule } from './drawn-schedules.js';
import { type FaultRoom, LIMITS, openFaultRoom } from './fault-room.js';

/** What came of all acts; a run that proves nothing would show here. */
export interface Tally {
  reads: number;
  answered: number;
  readonly outcomes: Record<WriteOutcome['outcome'], number>;
  readonly struck: Set<Fault['kind']>;
}

/** Rooms without a rate limit: most of a run's time is waiting. */
const FREE_ROOMS = 6;

/** Late by more than this is late; it covers no waiting for a network. */
const SLACK_MS = 400;

const ERRORS: readonly ErrorCode[] = [
  'upstream_rejected',
  'upstream_credentials_refused',
  'upstream_rate_limited',
  'upstream_unavailable',
  'upstream_timeout',
  'upstream_malformed',
  'rate_budget_exhausted',
  'store_busy',
];

interface Create {
  readonly account: StoreEntry;
  /** Its e-mail, which no other order has. */
  readonly marker: string;
  outcome: WriteOutcome | undefined;
}

/** One schedule from beginning to end. @throws what a claim that does not hold throws */
class Play {
  readonly #room: FaultRoom;
  readonly #tally: Tally;
  readonly #orderDesk: OrderDesk;
  readonly #toldBy: Schedule['toldBy'];
  readonly #creates: Create[] = [];

  constructor(room: FaultRoom, tally: Tally, { rules, cacheMs, toldBy }: Schedule) {
    this.#room = room;
    this.#tally = tally;
    this.#toldBy = toldBy;
    this.#orderDesk = room.begin({ cacheMs });
    for (const { fault, method, store, times } of rules) {
      const match = (asked: string): boolean => {
        const fits = method === undefined || method === asked;
        if (fits) tally.struck.add(fault.kind);
        return fits;
      };
      room.fail({ ...fault, match, times, ...(store === undefined ? {} : { store }) });
    }
  }

  async run(waves: Schedule['waves']): Promise<void> {
    try {
      for (const wave of waves) {
        const ends = await Promise.allSettled(wave.map((each) => this.#act(each)));
        for (const end of ends) if (end.status === 'rejected') throw end.reason;
      }
      expect(this.#room.sandbox.counters().rateLimited, '429s of our own making').toBe(0);
    } finally {
      await this.#orderDesk.close();
      await this.#room.settle();
    }
    for (const create of this.#creates) await this.#judge(create);
  }

  async #act(drawn: Act): Promise<void> {
    const told = this.#toldBy;
    const caller = new AbortController();
    const deadlineMs = typeof told === 'object' ? told.onlyAfterMs : drawn.deadlineMs;
    const what = { ...drawn, deadlineMs };
    const endAfter = (ms: number | undefined, reason?: AppError) =>
      ms === undefined ? [] : [setTimeout(() => caller.abort(reason), ms)];
    const timers = [
      ...endAfter(typeof told === 'object' ? undefined : deadlineMs, new AppError('upstream_timeout')),
      ...endAfter(what.leavesAfterMs),
    ];
    const deadlineAt = told === 'signal' ? undefined : performance.now() + deadlineMs;
    const ctx: CallContext = { signal: caller.signal, deadlineAt };
    try {
      if (what.kind === 'create') await this.#create(what, ctx);
      else await this.#read(what, ctx);
    } finally {
      for (const timer of timers) clearTimeout(timer);
    }
  }

  async #read(what: Act, ctx: CallContext): Promise<void> {
    this.#tally.reads += 1;
    try {
      await within(what.deadlineMs + SLACK_MS, this.#rightAnswer(what, ctx));
      this.#tally.answered += 1;
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown;
      const left: ErrorCode[] = what.leavesAfterMs === undefined ? [] : ['cancelled'];
      expect([...ERRORS, ...left], `a read that ends with ${thrown.code}`).toContain(thrown.code);
    }
  }

  /** What the read shows has to be the store's own, and nothing else. */
  async #rightAnswer({ kind, account, order }: Act, ctx: CallContext): Promise<void> {
    const { gateway } = this.#orderDesk;
    const own = this.#room.truth.get(account.orderDeskId) ?? new Map();
    if (kind === 'store') {
      const view = await gateway.store(account, ctx);
      expect(view).toMatchObject({ orderDeskId: account.orderDeskId, name: `Shop ${account.orderDeskId}` });
      return;
    }
    if (kind === 'order') {
      const id = [...own.keys()][order] ?? '';
      const { raw, view } = await gateway.getOrder(account, id, ctx);
      expect(raw).toEqual(own.get(id));
      expect(view.id).toBe(id);
      return;
    }
    const mustShow = this.#creates.filter(
      (create) => create.account.orderDeskId === account.orderDeskId && create.outcome?.outcome === 'applied',
    );
    const page = await gateway.listOrders(account, { limit: 500 }, ctx);
    const [old, made] = [true, false].map((isOld) =>
      page.orders.filter(({ view }) => own.has(view.id) === isOld),
    );
    expect(new Map(old?.map(({ raw }) => [String(raw.id), raw]))).toEqual(own);
    const emails = made?.map(({ raw }) => raw.email) ?? [];
    expect(emails).toEqual(expect.arrayContaining(mustShow.map(({ marker }) => marker)));
    for (const email of emails) expect(email).toContain(`@store-${account.orderDeskId}.example.com`);
    expect(page.total).toBe(page.orders.length);
  }

  async #create({ account, isNamed, deadlineMs, leavesAfterMs }: Act, ctx: CallContext): Promise<void> {
    const number = this.#room.nextNumber();
    const marker = `create-${number}@store-${account.orderDeskId}.example.com`;
    const create: Create = { account, marker, outcome: undefined };
    this.#creates.push(create);
    const sourceId = `N-${number}`;
    const body = JSON.stringify({
      email: marker,
      ...(isNamed ? { source_id: sourceId } : {}),
      shipping: { first_name: 'Wilhelmina', last_name: 'Testwick' },
      order_items: [{ name: 'Shirt', code: 'SHIRT', price: 1.5, quantity: 2 }],
    });
    const write = this.#orderDesk.writes.write(
      account,
      { method: 'POST', route: '/orders', body, ...(isNamed ? { sourceId } : {}) },
      ctx,
    );
    const outcome = await within(deadlineMs + (LIMITS.writeTimeoutMs ?? 0) + SLACK_MS, write);
    create.outcome = outcome;
    this.#tally.outcomes[outcome.outcome] += 1;
    if (outcome.outcome === 'applied') {
      const { order } = outcome.body;
      if (isRecord(order)) expect(order.email).toBe(marker);
      return;
    }
    const { code } = outcome.error;
    const left: ErrorCode[] = leavesAfterMs === undefined ? [] : ['cancelled'];
    expect([...ERRORS, ...left], `a create that ends with ${code}`).toContain(code);
  }

  async #judge({ account, marker, outcome }: Create): Promise<void> {
    const { sandbox } = this.#room;
    const homes = sandbox.stores.flatMap((store) =>
      store.orders().flatMap(({ email }) => (email === marker ? [store.id] : [])),
    );
    expect(homes, `${marker} made more than once`).not.toHaveProperty('1');
    const made = homes[0] === account.orderDeskId;
    expect(homes.length, `${marker} made elsewhere`).toBe(made ? 1 : 0);
    if (outcome?.outcome === 'applied') expect(made, `${marker} applied`).toBe(true);
    if (outcome?.outcome === 'failed') expect(made, `${marker} failed: ${outcome.error.code}`).toBe(false);
    if (outcome?.outcome !== 'unknown') return;
    const { orders } = await this.#room.follow(account, outcome.check);
    const found = Array.isArray(orders) && orders.some((order) => isRecord(order) && order.email === marker);
    expect(found, `${marker} found as its check says`).toBe(made);
  }
}

/** Told by the loop that runs the work itself, so that a busy machine makes nothing late. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function playMany(room: FaultRoom, tally: Tally, numRuns: number, limitMs: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(room.bucket === 'real' ? crowdedSchedule : schedule, (drawn) =>
      new Play(room, tally, drawn).run(drawn.waves),
    ),
    // Time to shrink what fails, and to say so before the test itself is ended.
    { numRuns, interruptAfterTimeLimit: limitMs, markInterruptAsFailure: true },
  );
}

/**
 * Plays so many random schedules, in several rooms at the same time, one in twenty of them with the
 * rate limit of Order Desk.
 * @throws Error with fast-check's seed and the smallest schedule for which a claim does not hold
 */
export async function playSchedules(options: {
  readonly runs: number;
  readonly limitMs: number;
}): Promise<Tally> {
  const tally: Tally = {
    reads: 0,
    answered: 0,
    outcomes: { applied: 0, failed: 0, unknown: 0 },
    struck: new Set(),
  };
  const limited = Math.round(options.runs / 20);
  const share = Math.ceil((options.runs - limited) / FREE_ROOMS);
  const lanes = [
    { bucket: 'real', runs: limited } as const,
    ...Array.from({ length: FREE_ROOMS }, () => ({ bucket: 'none', runs: share }) as const),
  ];
  const ends = await Promise.allSettled(
    lanes.map(async ({ bucket, runs }) => {
      const room = await openFaultRoom(bucket);
      try {
        await playMany(room, tally, runs, options.limitMs);
      } finally {
        await room.close();
      }
    }),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return tally;
}

/** What a run of a hundred schedules shows at least: otherwise its claims were about next to nothing. */
export function expectWeight({ reads, answered, outcomes, struck }: Tally): void {
  expect(struck).toEqual(new Set(FAULTS.map(({ kind }) => kind)));
  expect(answered).toBeGreaterThan(reads / 10);
  expect(answered).toBeLessThan(reads);
  for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(10);
}
