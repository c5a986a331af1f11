/** The places that wait: what they put on the account of a call, and what they do not. */
import { describe, expect, it } from 'vitest';
import { SingleFlight } from '../../../src/cache/single-flight.js';
import { AppError } from '../../../src/errors.js';
import type { SharedRedis } from '../../../src/redis/shared-redis.js';
import { waitedRedis } from '../../../src/redis/waited.js';
import type { Database, Tx } from '../../../src/storage/port.js';
import { waitedDatabase } from '../../../src/storage/waited.js';
import { createWaits } from '../../../src/telemetry/waits.js';
import { toTenantId } from '../../../src/tenancy/ids.js';
import { LastKnown } from '../../../src/tenancy/last-known.js';
import { deferred } from '../../support/deferred.js';

const TENANT = toTenantId('00000000-0000-7000-8000-000000000001');
const ONE_ROW = { parse: (row: unknown) => row };

/** A clock, and an account on it. */
function measured() {
  let at = 0;
  const waits = createWaits(() => at);
  const pass = async (ms: number) => {
    at += ms;
  };
  return { waits, pass, account: waits.open(), begin: () => waits.begin('postgres') };
}

describe('a database', () => {
  /** Takes 10 ms to begin a transaction, 3 for a statement and 5 to end. */
  function slowDatabase(pass: (ms: number) => Promise<void>): Database {
    const tx: Tx = {
      async rows(row) {
        await pass(3);
        return [row.parse('row')];
      },
      async run() {
        await pass(3);
        throw new AppError('storage_unavailable');
      },
    };
    const transact = async <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => {
      await pass(10);
      return fn(tx).finally(() => pass(5));
    };
    return {
      asTenant: (_tenant, fn) => transact(fn),
      asSystem: (_job, fn) => transact(fn),
      close: async () => {},
    };
  }

  it.each(['asTenant', 'asSystem'] as const)(
    '%s: is waited for but while the work itself goes on',
    async (how) => {
      const { waits, pass, account, begin } = measured();
      const database = waitedDatabase(slowDatabase(pass), begin);
      const work = async (tx: Tx) => {
        await pass(100);
        const rows = await tx.rows(ONE_ROW, 'select');
        await pass(100);
        return rows;
      };
      const rows = await account.within(() =>
        how === 'asTenant' ? database.asTenant(TENANT, work) : database.asSystem('sweep', work),
      );
      expect(rows).toEqual(['row']);
      expect(account.close()).toMatchObject({ ownMs: 200, waitMs: { postgres: 18 } });
      expect(waits.open().close().ownMs).toBe(0);
    },
  );

  it('is waited for no longer once a statement or its work has failed', async () => {
    const { pass, account, begin } = measured();
    const database = waitedDatabase(slowDatabase(pass), begin);
    await account.within(async () => {
      await expect(database.asTenant(TENANT, (tx) => tx.run('update'))).rejects.toMatchObject({
        code: 'storage_unavailable',
      });
      await pass(50);
    });
    expect(account.close()).toMatchObject({ ownMs: 50, waitMs: { postgres: 18 } });
  });

  it('is waited for where it gives no connection', async () => {
    const { pass, account, begin } = measured();
    const away = async () => {
      await pass(2_000);
      throw new AppError('storage_unavailable');
    };
    const database = waitedDatabase({ asTenant: away, asSystem: away, close: async () => {} }, begin);
    await account.within(async () => {
      await expect(database.asSystem('sweep', async () => 1)).rejects.toThrow(AppError);
      await pass(1);
    });
    expect(account.close()).toMatchObject({ ownMs: 1, waitMs: { postgres: 2_000 } });
  });

  it('is waited for by those too who wait for the question of another', async () => {
    const { waits, pass, account } = measured();
    const known = new LastKnown<string, { n: number }>({
      max: 10,
      freshMs: 1_000,
      staleMaxMs: 1_000,
      now: () => 0,
      joined: (wait) => waits.waiting('postgres', wait),
    });
    const answer = deferred<{ n: number }>();
    const first = known.get('k', () => answer.promise);
    const second = account.within(() => known.get('k', async () => ({ n: 2 })));
    await pass(40);
    answer.resolve({ n: 1 });
    expect(await second).toEqual({ n: 1 });
    await first;
    await account.within(() => known.get('k', async () => ({ n: 3 })));
    expect(account.close()).toMatchObject({ ownMs: 0, waitMs: { postgres: 40 } });
  });
});

describe('Redis', () => {
  it('is waited for with each question, and otherwise is what it was', async () => {
    const { waits, pass, account } = measured();
    const script = { text: 'return 1', sha: 'abc' };
    const listeners: unknown[] = [];
    let closed = false;
    let state: SharedRedis['state'] = 'there';
    const plain: SharedRedis = {
      get state() {
        return state;
      },
      ask: async () => {
        await pass(1);
        throw new Error('away');
      },
      run: async (...question) => {
        await pass(2);
        return question;
      },
      runForBytes: async (...question) => {
        await pass(4);
        return question;
      },
      onChange: (listener) => void listeners.push(listener),
      close: () => {
        closed = true;
      },
    };
    const shared = waitedRedis(plain, (work) => waits.waiting('redis', work));
    await account.within(async () => {
      await expect(shared.ask(async () => 1)).rejects.toThrow('away');
      expect(await shared.run(script, ['k'], [1])).toEqual([script, ['k'], [1]]);
      expect(await shared.runForBytes(script, ['k'], ['x'])).toEqual([script, ['k'], ['x']]);
      await pass(100);
    });
    expect(account.close()).toMatchObject({ ownMs: 100, waitMs: { redis: 7 } });
    state = 'away';
    expect(shared.state).toBe('away');
    const listener = () => {};
    shared.onChange(listener);
    expect(listeners).toEqual([listener]);
    shared.close();
    expect(closed).toBe(true);
  });
});

describe('a fetch that several wait for', () => {
  it('is waited for as such by those who joined it, not by the one who does it', async () => {
    const { waits, pass } = measured();
    const [first, second] = [waits.open(), waits.open()];
    const flights = new SingleFlight<string>({ joined: (wait) => waits.waiting('upstream', wait) });
    const { signal } = new AbortController();
    const answer = deferred<void>();
    const begun = first.within(() =>
      flights.run('k', signal, async () => {
        await answer.promise;
        await waits.waiting('upstream', () => pass(30));
        await pass(20);
        return 'record';
      }),
    );
    const joined = second.within(() => flights.run('k', signal, async () => 'another'));
    await Promise.resolve();
    answer.resolve();
    expect(await Promise.all([begun, joined])).toEqual(['record', 'record']);
    expect(first.close()).toMatchObject({ ownMs: 20, waitMs: { upstream: 30 } });
    expect(second.close()).toMatchObject({ ownMs: 0, waitMs: { upstream: 50 } });
  });
});
