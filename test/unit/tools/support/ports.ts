/** The other ports of the tools, in memory, and a call as a handler sees it. */
import type { CallContext, ToolDefinition } from '../../../../src/mcp/catalogue.js';
import type { StoreGateway } from '../../../../src/orderdesk/port.js';
import type { KeyId, Kid, TenantId } from '../../../../src/tenancy/ids.js';
import type { Principal } from '../../../../src/tenancy/principal.js';
import type { Sealer } from '../../../../src/tenancy/sealer.js';
import type { StoreDirectory, StoreEntry } from '../../../../src/tenancy/stores.js';
import { makeCatalogue, type ToolDeps } from '../../../../src/tools/index.js';
import { EVERYTHING } from '../../../support/scopes.js';
import { fakeEngine } from './changes.js';
import { aStoreEntry } from './store-entry.js';

export { aStoreEntry };

export const aPrincipal = (change: { tenantId?: string; keyId?: string } = {}): Principal => ({
  tenantId: (change.tenantId ?? 'tenant-1') as TenantId,
  keyId: (change.keyId ?? 'key-1') as KeyId,
  kid: 'kid0000001' as Kid,
  keyName: 'agent',
  role: 'agent',
  scope: EVERYTHING,
});

export const directoryOf = (...stores: readonly StoreEntry[]): StoreDirectory => ({
  list: async () => stores,
  async resolve(_principal, requested) {
    const found = stores.find(({ name }) => requested === undefined || name === requested);
    if (found === undefined) throw new Error('the tests name existing stores only');
    return found;
  },
});

/** Readable on purpose: what counts here is what a cursor is bound to, not how it is encrypted. */
export const openSealer: Sealer = {
  seal: async (tenant, purpose, binding, plaintext) =>
    Buffer.from(JSON.stringify([tenant, purpose, binding, plaintext])).toString('base64url'),
  async open(tenant, purpose, binding, sealed) {
    const text = Buffer.from(sealed, 'base64url').toString();
    const head = JSON.stringify([tenant, purpose, binding]).slice(0, -1);
    return text.startsWith(head) ? JSON.parse(text)[3] : undefined;
  },
};

export const NOW = new Date('2026-02-01T00:00:00Z');

const notAsked = () => Promise.reject(new Error('no store is administered here'));

export const toolDeps = (gateway: StoreGateway, change: Partial<ToolDeps> = {}): ToolDeps => ({
  gateway,
  budgets: {
    of: async () => ({ mode: 'shared', tokens: 17, capacity: 18, perSecond: 3, pausedS: 0 }),
  },
  directory: directoryOf(aStoreEntry()),
  sealer: openSealer,
  masker: { of: async () => undefined },
  changes: fakeEngine(),
  storeAdmin: { update: notAsked, remove: notAsked, verify: notAsked },
  clock: () => NOW,
  ...change,
});

export const aCall = (principal: Principal = aPrincipal()): CallContext => ({
  principal,
  requestId: 'request-1',
  signal: new AbortController().signal,
  deadlineAt: Number.POSITIVE_INFINITY,
  draining: new AbortController().signal,
  progress: async () => {},
  log: async () => {},
  clientCapabilities: {},
  inputResponses: {},
  requestState: undefined,
});

export function toolNamed(name: string, deps: ToolDeps): ToolDefinition {
  const tool = makeCatalogue(deps).tools.find((each) => each.name === name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  return tool;
}

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every tool
  readonly data: any;
  readonly text: string;
}

export async function call(tool: ToolDefinition, args: unknown, ctx: CallContext = aCall()): Promise<Answer> {
  const result = await tool.handle(args, ctx);
  if (!Array.isArray(result.content)) throw new Error('not a tool result');
  const [block] = result.content;
  return { data: result.structuredContent, text: block?.type === 'text' ? block.text : '' };
}
