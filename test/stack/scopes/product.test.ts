/** Scopes on the product itself: what a key allows, what an address takes away, and what stays hidden. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schemaConversions } from '../../../src/mcp/schema.js';
import { callTool } from '../../support/call-tool.js';
import { legacy, modern } from '../../support/mcp-messages.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STORES = [
  { id: '901', apiKey: 'sandbox-key-901', name: 'First / shop', timeZone: 'UTC', seed: 1 },
  { id: '902', apiKey: 'sandbox-key-902', name: 'Second shop', timeZone: 'UTC', seed: 2 },
  { id: '903', apiKey: 'sandbox-key-903', name: 'Elsewhere', timeZone: 'UTC', seed: 3 },
] as const;
const READS = [
  'list_stores',
  'get_store',
  'list_orders',
  'get_order',
  'summarize_orders',
  'find_exceptions',
  'list_inventory',
];
const ALL_TOOLS = [
  ...READS,
  'create_order',
  'update_order',
  'move_orders',
  'add_order_note',
  'add_shipments',
  'update_inventory',
  'undo_change',
  'list_changes',
];
const without = (...names: readonly string[]) => ALL_TOOLS.filter((name) => !names.includes(name));
const ERAS = ['modern', 'legacy'] as const;

let server: TestServer;
let everything: string;
beforeAll(async () => {
  server = await startTestServer({ stores: STORES });
  everything = (await server.addTenant('agency', '901')).key;
  await server.server.operations.addStore.run({
    tenant: 'agency',
    orderDeskStoreId: '902',
    apiKey: 'sandbox-key-902',
  });
  await server.addTenant('other', '903');
});
afterAll(() => server.close());

type Scoped = Omit<
  Parameters<TestServer['server']['operations']['createKey']['run']>[0],
  'tenant' | 'name' | 'role'
>;

async function keyWith(scope: Scoped, role: 'agent' | 'owner' = 'agent'): Promise<string> {
  const { key } = await server.server.operations.createKey.run({
    tenant: 'agency',
    name: 'scoped',
    role,
    ...scope,
  });
  return key;
}

async function send(
  key: string,
  ending: string,
  method = 'tools/list',
  params = {},
  era: 'modern' | 'legacy' = 'modern',
) {
  const { headers, body } = (era === 'modern' ? modern : legacy)(method, params);
  const response = await fetch(`${server.url}${ending}`, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text, json: JSON.parse(text) };
}

const listed = async (key: string, ending = '', era: 'modern' | 'legacy' = 'modern'): Promise<Tool[]> =>
  (await send(key, ending, 'tools/list', {}, era)).json.result.tools;
const namesOf = (tools: readonly Tool[]) => tools.map(({ name }) => name);

interface Tool {
  readonly name: string;
  readonly inputSchema: { readonly properties: Readonly<Record<string, unknown>> };
}

/** An answer without what is random in it, and with the name that was asked for taken out. */
const comparable = (text: string, name = ''): string =>
  text
    .replaceAll(/data-[0-9a-f]{12}/g, 'data')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id')
    .replaceAll(name === '' ? '\u0000' : name, 'NAME');

describe.each(ERAS)('a key under the %s protocol', (era) => {
  it('without limits sees every tool of the default toolset', async () => {
    expect(namesOf(await listed(everything, '', era))).toEqual(ALL_TOOLS);
  });

  it('that excludes a tool does not see it, and calls it as little as a tool that does not exist', async () => {
    const key = await keyWith({ exclude: ['get_order'] });
    expect(namesOf(await listed(key, '', era))).toEqual(without('get_order'));
    const hidden = await send(
      key,
      '',
      'tools/call',
      { name: 'get_order', arguments: { order_id: '1' } },
      era,
    );
    const nothing = await send(
      key,
      '',
      'tools/call',
      { name: 'no_such_tool', arguments: { order_id: '1' } },
      era,
    );
    expect(hidden.json.error.code).toBe(-32602);
    expect(hidden.status).toBe(nothing.status);
    expect(comparable(hidden.text, 'get_order')).toBe(comparable(nothing.text, 'no_such_tool'));
  });

  it('of another toolset has none of the default one', async () => {
    const key = await keyWith({ toolsets: ['items'] });
    expect(namesOf(await listed(key, '', era))).toEqual([
      'add_order_item',
      'update_order_item',
      'remove_order_item',
    ]);
    expect((await callTool(server.url, key, 'list_stores', {}, era)).result).toBeUndefined();
  });

  it('that is read-only keeps what only reads', async () => {
    expect(namesOf(await listed(await keyWith({ readOnly: true }), '', era))).toEqual([
      ...READS,
      'list_changes',
    ]);
  });
});

