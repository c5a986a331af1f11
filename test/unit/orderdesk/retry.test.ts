import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { type RetryReason, retrying } from '../../../src/orderdesk/retry.js';
import { aCall, answered, lost, OK, RATE_LIMITED, type Step, scripted, TestClock, unsent } from './calls.js';

function subject(steps: readonly Step[], options: { random?: number; budget?: number } = {}) {
  const clock = new TestClock();
  const { send, calls } = scripted(...steps);
  const waits: number[] = [];
  const reasons: RetryReason[] = [];
  let left = options.budget ?? 100;
  let counted = 0;
  const retried = retrying(send, {
    budget: {
      countCall: () => {
        counted += 1;
      },
      take: () => {
        left -= 1;
        return left >= 0;
      },
    },
    onRetry: (_route, reason) => reasons.push(reason),
    now: clock.now,
    random: () => options.random ?? 0.5,
    sleep: async (ms) => {
      waits.push(ms);
      clock.pass(ms);
    },
  });
  return { send: retried, calls, waits, reasons, clock, counted: () => counted };
}

const FAILS = answered(503, 'upstream_unavailable');
const body = '{"id":"5"}';
const write = { method: 'PUT', route: '/orders/{id}', ids: ['5'], body } as const;

describe('a read', () => {
  it.each<[string, Step, RetryReason]>([
    ['Order Desk fails', FAILS, 'server_error'],
    ['it asks to wait', RATE_LIMITED, 'rate_limited'],
    ['no connection is made', unsent('upstream_unavailable'), 'network'],
    ['the connection is lost', lost('upstream_unavailable'), 'network'],
    ['there is no answer in time', lost('upstream_timeout'), 'timeout'],
    ['its answer is cut off', answered(200, 'upstream_unavailable'), 'damaged'],
    ['its answer is no JSON', answered(200, 'upstream_malformed'), 'damaged'],
  ])('is made again when %s', async (_name, step, reason) => {
    const { send, calls, reasons } = subject([step, answered(200)]);
    expect(await send(aCall())).toBe(OK);
    expect(calls).toHaveLength(2);
    expect(reasons).toEqual([reason]);
  });

  it.each<[string, Step]>([
    ['Order Desk refuses it', answered(400, 'upstream_rejected')],
    ['the key is refused', answered(401, 'upstream_credentials_refused')],
    ['nothing is found', answered(404, 'not_found')],
    ['the caller has gone', lost('cancelled')],
    ['the budget of the store is taken', unsent('rate_budget_exhausted')],
    ['the store is left alone', unsent(new AppError('upstream_unavailable', undefined, { retryAfterS: 10 }))],
    ['another address is named', answered(302, 'upstream_malformed')],
    [
      'its answer is too large',
      answered(200, new AppError('upstream_malformed', undefined, { cause: new RangeError('x') })),
    ],
    ['something is wrong with us', unsent('internal')],
  ])('is not made again when %s', async (_name, step) => {
    const { send, calls } = subject([step, answered(200)]);
    await expect(send(aCall())).rejects.toBeInstanceOf(AppError);
    expect(calls).toHaveLength(1);
  });

  it('is made three times at most, and ends with the last error', async () => {
    const last = new AppError('upstream_timeout');
    const { send, calls, counted } = subject([FAILS, FAILS, lost(last), answered(200)]);
    await expect(send(aCall())).rejects.toBe(last);
    expect(calls).toHaveLength(3);
    expect(counted()).toBe(1);
  });

  it('is made again once only for damaged answers', async () => {
    const { send, calls } = subject([answered(200, 'upstream_malformed')]);
    await expect(send(aCall())).rejects.toMatchObject({ code: 'upstream_malformed' });
    expect(calls).toHaveLength(2);
  });

  it.each([
    [0, [0, 0]],
    [0.5, [125, 250]],
    [0.999, [249.75, 499.5]],
  ])('waits a random part (%d) of a span that doubles', async (random, expected) => {
    const { send, waits } = subject([FAILS], { random });
    await expect(send(aCall())).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect(waits).toEqual(expected);
  });

  it('waits at least as long as Order Desk asked for', async () => {
    const { send, waits, clock } = subject([RATE_LIMITED, answered(200)], { random: 0 });
    await send(aCall({ deadlineAt: clock.now() + 25_000 }));
    expect(waits).toEqual([2_000]);
  });

  it('does not wait past its deadline: the error comes at once, with the time to wait', async () => {
    const { send, waits, clock } = subject([RATE_LIMITED, answered(200)]);
    const early = send(aCall({ deadlineAt: clock.now() + 2_000 }));
    await expect(early).rejects.toMatchObject({ code: 'upstream_rate_limited', retryAfterS: 2 });
    expect(waits).toEqual([]);
  });

  it('without a deadline waits ten seconds at most', async () => {
    const long = new AppError('upstream_rate_limited', undefined, { retryAfterS: 11 });
    const { send, waits } = subject([answered(429, long)]);
    await expect(send(aCall())).rejects.toBe(long);
    expect(waits).toEqual([]);
  });

  it('is not made again when the retries of the replica are used up', async () => {
    const { send, calls, reasons } = subject([FAILS], { budget: 1 });
    await expect(send(aCall())).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect(calls).toHaveLength(2);
    expect(reasons).toHaveLength(1);
  });

  it('is not made again for a caller who left during the wait', async () => {
    const caller = new AbortController();
    const { send, calls } = scripted(FAILS);
    const retried = retrying(send, {
      budget: { countCall: () => {}, take: () => true },
      onRetry: () => {},
      now: () => 0,
      random: () => 1,
      sleep: async () => caller.abort(),
    });
    await expect(retried(aCall({ signal: caller.signal }))).rejects.toMatchObject({ code: 'cancelled' });
    expect(calls).toHaveLength(1);
  });
});

describe('a write', () => {
  it.each<[string, Step]>([
    ['no connection was made', unsent('upstream_unavailable')],
    ['connecting took too long', unsent('upstream_timeout')],
    ['Order Desk asked to wait', RATE_LIMITED],
  ])('is made again when %s', async (_name, step) => {
    const { send, calls } = subject([step, answered(200)]);
    expect(await send(aCall(write))).toBe(OK);
    expect(calls).toHaveLength(2);
    expect(calls[1]).toMatchObject(write);
  });

  it.each<[string, Step]>([
    ['Order Desk failed', FAILS],
    ['the connection was lost', lost('upstream_unavailable')],
    ['there was no answer in time', lost('upstream_timeout')],
    ['the answer was damaged', answered(200, 'upstream_malformed')],
    ['the answer was cut off', answered(200, 'upstream_unavailable')],
  ])('is never made again when %s', async (_name, step) => {
    const { send, calls } = subject([step, answered(200)]);
    await expect(send(aCall(write))).rejects.toBeInstanceOf(AppError);
    expect(calls).toHaveLength(1);
  });

  it('is not made again when its second attempt got away', async () => {
    const { send, calls } = subject([unsent('upstream_unavailable'), lost('upstream_unavailable')]);
    await expect(send(aCall(write))).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect(calls).toHaveLength(2);
  });
});

it('whoever asked is told of each departure and each reply', async () => {
  const told: string[] = [];
  const { send } = subject([RATE_LIMITED, answered(200)]);
  await send(
    aCall({
      onDeparture: () => told.push('left'),
      onReply: ({ status }) => told.push(String(status)),
    }),
  );
  expect(told).toEqual(['left', '429', 'left', '200']);
});
