/** Bad input at the edge and in arguments: the exact code, and a message that says what to do. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callTool, type ToolReply } from '../../support/call-tool.js';
import { legacy, modern } from '../../support/mcp-messages.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STORES = [
  { id: '501', apiKey: 'sandbox-key-501', name: 'First store', timeZone: 'UTC', seed: 1 },
  { id: '502', apiKey: 'sandbox-key-502', name: 'Second store', timeZone: 'UTC', seed: 2 },
] as const;

let server: TestServer;
let key: string;
let otherKey: string;
beforeAll(async () => {
  server = await startTestServer({ stores: STORES });
  ({ key } = await server.addTenant('first', '501'));
  ({ key: otherKey } = await server.addTenant('second', '502'));
});
afterAll(() => server.close());

interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

async function send({ path = '/mcp', method = 'POST', headers = {}, body }: Sent) {
  const request = legacy('tools/list');
  const response = await fetch(new URL(path, server.url), {
    method,
    headers: { ...request.headers, authorization: `Bearer ${key}`, ...headers },
    ...(method === 'GET' || method === 'DELETE' ? {} : { body: body ?? JSON.stringify(request.body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: text === '' ? undefined : JSON.parse(text),
  };
}

/** Sends bytes as they stand: for what no HTTP client would send. */
async function sendRaw(head: readonly string[], body: string): Promise<{ status: number; text: string }> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(socket, 'connect');
  const lines = [
    'POST /mcp HTTP/1.1',
    ...head,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  let text = '';
  for await (const chunk of socket) text += chunk;
  return { status: Number(text.split(' ')[1]), text };
}

