import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { type BreakerEvent, breaking } from '../../../src/orderdesk/breaker.js';
import type { Account, Send, UpstreamReply } from '../../../src/orderdesk/call.js';
import { Secret } from '../../../src/tenancy/secret.js';
import { aCall, answered, lost, OK, type Step, scripted, TestClock, unsent } from './calls.js';
import { storeEntry } from './records.js';

const FAILS = answered(503, 'upstream_unavailable');
const WELL = answered(200);

function subject(options: { storesRemembered?: number } = {}) {
  const clock = new TestClock();
  const events: BreakerEvent[] = [];
  let step: Step = WELL;
  let held: Promise<void> | undefined;
  let sent = 0;
  const next: Send = async (call) => {
    sent += 1;
    const [how, wait] = [step, held];
    held = undefined;
    await wait;
    return scripted(how).send(call);
  };
  const send = breaking(next, { now: clock.now, onChange: (event) => events.push(event), ...options });
  const outcomes = {
    async of(how: Step, orderDeskId = '1', tenant = `tenant-${orderDeskId}`): Promise<string> {
      step = how;
      const account: Account = { kind: 'kept', store: storeEntry({ orderDeskId, tenant }) };
      return send(aCall({ account })).then(
        () => 'ok',
        (error: AppError) => (error.retryAfterS === undefined ? error.code : `wait ${error.retryAfterS}`),
      );
    },
  };
  return {
    clock,
    send,
    events,
    call: outcomes.of,
    sent: () => sent,
    /** Keeps the next call until the function is called. */
    hold(): () => void {
      let release = (): void => {};
      held = new Promise((resolve) => {
        release = resolve;
      });
      return () => release();
    },
    async fail(times: number, orderDeskId = '1', tenant?: string): Promise<void> {
      for (let i = 0; i < times; i += 1) await outcomes.of(FAILS, orderDeskId, tenant);
    },
  };
}

const changes = (events: readonly BreakerEvent[]): string[] =>
  events.map(({ scope, from, to }) => `${scope} ${from} ${to}`);

