/** JSON that is valid and meant to do harm: too deep, said twice, with names that are no names. */
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { legacy, modern } from '../../support/mcp-messages.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import { WIDE_LIMITS } from './wire.js';

const STORES = [
  { id: '701', apiKey: 'sandbox-key-701', name: 'First store', timeZone: 'UTC', seed: 1 },
  { id: '702', apiKey: 'sandbox-key-702', name: 'Second store', timeZone: 'UTC', seed: 2 },
] as const;

const logged: string[] = [];
const log = pino(
  { level: 'debug' },
  new Writable({
    write(line, _encoding, done) {
      logged.push(String(line));
      done();
    },
  }),
);

let server: TestServer;
let key: string;
beforeAll(async () => {
  server = await startTestServer({ stores: STORES, env: WIDE_LIMITS, log });
  ({ key } = await server.addTenant('first', '701'));
  await server.addTenant('second', '702');
});
afterAll(() => server?.close());

async function post(body: string, headers: Record<string, string> = legacy('ping').headers) {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${key}` },
    body,
  });
  const text = await response.text();
  return { status: response.status, text, json: JSON.parse(text) };
}

const INSIDE = /"internal"|-32603|\bat .+:\d+:\d+|node_modules|call stack|RangeError/;
const nested = (open: string, close: string, depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`;

describe('JSON that is nested without end', () => {
  const DEPTHS = [100, 5_000, 80_000];
  const shapes: [where: string, body: (deep: string) => string][] = [
    ['as the message', (deep) => deep],
    ['as the id', (deep) => `{"jsonrpc":"2.0","id":${deep},"method":"tools/list"}`],
    ['as the method', (deep) => `{"jsonrpc":"2.0","id":1,"method":${deep}}`],
    ['beside the parameters', (deep) => `{"jsonrpc":"2.0","id":1,"method":"tools/list","x":${deep}}`],
    ['in _meta', (deep) => `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"x":${deep}}}}`],
    ['as arguments', (deep) => callWith(deep)],
    ['in an argument', (deep) => callWith(`{"folder":${deep}}`)],
    ['in an unknown argument', (deep) => callWith(`{"x":${deep}}`)],
  ];
  const callWith = (args: string) =>
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_orders","arguments":${args}}}`;

  it.each(shapes)('%s is answered or refused, and breaks nothing', async (_where, body) => {
    for (const depth of DEPTHS) {
      for (const deep of [nested('[', ']', depth), nested('{"a":', '}', depth)]) {
        const { status, text } = await post(body(deep));
        expect(status).toBeLessThan(500);
        expect(text).not.toMatch(INSIDE);
      }
    }
    expect((await post(JSON.stringify(legacy('ping').body))).status).toBe(200);
  });
});

describe('an array of arrays', () => {
  it('is refused as a whole, so that it cannot carry more messages than are counted', async () => {
    const ten = (message: unknown) => Array.from({ length: 10 }, () => message);
    const { headers, body } = legacy('ping', {}, '2025-03-26');
    for (const nest of [ten(ten(body)), [[body]], [body, [body]]]) {
      const { status, json } = await post(JSON.stringify(nest), headers);
      expect(status).toBe(400);
      expect(json).toMatchObject({ id: null, error: { code: -32600 } });
    }
  });
});

describe('what is said twice', () => {
  const listOrders = (args: string, name = '"name":"list_orders"') =>
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{${name},"arguments":${args}}}`;

  it.each([
    ['{"store":"First store","store":"Second store"}', 'unknown_store'],
    ['{"limit":1,"limit":100000}', 'invalid_argument'],
    ['{"limit":1,"\\u006cimit":"x"}', 'invalid_argument'],
  ])('in arguments is checked as it is used: %s', async (args, code) => {
    const { json } = await post(listOrders(args));
    expect(json.result.isError).toBe(true);
    expect(JSON.parse(json.result.content[0].text).error.code).toBe(code);
  });

  it('in a message that a gateway read by its headers is refused where the two differ', async () => {
    const { headers, body } = modern('tools/call', { name: 'list_stores', arguments: {} });
    const text = JSON.stringify(body);
    const twice = {
      name: text.replace('"name":"list_stores"', '"name":"list_stores","name":"get_store"'),
      method: text.replace('"method":"tools/call"', '"method":"tools/call","method":"tools/list"'),
    };
    for (const doubled of Object.values(twice)) {
      expect(doubled).not.toBe(text);
      const { status, json } = await post(doubled, headers);
      expect(status).toBe(400);
      expect(json.error.code).toBe(-32020);
    }
  });
});

describe('the name of a tool', () => {
  const NAMES = [
    '',
    ' list_stores',
    'list_stores ',
    'LIST_STORES',
    'list_stores\u0000',
    'list_stores\n',
    'list_stores\r\nX-Injected: 1',
    '\u001b[2J\u001b[31mlist_stores',
    '\u0007\u0008\u007f\u009b',
    '\u2028\u2029',
    '\u202eserots_tsil',
    'list\u00adstores',
    'ｌist_stores',
    '\ud800',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '../list_stores',
    'x'.repeat(8_000),
  ];

  it('that is none is answered as unknown, quoted short and without control characters', async () => {
    for (const name of NAMES) {
      for (const { headers, body } of [
        legacy('tools/call', { name, arguments: {} }),
        modern('tools/call', { name, arguments: {} }),
      ]) {
        const { status, text, json } = await post(JSON.stringify(body), headers);
        expect([200, 400], JSON.stringify(name)).toContain(status);
        // A lone surrogate has no base64 of UTF-8, so that the header cannot mirror it.
        expect(name === '\ud800' ? [-32602, -32020] : [-32602]).toContain(json.error.code);
        expect(text.length).toBeLessThan(1_000);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        expect(json.error.message).not.toMatch(/[\u0000-\u001f]/);
      }
    }
  });

  it('never breaks a line of the log or becomes a label', async () => {
    const name = 'made_up\n{"level":30,"msg":"forged"}';
    await post(JSON.stringify(legacy('tools/call', { name, arguments: {} }).body));
    for (const line of logged) expect(JSON.parse(line).msg).not.toBe('forged');
    const metrics = await (await fetch(new URL('/metrics', server.url))).text();
    expect(metrics).not.toContain('made_up');
    expect(logged.length).toBeGreaterThan(0);
  });
});
