/** A read and a write of the same order in every order in which their steps can happen, on one replica and on two. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Send } from '../../../src/orderdesk/call.js';
import type { StoreEntry } from '../../../src/tenancy/stores.js';
import { deferred } from '../../support/deferred.js';
import { beImpatient, bePatient, patientUrl } from '../../support/patient-redis.js';
import { emptyRedis, startRedis } from '../../support/services/index.js';
import { orderRecord, pageReply, storeEntry } from '../../unit/orderdesk/records.js';
import { ciphers, type Replica, replicaOn } from './replicas.js';

/** The reader looks into the cache, Order Desk answers it, it stores; the writer raises, Order Desk applies, it raises. */
const READING = ['look', 'fetch', 'store'] as const;
const WRITING = ['raise before', 'apply', 'raise after'] as const;
type Step = (typeof READING)[number] | (typeof WRITING)[number];

const isReading = (step: Step): boolean => READING.some((reading) => reading === step);

/** All ways to merge two lists that keep the order of each. */
function merges<T>(a: readonly T[], b: readonly T[]): T[][] {
  const [firstA, ...restA] = a;
  const [firstB, ...restB] = b;
  if (firstA === undefined || firstB === undefined) return [[...a, ...b]];
  return [
    ...merges(restA, b).map((rest) => [firstA, ...rest]),
    ...merges(a, restB).map((rest) => [firstB, ...rest]),
  ];
}

/** Holds the steps of the two watched actors until they are let go, one at a time. */
class Director {
  readonly #actors = new AsyncLocalStorage<'watched'>();
  readonly #gates = new Map<
    Step,
    { go: ReturnType<typeof deferred<void>>; done: ReturnType<typeof deferred<void>> }
  >();

  watch<T>(work: () => Promise<T>): Promise<T> {
    return this.#actors.run('watched', work);
  }

  /** Does the work when its turn has come; who is not watched goes on at once. */
  async at<T>(step: Step, work: () => Promise<T>): Promise<T> {
    if (this.#actors.getStore() === undefined) return work();
    const gate = this.#gate(step);
    await gate.go.promise;
    try {
      return await work();
    } finally {
      gate.done.resolve();
    }
  }

  /** @param over ends the actor, who may have no need of all his steps: what he wants may be there */
  async let(step: Step, over: Promise<unknown>): Promise<void> {
    const gate = this.#gate(step);
    gate.go.resolve();
    await Promise.race([gate.done.promise, over]);
  }

  #gate(step: Step) {
    const gate = this.#gates.get(step) ?? { go: deferred<void>(), done: deferred<void>() };
    this.#gates.set(step, gate);
    return gate;
  }
}

const ctx = () => ({ signal: new AbortController().signal });
const proven = { verifiedAt: new Date(0) };
const ours = storeEntry(proven);
const partners = storeEntry({ ...proven, tenant: 'tenant-b', row: 'row-b' });

