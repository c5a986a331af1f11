import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../../src/errors.js';
import type { Catalogue } from '../../../src/mcp/catalogue.js';
import { defineTool } from '../../../src/mcp/define-tool.js';
import { schemaConversions } from '../../../src/mcp/schema.js';
import { type BareServer, startBareServer } from '../../support/bare-server.js';
import { legacy, modern } from '../../support/mcp-messages.js';

const annotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

const catalogue: Catalogue = {
  serverInfo: { name: 'test', version: '1.2.3' },
  instructions: 'Say hello.',
  tools: [
    defineTool({
      name: 'greet',
      title: 'Greet',
      description: 'Greets.',
      input: z.strictObject({ who: z.string().min(1), times: z.int().min(1).max(3).default(1) }),
      output: z.object({ greeting: z.string() }),
      annotations,
      handler: async ({ who, times }, ctx) => {
        for (let turn = 1; turn <= times; turn += 1) await ctx.progress(turn, times);
        if (who === 'nobody') throw new AppError('not_found', 'Nobody is here.', { hint: 'Greet somebody.' });
        if (who === 'fault') throw new TypeError('a secret of the implementation');
        return { greeting: `Hello, ${who}` };
      },
    }),
  ],
};

describe('the protocol over HTTP', () => {
  let server: BareServer;
  beforeAll(async () => {
    server = await startBareServer(catalogue);
  });
  afterAll(() => server.close());

  const send = async (request: { headers: Record<string, string>; body: unknown }) => {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: request.headers,
      body: JSON.stringify(request.body),
    });
    const text = await response.text();
    return {
      status: response.status,
      type: response.headers.get('content-type') ?? '',
      text,
      json: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined,
    };
  };

  describe('in both eras', () => {
    const eras = [
      ['2026-07-28', modern],
      ['2025-11-25', legacy],
    ] as const;

    it.each(eras)('lists the tools under %s from a string made at start-up', async (_era, message) => {
      const before = schemaConversions();
      const { status, json } = await send(message('tools/list'));
      expect(status).toBe(200);
      expect(json.result.tools).toEqual([
        expect.objectContaining({ name: 'greet', title: 'Greet', annotations }),
      ]);
      expect(json.result.tools[0].inputSchema.required).toEqual(['who']);
      expect(schemaConversions()).toBe(before);
    });

    it.each(eras)(
      'answers a call under %s with data and the same data as marked text',
      async (_era, message) => {
        const { json } = await send(message('tools/call', { name: 'greet', arguments: { who: 'Ada' } }));
        expect(json.result.structuredContent).toEqual({ greeting: 'Hello, Ada' });
        expect(json.result.content[0].text).toMatch(
          /^<(data-[0-9a-f]{12})>\n\{"greeting":"Hello, Ada"\}\n<\/\1>$/,
        );
      },
    );

    it.each(eras)('streams progress ahead of the result under %s', async (_era, message) => {
      const { type, text } = await send(
        message('tools/call', {
          name: 'greet',
          arguments: { who: 'Ada', times: 2 },
          _meta: { progressToken: 'p' },
        }),
      );
      expect(type).toBe('text/event-stream');
      const events = [...text.matchAll(/^data: (.+)$/gm)].map((match) => JSON.parse(match[1] ?? ''));
      expect(events.map((event) => event.params?.progress ?? 'result')).toEqual([1, 2, 'result']);
    });

    it.each(eras)(
      'reports a mistake in the input as a tool error that names the field under %s',
      async (_e, message) => {
        const { status, json } = await send(
          message('tools/call', { name: 'greet', arguments: { times: 9 } }),
        );
        expect(status).toBe(200);
        expect(json.result.isError).toBe(true);
        const { error } = JSON.parse(json.result.content[0].text);
        expect(error).toMatchObject({ code: 'invalid_argument', field: 'who' });
        expect(error.hint).toContain('times');
      },
    );

    it.each(eras)('refuses an unknown argument by name under %s', async (_era, message) => {
      const { json } = await send(
        message('tools/call', { name: 'greet', arguments: { who: 'Ada', shout: true } }),
      );
      expect(JSON.parse(json.result.content[0].text).error).toMatchObject({
        code: 'invalid_argument',
        field: 'shout',
      });
    });

    it.each(eras)('answers an unknown tool under %s with -32602', async (_era, message) => {
      const { json } = await send(message('tools/call', { name: 'gr\u0000eet', arguments: {} }));
      expect(json.error).toMatchObject({ code: -32602 });
      expect(json.error.message).toBe('Unknown tool "gr\\u0000eet". tools/list names the tools of this key.');
    });

    it.each(eras)('shows nothing of a fault under %s but its request id', async (_era, message) => {
      const { text, json } = await send(
        message('tools/call', { name: 'greet', arguments: { who: 'fault' } }),
      );
      expect(text).not.toContain('secret of the implementation');
      expect(JSON.parse(json.result.content[0].text).error).toEqual({
        code: 'internal',
        message: expect.stringContaining('inside the server'),
        request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
    });
  });

  it('offers the newest handshake revision to a client that asks for one it does not know', async () => {
    const hello = legacy('initialize', {
      protocolVersion: '2024-11-05',
      capabilities: {},
      clientInfo: { name: 'old', version: '0' },
    });
    const { json } = await send(hello);
    expect(json.result).toMatchObject({ protocolVersion: '2025-11-25', instructions: 'Say hello.' });
  });

  it('gives a client that takes no event stream the result alone', async () => {
    const request = modern('tools/call', {
      name: 'greet',
      arguments: { who: 'Ada', times: 3 },
      _meta: { progressToken: 'p' },
    });
    const { type, json } = await send({
      ...request,
      headers: { ...request.headers, accept: 'application/json' },
    });
    expect(type).toContain('application/json');
    expect(json.result.structuredContent.greeting).toBe('Hello, Ada');
  });

  describe('arrays of messages', () => {
    const call = (id: number) =>
      legacy('tools/call', { name: 'greet', arguments: { who: `${id}` } }, null, id).body;
    const array = (revision: string | null, body: unknown) => send({ ...legacy('x', {}, revision), body });

    it('are answered in order under 2025-03-26, and where no revision is named', async () => {
      for (const revision of ['2025-03-26', null]) {
        const { json } = await array(revision, [call(3), call(1), call(2)]);
        expect(json.map((reply: { id: number }) => reply.id)).toEqual([3, 1, 2]);
      }
    });

    it('leave notifications unanswered', async () => {
      const note = { jsonrpc: '2.0', method: 'notifications/initialized' };
      expect((await array(null, [note, call(1)])).json).toHaveLength(1);
      expect((await array(null, [note])).status).toBe(202);
    });

    it.each([
      [
        'of 11 messages',
        '2025-03-26',
        Array.from({ length: 11 }, (_, id) => call(id)),
        /at most 10 messages; this one holds 11/,
      ],
      ['under 2025-11-25', '2025-11-25', [call(1)], /revision 2025-03-26 only/],
      ['that are empty', '2025-03-26', [], /empty/],
      [
        'with the handshake inside',
        '2025-03-26',
        [legacy('initialize').body],
        /initialize must be sent alone/,
      ],
    ])('%s are refused with -32600', async (_what, revision, body, message) => {
      const { status, json } = await array(revision, body);
      expect(status).toBe(400);
      expect(json.error.code).toBe(-32600);
      expect(json.error.message).toMatch(message);
    });
  });

  describe('2026-07-28 headers', () => {
    const request = modern('tools/call', { name: 'greet', arguments: { who: 'Ada' } });
    const without = (name: string) => {
      const { [name]: _dropped, ...headers } = request.headers as Record<string, string>;
      return { ...request, headers };
    };

    it.each([
      ['no Mcp-Method', without('mcp-method'), /Mcp-Method header is missing/],
      ['no Mcp-Name', without('mcp-name'), /Mcp-Name header is missing/],
      ['no MCP-Protocol-Version', without('mcp-protocol-version'), /MCP-Protocol-Version header is missing/],
      [
        'another name',
        { ...request, headers: { ...request.headers, 'mcp-name': 'other' } },
        /differs from params.name/,
      ],
      [
        'a bad encoding',
        { ...request, headers: { ...request.headers, 'mcp-name': '=?base64?%%?=' } },
        /not valid base64/,
      ],
    ])('with %s are refused with -32020', async (_what, message, text) => {
      const { status, json } = await send(message);
      expect(status).toBe(400);
      expect(json.error.code).toBe(-32020);
      expect(json.error.message).toMatch(text);
    });

    it('may carry the name as base64', async () => {
      const encoded = `=?base64?${Buffer.from('greet').toString('base64')}?=`;
      const { json } = await send({ ...request, headers: { ...request.headers, 'mcp-name': encoded } });
      expect(json.result.structuredContent.greeting).toBe('Hello, Ada');
    });
  });

  it('refuses a handshake-era revision that it does not serve with -32022 and the served ones', async () => {
    const { status, json } = await send(legacy('tools/list', {}, '2024-11-05'));
    expect(status).toBe(400);
    expect(json.error).toMatchObject({
      code: -32022,
      data: { requested: '2024-11-05', supported: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26'] },
    });
  });

  it('tells its observer each outcome, and nothing of arguments or results', () => {
    expect(new Set(server.events.map((event) => event.outcome))).toEqual(
      new Set(['ok', 'invalid_argument', 'internal', 'unknown_tool']),
    );
    const unknown = server.events.filter((event) => event.outcome === 'unknown_tool');
    expect(new Set(unknown.map((event) => event.tool))).toEqual(new Set(['_unknown']));
    expect(Object.keys(server.events[0] ?? {}).sort()).toEqual([
      'context',
      'error',
      'outcome',
      'times',
      'tool',
    ]);
  });
});
