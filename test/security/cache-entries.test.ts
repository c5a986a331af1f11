/** What lies in Redis: nothing that says who bought what, and nothing that can be moved or changed unnoticed. */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import type { Send } from '../../src/orderdesk/call.js';
import { orderParameters } from '../../src/orderdesk/query.js';
import type { CacheCipher } from '../../src/tenancy/cache-cipher.js';
import { ciphers, type Replica, replicaOn } from '../integration/cache/replicas.js';
import { bePatient } from '../support/patient-redis.js';
import { emptyRedis } from '../support/services/index.js';
import { addressRecord, orderRecord, pageReply, storeEntry, storeReply } from '../unit/orderdesk/records.js';

const DAY_MS = 86_400_000;
/** Nothing of this may be read in Redis; each occurs in what is cached or asked for. */
const CUSTOMER = ['zebulon@shop.example', 'Zebulon', 'Quartzwick', '77 Marmalade Mews', '555-0199'];
const FILTER = 'quartzwick@shop.example';
const SECRETS = ['LEAKED-API-KEY', 'LEAKED-SMTP-USER', 'LEAKED-SMTP-PASSWORD'];
const TICKET_CHARACTERS = 2 * 22;

const ours = storeEntry();
const theirs = storeEntry({ tenant: 'tenant-b', row: 'row-b' });
const ctx = () => ({ signal: new AbortController().signal });

const [email, first_name, last_name, address1, phone] = CUSTOMER;
const address = addressRecord({ first_name, last_name, address1, phone });
const order = (id: string | undefined) => orderRecord({ id, email, shipping: address, customer: address });