describe('a store that keeps failing', () => {
  it('is left alone after five failures in a row, and its callers are told at once how long', async () => {
    const { call, fail, sent, events } = subject();
    await fail(4);
    expect(events).toEqual([]);
    await fail(1);
    expect(await call(WELL)).toBe('wait 10');
    expect(sent()).toBe(5);
    expect(changes(events)).toEqual(['store closed open']);
  });

  it('is told of as an unavailable Order Desk, with what to do', async () => {
    const { send, fail } = subject();
    await fail(5);
    const account: Account = { kind: 'kept', store: storeEntry({ orderDeskId: '1' }) };
    await expect(send(aCall({ account }))).rejects.toMatchObject({
      code: 'upstream_unavailable',
      retryAfterS: 10,
      hint: 'Wait 10 seconds, then make the same call again.',
    });
  });

  it('is not left alone for the failures of a row that only names it', async () => {
    const { send, call, fail } = subject();
    const store = { ...storeEntry({ orderDeskId: '1', tenant: 'tenant-b' }), refusedAt: new Date(0) };
    const account: Account = { kind: 'kept', store };
    await fail(1);
    for (let i = 0; i < 5; i += 1) await expect(send(aCall({ account }))).rejects.toThrow();
    await expect(send(aCall({ account }))).rejects.toMatchObject({ retryAfterS: 10 });
    expect(await call(WELL)).toBe('ok');
  });

  it('is not left alone when anything in between went well', async () => {
    const { call, fail, events } = subject();
    for (let i = 0; i < 4; i += 1) {
      await fail(4);
      expect(await call(WELL)).toBe('ok');
    }
    expect(events).toEqual([]);
  });

  it('is tried by one call at a time after the pause, and is back when that goes well', async () => {
    const { call, fail, clock, sent, hold, events } = subject();
    await fail(5);
    clock.pass(9_999);
    expect(await call(WELL)).toBe('wait 1');
    clock.pass(1);
    const release = hold();
    const trial = call(WELL);
    expect(await call(WELL)).toBe('wait 1');
    release();
    expect(await trial).toBe('ok');
    expect(sent()).toBe(6);
    expect(await call(WELL)).toBe('ok');
    expect(changes(events)).toEqual(['store closed open', 'store open half_open', 'store half_open closed']);
  });

  it('is left alone twice as long after each failed trial, a minute at most, and 10 s again once it was well', async () => {
    const { call, fail, clock } = subject();
    await fail(5);
    const waits: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      clock.pass(60_000);
      expect(await call(FAILS)).toBe('upstream_unavailable');
      waits.push(await call(WELL));
    }
    expect(waits).toEqual(['wait 20', 'wait 40', 'wait 60', 'wait 60', 'wait 60']);
    clock.pass(60_000);
    expect(await call(WELL)).toBe('ok');
    await fail(5);
    expect(await call(WELL)).toBe('wait 10');
  });

  it.each<[string, Step]>([
    ['a caller who left', lost('cancelled')],
    ['a refusal of our own', unsent('rate_budget_exhausted')],
  ])('is tried again at once after a trial that ended with %s', async (_name, neither) => {
    const { call, fail, clock } = subject();
    await fail(5);
    clock.pass(10_000);
    await call(neither);
    expect(await call(WELL)).toBe('ok');
  });

  it('does not come back by a call that began before it was left alone', async () => {
    const { call, fail, hold } = subject();
    const release = hold();
    const early = call(WELL);
    await fail(5);
    release();
    expect(await early).toBe('ok');
    expect(await call(WELL)).toBe('wait 10');
  });

  it('is not left alone for longer by a failure of a call that began before', async () => {
    const { call, fail, hold, clock } = subject();
    const release = hold();
    const early = call(FAILS);
    await fail(5);
    clock.pass(9_000);
    release();
    expect(await early).toBe('upstream_unavailable');
    expect(await call(WELL)).toBe('wait 1');
  });

  it('does not touch another store, nor a credential that is only offered', async () => {
    const { call, fail, send } = subject();
    await fail(5);
    expect(await call(WELL, '2')).toBe('ok');
    const offered: Account = { kind: 'offered', storeId: '1', apiKey: new Secret('key') };
    expect(await send(aCall({ account: offered }))).toBe(OK);
  });
});

describe('what counts', () => {
  const timedOut = (cause?: Error) => new AppError('upstream_timeout', undefined, { cause });
  const connecting = Object.assign(new Error('connect'), { code: 'UND_ERR_CONNECT_TIMEOUT' });

  it.each<[string, Step]>([
    ['HTTP 5xx', FAILS],
    ['a lost connection', lost('upstream_unavailable')],
    ['no connection', unsent('upstream_unavailable')],
    ['a connection that takes too long', unsent(timedOut(connecting))],
    ['an answer that makes no sense', answered(200, 'upstream_malformed')],
  ])('as a failure: %s', async (_name, step) => {
    const { call } = subject();
    for (let i = 0; i < 5; i += 1) await call(step);
    expect(await call(WELL)).toBe('wait 10');
  });

  it.each<[string, Step]>([
    ['a refused key', answered(401, 'upstream_credentials_refused')],
    ['a refused request', answered(422, 'upstream_rejected')],
    ['nothing found', answered(404, 'not_found')],
    ['a request to wait', answered(429, 'upstream_rate_limited')],
    [
      'an answer that is too large',
      answered(200, new AppError('upstream_malformed', undefined, { cause: new RangeError('x') })),
    ],
  ])('as a success: %s', async (_name, step) => {
    const { call, fail } = subject();
    await fail(4);
    await call(step);
    await fail(4);
    expect(await call(WELL)).toBe('ok');
  });

  it.each<[string, Step]>([
    ['a caller who left', lost('cancelled')],
    ['a refusal by the budget', unsent('rate_budget_exhausted')],
    ['no free place', unsent('store_busy')],
    ['the end of the server', unsent('shutting_down')],
    ['a deadline that passed before anything was sent', unsent(timedOut())],
    ['a deadline that passed right after it was sent', lost(timedOut())],
    ['a mistake of ours', unsent('internal')],
  ])('as neither: %s', async (_name, step) => {
    const { call, fail } = subject();
    for (let i = 0; i < 20; i += 1) await call(step);
    await fail(4);
    await call(step);
    expect(await call(WELL)).toBe('ok');
    await fail(4);
    await call(step);
    await fail(1);
    expect(await call(WELL)).toBe('wait 10');
  });

  it('as a failure: no answer after a second or more', async () => {
    const clock = new TestClock();
    const next: Send = async (call) => {
      call.onDeparture?.();
      clock.pass(1_000);
      throw new AppError('upstream_timeout');
    };
    const send = breaking(next, { now: clock.now, onChange: () => {} });
    for (let i = 0; i < 5; i += 1) {
      await expect(send(aCall())).rejects.toMatchObject({ code: 'upstream_timeout' });
    }
    await expect(send(aCall())).rejects.toMatchObject({ code: 'upstream_unavailable', retryAfterS: 10 });
  });
});

