/**
 * Every argument of every tool that takes text, fed with text that means something to somebody: SQL, LIKE, shells, paths,
 * templates, other encodings. The list of arguments comes from the schemas, so that a new tool is covered by itself.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { callTool } from '../../support/call-tool.js';
import { legacy } from '../../support/mcp-messages.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import { WIDE_LIMITS } from './wire.js';

const STORES = [
  { id: '701', apiKey: 'sandbox-key-701', name: 'First store', timeZone: 'UTC', seed: 1 },
  { id: '702', apiKey: 'sandbox-key-702', name: 'Second store', timeZone: 'UTC', seed: 2 },
] as const;

const HOSTILE_TEXT = [
  "' OR '1'='1",
  "'; DROP TABLE tenants; --",
  "701' UNION SELECT hash FROM api_keys --",
  '$1',
  '%',
  '_irst store',
  '%irst%',
  '\\',
  '\u0000',
  'First store\u0000',
  '\ud800',
  '\u202eerots tsriF',
  '../../../../etc/passwd',
  '/orders/1?x=',
  'x&folder_id=1&limit=500',
  '1#fragment',
  'x\r\nX-Injected: 1',
  `$${'{jndi:ldap://x/a}'}`,
  '{{7*7}}',
  '$(id)',
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  '-1e999',
  'x'.repeat(100_000),
];
const NOT_TEXT: unknown[] = [
  null,
  0,
  -1,
  1e308,
  true,
  [],
  {},
  { $ne: '' },
  [[['x']]],
  [null],
  { toString: 'x' },
];

const INSIDE =
  /internal|\bat \S*[/(]\S*:\d+:\d+|\bat \S+ \(.+:\d+:\d+|node_modules|syntax error|relation "|api_keys|TypeError|RangeError/;

interface TextArgument {
  readonly tool: string;
  readonly name: string;
}

const toolList = z.object({
  tools: z.array(
    z.object({
      name: z.string(),
      inputSchema: z.object({ properties: z.record(z.string(), z.unknown()).default({}) }),
    }),
  ),
});

let server: TestServer;
let key: string;
let textArguments: TextArgument[];
beforeAll(async () => {
  server = await startTestServer({ stores: STORES, database: 'postgres', env: WIDE_LIMITS });
  ({ key } = await server.addTenant('first', '701'));
  await server.addTenant('second', '702');
  const { json } = await post(JSON.stringify(legacy('tools/list').body));
  textArguments = toolList.parse(json.result).tools.flatMap((tool) =>
    Object.entries(tool.inputSchema.properties)
      .filter(([, schema]) => JSON.stringify(schema).includes('"type":"string"'))
      .map(([name]) => ({ tool: tool.name, name })),
  );
});
afterAll(() => server?.close());

async function post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { ...legacy('ping').headers, ...headers, authorization: `Bearer ${key}` },
    body,
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: JSON.parse(text) };
}

const callBody = (tool: string, args: string): string =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${tool}","arguments":${args}}}`;

async function expectHarmless(argument: TextArgument, value: string): Promise<void> {
  const answer = await post(callBody(argument.tool, `{${JSON.stringify(argument.name)}:${value}}`));
  const what = `${argument.tool} ${argument.name} ${value.slice(0, 60)}`;
  expect(answer.status, what).toBe(200);
  expect(answer.headers.has('x-injected'), what).toBe(false);
  expect(answer.json, what).toMatchObject({ jsonrpc: '2.0', id: 1 });
  const types = answer.json.result.content.map(({ type }: { type: string }) => type);
  // What an error lists of the store follows its own words.
  expect(types, what).toEqual(answer.json.result.isError && types.length > 1 ? ['text', 'text'] : ['text']);
  if (answer.json.result.isError) expect(answer.text, what).not.toMatch(INSIDE);
}

async function expectWell(): Promise<void> {
  const { result } = await callTool(server.url, key, 'list_stores');
  expect(result?.structuredContent).toMatchObject({ stores: [{ name: 'First store' }] });
  expect(await server.server.operations.listTenants.run({})).toHaveLength(2);
}

describe('every argument that takes text', () => {
  it('is found in the schemas', () => {
    expect(textArguments).toEqual(
      expect.arrayContaining([
        { tool: 'get_store', name: 'store' },
        { tool: 'get_order', name: 'order_id' },
        { tool: 'list_orders', name: 'folder' },
        { tool: 'list_orders', name: 'cursor' },
      ]),
    );
  });

  it('answers hostile text with data or a tool error that tells nothing of the inside', async () => {
    for (const argument of textArguments) {
      for (const text of HOSTILE_TEXT) await expectHarmless(argument, JSON.stringify(text));
    }
    await expectWell();
  });

  it('answers what is no text likewise', async () => {
    for (const argument of textArguments) {
      for (const value of NOT_TEXT) await expectHarmless(argument, JSON.stringify(value));
    }
    await expectWell();
  });

  it('takes no byte that is not UTF-8', async () => {
    const sequences = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]];
    for (const { tool, name } of textArguments) {
      for (const bytes of sequences) {
        const [before = '', after = ''] = callBody(tool, `{"${name}":"a|b"}`).split('|');
        const body = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
        const { status, json } = await post(new Uint8Array(body));
        expect(status).toBe(400);
        expect(json.error).toMatchObject({ code: -32700, data: { code: 'invalid_encoding' } });
      }
    }
  });

  it('takes no key that would change prototypes', async () => {
    for (const { tool, name } of textArguments) {
      for (const args of [
        `{"${name}":{"__proto__":{"isAdmin":true}}}`,
        `{"${name}":"x","__proto__":{"isAdmin":true}}`,
        `{"${name}":{"constructor":{"prototype":{"isAdmin":true}}}}`,
        `{"${name}":"x","\\u005f_proto__":{"isAdmin":true}}`,
      ]) {
        const { status, json } = await post(callBody(tool, args));
        expect(status, args).toBe(400);
        expect(json.error.code).toBe(-32700);
      }
    }
    expect(Object.hasOwn(Object.prototype, 'isAdmin')).toBe(false);
  });
});

describe('characters that stand for others in a search', () => {
  it.each(['%', '%irst%', '_irst store', '*', 'First store%', '.*'])('find no store: %s', async (store) => {
    const { error } = await callTool(server.url, key, 'get_store', { store });
    expect(error).toMatchObject({ code: 'unknown_store' });
  });

  it.each(['source_name', 'email'])('find no order by %s', async (name) => {
    const { result } = await callTool(server.url, key, 'list_orders', { [name]: '%' });
    expect(result?.structuredContent).toMatchObject({ returned: 0 });
  });

  it('do not add to what is asked of Order Desk', async () => {
    const args = { source_name: 'Nobody&source_name=Shopify&limit=500' };
    const { result } = await callTool(server.url, key, 'list_orders', args);
    expect(result?.structuredContent).toMatchObject({ returned: 0 });
  });
});
