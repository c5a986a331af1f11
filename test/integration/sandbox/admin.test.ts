import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { sandboxCommand } from '../../../src/cli/sandbox-command.js';
import {
  defaultSwitches,
  orderDeskRateLimit,
  type Sandbox,
  SWITCH_VALUES,
} from '../../../src/sandbox/index.js';
import { open, type Seen, store } from './client.js';

let running: Sandbox | undefined;
afterEach(() => running?.close());

type Call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Seen>;

async function opened(options: Parameters<typeof open>[0] = {}) {
  const it = await open({ admin: true, rateLimit: orderDeskRateLimit, ...options });
  running = it.sandbox;
  const call: Call = async (method, path, body, headers = {}) => {
    const sent = typeof body === 'string' ? body : JSON.stringify(body);
    const init = { method, headers, ...(body === undefined ? {} : { body: sent }) };
    const response = await fetch(`${it.sandbox.adminUrl}${path}`, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
  };
  return { ...it, call };
}

describe('the administration', () => {
  it('reports what the sandbox saw and how it is set', async () => {
    const { call, get, sandbox, first } = await opened();
    await get('/test');
    sandbox.fail({ kind: 'hang', match: (_, path) => path === '/store', times: 3 });
    const { status, body } = await call('GET', '/report');
    expect([status, body]).toEqual([
      200,
      {
        counters: sandbox.counters(),
        faults: [{ id: 'fault-1', kind: 'hang', match: 'a function of the program', times: 3 }],
        somebodyElse: {},
        switches: defaultSwitches,
        stores: [{ id: '11', name: store.name, orders: first.orders().length, tokens: 19 }],
      },
    ]);
    expect(body.counters.total).toBe(1);
  });

  it('is no request to Order Desk: it takes no token and counts for nothing', async () => {
    const { call, get, sandbox } = await opened();
    for (let n = 0; n < 5; n += 1) await call('GET', '/report');
    expect(sandbox.counters()).toMatchObject({ total: 0, byStore: {} });
    expect((await get('/test')).headers.get('x-tokens-remaining')).toBe('19');
  });

  it('sets the counters back', async () => {
    const { call, get, sandbox } = await opened();
    await get('/test');
    expect((await call('POST', '/reset')).body.counters.total).toBe(0);
    expect(sandbox.counters().total).toBe(0);
  });

  it('adds faults and takes them away, one or all', async () => {
    const { call, get } = await opened();
    const rule = {
      kind: 'status',
      status: 503,
      headers: { 'X-Retry-After': '2' },
      match: { method: 'GET', path: '/orders/{id}' },
      store: '11',
      times: 'unlimited',
    };
    const added = await call('POST', '/faults', rule);
    expect([added.status, added.body]).toEqual([201, { id: 'fault-1' }]);
    const struck = await get('/orders/1');
    expect([struck.status, struck.headers.get('x-retry-after')]).toEqual([503, '2']);
    expect((await get('/orders?limit=1')).status).toBe(200);
    expect((await call('GET', '/report')).body.faults).toEqual([{ id: 'fault-1', ...rule }]);

    expect((await call('DELETE', '/faults/fault-1')).body).toEqual({ removed: 1 });
    expect((await call('DELETE', '/faults/fault-1')).status).toBe(404);
    expect((await get('/orders/1')).status).toBe(404);
    for (const kind of ['hang', 'reset_after']) await call('POST', '/faults', { kind, probability: 0.5 });
    expect((await call('DELETE', '/faults')).body).toEqual({ removed: 2 });
    expect((await get('/test')).status).toBe(200);
  });

  it('changes switches while the sandbox runs, for records that were answered already, too', async () => {
    const { call, get, first } = await opened();
    const id = first.insertOrder({ order_items: [{ name: 'Mug', price: 2.5 }] }).id;
    const price = async () => (await get(`/orders/${id}`)).body.order.order_items[0].price;
    expect(await price()).toBe(2.5);
    const changed = await call('PATCH', '/switches', { itemPriceType: 'string', unknownId: 200 });
    expect(changed.body.switches).toEqual({ ...defaultSwitches, itemPriceType: 'string', unknownId: 200 });
    expect(await price()).toBe('2.50');
    expect((await get('/orders/1')).status).toBe(200);
    await call('POST', '/switches', { unknownId: '404' });
    expect((await get('/orders/1')).status).toBe(404);
    expect(await price()).toBe('2.50');
  });

  it('starts and stops somebody else', async () => {
    const { call, sandbox, first } = await opened();
    const edits = [first.orders()[0]?.id];
    const begun = await call('POST', '/somebody-else', { store: '11', perSecond: 0.01, jitter: 0, edits });
    expect([begun.status, begun.body]).toEqual([201, { id: 'somebody-1' }]);
    const tally = { requests: 0, granted: 0, rateLimited: 0 };
    expect((await call('GET', '/report')).body.somebodyElse).toEqual({ 'somebody-1': tally });
    expect((await call('DELETE', '/somebody-else')).body).toEqual({ stopped: { 'somebody-1': tally } });
    expect((await call('GET', '/report')).body.somebodyElse).toEqual({});
    expect(sandbox.counters().somebodyElse).toEqual({});
  });

  it('edits an order as somebody else would', async () => {
    const { call, get, first } = await opened();
    const { id } = first.insertOrder({});
    const folder_id = first.folders()[1]?.id;
    const edit = { email: 'b@example.com', checkout_data: { Gift: 'yes' }, folder_id, note: 'Called' };
    expect((await call('POST', `/stores/11/orders/${id}`, edit)).body).toEqual({
      id,
      date_updated: '2026-06-30 12:00:00',
    });
    expect((await get(`/orders/${id}?get_order_history=1`)).body.order).toMatchObject({
      email: 'b@example.com',
      checkout_data: { Gift: 'yes' },
      folder_id,
      order_notes: [{ username: 'Somebody else', content: 'Called', date_added: '2026-06-30 12:00:00' }],
      order_history: [{ note: expect.stringContaining(first.folders()[1]?.name ?? '') }],
    });
  });

  it("drains a store's bucket, in part or wholly", async () => {
    const { call, get } = await opened();
    expect((await call('POST', '/stores/11/drain', { tokens: 15 })).body).toEqual({ tokens: 5 });
    expect((await get('/test')).headers.get('x-tokens-remaining')).toBe('4');
    expect((await call('POST', '/stores/11/drain')).body).toEqual({ tokens: 0 });
    expect((await get('/test')).status).toBe(429);
  });

  it.each([
    ['POST', '/nothing'],
    ['GET', '/faults'],
    ['DELETE', '/report'],
    ['POST', '/stores/99/drain'],
    ['POST', '/stores/99/orders/1'],
    ['POST', '/stores/11/orders/1'],
  ])('%s %s: 404', async (method, path) => {
    const { call } = await opened();
    const { status, body } = await call(method, path, method === 'POST' ? { note: 'x' } : undefined);
    expect([status, body]).toEqual([404, { error: expect.any(String) }]);
  });

  it.each<[path: string, body: unknown, field: string, remedy: RegExp]>([
    ['/faults', '{', 'body', /Send JSON/],
    ['/faults', [], 'body', /JSON object/],
    ['/faults', undefined, 'kind', /Choose from: status,.*reset_after/],
    ['/faults', { kind: 'explode' }, 'kind', /Choose from: status,.*hang_after/],
    ['/faults', { kind: 'status' }, 'status', /200 to 599/],
    ['/faults', { kind: 'status', status: 99 }, 'status', /200 to 599/],
    ['/faults', { kind: 'status', status: 500, headers: { 'a b': 'c' } }, 'headers', /allows in a header/],
    ['/faults', { kind: 'status', status: 500, headers: { a: 'c\r\nd' } }, 'headers', /allows in a header/],
    ['/faults', { kind: 'delay', ms: -1 }, 'ms', /0 to 3600000/],
    ['/faults', { kind: 'huge', bytes: 0 }, 'bytes', /above 0, or "unlimited"/],
    ['/faults', { kind: 'hang', ms: 5 }, 'ms', /fields here are: kind, match/],
    ['/faults', { kind: 'hang', times: 1.5 }, 'times', /whole number above 0, or "unlimited"/],
    ['/faults', { kind: 'hang', probability: 2 }, 'probability', /0 to 1/],
    ['/faults', { kind: 'hang', store: '99' }, 'store', /Choose from: 11/],
    ['/faults', { kind: 'hang', match: { path: 'orders' } }, 'match.path', /what follows \/api\/v2/],
    ['/faults', { kind: 'hang', match: { method: 'get' } }, 'match.method', /capitals/],
    ['/faults', { kind: 'hang', match: { url: '/' } }, 'match.url', /fields here are: method, path/],
    ['/switches', 3, 'body', /JSON object/],
    ['/switches', { nothing: 1 }, 'nothing', /no such switch. Choose from: textFilters/],
    ['/switches', { textFilters: 'fuzzy' }, 'textFilters', /Choose from: exact, contains/],
    ['/switches', { textFilters: ['exact'] }, 'textFilters', /Choose from: exact, contains/],
    ['/switches', { unknownId: 500 }, 'unknownId', /Choose from: 200, 400, 404/],
    ['/switches', { bucketScope: 'account' }, 'bucketScope', /at the start/],
    ['/somebody-else', { store: '99', perSecond: 1 }, 'store', /Choose from: 11/],
    ['/somebody-else', { store: '11', perSecond: 0 }, 'perSecond', /0.001 to 1000/],
    ['/somebody-else', { store: '11' }, 'perSecond', /0.001 to 1000/],
    ['/somebody-else', { store: '11', perSecond: 1, edits: ['1'] }, 'edits', /the store has, not 1/],
    ['/stores/11/drain', { tokens: -1 }, 'tokens', /above 0/],
  ])('POST %s %j: 400, naming %s', async (path, body, field, remedy) => {
    const { call, sandbox } = await opened();
    const refused = await call('POST', path, body);
    expect([refused.status, refused.body]).toEqual([400, { field, error: expect.stringMatching(remedy) }]);
    expect((await call('GET', '/report')).body).toMatchObject({
      faults: [],
      switches: defaultSwitches,
      somebodyElse: {},
    });
    expect(sandbox.counters().total).toBe(0);
  });

  it.each<[body: unknown, field: string, remedy: RegExp]>([
    [{}, 'body', /at least one of: email,/],
    [{ order_total: 1 }, 'order_total', /fields here are: email,/],
    [{ email: 5 }, 'email', /Send text/],
    [{ folder_id: 1, email: 'b@example.com' }, 'folder_id', /Choose from: \d+/],
  ])('refuses to edit an order by %j', async (body, field, remedy) => {
    const { call, first } = await opened();
    const [before] = first.orders();
    const refused = await call('POST', `/stores/11/orders/${before?.id}`, body);
    expect([refused.status, refused.body]).toEqual([400, { field, error: expect.stringMatching(remedy) }]);
    expect(first.order(before?.id ?? '')).toBe(before);
  });

  it('answers to no web page, and only by a loopback name', async () => {
    const { sandbox, call } = await opened();
    const { port } = new URL(sandbox.url);
    const statusFor = (headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        const options = { host: '127.0.0.1', port, path: '/_sandbox/reset', method: 'POST', headers };
        request(options, (response) => resolve(response.resume().statusCode))
          .on('error', reject)
          .end();
      });
    for (const host of [`localhost:${port}`, '127.0.0.1', `[::1]:${port}`, 'LOCALHOST']) {
      expect([host, await statusFor({ Host: host })]).toEqual([host, 200]);
    }
    for (const host of ['example.com', `127.0.0.1.example.com:${port}`, 'localhost.', '192.0.2.1']) {
      expect([host, await statusFor({ Host: host })]).toEqual([host, 403]);
    }
    expect(await statusFor({ Host: 'localhost', Origin: 'null' })).toBe(403);
    expect((await call('GET', '/report', undefined, { Origin: new URL(sandbox.url).origin })).status).toBe(
      403,
    );
  });

  it('is off unless told: its paths are unknown, as on Order Desk', async () => {
    const { sandbox } = await opened({ admin: false });
    expect(sandbox.adminUrl).toBeUndefined();
    const response = await fetch(`${new URL(sandbox.url).origin}/_sandbox/report`);
    expect(response.status).toBe(401);
    expect(sandbox.counters().requests).toEqual({ 'GET (unknown)': 1 });
  });
});

