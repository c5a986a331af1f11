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
    const before = flights.run('key', never(), work, ['order:1', 'orders']);
    await settle();
    flights.forget(['order:2', 'order']);
    const joined = flights.run('key', never(), work, ['order:1', 'orders']);
    await settle();
    expect(begun).toHaveLength(1);
    flights.forget(['orders']);
    const after = flights.run('key', never(), work, ['order:1', 'orders']);
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
    const leaving = flights.run('key', waiter.signal, work, ['orders']);
    await settle();
    flights.forget(['orders']);
    const after = flights.run('key', never(), work, ['orders']);
    await settle();
    waiter.abort();
    await expect(leaving).rejects.toMatchObject({ code: 'cancelled' });
    expect(begun.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    expect(flights.size).toBe(1);
    begun[1]?.finish('new');
    expect(await after).toBe('new');
  });
});