describe('a read and a write that overtake each other', () => {
  let director: Director;
  let truth: string;
  let writing: Replica;
  let other: Replica;

  beforeAll(async () => {
    const { url } = await emptyRedis();
    const cipherAt = ciphers();
    const send: Send = ({ route }) =>
      director.at('fetch', async () => {
        const order = orderRecord({ id: '5', source_name: truth });
        const body = route === '/orders' ? pageReply([order]) : { order };
        return { body, tookMs: 0, tokensRemaining: undefined };
      });
    const replica = () => {
      let raises = 0;
      return replicaOn(patientUrl(url), {
        send,
        cipher: cipherAt(),
        around: (cache) => ({
          items: 0,
          lookup: (...args) => director.at('look', () => cache.lookup(...args)),
          store: (...args) => director.at('store', () => cache.store(...args)),
          raise: (scopes) => {
            raises += 1;
            return director.at(raises % 2 === 1 ? 'raise before' : 'raise after', () => cache.raise(scopes));
          },
          close: cache.close,
        }),
      });
    };
    writing = await replica();
    other = await replica();
  });
  afterAll(async () => {
    await writing.end();
    await other.end();
  });

  const reads = {
    order: async (replica: Replica, store: StoreEntry) =>
      (await replica.gateway.getOrder(store, '5', ctx())).view.sourceName,
    list: async (replica: Replica, store: StoreEntry) =>
      (await replica.gateway.listOrders(store, { limit: 20 }, ctx())).orders[0]?.view.sourceName,
  };

  /** @returns the answers to who asks after the write, while the first read may still be under way, and at the end */
  async function play(order: readonly Step[], what: keyof typeof reads, reader: Replica, store: StoreEntry) {
    director = new Director();
    truth = 'old';
    const read = reads[what];
    const first = director.watch(() => read(reader, store));
    const write = director.watch(() =>
      writing.gateway.withRaised(ours, [{ kind: 'order', id: '5' }], () =>
        director.at('apply', async () => {
          truth = 'new';
        }),
      ),
    );
    const late: Promise<string | null | undefined>[] = [];
    for (const step of order) {
      await director.let(step, isReading(step) ? first : write);
      if (step !== 'raise after') continue;
      await write;
      for (const replica of [writing, other]) late.push(read(replica, store), read(replica, ours));
    }
    const firstAnswer = await first;
    const answers = await Promise.all(late);
    for (const replica of [writing, other])
      answers.push(await read(replica, store), await read(replica, ours));
    return { firstAnswer, answers };
  }

  const cases = [
    ['an order', 'on the replica that writes', 'order', () => writing, ours],
    ['an order', 'on another replica', 'order', () => other, ours],
    ['an order', 'on another replica, of a partner with the same store', 'order', () => other, partners],
    ['a list', 'on another replica, of a partner with the same store', 'list', () => other, partners],
  ] as const;

  it.each(cases)('show %s as it was written to all who ask after the write, read %s', async (...one) => {
    const [, , what, reader, store] = one;
    const orders = merges<Step>(READING, WRITING);
    expect(orders).toHaveLength(20);
    for (const order of orders) {
      await writing.redis.flushdb();
      const { firstAnswer, answers } = await play(order, what, reader(), store);
      const isOld = order.indexOf('fetch') < order.indexOf('apply');
      expect(firstAnswer, order.join()).toBe(isOld ? 'old' : 'new');
      expect(new Set(answers), order.join()).toEqual(new Set(['new']));
    }
    const seen = new Set([...writing.operations, ...other.operations].map((line) => line.split(' ')[0]));
    expect([...seen].sort()).toEqual(['hit', 'miss', 'set', 'stale_generation']);
  });
});

describe('reads while Redis hangs', () => {
  it('are answered by Order Desk, and from the cache again when Redis answers', async () => {
    const server = await startRedis();
    let fetches = 0;
    const replica = await replicaOn(patientUrl(server.url), {
      cipher: ciphers()(),
      send: async () => {
        fetches += 1;
        return { body: { order: orderRecord({ id: '5' }) }, tookMs: 0, tokensRemaining: undefined };
      },
    });
    const read = async () => (await replica.gateway.getOrder(ours, '5', ctx())).view.id;
    await read();
    expect(await read()).toBe('5');
    expect(fetches).toBe(1);
    beImpatient(replica.redis);
    server.pause();
    for (let i = 0; i < 5; i += 1) expect(await read()).toBe('5');
    expect(fetches).toBe(6);
    expect(await replica.gateway.withRaised(ours, [{ kind: 'orders' }], async () => 'written')).toBe(
      'written',
    );
    server.resume();
    bePatient(replica.redis);
    await expect.poll(() => replica.shared.state).toBe('there');
    expect(await read()).toBe('5');
    expect(fetches).toBe(6);
    expect(replica.operations).toEqual([
      'miss order',
      'set order',
      'hit order',
      ...Array.from({ length: 5 }, () => 'error order'),
      'hit order',
    ]);
    await replica.end();
    await server.stop();
  });
});
