import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWaits, WAIT_KINDS, type WaitKind } from '../../../src/telemetry/waits.js';
import { deferred } from '../../support/deferred.js';

function clock() {
  let at = 1_000;
  return {
    now: () => at,
    pass: (ms: number) => {
      at += ms;
    },
  };
}

const NONE = { upstream: 0, budget: 0, redis: 0, postgres: 0, lock: 0 };

describe('the account of a call', () => {
  it('tells what it waited for, and what is left', () => {
    const { now, pass } = clock();
    const waits = createWaits(now);
    const account = waits.open();
    account.within(() => {
      pass(5);
      const end = waits.begin('upstream');
      pass(200);
      end();
      pass(2);
    });
    expect(account.close()).toEqual({ totalMs: 207, ownMs: 7, waitMs: { ...NONE, upstream: 200 } });
  });

  it('unites waits that overlap, of one kind and of all', () => {
    const { now, pass } = clock();
    const waits = createWaits(now);
    const account = waits.open();
    account.within(() => {
      const [one, two, redis] = [waits.begin('upstream'), waits.begin('upstream'), waits.begin('redis')];
      pass(10);
      one();
      pass(10);
      redis();
      pass(10);
      two();
    });
    expect(account.close()).toEqual({
      totalMs: 30,
      ownMs: 0,
      waitMs: { ...NONE, upstream: 30, redis: 20 },
    });
  });

  it('ends a wait once, however often it is told', () => {
    const { now, pass } = clock();
    const waits = createWaits(now);
    const account = waits.open();
    account.within(() => {
      const [one, two] = [waits.begin('lock'), waits.begin('lock')];
      one();
      one();
      pass(10);
      two();
    });
    expect(account.close().waitMs.lock).toBe(10);
  });

  it('goes with the asynchronous work of its call and with no other', async () => {
    const { now, pass } = clock();
    const waits = createWaits(now);
    const answer = deferred<string>();
    const [waiter, other] = [waits.open(), waits.open()];
    const waited = waiter.within(async () => {
      await Promise.resolve();
      return waits.waiting('postgres', () => answer.promise);
    });
    await other.within(() => Promise.resolve());
    pass(40);
    answer.resolve('rows');
    await expect(waited).resolves.toBe('rows');
    expect(waiter.close().waitMs.postgres).toBe(40);
    expect(other.close().waitMs).toEqual(NONE);
  });

  it('ends a wait before its caller goes on, whether the work succeeds, fails or throws at once', async () => {
    const { now, pass } = clock();
    const waits = createWaits(now);
    const account = waits.open();
    await account.within(async () => {
      for (const work of [
        async () => pass(3),
        async () => {
          pass(3);
          throw new Error('lost');
        },
        (): Promise<void> => {
          pass(3);
          throw new Error('never began');
        },
      ]) {
        await waits.waiting('redis', async () => work()).catch(() => undefined);
        pass(1);
      }
      expect(() =>
        waits.waiting('redis', () => {
          throw new Error('at once');
        }),
      ).toThrow('at once');
      pass(1);
    });
    expect(account.close()).toMatchObject({ totalMs: 13, ownMs: 4, waitMs: { redis: 9 } });
  });

  it('counts what is done apart for nobody', async () => {
    const { now, pass } = clock();
    const waits = createWaits(now);
    const account = waits.open();
    const answer = deferred<void>();
    const background = account.within(() => waits.apart(() => waits.waiting('redis', () => answer.promise)));
    pass(10);
    answer.resolve();
    await background;
    expect(account.close()).toEqual({ totalMs: 10, ownMs: 10, waitMs: NONE });
  });

  it('stands still once closed, and takes its waits out of the account around it', () => {
    const { now, pass } = clock();
    const waits = createWaits(now);
    const request = waits.open();
    const call = request.within(() => waits.open());
    const end = call.within(() => waits.begin('upstream'));
    pass(10);
    const times = call.close();
    pass(10);
    const late = call.within(() => waits.begin('redis'));
    pass(10);
    late();
    end();
    pass(10);
    expect(times).toMatchObject({ totalMs: 10, ownMs: 0 });
    expect(call.close()).toBe(times);
    expect(request.close()).toEqual({ totalMs: 40, ownMs: 30, waitMs: { ...NONE, upstream: 10 } });
  });

  it('is not needed: work without one is run as it is', async () => {
    const waits = createWaits();
    waits.begin('redis')();
    const failed = waits.waiting('redis', async () => {
      throw new Error('as it is');
    });
    await expect(failed).rejects.toThrow('as it is');
  });
});

describe('any course of waits', () => {
  const course = fc.array(
    fc.record({
      on: fc.constantFrom(...WAIT_KINDS),
      from: fc.nat(30),
      lasts: fc.nat(20),
      inside: fc.boolean(),
    }),
    { maxLength: 8 },
  );
  const CLOSED_AT = 40;

  /** In whole milliseconds: in how many of them at least one wait was open. */
  const sampled = (waits: readonly { from: number; to: number }[]): number =>
    Array.from({ length: CLOSED_AT }, (_, ms) => ms).filter((ms) =>
      waits.some(({ from, to }) => from <= ms && ms < to),
    ).length;

  it('is united as a count of the milliseconds says, and leaves what is ours at 0 or above', () => {
    fc.assert(
      fc.property(course, (drawn) => {
        let at = 0;
        const waits = createWaits(() => at);
        const request = waits.open();
        const call = request.within(() => waits.open());
        const ends = new Map<number, () => void>();
        for (; at < CLOSED_AT; at += 1) {
          for (const [index, { on, from, lasts, inside }] of drawn.entries()) {
            if (at === from)
              ends.set(
                index,
                (inside ? call : request).within(() => waits.begin(on)),
              );
            if (at === from + lasts) ends.get(index)?.();
          }
        }
        const whole = drawn.map(({ from, lasts, ...rest }) => ({ ...rest, from, to: from + lasts }));
        const ofKind = (list: typeof whole, kind: WaitKind) => sampled(list.filter(({ on }) => on === kind));
        for (const [account, mine] of [
          [call, whole.filter(({ inside }) => inside)],
          [request, whole],
        ] as const) {
          expect(account.close()).toEqual({
            totalMs: CLOSED_AT,
            ownMs: CLOSED_AT - sampled(mine),
            waitMs: Object.fromEntries(WAIT_KINDS.map((kind) => [kind, ofKind(mine, kind)])),
          });
        }
      }),
    );
  });

  it('on a clock with fractions never leaves less than nothing', () => {
    const steps = fc.array(
      fc.record({ on: fc.constantFrom(...WAIT_KINDS), ms: fc.double({ min: 0, max: 50, noNaN: true }) }),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(steps, (drawn) => {
        let at = 0.1;
        const waits = createWaits(() => at);
        const account = waits.open();
        account.within(() => {
          for (const { on, ms } of drawn) {
            const end = waits.begin(on);
            at += ms;
            end();
          }
        });
        const { totalMs, ownMs } = account.close();
        expect(ownMs).toBeGreaterThanOrEqual(0);
        expect(ownMs).toBeLessThanOrEqual(Math.max(totalMs * 1e-9, 1e-9));
      }),
    );
  });
});
