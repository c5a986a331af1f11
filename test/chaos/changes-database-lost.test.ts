/**
 * Postgres is lost in the middle of a write: at every step of the engine, or with the answer to a transaction. Whoever
 * called is told the truth, and the same call carries out what was not: each line once.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ENGINE_STEPS, type EngineOptions, type EngineStep } from '../../src/changes/engine-options.js';
import type { ChangeAnswer } from '../../src/changes/port.js';
import { AppError } from '../../src/errors.js';
import type { Shop } from '../support/changes/engine-room.js';
import { PostgresRoom } from '../support/changes/postgres-room.js';
import { WORKS, type Work, type WorkKind } from '../support/changes/works.js';

/** Steps that come again with each request of a batch. */
const REPEATED: readonly EngineStep[] = ['pending', 'sent', 'answered', 'closed'];
/** What was sent is not written down any more when the database goes at one of these. */
const UNRECORDED: readonly EngineStep[] = ['pending', 'sent', 'answered'];

interface Loss {
  readonly step: EngineStep;
  /** The step with this number, from 1. */
  readonly time: number;
}

const lossesOf = ({ steps }: WorkKind): readonly Loss[] =>
  ENGINE_STEPS.flatMap((step) =>
    Array.from({ length: REPEATED.includes(step) ? steps : 1 }, (_none, at) => ({ step, time: at + 1 })),
  );

let room: PostgresRoom;
let shop: Shop;
let used = 0;

beforeAll(async () => {
  room = await PostgresRoom.open({ orderCount: 400 });
});
afterAll(() => room?.close());
beforeEach(async () => {
  await room.restore();
  room.writes.length = 0;
  shop = await room.shop();
});

function workOf({ make, orders }: WorkKind): Work {
  const all = room.upstream.orders();
  const from = used + orders > all.length ? 0 : used;
  used = from + orders;
  const key = randomBytes(6).toString('hex');
  return make({ shop, upstream: room.upstream, key }, all.slice(from, used));
}

const run = (work: Work, change: Partial<EngineOptions> = {}) =>
  room.engine(shop, change).run(work.request, room.ctx(shop));

const failure = (thrown: unknown): AppError => {
  if (thrown instanceof AppError) return thrown;
  throw thrown;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
const outcomes = ({ lines }: { readonly lines: ChangeAnswer['lines'] | null }) =>
  lines?.map(({ outcome }) => outcome);
const told = (effects: readonly number[]) => effects.map((n) => (n === 1 ? 'applied' : 'not_sent'));

/** @returns whether something was sent */
function expectTruth(answer: ChangeAnswer | AppError, work: Work): boolean {
  if (answer instanceof AppError) {
    expect(answer.code).toBe('storage_unavailable');
    expect(room.writes).toEqual([]);
    return false;
  }
  expect(outcomes(answer)).toEqual(told(work.effects()));
  return true;
}

/** The same call again never does anything twice, whatever it is told before the leases are over. */
async function expectHarmless(work: Work): Promise<void> {
  const before = work.effects();
  const again = await run(work).catch(failure);
  if (again instanceof AppError) expect(again.code).toBe('in_progress');
  else expect(again).toMatchObject({ outcome: 'applied', replayed: true });
  expect(work.effects()).toEqual(before);
}

async function expectLedgerTrue(work: Work): Promise<void> {
  const entries = await room.entries(shop);
  const effects = work.effects();
  if (sum(effects) === 0) expect(entries.flatMap((entry) => outcomes(entry))).not.toContain('applied');
  else expect(entries.map(outcomes)).toEqual([told(effects)]);
  expect(await room.counted(shop)).toBe(sum(effects));
}

async function expectOnce(work: Work, { steps }: WorkKind): Promise<void> {
  const last = await run(work);
  expect(last).toMatchObject({ outcome: 'applied', recorded: true });
  expect(new Set(work.effects())).toEqual(new Set([1]));
  expect(room.writes).toHaveLength(steps);
  await expectLedgerTrue(work);
  expect((await room.entries(shop)).map(({ state }) => state)).toEqual(['applied']);
  expect(await room.held(shop)).toBe(0);
  expect(await run(work)).toMatchObject({ outcome: 'applied', replayed: true });
  expect(room.writes).toHaveLength(steps);
}

describe.each(WORKS.map((kind) => [kind.name, kind] as const))('%s, the database lost', (_name, kind) => {
  const losses = lossesOf(kind).flatMap((loss) => [false, true].map((swept) => ({ ...loss, swept })));

  it.each(losses)('at $step, time $time; the sweep comes before the same call: $swept', async (loss) => {
    const { step, time, swept } = loss;
    const work = workOf(kind);
    let times = 0;
    const onStep = (reached: EngineStep): void => {
      if (reached === step) times += 1;
      if (reached === step && times === time) room.line.cut();
    };
    const answer = await run(work, { onStep }).catch(failure);
    expect(times).toBeGreaterThanOrEqual(time);
    const isSent = expectTruth(answer, work);
    expect(isSent).toBe(ENGINE_STEPS.indexOf(step) >= ENGINE_STEPS.indexOf('pending'));
    if (isSent) expect(answer).toMatchObject({ recorded: !UNRECORDED.includes(step) });

    await room.restore();
    await expectHarmless(work);
    await room.leasesOver(shop);
    if (swept) {
      await room.engine(shop).sweep();
      await expectLedgerTrue(work);
    }
    await expectOnce(work, kind);
  });
});

const [update] = WORKS;
if (update === undefined) throw new Error('There is no work.');

describe('an update whose transaction is carried out and never answered', () => {
  it.each([1, 2, 3, 4, 5, 6])('transaction %i', async (number) => {
    const work = workOf(update);
    room.line.cutAfter('commit', number);
    const answer = await run(work).catch(failure);
    expectTruth(answer, work);
    await room.restore();
    await room.leasesOver(shop);
    await room.engine(shop).sweep();
    await expectLedgerTrue(work);
    await expectOnce(work, update);
  });
});

describe('an update whose database stands still while it is sent', () => {
  let usual: PostgresRoom;
  beforeAll(async () => {
    usual = room;
    // Nobody resets a line that is held: what waits on it is ended by time-outs alone.
    const timeouts = { connect: 2_000, query: 2_000, statement: 1_900 };
    room = await PostgresRoom.open({ orderCount: 10, timeouts });
  });
  afterAll(async () => {
    await room.close();
    room = usual;
  });

  it('is applied and not recorded, and then recorded once', async () => {
    const work = workOf(update);
    const onStep = (step: EngineStep): void => {
      if (step === 'sent') room.line.hold();
    };
    const answer = await run(work, { onStep }).catch(failure);
    expect(expectTruth(answer, work)).toBe(true);
    expect(answer).toMatchObject({ outcome: 'applied', recorded: false });
    await room.restore();
    await room.leasesOver(shop);
    await expectOnce(work, update);
  });
});
