import { describe, expect, it } from 'vitest';
import { SingleFlight } from '../../../src/cache/single-flight.js';
import { AppError } from '../../../src/errors.js';

/** Work that ends when told to, and counts how often it was begun. */
function controlledWork() {
  const begun: { readonly signal: AbortSignal; finish(value: string): void; fail(error: Error): void }[] = [];
  return {
    begun,
    work: (signal: AbortSignal) =>
      new Promise<string>((finish, fail) => {
        begun.push({ signal, finish, fail });
      }),
  };
}

const never = () => new AbortController().signal;
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a single flight', () => {
  it('does the work once for a hundred who ask at the same time', async () => {
    const flights = new SingleFlight<string>();
    const { begun, work } = controlledWork();
    const answers = Array.from({ length: 100 }, () => flights.run('key', never(), work));
    await settle();
    begun[0]?.finish('answer');
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['answer']));
    expect(begun).toHaveLength(1);
    expect(flights.size).toBe(0);
    expect(begun[0]?.signal.aborted).toBe(false);
  });

  it('keeps keys apart', async () => {
    const flights = new SingleFlight<string>();
    const answers = ['a', 'b'].map((key) => flights.run(key, never(), async () => key));
    expect(await Promise.all(answers)).toEqual(['a', 'b']);
  });

  it('goes on for the others when the one who began it leaves', async () => {
    const flights = new SingleFlight<string>();
    const { begun, work } = controlledWork();
    const first = new AbortController();
    const leaving = flights.run('key', first.signal, work);
    const staying = flights.run('key', never(), work);
    await settle();
    first.abort();
    await expect(leaving).rejects.toMatchObject({ code: 'cancelled' });
    expect(begun[0]?.signal.aborted).toBe(false);
    begun[0]?.finish('answer');
    expect(await staying).toBe('answer');
    expect(begun).toHaveLength(1);
  });

  it('is aborted when the last one leaves, and nobody joins it after that', async () => {
    const flights = new SingleFlight<string>();
    const { begun, work } = controlledWork();
    const waiters = [new AbortController(), new AbortController()];
    const leaving = waiters.map((waiter) => flights.run('key', waiter.signal, work));
    await settle();
    waiters[0]?.abort();
    await expect(leaving[0]).rejects.toMatchObject({ code: 'cancelled' });
    expect(begun[0]?.signal.aborted).toBe(false);
    waiters[1]?.abort();
    await expect(leaving[1]).rejects.toMatchObject({ code: 'cancelled' });
    expect(begun[0]?.signal.aborted).toBe(true);
    expect(flights.size).toBe(0);

    const later = flights.run('key', never(), work);
    await settle();
    begun[0]?.finish('of the aborted one');
    begun[1]?.finish('of its own');
    expect(await later).toBe('of its own');
  });

  it('gives each waiter its own reason, a deadline as the deadline', async () => {
    const flights = new SingleFlight<string>();
    const { work } = controlledWork();
    const [gone, late] = [new AbortController(), new AbortController()];
    const answers = [gone, late].map((waiter) => flights.run('key', waiter.signal, work));
    gone.abort();
    late.abort(new AppError('upstream_timeout', 'Too late.'));
    await expect(answers[0]).rejects.toMatchObject({ code: 'cancelled' });
    await expect(answers[1]).rejects.toMatchObject({ code: 'upstream_timeout', message: 'Too late.' });
    const timed = flights.run('key', AbortSignal.timeout(1), work);
    await expect(timed).rejects.toMatchObject({ code: 'upstream_timeout' });
  });

  it('begins nothing for one who has left already', async () => {
    const flights = new SingleFlight<string>();
    const { begun, work } = controlledWork();
    await expect(flights.run('key', AbortSignal.abort(), work)).rejects.toMatchObject({ code: 'cancelled' });
    await settle();
    expect(begun).toHaveLength(0);
  });

  it('passes a failure to all who wait and remembers none', async () => {
    const flights = new SingleFlight<string>();
    const failing = async (): Promise<string> => {
      throw new AppError('upstream_unavailable');
    };
    const answers = [1, 2].map(() => flights.run('key', never(), failing));
    for (const answer of answers)
      await expect(answer).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect(await flights.run('key', never(), async () => 'works again')).toBe('works again');
  });

  it('treats work that throws at once like work that fails', async () => {
    const flights = new SingleFlight<string>();
    const throwing = (): Promise<string> => {
      throw new Error('at once');
    };
    await expect(flights.run('key', never(), throwing)).rejects.toThrow('at once');
    expect(flights.size).toBe(0);
  });

  it('is joined by nobody once one of its scopes was forgotten, and goes on for those who wait for it', async () => {
    const flights = new SingleFlight<string>();
    const { begun, work } = controlledWork();
    const before = flights.run('key', never(), work, { scopes: ['order:1', 'orders'] });
    await settle();
    flights.forget(['order:2', 'order']);
    const joined = flights.run('key', never(), work, { scopes: ['order:1', 'orders'] });
    await settle();
    expect(begun).toHaveLength(1);
    flights.forget(['orders']);
    const after = flights.run('key', never(), work, { scopes: ['order:1', 'orders'] });
    await settle();
    expect(begun).toHaveLength(2);
    begun[0]?.finish('old');
    begun[1]?.finish('new');
    expect(await Promise.all([before, joined, after])).toEqual(['old', 'old', 'new']);
    expect(flights.size).toBe(0);
  });

  it('is aborted when the last one leaves, also after it was forgotten, and leaves its successor alone', async () => {
    const flights = new SingleFlight<string>();
    const { begun, work } = controlledWork();
    const waiter = new AbortController();
    const leaving = flights.run('key', waiter.signal, work, { scopes: ['orders'] });
    await settle();
    flights.forget(['orders']);
    const after = flights.run('key', never(), work, { scopes: ['orders'] });
    await settle();
    waiter.abort();
    await expect(leaving).rejects.toMatchObject({ code: 'cancelled' });
    expect(begun.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    expect(flights.size).toBe(1);
    begun[1]?.finish('new');
    expect(await after).toBe('new');
  });
});