describe('the cache in Redis', () => {
  const open: Replica[] = [];
  afterEach(async () => {
    for (const replica of open.splice(0)) await replica.end();
  });

  async function replica(url: string, cipher: CacheCipher | undefined) {
    const calls: string[] = [];
    const send: Send = async ({ route, ids }) => {
      calls.push(route);
      const bodies = { '/store': storeReply(), '/orders': pageReply([order('5')]) } as const;
      const body = route === '/store' || route === '/orders' ? bodies[route] : { order: order(ids?.[0]) };
      return { body, tookMs: 0, tokensRemaining: undefined };
    };
    const made = await replicaOn(url, { send, cipher });
    open.push(made);
    bePatient(made.redis);
    const readAll = async () => {
      await made.gateway.store(ours, ctx());
      await made.gateway.getOrder(ours, '5', ctx());
      await made.gateway.listOrders(ours, { limit: 20, email: FILTER }, ctx());
    };
    return { ...made, calls, readAll };
  }

  async function everythingIn(redis: Redis): Promise<string> {
    const keys = await redis.keys('*');
    const values = await Promise.all(
      keys.map(async (key) => (await redis.getBuffer(key))?.toString('latin1')),
    );
    expect(keys.filter((key) => key.startsWith('odm:cache:'))).toHaveLength(3);
    expect(keys.every((key) => key.startsWith('odm:'))).toBe(true);
    return [...keys, ...values].join('\n');
  }

  it('shows no customer, no filter and no secret; without the cipher it would show the customer', async () => {
    const { url } = await emptyRedis();
    const sealed = await replica(url, ciphers()());
    await sealed.readAll();
    const shown = await everythingIn(sealed.redis);
    for (const seed of [...CUSTOMER, FILTER, ...SECRETS]) expect(shown).not.toContain(seed);
    await sealed.redis.flushdb();

    const plain = await replica(url, undefined);
    await plain.readAll();
    const open = await everythingIn(plain.redis);
    for (const seed of CUSTOMER) expect(open).toContain(seed);
    for (const seed of [FILTER, ...SECRETS]) expect(open).not.toContain(seed);
  });

  it('shows no hash that a guessed filter could be tried out against; without the cipher it would', async () => {
    const parameters = orderParameters({ limit: 20, email: FILTER }).toString();
    const guess = createHash('sha256').update(JSON.stringify([ours.orderDeskId, parameters]));
    const digest = guess.digest();
    const forms = (['hex', 'base64', 'base64url', 'latin1'] as const).map((form) => digest.toString(form));
    const { url } = await emptyRedis();
    const sealed = await replica(url, ciphers()());
    await sealed.readAll();
    const shown = await everythingIn(sealed.redis);
    for (const form of forms) expect(shown).not.toContain(form);
    await sealed.redis.flushdb();

    const plain = await replica(url, undefined);
    await plain.readAll();
    expect((await plain.redis.keys('odm:cache:*')).join()).toContain(digest.toString('base64url'));
  });

  it('names the same search of two tenants, or of two rows of one, in ways that have nothing in common', async () => {
    const { url } = await emptyRedis();
    const { gateway, redis } = await replica(url, ciphers()());
    const rows = [ours, theirs, storeEntry({ row: 'row-c' })];
    for (const row of [...rows, ...rows]) await gateway.listOrders(row, { limit: 20, email: FILTER }, ctx());
    const names = (await redis.keys('odm:cache:*')).map((key) => key.split(':').at(-1));
    expect(names).toHaveLength(3);
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name).toMatch(/^[\w-]{43}$/);
  });

  it('answers from an entry of its own, and asks Order Desk for whatever else lies there', async () => {
    const { url } = await emptyRedis();
    const cipherAt = ciphers();
    const { gateway, redis, calls } = await replica(url, cipherAt());
    const read = async () => (await gateway.getOrder(ours, '5', ctx())).view;
    const entryOf = async (tenant: string) => {
      const [key = ''] = await redis.keys(`odm:cache:od:${tenant}:*:order:*`);
      const bytes = (await redis.getBuffer(key)) ?? Buffer.alloc(0);
      return { key, head: bytes.subarray(0, TICKET_CHARACTERS), body: bytes.subarray(TICKET_CHARACTERS) };
    };
    const good = await read();
    const { key, head, body } = await entryOf('tenant-a');
    await gateway.getOrder(theirs, '5', ctx());
    const { body: ofTheirs } = await entryOf('tenant-b');
    await redis.set(key, Buffer.concat([head, body]));
    expect(await read()).toEqual(good);
    expect(calls).toHaveLength(2);

    const flipped = (at: number) => {
      const copy = Buffer.from(body);
      copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
      return copy;
    };
    const otherKey = await cipherAt().seal(
      ours.tenantId,
      ['od:tenant-a:row-a:order:other'],
      Buffer.from('{}'),
    );
    const otherDay = await cipherAt(() => Date.now() - 2 * DAY_MS).seal(
      ours.tenantId,
      [key.slice('odm:cache:'.length)],
      Buffer.from(JSON.stringify({ v: 1, at: Date.now(), value: order('5') })),
    );
    const bodies = {
      'of another tenant': ofTheirs,
      'of another key': otherKey,
      'of another day': otherDay,
      empty: Buffer.alloc(0),
      'cut short': body.subarray(0, -1),
      'with a byte more': Buffer.concat([body, Buffer.from([0])]),
      'with another day written on it': Buffer.concat([Buffer.from('2001-01-01'), body.subarray(10)]),
      'with a bit flipped in the day': flipped(9),
      'with a bit flipped in the version': flipped(10),
      'with a bit flipped in the nonce': flipped(11),
      'with a bit flipped in the middle': flipped(body.length >> 1),
      'with a bit flipped in the tag': flipped(body.length - 1),
      'not sealed': Buffer.from(JSON.stringify({ v: 1, at: Date.now(), value: order('5') })),
    };
    let expected = calls.length;
    for (const [what, bytes] of Object.entries(bodies)) {
      await redis.set(key, Buffer.concat([head, bytes ?? Buffer.alloc(0)]));
      expect(await read(), what).toEqual(good);
      expected += 1;
      expect(calls, what).toHaveLength(expected);
    }
    expect(await read()).toEqual(good);
    expect(calls).toHaveLength(expected);
  });

  it('cannot be read any more once the data key of the tenant is gone', async () => {
    const { url } = await emptyRedis();
    const before = await replica(url, ciphers()());
    await before.readAll();
    const after = await replica(url, ciphers()());
    await after.readAll();
    expect(after.calls).toHaveLength(3);
    expect(after.operations.filter((operation) => operation.startsWith('hit'))).toEqual([]);
    await after.readAll();
    expect(after.calls).toHaveLength(3);
  });
});