describe('a key of one store', () => {
  it('names no store: the argument is in no schema, and unknown where it is given', async () => {
    const key = await keyWith({ stores: ['902', 'second shop'] });
    for (const { inputSchema } of await listed(key))
      expect(inputSchema.properties).not.toHaveProperty('store');
    const { error } = await callTool(server.url, key, 'get_store', { store: 'Second shop' });
    expect(error).toMatchObject({
      code: 'invalid_argument',
      field: 'store',
      message: 'Unknown argument: store.',
    });
    const settings = await callTool(server.url, key, 'get_store');
    expect(settings.result?.structuredContent).toMatchObject({ store: 'Second shop' });
  });

  it('is told so', async () => {
    const key = await keyWith({ stores: ['902'] });
    const bound = (await send(key, '', 'server/discover')).json.result.instructions;
    const free = (await send(everything, '', 'server/discover')).json.result.instructions;
    expect(bound).toContain('bound to one store');
    expect(free).toContain('Pass store');
    expect(
      (
        await send(
          key,
          '',
          'initialize',
          { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '0' } },
          'legacy',
        )
      ).json.result.instructions,
    ).toBe(bound);
  });
});

describe('a list of keys', () => {
  it('shows what each may use', async () => {
    const { operations } = server.server;
    const made = await operations.createKey.run({
      tenant: 'agency',
      name: 'shown',
      role: 'agent',
      stores: ['902'],
      toolsets: ['items', 'default'],
      exclude: ['get_order'],
      readOnly: true,
    });
    const scope = {
      stores: ['Second shop'],
      toolsets: ['default', 'items'],
      exclude: ['get_order'],
      readOnly: true,
    };
    expect(made).toMatchObject(scope);
    expect(
      (await operations.listKeys.run({ tenant: 'agency' })).find(({ kid }) => kid === made.kid),
    ).toMatchObject(scope);
  });

  it('never holds a key with a name that means nothing', async () => {
    await expect(keyWith({ exclude: ['get_orders'] })).rejects.toMatchObject({ field: 'exclude' });
    await expect(keyWith({ toolsets: ['default', 'admin'] })).rejects.toMatchObject({ field: 'toolsets' });
  });
});

describe('an address with a store in it', () => {
  it.each(['/901', '/First%20%2F%20shop', '/first%20%2f%20SHOP'])(
    '%s is bound to that store',
    async (path) => {
      for (const { inputSchema } of await listed(everything, path)) {
        expect(inputSchema.properties).not.toHaveProperty('store');
      }
      const settings = await callTool(`${server.url}${path}`, everything, 'get_store');
      expect(settings.result?.structuredContent).toMatchObject({ store: 'First / shop' });
      const stores = await callTool(`${server.url}${path}`, everything, 'list_stores');
      expect(stores.result?.structuredContent).toMatchObject({ stores: [{ order_desk_id: '901' }] });
      expect(stores.text).not.toContain('Second shop');
      const widened = await callTool(`${server.url}${path}`, everything, 'list_orders', { store: '902' });
      expect(widened.error).toMatchObject({ code: 'invalid_argument', field: 'store' });
    },
  );

  it('outside the scope answers as one that nobody has', async () => {
    const key = await keyWith({ stores: ['901'] });
    const nobody = await send(key, '/Nowhere');
    expect(nobody).toMatchObject({
      status: 404,
      json: { error: { code: -32602, data: { code: 'unknown_store', field: 'store' } } },
    });
    for (const path of ['/902', '/Second%20shop', '/903', '/Elsewhere']) {
      const answer = await send(key, path);
      expect(answer.status).toBe(nobody.status);
      expect(comparable(answer.text)).toBe(comparable(nobody.text));
    }
  });

  it('reaches the stores of a key of several, and no other', async () => {
    const key = await keyWith({ stores: ['901', '902'] });
    expect((await send(key, '/902')).status).toBe(200);
    expect((await send(key, '/903')).status).toBe(404);
    const [tool] = (await listed(key)).filter(({ name }) => name === 'list_orders');
    expect(tool?.inputSchema.properties).toHaveProperty('store');
  });
});

describe('a cursor', () => {
  const page = (path: string, args: Record<string, unknown>) =>
    callTool(`${server.url}${path}`, everything, 'list_orders', { limit: 3, ...args });

  it('goes on wherever the same key reaches the same store, and nowhere else', async () => {
    const first = await page('/901', {});
    const cursor = String(first.result?.structuredContent?.next_cursor);
    const here = await page('/901', { cursor });
    expect(here.result?.structuredContent).toMatchObject({ returned: 3, store: 'First / shop' });
    const byName = await page('', { store: 'first / shop', cursor });
    expect(byName.result?.structuredContent?.rows).toEqual(here.result?.structuredContent?.rows);
    const madeUp = await page('/902', { cursor: randomBytes(96).toString('base64url') });
    for (const refused of [await page('/902', { cursor }), await page('', { store: '902', cursor })]) {
      expect(refused.error).toEqual(madeUp.error);
      expect(refused.error?.code).toBe('invalid_cursor');
    }
  });

  it('made without a store in the address goes on with one', async () => {
    const first = await page('', { store: '902' });
    const cursor = String(first.result?.structuredContent?.next_cursor);
    expect((await page('/902', { cursor })).result?.structuredContent).toMatchObject({ returned: 3 });
    expect((await page('/901', { cursor })).error?.code).toBe('invalid_cursor');
  });
});

