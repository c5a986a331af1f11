/** A store in memory full of whatever a test makes up, and the seven tools that read it, called as the protocol calls them. */
import { expect } from 'vitest';
import type { AppError } from '../../../src/errors.js';
import { callTool, type ToolCallObserver } from '../../../src/mcp/call-tool.js';
import type { InventoryItem, Order, StoreGateway } from '../../../src/orderdesk/port.js';
import type { StoreView } from '../../../src/orderdesk/views.js';
import { createWaits } from '../../../src/telemetry/waits.js';
import type { StoreEntry } from '../../../src/tenancy/stores.js';
import type { ToolDeps } from '../../../src/tools/deps.js';
import { aStoreView, gatewayOf, InMemoryStore } from '../../unit/tools/support/gateway.js';
import { aCall, aStoreEntry, directoryOf, toolDeps, toolNamed } from '../../unit/tools/support/ports.js';

export interface Shop {
  readonly orders: readonly Order[];
  readonly view?: StoreView;
  readonly inventory?: readonly InventoryItem[];
  readonly entries?: readonly StoreEntry[];
  /** Thrown by every read of orders. */
  readonly failure?: AppError;
}

/** The orders of these tests lie in these days. */
export const DAYS = { added_from: '2026-01-01', added_to: '2026-02-28' } as const;

export function depsOf({
  orders,
  view = aStoreView(),
  inventory = [],
  entries = [],
  failure,
}: Shop): ToolDeps {
  const store = new InMemoryStore();
  store.put(...orders);
  const whole = gatewayOf(store, view);
  const gateway: StoreGateway = {
    ...whole,
    async listOrders(...call) {
      if (failure !== undefined) throw failure;
      return whole.listOrders(...call);
    },
    async listInventory(entry, query, ctx) {
      return {
        ...(await whole.listInventory(entry, query, ctx)),
        items: (query.offset ?? 0) > 0 ? [] : inventory,
      };
    },
  };
  return toolDeps(gateway, { directory: directoryOf(aStoreEntry(), ...entries) });
}

export interface Answered {
  readonly isError: boolean;
  readonly texts: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every tool
  readonly structured: any;
}

export async function ask(deps: ToolDeps, name: string, args: object, isMasked = false): Promise<Answered> {
  const call = aCall();
  const principal = { ...call.principal, scope: { ...call.principal.scope, mask: isMasked } };
  const fail: ToolCallObserver = ({ error }) => {
    if (error?.code === 'internal') throw error.cause;
  };
  const result = await callTool(toolNamed(name, deps), args, { ...call, principal }, fail, createWaits());
  if (!('content' in result) || !Array.isArray(result.content)) throw new Error('not a tool result');
  return {
    isError: result.isError === true,
    texts: result.content.map((block) => (block.type === 'text' ? block.text : '')),
    structured: result.structuredContent,
  };
}

const FENCED = /^<(data-[0-9a-f]{12})>\n([^\n]*)\n<\/\1>$/;

/** What stands between the markers of a text, parsed. Fails unless one line of JSON fills all the room between them. */
export function fenced(text: string): unknown {
  const inside = FENCED.exec(text)?.[2];
  expect(inside, text.slice(0, 200)).toBeDefined();
  expect(inside).not.toMatch(/[<\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u);
  return JSON.parse(inside ?? '');
}

/** The parts of an answer that are ours alone, and must be free of what customers wrote. */
export const trustedPart = ({ isError, texts }: Answered): string => (isError ? (texts[0] ?? '') : '');
