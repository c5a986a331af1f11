/** Requests that no honest client sends: each gets an answer that helps, and none an entry that wakes the operator. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deferred } from '../../support/deferred.js';
import { legacy, modern } from '../../support/mcp-messages.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STORE = { id: '531', apiKey: 'sandbox-key-531', name: 'Only store', timeZone: 'UTC', seed: 5 };

let server: TestServer;
let key: string;
let onLogLine: (line: string) => void = () => {};
beforeAll(async () => {
  const log = pino({ level: 'debug' }, { write: (line: string) => onLogLine(line) });
  server = await startTestServer({ stores: [STORE], log });
  ({ key } = await server.addTenant('only', STORE.id));
});
afterAll(() => server.close());

async function open(): Promise<Socket> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** Sends bytes as they stand and reads to the end; the JSON of the answer's body. */
async function sendRaw(text: string) {
  const socket = await open();
  socket.write(text);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, json: JSON.parse(body) };
}

interface Sent {
  readonly path?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly host?: string;
}

const PING = JSON.stringify(legacy('ping').body);

const request = ({ path = '/mcp', headers = [], body = PING, host = 'localhost' }: Sent): string =>
  [
    `POST ${path} HTTP/1.1`,
    `Host: ${host}`,
    `Authorization: Bearer ${key}`,
    'MCP-Protocol-Version: 2025-11-25',
    ...(headers.some((header) => /^content-type/i.test(header)) ? [] : ['Content-Type: application/json']),
    ...headers,
    'Connection: close',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');

const send = (sent: Sent) => sendRaw(request(sent));

/** A JSON-RPC message of either era over HTTP. */
async function post(message: { headers: Record<string, string>; body: unknown }) {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { ...message.headers, authorization: `Bearer ${key}` },
    body: JSON.stringify(message.body),
  });
  const text = await response.text();
  return { status: response.status, text, json: JSON.parse(text) };
}

describe('the Host header', () => {
  it.each(['localhost', 'LOCALHOST:80', '127.0.0.1:65535', '[::1]', '[::1]:80', 'localhost:'])(
    '%s names this server',
    async (host) => {
      expect((await send({ host })).status).toBe(200);
    },
  );

  it.each([
    'localhost:80@evil.example',
    'me@localhost',
    '[::1]evil.example',
    'localhost.evil.example',
    'localhost/x',
  ])('%s does not', async (host) => {
    const { status, json } = await send({ host });
    expect(status).toBe(403);
    expect(json.error.data.code).toBe('host_not_allowed');
  });

  it('is refused when there are two, whichever comes first', async () => {
    for (const [host, second] of [
      ['localhost', 'evil.example'],
      ['evil.example', 'localhost'],
    ]) {
      const { status, json } = await send({ host: host ?? '', headers: [`Host: ${second}`] });
      expect(status).toBe(400);
      expect(json.error.message).toMatch(/exactly one Host/);
    }
  });
});

describe('the body', () => {
  it.each(['utf-16', 'UTF-16LE', '"latin1"'])('said to be %s is refused as what it is', async (charset) => {
    const { status, json } = await send({ headers: [`Content-Type: application/json; charset=${charset}`] });
    expect(status).toBe(415);
    expect(json.error.message).toMatch(/UTF-8/);
  });

  it.each(['utf-8', '"UTF-8"', 'utf8'])('said to be %s is read', async (charset) => {
    expect((await send({ headers: [`Content-Type: application/json; charset=${charset}`] })).status).toBe(
      200,
    );
  });

  it('that is packed is refused with the reason', async () => {
    const { status, json } = await send({ headers: ['Content-Encoding: gzip'] });
    expect(status).toBe(415);
    expect(json.error.data.hint).toMatch(/Content-Encoding/);
    expect((await send({ headers: ['Content-Encoding: identity'] })).status).toBe(200);
  });

  it('nested 100,000 levels deep is refused wherever the levels are', async () => {
    const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
    for (const message of [
      legacy('tools/call', { name: 'get_store', arguments: { a: 'DEEP' } }),
      legacy('initialize', { protocolVersion: '2025-11-25', capabilities: { experimental: 'DEEP' } }),
      modern('tools/list', { _meta: { 'io.modelcontextprotocol/clientCapabilities': 'DEEP' } }),
    ]) {
      const { status, json } = await send({ body: JSON.stringify(message.body).replace('"DEEP"', deep) });
      expect(status).toBe(400);
      expect(json.error).toMatchObject({ code: -32600, message: expect.stringMatching(/64 levels/) });
    }
  });

  it('of more values than any message needs is refused before anything works through them', async () => {
    const icons = Array.from({ length: 100_000 }, () => 1);
    const message = modern('tools/list', { _meta: { 'io.modelcontextprotocol/clientInfo': { icons } } });
    const { status, json } = await post(message);
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ code: -32600, message: expect.stringMatching(/20000 values/) });
  });

  it('is not read where there is nothing: the answer is about the address', async () => {
    for (const headers of [[], ['Content-Type: text/xml']]) {
      const { status, json } = await send({ path: '/nothing', body: '{', headers });
      expect(status).toBe(404);
      expect(json.error.code).toBe('route_not_found');
    }
  });
});

