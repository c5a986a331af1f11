/** The first call of four real clients against the server as `npm start` runs it. */
import { readFile } from 'node:fs/promises';
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { peers, runProgram } from '../support/peers.js';
import { type RunningProgram, startProgram } from '../support/running-program.js';
import { suiteFolder } from '../support/temporary-folder.js';

const TOOLS = [
  'list_stores',
  'get_store',
  'list_orders',
  'get_order',
  'summarize_orders',
  'find_exceptions',
  'list_inventory',
  'create_order',
  'update_order',
  'move_orders',
  'add_order_note',
  'add_shipments',
  'update_inventory',
  'undo_change',
  'list_changes',
];
const firstOrders = { name: 'list_orders', arguments: { limit: 3 } };
const page = z.object({
  structuredContent: z.object({
    rows: z.array(z.object({ id: z.string() })).length(3),
    total: z.int().min(1000),
  }),
});
const identity = { name: 'first-client', version: '0.0.1' };

describe('list_orders answers', () => {
  let program: RunningProgram;
  let key: string;
  let folder: Awaited<ReturnType<typeof suiteFolder>>;
  beforeAll(async () => {
    folder = await suiteFolder();
    program = await startProgram(folder.path);
    if (program.keyFile === undefined) throw new Error('the first start named no key file');
    key = (await readFile(program.keyFile, 'utf8')).trim();
  });
  afterAll(async () => {
    await program?.stop();
    await folder?.remove();
  });

  const withKey = () => ({ requestInit: { headers: { Authorization: `Bearer ${key}` } } });

  it('the SDK v1 client', async () => {
    const client = new ClientV1(identity);
    await client.connect(new HttpV1(new URL(program.url), withKey()));
    expect((await client.listTools()).tools.map((tool) => tool.name)).toEqual(TOOLS);
    page.parse(await client.callTool(firstOrders));
    await client.close();
  });

  it('the SDK v2 client in auto mode, which settles on 2026-07-28', async () => {
    const client = new ClientV2(identity, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new HttpV2(new URL(program.url), withKey()));
    expect((await client.listTools()).tools.map((tool) => tool.name)).toEqual(TOOLS);
    page.parse(await client.callTool(firstOrders));
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    await client.close();
  });

  it("the MCP Inspector's command line", async () => {
    const args = [peers.inspector, '--cli', program.url, '--transport', 'http', '--format', 'json'];
    const call = ['--method', 'tools/call', '--tool-name', 'list_orders', '--tool-arg', 'limit=3'];
    const result = await runProgram(
      peers.node,
      [...args, '--header', `Authorization: Bearer ${key}`, ...call],
      { timeoutMs: 60_000 },
    );
    expect(result.exitCode, result.stderr).toBe(0);
    page.parse(JSON.parse(result.stdout).result);
  });

  it('mcp-remote over stdio', async () => {
    const client = new ClientV1(identity);
    await client.connect(
      new StdioClientTransport({
        command: peers.node,
        args: [
          peers.mcpRemote,
          program.url,
          '--transport',
          'http-only',
          '--header',
          `Authorization: Bearer ${key}`,
        ],
        env: { PATH: process.env.PATH ?? '', HOME: folder.path },
        stderr: 'ignore',
      }),
    );
    page.parse(await client.callTool(firstOrders));
    await client.close();
  });
});
