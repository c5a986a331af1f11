/** Who a client says it is, as it reaches a tool. */
import { describe, expect, it } from 'vitest';
import type { CallContext } from '../../../src/mcp/catalogue.js';
import { claimedClient } from '../../../src/mcp/claimed-client.js';
import { createSdkLeg } from '../../../src/mcp/sdk-leg.js';
import { legacy, modern } from '../../support/mcp-messages.js';
import { aPrincipal } from '../tools/support/ports.js';

async function clientOf(
  sent: ReturnType<typeof legacy> | ReturnType<typeof modern>,
  userAgent?: string,
): Promise<unknown> {
  const contexts: CallContext[] = [];
  const headers: Readonly<Record<string, string>> = sent.headers;
  const leg = createSdkLeg({
    catalogue: {
      serverInfo: { name: 'test', version: '0' },
      instructions: '',
      tools: [
        {
          name: 'note',
          description: 'notes its context',
          inputSchema: { type: 'object' },
          async handle(_args, ctx) {
            contexts.push(ctx);
            return { content: [] };
          },
        },
      ],
    },
    deadlineMs: 25_000,
    scanDeadlineMs: 25_000,
    draining: new AbortController().signal,
    observe: () => {},
    onScopeViolation: () => {},
    onError: () => {},
  });
  await leg.handle({
    headers: {
      protocolVersion: headers['mcp-protocol-version'],
      method: headers['mcp-method'],
      name: headers['mcp-name'],
    },
    userAgent,
    body: sent.body,
    acceptsStream: false,
    principal: aPrincipal(),
    narrowing: { toolsets: undefined, exclude: [], readOnly: false },
    requestId: 'request-1',
    disconnected: new AbortController().signal,
  });
  expect(contexts).toHaveLength(1);
  return contexts[0]?.client;
}

describe('the client', () => {
  const params = { name: 'note', arguments: {} };

  it('is who a request of 2026-07-28 says', async () => {
    expect(await clientOf(modern('tools/call', params), 'agent/1.2')).toBe('test 0');
  });

  it('of a handshake revision is its User-Agent, cleaned and cut in the same way', async () => {
    const agent = ` agent\u0007/1.2 ${'x'.repeat(300)}`;
    const kept = `agent /1.2 ${'x'.repeat(189)}`;
    expect(await clientOf(legacy('tools/call', params), agent)).toBe(kept);
  });

  it('of a handshake revision is not known without one', async () => {
    expect(await clientOf(legacy('tools/call', params))).toBeUndefined();
    expect(await clientOf(legacy('tools/call', params), ' ')).toBeUndefined();
  });

  it.each([
    [{ name: 'agent', version: '1.2' }, 'agent 1.2'],
    [{ name: 'agent' }, 'agent'],
    [{ name: 7, version: ['1'] }, undefined],
    [{ name: ' \u0000 ' }, undefined],
    ['agent', undefined],
    [null, undefined],
    [{ name: 'a\u0000b\nc', version: '1' }, 'a b c 1'],
    [{ name: 'ü'.repeat(500) }, 'ü'.repeat(200)],
  ])('that claims %j is kept as %j', (info, kept) => {
    expect(claimedClient(info)).toBe(kept);
  });

  it('loses no half of a letter where it is cut', () => {
    expect(claimedClient({ name: '𝒜'.repeat(300) })).toBe('𝒜'.repeat(200));
  });
});