describe('the table of switches', () => {
  it('has every default among the values of its switch', () => {
    const strange = Object.entries(defaultSwitches).filter(([name, value]) => {
      const [, values = {}] = Object.entries(SWITCH_VALUES).find(([known]) => known === name) ?? [];
      return !Object.values(values).includes(value);
    });
    expect(strange).toEqual([]);
  });
});

describe('the sandbox command', () => {
  const complaint = async (...options: string[]) => {
    const command = sandboxCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => undefined });
    try {
      await command.parseAsync(options, { from: 'user' });
    } catch (error) {
      if (error instanceof Error) return error.message;
      throw error;
    }
    return 'none';
  };

  it.each([
    [['--switch', 'fuzz=1'], /no such switch. Choose from: textFilters, /],
    [['--switch', 'textFilters=contains', '--switch', 'unknownId=500'], /Choose from: 200, 400, 404/],
    [['--switch', 'textFilters'], /name=value/],
    [['--seed', '-1'], /whole number/],
    [['--seed', 'x'], /whole number/],
    [['--latency', '400-100'], /such as 100-400/],
    [['--latency', '100'], /such as 100-400/],
    [['--port', '70000'], /0 to 65535/],
  ])('%o is refused with what there is instead', async (options, message) => {
    expect(await complaint(...options)).toMatch(message);
  });
});
