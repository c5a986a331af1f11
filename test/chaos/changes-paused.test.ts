/**
 * A writer that stands still for longer than its lease, or waits for long, and the sweeper: they never fight. What is not
 * sent by then is not sent by it any more, and what it knows when it wakes does not contradict what was found out.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Shop } from '../support/changes/engine-room.js';
import { PostgresRoom } from '../support/changes/postgres-room.js';
import { type Replica, type Station, startReplica } from '../support/changes/replica.js';
import { Refused, type ToldAnswer } from '../support/changes/replica-told.js';
import { WORKS, type Work, type WorkKind } from '../support/changes/works.js';

const LEASE_MS = 4_000;
const GRACE_MS = 500;
/** A write may begin for so long after it was written down: well within its lease, as with leases of a minute. */
const MAY_BEGIN_MS = 2_000;
/** What the engine gives a write that has little of its lease left; the client asks for all but `MAY_BEGIN_MS` of it. */
const WRITE_NEEDS_MS = 10_000 - MAY_BEGIN_MS;

let room: PostgresRoom;
let shop: Shop;
let replica: Replica | undefined;
let used = 0;

beforeAll(async () => {
  room = await PostgresRoom.open({
    orderCount: 400,
    leaseMs: LEASE_MS,
    graceMs: GRACE_MS,
    gapMs: 100,
    limits: { writeNeedsMs: WRITE_NEEDS_MS },
  });
});
afterAll(() => room?.close());
beforeEach(async () => {
  room.writes.length = 0;
  shop = await room.shop();
});
afterEach(async () => {
  replica?.wake();
  await replica?.kill();
  replica = undefined;
});

function workOf({ make, orders }: WorkKind): Work {
  const mine = room.upstream.orders().slice(used, used + orders);
  used += orders;
  return make({ shop, upstream: room.upstream, key: randomBytes(6).toString('hex') }, mine);
}

/** Another process makes the change and stands still at the station; resolves when it does. */
async function stoppedAt(station: Station, work: Work) {
  const started = await startReplica({
    databaseUrl: room.serviceUrl,
    ring: room.ringText,
    orderDeskUrl: room.sandbox.url,
    leaseMs: LEASE_MS,
    graceMs: GRACE_MS,
    gapMs: 100,
    stopAt: station,
    writeNeedsMs: WRITE_NEEDS_MS,
  });
  replica = started;
  const { store: _store, ...request } = work.request;
  const ended: Promise<ToldAnswer | Refused> = started
    .call({ act: 'run', shop, request })
    .catch((thrown: unknown) => {
      if (thrown instanceof Refused) return thrown;
      throw thrown;
    });
  // A test that fails before it asks for this has said so itself.
  ended.catch(() => {});
  await vi.waitFor(() => expect(started.isStopped()).toBe(true), { timeout: 30_000, interval: 20 });
  return {
    /** Lets it go on. @returns what its caller is told */
    wake() {
      started.wake();
      return ended;
    },
  };
}

const untilLeaseIsOver = () => pause(LEASE_MS + GRACE_MS + 200);
/** For the writer by its own clock; for all others by that of the database, which is put forward. */
async function untilTooLate(): Promise<void> {
  await pause(MAY_BEGIN_MS + 200);
  await room.leasesOver(shop);
}
const again = (work: Work) => room.engine(shop).run(work.request, room.ctx(shop));

async function expectOnce(work: Work, requests: number): Promise<void> {
  expect(new Set(work.effects())).toEqual(new Set([1]));
  expect(room.writes).toHaveLength(requests);
  const entries = await room.entries(shop);
  expect(entries.map(({ state }) => state)).toEqual(['applied']);
  expect(new Set(entries[0]?.lines?.map(({ outcome }) => outcome))).toEqual(new Set(['applied']));
  expect(await room.counted(shop)).toBe(work.effects().length);
}

