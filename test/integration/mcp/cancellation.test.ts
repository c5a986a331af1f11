import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallContext, Catalogue } from '../../../src/mcp/catalogue.js';
import { type BareServer, startBareServer } from '../../support/bare-server.js';
import { deferred } from '../../support/deferred.js';
import { legacy, modern } from '../../support/mcp-messages.js';

/** A tool that waits until the test lets it go, and shows what its signal did. */
function waitingTool() {
  const started = deferred<CallContext>();
  const release = deferred<void>();
  const finished = deferred<boolean>();
  const catalogue: Catalogue = {
    serverInfo: { name: 'test', version: '0' },
    instructions: '',
    tools: [
      {
        name: 'wait',
        description: 'waits',
        inputSchema: { type: 'object' },
        handle: async (_args, ctx) => {
          started.resolve(ctx);
          const aborted = new Promise<void>((resolve) => {
            ctx.signal.addEventListener('abort', () => resolve(), { once: true });
          });
          await Promise.race([release.promise, aborted]);
          finished.resolve(ctx.signal.aborted);
          return { content: [] };
        },
      },
    ],
  };
  return { catalogue, started: started.promise, release: release.resolve, finished: finished.promise };
}

/** Sends a request on a socket of its own and hangs up once the tool has started. */
async function sendAndHangUp(
  url: string,
  request: { headers: Record<string, string>; body: unknown },
  started: Promise<unknown>,
): Promise<void> {
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  const body = JSON.stringify(request.body);
  const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(
    `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n${headers.join('')}\r\n${body}`,
  );
  await started;
  socket.destroy();
}

describe('a client that hangs up in the middle of a call', () => {
  let server: BareServer;
  let tool: ReturnType<typeof waitingTool>;
  beforeEach(async () => {
    tool = waitingTool();
    server = await startBareServer(tool.catalogue);
  });
  afterEach(() => server.close());

  it('cancels the call under 2026-07-28', async () => {
    await sendAndHangUp(server.url, modern('tools/call', { name: 'wait' }), tool.started);
    expect(await tool.finished).toBe(true);
  });

  it.each(['2025-11-25', '2025-06-18', '2025-03-26'])('does not cancel it under %s', async (revision) => {
    await sendAndHangUp(server.url, legacy('tools/call', { name: 'wait' }, revision), tool.started);
    const ctx = await tool.started;
    // The server has seen the hang-up once a request on a later connection is answered.
    await fetch(server.url, { method: 'GET' });
    expect(ctx.signal.aborted).toBe(false);
    tool.release();
    expect(await tool.finished).toBe(false);
  });
});

describe('a call that takes too long', () => {
  it.each([
    ['2026-07-28', modern('tools/call', { name: 'wait' })],
    ['2025-11-25', legacy('tools/call', { name: 'wait' })],
  ])('is ended by the deadline under %s', async (_revision, request) => {
    const tool = waitingTool();
    const server = await startBareServer(tool.catalogue, { deadlineMs: 50 });
    await fetch(server.url, { method: 'POST', headers: request.headers, body: JSON.stringify(request.body) });
    expect(await tool.finished).toBe(true);
    await server.close();
  });
});