describe('what is wrong with a request', () => {
  it('malformed JSON: 400, -32700', async () => {
    const { status, json } = await send({ body: '{"jsonrpc":' });
    expect(status).toBe(400);
    expect(json).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: -32700 } });
    expect(json.error.message).toMatch(/not valid JSON/);
  });

  it('no body: 400, -32700', async () => {
    const { status, json } = await send({ body: '' });
    expect(status).toBe(400);
    expect(json.error.code).toBe(-32700);
  });

  it('JSON that is no JSON-RPC message: 400, -32600', async () => {
    const { status, json } = await send({ body: '{"hello":"world"}' });
    expect(status).toBe(400);
    expect(json.error.code).toBe(-32600);
  });

  it('a key that would change prototypes: 400, -32700', async () => {
    const { status, json } = await send({
      body: '{"jsonrpc":"2.0","id":1,"method":"ping","__proto__":{"x":1}}',
    });
    expect(status).toBe(400);
    expect(json.error.code).toBe(-32700);
  });

  it('a wrong content type: 415', async () => {
    const { status, json } = await send({ headers: { 'content-type': 'text/plain' } });
    expect(status).toBe(415);
    expect(json.error).toMatchObject({ code: -32600, data: { code: 'unsupported_media_type' } });
    expect(json.error.message).toContain('application/json');
  });

  it('a body of 2 MiB: 413', async () => {
    const { status, json } = await send({ body: JSON.stringify({ pad: 'x'.repeat(2 * 1024 * 1024) }) });
    expect(status).toBe(413);
    expect(json.error).toMatchObject({ code: -32600, data: { code: 'payload_too_large' } });
  });

  it('invalid UTF-8: 400, -32700', async () => {
    const body = new Uint8Array(
      Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"\xff"}}', 'latin1'),
    );
    const { status, json } = await send({ body });
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ code: -32700, data: { code: 'invalid_encoding' } });
  });

  it('two Authorization headers: 400, -32600', async () => {
    const { headers, body } = legacy('tools/list');
    const { status, text } = await sendRaw(
      [
        'Host: localhost',
        ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
        `Authorization: Bearer ${key}`,
        `Authorization: Bearer ${key}`,
      ],
      JSON.stringify(body),
    );
    expect(status).toBe(400);
    expect(text).toContain('exactly one Authorization header');
  });

  it('no key, a malformed, an unknown and a mistyped one: 401, one and the same answer', async () => {
    const unknown = `${key.slice(0, -7)}${key.at(-7) === 'A' ? 'B' : 'A'}${key.slice(-6)}`;
    const answers = await Promise.all(
      ['', 'Bearer', 'Basic abc', 'Bearer odm_short', `Bearer ${unknown}`, `Bearer ${key}x`].map(
        async (authorization) => {
          const answer = await send({ headers: { authorization } });
          expect(answer.headers.get('www-authenticate')).toBe('Bearer');
          const { request_id: _id, ...data } = answer.json.error.data;
          return JSON.stringify({ ...answer.json.error, data, status: answer.status });
        },
      ),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('"status":401');
    expect(answers[0]).toContain('Authorization: Bearer');
    expect(answers[0]).not.toContain('resource_metadata');
  });

  it('a key in the query string: 400, and the key is not repeated', async () => {
    const { status, json, text } = await send({ path: `/mcp?api_key=${key}` });
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ code: -32600 });
    expect(json.error.message).toMatch(/key in the URL is not accepted/);
    expect(text).not.toContain(key);
  });

  it('a safety option that is not understood: 400 that names it', async () => {
    const { status, json } = await send({ path: '/mcp?readonly=ture' });
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ code: -32602, data: { code: 'invalid_argument', field: 'readonly' } });
  });

  it('a foreign Origin: 403', async () => {
    const { status, json } = await send({ headers: { origin: 'https://evil.example' } });
    expect(status).toBe(403);
    expect(json.error.data).toMatchObject({ code: 'origin_not_allowed' });
    expect(json.error.data.hint).toContain('ALLOWED_ORIGINS');
  });

  it('a foreign Host: 403', async () => {
    const { headers, body } = legacy('tools/list');
    const lines = Object.entries({ ...headers, authorization: `Bearer ${key}`, host: 'evil.example' });
    const { status, text } = await sendRaw(
      lines.map(([name, value]) => `${name}: ${value}`),
      JSON.stringify(body),
    );
    expect(status).toBe(403);
    expect(text).toContain('PUBLIC_URL');
  });

  it.each(['GET', 'DELETE', 'PUT'])('%s: 405 that allows POST', async (method) => {
    const { status, headers, json } = await send({ method });
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe('POST');
    expect(json.error.data.code).toBe('method_not_allowed');
  });

  it('an Accept that JSON does not meet: 406', async () => {
    const { status, json } = await send({ headers: { accept: 'text/html' } });
    expect(status).toBe(406);
    expect(json.error.data.code).toBe('not_acceptable');
  });

  it.each([
    '/',
    '/nothing',
    '/.well-known/oauth-protected-resource',
    '/.well-known/oauth-authorization-server/mcp',
  ])('the unknown address %s: a 404 in JSON', async (path) => {
    const { status, json } = await send({ path, method: 'GET' });
    expect(status).toBe(404);
    expect(json.error.code).toBe('route_not_found');
  });

  it('an unsupported protocol version, with an envelope: 400, -32022 and the versions', async () => {
    const request = modern('tools/list');
    const version = '2031-01-01';
    const body = JSON.stringify(request.body).replaceAll('2026-07-28', version);
    const { status, json } = await send({
      headers: { ...request.headers, 'mcp-protocol-version': version },
      body,
    });
    expect(status).toBe(400);
    expect(json.error).toMatchObject({
      code: -32022,
      data: { supported: ['2026-07-28'], requested: version },
    });
  });

  it('an array of 11 messages, and an array under 2025-11-25: 400, -32600', async () => {
    const message = legacy('ping').body;
    const eleven = await send({
      headers: { 'mcp-protocol-version': '2025-03-26' },
      body: JSON.stringify(Array.from({ length: 11 }, () => message)),
    });
    expect(eleven).toMatchObject({ status: 400, json: { error: { code: -32600 } } });
    expect(eleven.json.error.message).toMatch(/at most 10/);
    const later = await send({ body: JSON.stringify([message]) });
    expect(later).toMatchObject({ status: 400, json: { error: { code: -32600 } } });
    expect(later.json.error.message).toMatch(/2025-03-26 only/);
  });

  it('an unknown tool: -32602 that points to tools/list', async () => {
    const { json } = await send({
      body: JSON.stringify(legacy('tools/call', { name: 'drop_tables', arguments: {} }).body),
    });
    expect(json.error).toMatchObject({ code: -32602 });
    expect(json.error.message).toMatch(/tools\/list/);
  });

  it('an unknown method: -32601', async () => {
    const old = await send({ body: JSON.stringify(legacy('orders/burn').body) });
    expect(old).toMatchObject({ status: 200, json: { error: { code: -32601 } } });
    const request = modern('orders/burn');
    const now = await send({ headers: request.headers, body: JSON.stringify(request.body) });
    expect(now).toMatchObject({ status: 404, json: { error: { code: -32601 } } });
  });
});