describe.each(WORKS.map((kind) => [kind.name, kind] as const))(
  '%s that stands still before it is sent',
  (_name, kind) => {
    const { steps } = kind;
    const station: Station = { step: 'pending', visit: steps };

    it('is settled by the sweeper and carried out by the same call elsewhere: the first does not send', async () => {
      const work = workOf(kind);
      const writer = await stoppedAt(station, work);
      expect(await room.engine(shop).sweep()).toBe(0);
      await untilTooLate();
      expect(await room.engine(shop).sweep()).toBe(1);
      expect(room.writes).toHaveLength(steps - 1);
      const settled = (await room.entries(shop))[0];
      expect(settled?.state).toBe(steps === 1 ? 'failed' : 'applied');
      expect(settled?.lines?.at(-1)?.outcome).toBe('not_sent');
      expect(await room.counted(shop)).toBe(work.effects().filter((n) => n === 1).length);
      expect(await again(work)).toMatchObject({ outcome: 'applied', recorded: true });
      await expectOnce(work, steps);
      const told = await writer.wake();
      if (told instanceof Refused) expect(told.code).toBe('store_busy');
      // A batch has sent its first part: what is said of the rest is that it was not sent by this call.
      else expect(told.lines.at(-1)?.outcome).toBe('not_sent');
      await expectOnce(work, steps);
    });
  },
);

describe('a writer that stands still', () => {
  const [update] = WORKS;
  if (update === undefined) throw new Error('There is no work.');

  it('before it sends, and wakes up before anybody else comes, sends nothing and leaves nothing', async () => {
    const work = workOf(update);
    const writer = await stoppedAt({ step: 'pending', visit: 1 }, work);
    await untilLeaseIsOver();
    expect(await writer.wake()).toMatchObject({ code: 'store_busy' });
    expect(room.writes).toEqual([]);
    expect(await room.entries(shop)).toEqual([]);
    expect(await room.counted(shop)).toBe(0);
    expect(await again(work)).toMatchObject({ outcome: 'applied', replayed: false });
    await expectOnce(work, 1);
  });

  it('for less than its lease before it sends, sends in time', async () => {
    const work = workOf(update);
    const writer = await stoppedAt({ step: 'pending', visit: 1 }, work);
    expect(await room.engine(shop).sweep()).toBe(0);
    const told = await writer.wake();
    // On a machine that is slow to wake it, nothing is sent: both are true.
    if (told instanceof Refused) expect(told.code).toBe('store_busy');
    else expect(told).toMatchObject({ outcome: 'applied', recorded: true });
    await again(work);
    await expectOnce(work, 1);
  });

  it('before it is claimed any further, is forgotten by the sweeper and has no lock when it wakes', async () => {
    const work = workOf(update);
    const writer = await stoppedAt({ step: 'planned', visit: 1 }, work);
    await room.leasesOver(shop);
    expect(await room.engine(shop).sweep()).toBe(1);
    expect(await room.entries(shop)).toEqual([]);
    expect(await again(work)).toMatchObject({ outcome: 'applied', replayed: false });
    expect(await writer.wake()).toMatchObject({ code: 'in_progress' });
    await expectOnce(work, 1);
  });

  it.each(WORKS.map((kind) => [kind.name, kind] as const))(
    'after %s was sent, and was settled by the sweeper, says the same when it wakes',
    async (_name, kind) => {
      const work = workOf(kind);
      const writer = await stoppedAt({ step: 'sent', visit: kind.steps }, work);
      expect(await room.engine(shop).sweep()).toBe(0);
      await room.leasesOver(shop);
      expect(await room.engine(shop).sweep()).toBe(1);
      await expectOnce(work, kind.steps);
      expect(await again(work)).toMatchObject({ outcome: 'applied', replayed: true });
      expect(await writer.wake()).toMatchObject({ outcome: 'applied', recorded: true });
      await expectOnce(work, kind.steps);
      expect(await again(work)).toMatchObject({ outcome: 'applied', replayed: true });
    },
  );

  it('after it was sent and its answer was lost, finds what the sweeper has found', async () => {
    const work = workOf(update);
    room.sandbox.fail({ kind: 'reset_after', match: { method: 'PUT' } });
    const writer = await stoppedAt({ step: 'sent', visit: 1 }, work);
    await room.leasesOver(shop);
    expect(await room.engine(shop).sweep()).toBe(1);
    expect(await writer.wake()).toMatchObject({ outcome: 'applied', recorded: true });
    await expectOnce(work, 1);
  });
});