describe('the host', () => {
  it('is left alone when three stores of two tenants have failed and nothing went well since', async () => {
    const { call, fail, events } = subject();
    await fail(5, '1', 'tenant-a');
    await fail(5, '2', 'tenant-a');
    expect(await call(WELL, '9')).toBe('ok');
    await fail(5, '3', 'tenant-b');
    expect(await call(WELL, '9')).toBe('ok');
    expect(changes(events).filter((change) => change.startsWith('host'))).toEqual([]);
    for (const [store, tenant] of [
      ['4', 'tenant-a'],
      ['5', 'tenant-a'],
      ['6', 'tenant-b'],
    ] as const) {
      await fail(5, store, tenant);
    }
    expect(await call(WELL, '9')).toBe('wait 10');
    expect(changes(events)).toContain('host closed open');
  });

  it('is not left alone for any number of stores of one tenant', async () => {
    const { call, fail } = subject();
    for (let store = 1; store <= 20; store += 1) await fail(5, String(store), 'tenant-a');
    expect(await call(WELL, '99', 'tenant-b')).toBe('ok');
  });

  it('is not left alone for two stores of two tenants', async () => {
    const { call, fail } = subject();
    await fail(5, '1', 'tenant-a');
    await fail(5, '2', 'tenant-b');
    expect(await call(WELL, '3')).toBe('ok');
  });

  it('is tried by one call of any store, and is back for all whose own circuit is closed', async () => {
    const { call, fail, clock, hold } = subject();
    for (const store of ['1', '2', '3']) await fail(5, store);
    clock.pass(10_000);
    const release = hold();
    const trial = call(WELL, '7');
    expect(await call(WELL, '8')).toBe('wait 1');
    release();
    expect(await trial).toBe('ok');
    expect(await call(WELL, '8')).toBe('ok');
    expect(await call(WELL, '1')).toBe('ok');
  });

  it('is left alone longer after a failed trial', async () => {
    const { call, fail, clock } = subject();
    for (const store of ['1', '2', '3']) await fail(5, store);
    clock.pass(10_000);
    await call(FAILS, '7');
    expect(await call(WELL, '8')).toBe('wait 20');
  });
});

describe('the memory of failures', () => {
  it('is bounded, and what is given up counts as closed', async () => {
    const { call, fail, events } = subject({ storesRemembered: 2 });
    await fail(5, '1');
    await fail(1, '2');
    await fail(1, '3');
    expect(changes(events)).toEqual(['store closed open', 'store open closed']);
    expect(await call(WELL, '1')).toBe('ok');
  });

  it('leaves the answer as it is', async () => {
    const reply: UpstreamReply = { body: { status: 'success' }, tookMs: 0, tokensRemaining: 3 };
    const send = breaking(async () => reply, { now: () => 0, onChange: () => {} });
    expect(await send(aCall())).toBe(reply);
  });
});