describe('options of the address', () => {
  it('take tools away', async () => {
    expect(namesOf(await listed(everything, '?exclude=get_order,list_stores'))).toEqual(
      without('get_order', 'list_stores'),
    );
    expect(namesOf(await listed(everything, '?toolsets=default&readonly=true'))).toEqual([
      ...READS,
      'list_changes',
    ]);
    expect(await listed(everything, '?exclude=default')).toEqual([]);
    expect(namesOf(await listed(everything, '/902?exclude=get_order'))).toEqual(without('get_order'));
    const { json } = await send(everything, '?exclude=get_order', 'tools/call', {
      name: 'get_order',
      arguments: {},
    });
    expect(json.error.message).toBe('Unknown tool "get_order". tools/list names the tools of this key.');
  });

  it('never widen: what the key lacks is refused, and said so', async () => {
    const narrow = await keyWith({ toolsets: ['default'], exclude: ['get_order'] });
    for (const toolset of ['items', 'default,items', 'admin']) {
      const { status, json } = await send(narrow, `?toolsets=${toolset}`);
      expect(status).toBe(403);
      expect(json.error.data).toMatchObject({ code: 'forbidden', field: 'toolsets' });
      expect(json.error.data.hint).toContain('It may use: default.');
    }
    expect(namesOf(await listed(narrow, '?toolsets=default'))).not.toContain('get_order');
  });

  it('give the toolset for owners to owner keys alone', async () => {
    expect((await send(await keyWith({}, 'owner'), '?toolsets=admin')).status).toBe(200);
    expect((await send(everything, '?toolsets=admin')).status).toBe(403);
  });

  it.each([
    ['toolsets', '?toolsets=everything', 'inventory_admin'],
    ['exclude', '?exclude=get_orders', 'find_exceptions, list_inventory, '],
  ])('with an unknown name in %s name the known ones', async (field, query, known) => {
    const { status, json } = await send(everything, query);
    expect(status).toBe(400);
    expect(json).toMatchObject({
      jsonrpc: '2.0',
      error: { code: -32602, data: { code: 'invalid_argument', field } },
    });
    expect(json.error.data.hint).toContain(known);
  });

  it.each([
    ['readonly', '?readonly=ture'],
    ['readonly', '?readonly=1'],
    ['readonly', '?readonly='],
    ['toolsets', '?toolsets=default&toolsets=default'],
    ['exclude', `?exclude=${'a'.repeat(100)}`],
    ['exclude', '?exclude=%ff'],
    ['Unknown parameter', '?readOnly=true'],
    ['store', '/%E0%A4%A'],
    ['store', '/%ff'],
    ['store', '/'],
    ['store', '/902/'],
    ['store', `/${'x'.repeat(300)}`],
  ])('that are not understood are refused with %s named: %s', async (named, ending) => {
    for (const method of ['tools/list', 'tools/call']) {
      const { status, json } = await send(
        everything,
        ending,
        method,
        method === 'tools/call' ? { name: 'list_stores' } : {},
      );
      expect(status).toBe(400);
      expect(json).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: -32602 } });
      expect(json.error.message).toContain(named);
      expect(json.error.data.hint.length).toBeGreaterThan(10);
    }
  });

  it('count for every message of an array', async () => {
    const call = (id: number) => legacy('tools/call', { name: 'get_order', arguments: {} }, null, id).body;
    const response = await fetch(`${server.url}?exclude=get_order`, {
      method: 'POST',
      headers: { ...legacy('x', {}, '2025-03-26').headers, authorization: `Bearer ${everything}` },
      body: JSON.stringify([call(1), call(2)]),
    });
    const answers: { error: { message: string } }[] = JSON.parse(await response.text());
    expect(answers.map(({ error }) => error.message)).toEqual(
      Array(2).fill(expect.stringContaining('Unknown tool')),
    );
  });
});

describe('a key in the address', () => {
  it.each([
    '/KEY',
    '/x?exclude=KEY',
    '?api_key=KEY',
    '?toolsets=default&Authorization=x',
    '?exclude=%6Fdm_x',
    '/%6fdm_KEY',
  ])('is refused and not repeated: %s', async (ending) => {
    const { status, json, text } = await send(
      everything,
      ending.replace('%6fdm_KEY', everything.replace('o', '%6f')).replace('KEY', everything),
    );
    expect(status).toBe(400);
    expect(json.error.message).toMatch(/key in the URL is not accepted/);
    expect(text).not.toContain(everything.slice(4));
  });
});

it('no schema is converted for any of it', async () => {
  const before = schemaConversions();
  const one = await keyWith({ stores: ['901'], exclude: ['get_store'] });
  for (const ending of ['', '/901', '?exclude=list_stores', '?readonly=true', '/901?toolsets=default']) {
    await listed(one, ending);
    await listed(everything, ending);
    await callTool(`${server.url}${ending}`, one, 'list_orders', { limit: 1 });
    await callTool(`${server.url}${ending}`, one, 'list_orders', { store: 'x' });
  }
  expect(schemaConversions()).toBe(before);
});
