import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { createMemoryLimiter } from '../../../src/limits/memory.js';
import type { Limiter } from '../../../src/limits/port.js';
import { toTenantId } from '../../../src/tenancy/ids.js';
import type { Principal, TenantLimits } from '../../../src/tenancy/principal.js';
import { testLimits } from '../../support/limits.js';
import { EVERYTHING } from '../../support/scopes.js';
import { TENANT_A, TENANT_B, TestClock } from '../tenancy/support.js';

const ADDRESS = '192.0.2.7';
const STRANGER = () => false;
const KNOWN = () => true;

const principalOf = (kid: string, tenantId = TENANT_A, limits?: TenantLimits): Principal =>
  ({ kid, tenantId, role: 'agent', scope: EVERYTHING, limits }) as Principal;

async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action();
    return 'ok';
  } catch (thrown) {
    return thrown instanceof AppError ? thrown.code : 'another error';
  }
}

const thrownBy = async (action: () => unknown): Promise<AppError> => {
  try {
    await action();
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
};

describe('failures to authenticate', () => {
  const address = { burst: 3, perSecond: 0.1 };

  it('are allowed up to the burst; after it, strangers are turned away until one is allowed again', async () => {
    const clock = new TestClock();
    const { limits } = testLimits({ address }, { now: clock.now });
    for (let i = 0; i < 3; i += 1) {
      expect(await codeOf(() => limits.admit(ADDRESS, STRANGER))).toBe('ok');
      await limits.failed(ADDRESS);
    }
    const refusal = await thrownBy(() => limits.admit(ADDRESS, STRANGER));
    expect(refusal).toMatchObject({ code: 'rate_limited', retryAfterS: 10 });
    clock.advance(9_999);
    expect(await codeOf(() => limits.admit(ADDRESS, STRANGER))).toBe('rate_limited');
    clock.advance(1);
    expect(await codeOf(() => limits.admit(ADDRESS, STRANGER))).toBe('ok');
    await limits.failed(ADDRESS);
    expect(await codeOf(() => limits.admit(ADDRESS, STRANGER))).toBe('rate_limited');
  });

  it('cost a key with a proof nothing, and it is asked for only once the address is over its limit', async () => {
    const { limits } = testLimits({ address });
    let asked = 0;
    const known = () => {
      asked += 1;
      return true;
    };
    limits.admit(ADDRESS, known);
    expect(asked).toBe(0);
    for (let i = 0; i < 3; i += 1) await limits.failed(ADDRESS);
    limits.admit(ADDRESS, known);
    expect(asked).toBe(1);
    expect(await codeOf(() => limits.admit(ADDRESS, KNOWN))).toBe('ok');
  });

  it('of one address do not count for another, but all of one /64 do', async () => {
    const { limits } = testLimits({ address });
    for (let i = 0; i < 3; i += 1) await limits.failed(`2001:db8:0:1::${i}`);
    expect(await codeOf(() => limits.admit('2001:db8:0:1:ffff::9', STRANGER))).toBe('rate_limited');
    expect(await codeOf(() => limits.admit('2001:db8:0:2::1', STRANGER))).toBe('ok');
    expect(await codeOf(() => limits.admit(ADDRESS, STRANGER))).toBe('ok');
  });

  it('that other replicas saw are found out by the first one here', async () => {
    const limiter = createMemoryLimiter();
    const [here, there] = [
      testLimits({ address }, { limiter }).limits,
      testLimits({ address }, { limiter }).limits,
    ];
    for (let i = 0; i < 3; i += 1) await there.failed(ADDRESS);
    here.admit(ADDRESS, STRANGER);
    expect(await codeOf(() => here.failed(ADDRESS))).toBe('rate_limited');
    expect(await codeOf(() => here.admit(ADDRESS, STRANGER))).toBe('rate_limited');
  });

  it('give the shared limiter no address to see', async () => {
    const keys: string[] = [];
    const limiter: Limiter = {
      mode: 'shared',
      take: async (key) => {
        keys.push(key);
        return { allowed: true, remaining: 1, retryAfterMs: 0 };
      },
      close: async () => {},
    };
    await testLimits({}, { limiter }).limits.failed(ADDRESS);
    expect(keys).toEqual([`address:hash-of-${ADDRESS}`]);
  });
});

describe('messages of a key', () => {
  const key = { burst: 10, perSecond: 2 };

  it('are counted each, and refused with the time to wait', async () => {
    const clock = new TestClock();
    const { limits, decisions } = testLimits({ key }, { now: clock.now });
    const one = principalOf('key0000001');
    await limits.takeMessages(one, 8);
    await limits.takeMessages(one, 2);
    expect(await thrownBy(() => limits.takeMessages(one, 3))).toMatchObject({
      code: 'rate_limited',
      retryAfterS: 2,
    });
    clock.advance(1_500);
    await limits.takeMessages(one, 3);
    expect(decisions).toEqual(['key passed', 'key passed', 'key refused', 'key passed']);
  });

  it('do not count for another key, of the same tenant or another', async () => {
    const { limits } = testLimits({ key });
    await limits.takeMessages(principalOf('key0000001'), 10);
    expect(await codeOf(() => limits.takeMessages(principalOf('key0000001'), 1))).toBe('rate_limited');
    expect(await codeOf(() => limits.takeMessages(principalOf('key0000002'), 1))).toBe('ok');
    expect(await codeOf(() => limits.takeMessages(principalOf('key0000003', TENANT_B), 1))).toBe('ok');
  });

  it('follow what is set for the tenant, and the usual for what is not', async () => {
    const clock = new TestClock();
    const { limits } = testLimits({ key }, { now: clock.now });
    const wide = principalOf('key0000001', TENANT_A, { keyBurst: 30 });
    await limits.takeMessages(wide, 30);
    expect(await thrownBy(() => limits.takeMessages(wide, 10))).toMatchObject({ retryAfterS: 5 });
    const quick = principalOf('key0000002', TENANT_A, { keyPerSecond: 10 });
    await limits.takeMessages(quick, 10);
    expect(await thrownBy(() => limits.takeMessages(quick, 10))).toMatchObject({ retryAfterS: 1 });
  });

  it('that no waiting makes possible are refused without a time to wait', async () => {
    const { limits } = testLimits({ key: { burst: 5, perSecond: 2 } });
    const refusal = await thrownBy(() => limits.takeMessages(principalOf('key0000001'), 9));
    expect(refusal.retryAfterS).toBeUndefined();
    expect(refusal.hint).toMatch(/in parts/);
  });
});

describe('places of a tenant', () => {
  const tenant = { concurrency: 1, queue: 1, waitMs: 5_000 };
  const stays = new AbortController().signal;

  it('are shared by its keys and by nobody else', async () => {
    const { limits } = testLimits({ tenant: { ...tenant, queue: 0 } });
    const release = await limits.enter(principalOf('key0000001'), stays);
    expect(await codeOf(() => limits.enter(principalOf('key0000002'), stays))).toBe('too_many_calls');
    expect(await codeOf(() => limits.enter(principalOf('key0000003', TENANT_B), stays))).toBe('ok');
    release();
    expect(await codeOf(() => limits.enter(principalOf('key0000002'), stays))).toBe('ok');
  });

  it('follow what is set for the tenant', async () => {
    const { limits } = testLimits({ tenant: { ...tenant, queue: 0 } });
    const wide = principalOf('key0000001', TENANT_A, { concurrency: 2 });
    await limits.enter(wide, stays);
    await limits.enter(wide, stays);
    expect(await thrownBy(() => limits.enter(wide, stays))).toMatchObject({
      code: 'too_many_calls',
      retryAfterS: 1,
    });
  });

  it('are counted by how they were asked for', async () => {
    const { limits, decisions } = testLimits({ tenant });
    const one = principalOf('key0000001', toTenantId('01900000-0000-7000-8000-0000000000cc'));
    const release = await limits.enter(one, stays);
    const queued = limits.enter(one, stays);
    expect(await codeOf(() => limits.enter(one, stays))).toBe('too_many_calls');
    release();
    (await queued)();
    expect(decisions).toEqual(['tenant passed', 'tenant queued', 'tenant refused', 'tenant passed']);
  });
});