describe('bytes that are no HTTP request', () => {
  it.each([
    ['words', 'hello\r\n\r\n', 400],
    [
      'two lengths',
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
    ],
    ['headers without end', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('%s are refused in the form of every other refusal', async (_what, bytes, expected) => {
    const { status, head, json } = await sendRaw(bytes);
    expect(status).toBe(expected);
    expect(head).toMatch(/application\/json/);
    expect(json).toEqual({ error: { code: 'invalid_request', message: expect.any(String) } });
  });
});

describe('a client that hangs up in the middle of its body', () => {
  it('is the business of no operator', async () => {
    const logged = deferred<{ level: number; outcome: string }>();
    onLogLine = (line) => {
      const entry = JSON.parse(line);
      if (entry.msg === 'request') logged.resolve(entry);
    };
    const socket = await open();
    const whole = request({});
    socket.write(whole.slice(0, -10), () => socket.destroy());
    const { level, outcome } = await logged.promise;
    expect(outcome).toBe('cancelled');
    expect(level).toBe(pino.levels.values.debug);
  });
});

describe('parameters of the wrong shape', () => {
  const eras = [
    ['2026-07-28', modern],
    ['2025-11-25', legacy],
  ] as const;

  it.each(eras)('of tools/call under %s: -32602 that names the member', async (_revision, message) => {
    for (const [params, words] of [
      [{}, /name must be text/],
      [{ name: 5 }, /name must be text/],
      [{ name: 'get_store', arguments: null }, /arguments must be an object/],
      [{ name: 'get_store', arguments: [] }, /arguments must be an object/],
      [{ name: 'get_store', arguments: 'store' }, /arguments must be an object/],
    ] as const) {
      const { status, json } = await post(message('tools/call', params));
      expect(status).toBe(200);
      expect(json).toMatchObject({ id: 1, error: { code: -32602, message: expect.stringMatching(words) } });
    }
  });

  it('of initialize: -32602, in a sentence', async () => {
    const clientInfo = { name: 'test', version: '1' };
    for (const [params, words] of [
      [{}, /protocolVersion must be text/],
      [{ protocolVersion: '2025-11-25', clientInfo }, /capabilities must be an object/],
      [{ protocolVersion: '2025-11-25', capabilities: {} }, /clientInfo must be an object/],
      [{ protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x' } }, /clientInfo\.version/],
    ] as const) {
      const { json } = await post(legacy('initialize', params, null));
      expect(json).toMatchObject({ id: 1, error: { code: -32602, message: expect.stringMatching(words) } });
    }
  });

  it('deep inside initialize cost nothing: what the server has no use for is not looked at', async () => {
    const icons = Array.from({ length: 10_000 }, () => 1);
    const { text, json } = await post(
      legacy(
        'initialize',
        { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1', icons } },
        null,
      ),
    );
    expect(json.result.protocolVersion).toBe('2025-06-18');
    expect(text.length).toBeLessThan(5_000);
  });
});
