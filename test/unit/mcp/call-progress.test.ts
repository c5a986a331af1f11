/** What a tool tells of its progress as the client hears it, and how a tool hears of a shutdown. */
import { describe, expect, it } from 'vitest';
import type { CallContext } from '../../../src/mcp/catalogue.js';
import type { Reply } from '../../../src/mcp/leg.js';
import { createSdkLeg } from '../../../src/mcp/sdk-leg.js';
import { legacy, modern } from '../../support/mcp-messages.js';
import { aPrincipal } from '../tools/support/ports.js';

const WATCHED = { progressToken: 'p-1' };

async function callTool(
  sent: ReturnType<typeof legacy> | ReturnType<typeof modern>,
  handle: (ctx: CallContext) => Promise<void>,
  draining = new AbortController().signal,
): Promise<Reply> {
  const headers: Readonly<Record<string, string>> = sent.headers;
  const leg = createSdkLeg({
    catalogue: {
      serverInfo: { name: 'test', version: '0' },
      instructions: '',
      tools: [
        {
          name: 'scan',
          description: 'scans',
          inputSchema: { type: 'object' },
          async handle(_args, ctx) {
            await handle(ctx);
            return { content: [] };
          },
        },
      ],
    },
    deadlineMs: 25_000,
    scanDeadlineMs: 55_000,
    draining,
    observe: () => {},
    onScopeViolation: () => {},
    onError: () => {},
  });
  return leg.handle({
    headers: {
      protocolVersion: headers['mcp-protocol-version'],
      method: headers['mcp-method'],
      name: headers['mcp-name'],
    },
    body: sent.body,
    acceptsStream: true,
    principal: aPrincipal(),
    narrowing: { toolsets: undefined, exclude: [], readOnly: false },
    requestId: 'request-1',
    disconnected: new AbortController().signal,
  });
}

async function progressOf(reply: Reply): Promise<unknown[]> {
  const told: unknown[] = [];
  if (reply.kind !== 'stream') return told;
  for await (const text of reply.messages) {
    const { method, params } = JSON.parse(text);
    if (method === 'notifications/progress') told.push([params.progress, params.total]);
  }
  return told;
}

describe.each([
  ['2026-07-28', (_meta: object) => modern('tools/call', { name: 'scan', _meta })],
  ['2025-11-25', (_meta: object) => legacy('tools/call', { name: 'scan', _meta })],
])('the progress of a call under %s', (_revision, callOf) => {
  it('is sent only where it grew, from 0 on', async () => {
    const reply = await callTool(callOf(WATCHED), async (ctx) => {
      await ctx.progress(0);
      for (const each of [0, 99, 99, 40, 250, 250]) await ctx.progress(each, 250);
    });
    expect(await progressOf(reply)).toEqual([
      [0, undefined],
      [99, 250],
      [250, 250],
    ]);
  });

  it('is not sent where the client did not ask for it', async () => {
    const reply = await callTool(callOf({}), (ctx) => ctx.progress(0));
    expect(reply.kind).toBe('json');
  });
});

it('a call hears when the server begins to shut down', async () => {
  const draining = new AbortController();
  const heard: boolean[] = [];
  await callTool(
    modern('tools/call', { name: 'scan' }),
    async (ctx) => {
      heard.push(ctx.draining.aborted);
      draining.abort();
      heard.push(ctx.draining.aborted, ctx.signal.aborted);
    },
    draining.signal,
  );
  expect(heard).toEqual([false, true, false]);
});