describe('who joins a flight', () => {
  const late = () => new AppError('upstream_timeout');
  const flightsOf = () =>
    new SingleFlight<string>({
      isForWantOfTime: (error) => error instanceof AppError && error.code === 'upstream_timeout',
    });

  it.each([
    ['a second more', 2_000, 3_000, 1],
    ['over a second more', 2_000, 3_001, 2],
    ['less', 2_000, 1_000, 1],
    ['no deadline', 2_000, undefined, 2],
    ['a deadline where the first had none', undefined, 3_001, 1],
    ['none where the first had none', undefined, undefined, 1],
  ])('and has %s begins anew only if that is clearly more time', async (_, first, second, begins) => {
    const flights = flightsOf();
    const { begun, work } = controlledWork();
    const answers = Promise.allSettled(
      [first, second].map((deadlineAt) => flights.run('key', never(), work, { deadlineAt })),
    );
    await settle();
    begun[0]?.fail(late());
    await settle();
    begun[1]?.finish('answer');
    const failed = { status: 'rejected', reason: { code: 'upstream_timeout' } };
    const answered = { status: 'fulfilled', value: 'answer' };
    expect(await answers).toMatchObject([failed, begins === 2 ? answered : failed]);
    expect(begun).toHaveLength(begins);
    expect(flights.size).toBe(0);
  });

  it('begins anew once, and does not follow another hurried one the second time', async () => {
    const flights = flightsOf();
    const { begun, work } = controlledWork();
    const deadlines = [200, 2_000, 25_000, 25_500];
    const answers = Promise.allSettled(
      deadlines.map((deadlineAt) => flights.run('key', never(), work, { deadlineAt })),
    );
    await settle();
    begun[0]?.fail(late());
    await settle();
    // One for 2,000, and one for the two who have much more time than that.
    expect(begun).toHaveLength(3);
    begun[1]?.fail(late());
    begun[2]?.fail(late());
    expect((await answers).map(({ status }) => status)).toEqual(deadlines.map(() => 'rejected'));
    expect(begun).toHaveLength(3);
    expect(flights.size).toBe(0);
  });

  it('begins nothing anew once his own time is over', async () => {
    const flights = flightsOf();
    const { begun, work } = controlledWork();
    const hurried = flights.run('key', never(), work, { deadlineAt: 200 });
    const caller = new AbortController();
    const joiner = flights.run('key', caller.signal, work, { deadlineAt: 25_000 });
    await settle();
    caller.abort(late());
    await expect(joiner).rejects.toMatchObject({ code: 'upstream_timeout' });
    begun[0]?.fail(late());
    await expect(hurried).rejects.toMatchObject({ code: 'upstream_timeout' });
    expect(begun).toHaveLength(1);
  });
});
