/**
 * Redis and Postgres away for twenty seconds, stopped and frozen, each before two replicas of their own and all at the
 * same time. Each row of the tables in docs/OUTAGES.md is a test here, or is proven elsewhere. Needs `npm run build`.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  expectDetailed,
  expectProbes,
  expectRecovered,
  expectRefused,
  expectSoon,
  expectTrueLedger,
  expectWell,
  metricsOf,
  outcomes,
  READS,
  RECOVERED_MS,
} from './expected.js';
import { REPLICAS } from './installation.js';
import type { Outage } from './outage.js';
import { HOW, type How, type PartName, prepare, settled } from './parts.js';

const outages = new Map<string, Outage>();
const ends: (() => Promise<void>)[] = [];
const suffered = (name: PartName, how: How): Outage => {
  const outage = outages.get(`${name} ${how}`);
  if (outage === undefined) throw new Error(`${name} was not ${how}.`);
  return outage;
};

async function suffer(name: PartName, how: How): Promise<void> {
  const { outage, part, superuserUrl } = await prepare(name, how, ends);
  outages.set(`${name} ${how}`, outage);
  await outage.suffer(part);
  await settled(superuserUrl);
}

beforeAll(() => Promise.all(HOW.flatMap((how) => [suffer('Postgres', how), suffer('Redis', how)])));
afterAll(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

describe.each(HOW)('while Postgres is %s', (how) => {
  it('a key in use reads on, from Order Desk and from the cache', () => {
    const outage = suffered('Postgres', how);
    for (const what of READS) expectSoon(outage, what);
  });

  it('previews are shown', () => expectSoon(suffered('Postgres', how), 'preview'));

  it('the first use of a key is refused with a time to wait', () => {
    const outage = suffered('Postgres', how);
    expectRefused(outage, 'first use of a key');
    for (const { status } of outage.meanwhile('first use of a key')) expect(status).toBe(503);
  });

  it('no key is made, and the command says why', () => {
    const { command } = suffered('Postgres', how);
    expect(command).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('database') });
  });

  it('writes, undo_change and list_changes are refused with a time to wait, and nothing is sent', () => {
    const outage = suffered('Postgres', how);
    for (const what of ['write', 'undo', 'list_changes']) expectRefused(outage, what);
    const refused = outage.writes.filter(({ seen }) => seen.outcome !== 'ok');
    expect(refused.length).toBeGreaterThan(1);
    for (const { email } of refused) expect(outage.installation.arrived).not.toContain(email);
  });

  it('a write under way is answered truly, and the ledger follows', async () => {
    const outage = suffered('Postgres', how);
    expect(outage.underWay).toHaveLength(REPLICAS.length);
    for (const { seen } of outage.underWay) {
      expect(seen.told).toMatchObject({ outcome: 'applied', recorded: false });
    }
    await expectTrueLedger(outage);
  });

  it('every replica stays ready and says what it does without', () => {
    expectProbes(suffered('Postgres', how), { status: 'ready', limits: 'shared', degraded: ['postgres'] });
  });

  it('the operator and the metrics are told', () => {
    const outage = suffered('Postgres', how);
    expectDetailed(outage, 'critical', 'database_failed');
    expect(metricsOf(outage, 'server_degraded{part="postgres"}')).toEqual([1]);
    expect(metricsOf(outage, 'server_ready')).toEqual([1]);
  });

  it('the budgets of the stores are kept', () => {
    expect(suffered('Postgres', how).installation.sandbox.counters().rateLimited).toBe(0);
  });

  it('and back, all works within five seconds and in the same processes', () => {
    const outage = suffered('Postgres', how);
    expectRecovered(outage);
    expect(outcomes(outage.afterwards('undo', RECOVERED_MS))).toEqual(['ok']);
  });
});

describe.each(HOW)('while Redis is %s', (how) => {
  it('reads go on, each from Order Desk', () => {
    const outage = suffered('Redis', how);
    for (const what of READS) expectSoon(outage, what);
    const [atLoss = 0, atReturn = 0, atEnd = 0] = outage.repeated;
    const answered = outage.meanwhile('read again').filter(({ endedAt }) => endedAt < outage.backAt);
    expect(atReturn - atLoss).toBeGreaterThanOrEqual(answered.length);
    const { length } = outage.afterwards('read again', 0);
    expect(atEnd - atReturn).toBeLessThan(length);
  });

  it('writes, previews and undo_change go on, each made once', async () => {
    const outage = suffered('Redis', how);
    for (const what of ['write', 'preview']) expectWell(outage, what);
    expect(outcomes(outage.meanwhile('undo'))).toEqual(['ok']);
    for (const { seen } of outage.underWay) expect(seen.told).toMatchObject({ outcome: 'applied' });
    await expectTrueLedger(outage);
  });

  it('keys are made and used for the first time, and list_changes answers', () => {
    const outage = suffered('Redis', how);
    expect(outcomes(outage.meanwhile('first use of a key'))).toEqual(['ok']);
    expect(outage.command).toMatchObject({ code: 0, stderr: '' });
    expectWell(outage, 'list_changes');
  });

  it('every replica stays ready and says what it does without', () => {
    expectProbes(suffered('Redis', how), { status: 'ready', limits: 'local', degraded: ['redis'] });
  });

  it('the operator and the metrics are told', () => {
    const outage = suffered('Redis', how);
    expectDetailed(outage, 'degraded', 'redis_away', 'cache_failed');
    expect(metricsOf(outage, 'redis_up')).toEqual([0]);
    expect(metricsOf(outage, 'server_degraded{part="redis"}')).toEqual([1]);
    expect(metricsOf(outage, 'rate_limiter_mode{mode="local"}')).toEqual([1]);
    expect(metricsOf(outage, 'rate_budget_mode{mode="local"}')).toEqual([1]);
  });

  it('the budgets of the stores are kept', () => {
    expect(suffered('Redis', how).installation.sandbox.counters().rateLimited).toBe(0);
  });

  it('and back, all is shared within five seconds and in the same processes', () => {
    expectRecovered(suffered('Redis', how));
  });
});

it('a replica that freezes keeps nobody else from working, and works again when it wakes', async () => {
  const { installation } = suffered('Redis', 'frozen');
  const [awake, frozen] = [0, 1];
  const read = (replica: number) =>
    installation.call('read', replica, 'get_order', { order_id: installation.order('read', 38) });
  const write = (replica: number, at: number) =>
    installation.write(replica, {
      orderId: installation.order('write', at),
      email: `outage-frozen-replica-${at}@example.com`,
    });
  let hasAnswered = false;
  installation.replicas.signal(frozen, 'SIGSTOP');
  const held = read(frozen).finally(() => {
    hasAnswered = true;
  });
  try {
    for (const outcome of [await read(awake), await write(awake, 35)]) expect(outcome.outcome).toBe('ok');
    expect(hasAnswered).toBe(false);
  } finally {
    installation.replicas.signal(frozen, 'SIGCONT');
  }
  for (const outcome of [await held, await write(frozen, 36)]) expect(outcome.outcome).toBe('ok');
});
