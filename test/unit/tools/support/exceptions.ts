/** A store in memory as find_exceptions reads it: orders, folders, inventory. */
import { expect } from 'vitest';
import { AppError } from '../../../../src/errors.js';
import type { InventoryItem, StoreGateway } from '../../../../src/orderdesk/port.js';
import type { OrderView, StoreView } from '../../../../src/orderdesk/views.js';
import type { ToolDeps } from '../../../../src/tools/deps.js';
import { findExceptionsTool } from '../../../../src/tools/find-exceptions.js';
import { aStoreView, gatewayOf, InMemoryStore } from './gateway.js';
import { anOrder } from './orders.js';
import { NOW, toolDeps } from './ports.js';

const DAY = 86_400_000;
export const ago = (days: number) => new Date(NOW.getTime() - days * DAY).toISOString();

/** Units as Order Desk writes them, by code. */
type Stock = Readonly<Record<string, string>>;

export const anInventoryItem = (code: string | null, stock: string | null): InventoryItem => ({
  view: {
    id: `item-${code}`,
    name: 'Shirt',
    code,
    price: '1',
    cost: null,
    weight: null,
    stock,
    location: null,
    manufacturerSku: null,
    variations: {},
    updateSource: null,
    addedAt: null,
    updatedAt: null,
  },
  raw: {},
});

const FOLDERS: StoreView['folders'] = [
  { id: '1', name: 'New' },
  { id: '2', name: 'Closed' },
  { id: '3', name: 'Canceled' },
];

/** A store with these orders and this inventory, and what was asked of it. */
export function shop(
  orders: readonly Partial<OrderView>[],
  stock: Stock | AppError = { 'SHIRT-BLACK': '9' },
  folders: StoreView['folders'] = FOLDERS,
  settings: Partial<StoreView> = {},
) {
  const store = new InMemoryStore();
  store.put(
    ...orders.map((order, index) => anOrder({ id: String(index + 1), sourceId: `n${index}`, ...order })),
  );
  const reads: (readonly string[])[] = [];
  const view = aStoreView({ folders, ...settings });
  const gateway: StoreGateway = {
    ...gatewayOf(store, view),
    async listInventory(_entry, { codes = [] }, ctx) {
      reads.push(codes);
      expect(ctx.priority).toBe('background');
      if (stock instanceof AppError) throw stock;
      const held = codes.flatMap((code) => (stock[code] === undefined ? [] : [{ code, stock: stock[code] }]));
      return { items: held.map(({ code, stock }) => anInventoryItem(code, stock)), unreadable: 0 };
    },
  };
  const tool = (change: Partial<Omit<ToolDeps, 'gateway'>> = {}, choice: 'named' | 'bound' = 'named') =>
    findExceptionsTool(toolDeps(gateway, change), choice);
  return { store, reads, tool };
}

export const fresh: Partial<OrderView> = { addedAt: ago(1), updatedAt: ago(1) };
export const waiting: Partial<OrderView> = { addedAt: ago(5), updatedAt: ago(1) };
export const idsAndChecks = (data: {
  findings: { id: string; reasons: { check: string; rule: string }[] }[];
}) => data.findings.flatMap(({ id, reasons }) => reasons.map(({ check }) => `${id} ${check}`));
export const rulesOf = (data: { findings: { reasons: { rule: string }[] }[] }): string[] =>
  data.findings.flatMap(({ reasons }) => reasons.map(({ rule }) => rule));