describe('what is wrong with arguments is a tool error that names the field', () => {
  const cases: [what: string, tool: string, args: Record<string, unknown>, field: string, words: RegExp][] = [
    ['an unknown argument', 'list_orders', { folderr: 'New' }, 'folderr', /unknown/i],
    ['a wrong type', 'list_orders', { limit: 'ten' }, 'limit', /number/i],
    ['limit 0', 'list_orders', { limit: 0 }, 'limit', /at least 1/],
    ['limit 101', 'list_orders', { limit: 101 }, 'limit', /at most 100/],
    ['an order id of the wrong type', 'get_order', { order_id: { $gt: '' } }, 'order_id', /must be text/],
    ['an unknown section', 'get_order', { order_id: '1', include: ['everything'] }, 'include', /items/],
    ['an unknown store', 'list_orders', { store: 'Third store' }, 'store', /No such store/],
    ['an unknown folder', 'list_orders', { folder: 'Nowhere' }, 'folder', /folder/],
    ['a date that is none', 'list_orders', { added_from: '2026-02-30' }, 'added_from', /date/i],
    [
      'an inverted range',
      'list_orders',
      { added_from: '2026-03-02', added_to: '2026-03-01' },
      'added',
      /before|after|earlier|later/i,
    ],
    ['arguments that are a list', 'list_stores', { 0: 'x' }, '0', /unknown/i],
  ];
  it.each(cases)('%s', async (_what, tool, args, field, words) => {
    for (const era of ['modern', 'legacy'] as const) {
      const { status, error } = await callTool(server.url, key, tool, args, era);
      expect(status).toBe(200);
      expect(error?.field).toContain(field);
      expect(`${error?.message} ${error?.hint}`).toMatch(words);
    }
  });

  describe('a cursor', () => {
    const cursorOf = (reply: ToolReply) => String(reply.result?.structuredContent?.next_cursor);
    let cursor: string;
    beforeAll(async () => {
      cursor = cursorOf(await callTool(server.url, key, 'list_orders', { limit: 5, source_name: 'Shopify' }));
      expect(cursor.length).toBeGreaterThan(20);
    });

    const refused = async (withKey: string, args: Record<string, unknown>) =>
      (await callTool(server.url, withKey, 'list_orders', args)).error;

    it('goes on where the page ended', async () => {
      const next = await callTool(server.url, key, 'list_orders', {
        limit: 5,
        source_name: 'Shopify',
        cursor,
      });
      expect(next.result?.structuredContent).toMatchObject({ returned: 5 });
    });

    it('of another principal, of other arguments, altered or made up is refused in the same words', async () => {
      const errors = [
        await refused(otherKey, { limit: 5, source_name: 'Shopify', cursor }),
        await refused(key, { limit: 5, source_name: 'Etsy', cursor }),
        await refused(key, { limit: 5, cursor }),
        await refused(key, { limit: 5, source_name: 'Shopify', cursor: `${cursor.slice(0, -2)}AA` }),
        await refused(key, { limit: 5, source_name: 'Shopify', cursor: 'made-up' }),
        await refused(key, { limit: 5, source_name: 'Shopify', cursor: 'x'.repeat(4000) }),
      ];
      expect(new Set(errors.map((error) => JSON.stringify(error))).size).toBe(1);
      expect(errors[0]).toMatchObject({ code: 'invalid_cursor' });
      expect(errors[0]?.message).toMatch(/[Ss]tart again/);
    });

    it('of another key of the same tenant is refused too', async () => {
      const { key: second } = await server.server.operations.createKey.run({
        tenant: 'first',
        name: 'second key',
        role: 'agent',
      });
      expect(await refused(second, { limit: 5, source_name: 'Shopify', cursor })).toMatchObject({
        code: 'invalid_cursor',
      });
    });
  });
});
