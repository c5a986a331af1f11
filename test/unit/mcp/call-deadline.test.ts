/** How long a call may take: longer for tools that scan, where the client watches. No test waits: what is read is the deadline. */
import { describe, expect, it } from 'vitest';
import type { CallContext, ToolDefinition } from '../../../src/mcp/catalogue.js';
import { createSdkLeg } from '../../../src/mcp/sdk-leg.js';
import { legacy, modern } from '../../support/mcp-messages.js';
import { aPrincipal } from '../tools/support/ports.js';

const WATCHED = { progressToken: 'p-1' };

type Sent = ReturnType<typeof legacy> | ReturnType<typeof modern>;

/** Seconds from now to the deadline, as the tool is told it. */
async function secondsGiven(
  { headers, body }: { headers: Partial<Record<string, string>>; body: unknown },
  options: { scanDeadlineMs?: number; acceptsStream?: boolean; deadlineMs?: number } = {},
): Promise<number | undefined> {
  let given: number | undefined;
  const tool = (name: string, scans?: boolean): ToolDefinition => ({
    name,
    description: name,
    inputSchema: { type: 'object' },
    ...(scans === undefined ? {} : { scans }),
    handle: async (_args, ctx: CallContext) => {
      given = Math.round((ctx.deadlineAt - performance.now()) / 1000);
      return { content: [] };
    },
  });
  const { acceptsStream = true, ...settings } = options;
  const leg = createSdkLeg({
    catalogue: {
      serverInfo: { name: 'test', version: '0' },
      instructions: '',
      tools: [tool('scan', true), tool('read'), tool('read_too', false)],
    },
    deadlineMs: 25_000,
    scanDeadlineMs: 55_000,
    draining: new AbortController().signal,
    ...settings,
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
    body,
    acceptsStream,
    principal: aPrincipal(),
    narrowing: { toolsets: undefined, exclude: [], readOnly: false },
    requestId: 'request-1',
    disconnected: new AbortController().signal,
  });
  return given;
}

describe.each<[string, (name: string, meta?: object) => Sent]>([
  ['2026-07-28', (name, _meta = {}) => modern('tools/call', { name, _meta })],
  ['2025-11-25', (name, _meta = {}) => legacy('tools/call', { name, _meta })],
])('a call under %s', (_revision, callOf) => {
  it('has its own time where the tool scans and the client asked for progress', async () => {
    expect(await secondsGiven(callOf('scan', WATCHED))).toBe(55);
    expect(await secondsGiven(callOf('scan', { progressToken: 0 }))).toBe(55);
  });

  it('has 25 where the client did not, or could not be told', async () => {
    expect(await secondsGiven(callOf('scan'))).toBe(25);
    expect(await secondsGiven(callOf('scan', WATCHED), { acceptsStream: false })).toBe(25);
  });

  it('has 25 where the tool does not scan', async () => {
    expect(await secondsGiven(callOf('read', WATCHED))).toBe(25);
    expect(await secondsGiven(callOf('read_too', WATCHED))).toBe(25);
  });

  it('never has less for being a scan', async () => {
    expect(await secondsGiven(callOf('scan', WATCHED), { deadlineMs: 120_000 })).toBe(120);
    expect(await secondsGiven(callOf('scan', WATCHED), { scanDeadlineMs: 24_000 })).toBe(25);
  });
});

it('a message of an array has 25 seconds: its progress has nowhere to go', async () => {
  const { headers, body } = legacy('tools/call', { name: 'scan', _meta: WATCHED }, '2025-03-26');
  expect(await secondsGiven({ headers, body: [body] })).toBe(25);
});
