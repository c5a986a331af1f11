/** Inventories in memory, and Order Desk as it may be when it is asked for them. */
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import { expect } from 'vitest';
import type { AppError } from '../../../../src/errors.js';
import type { InventoryQuery, StoreGateway } from '../../../../src/orderdesk/port.js';
import type { InventoryView } from '../../../../src/orderdesk/views.js';
import { listInventoryTool } from '../../../../src/tools/list-inventory.js';
import { gatewayOf, InMemoryStore } from './gateway.js';
import { call, toolDeps } from './ports.js';

export const anInventoryItem = (change: Partial<InventoryView> = {}): InventoryView => ({
  id: '57838910',
  name: 'Bubble gum',
  code: 'GUM',
  price: '2',
  cost: '1.4',
  weight: '0.2',
  stock: '20',
  location: 'Main Warehouse',
  manufacturerSku: null,
  variations: { Taste: 'Mint' },
  updateSource: 'Wilhelmina',
  addedAt: '2026-01-08T12:10:00Z',
  updatedAt: null,
  ...change,
});

export const many = (count: number, change: (index: number) => Partial<InventoryView> = () => ({})) =>
  Array.from({ length: count }, (_, index) =>
    anInventoryItem({ id: String(index + 1), code: `SKU-${index + 1}`, ...change(index) }),
  );

interface Asked extends InventoryQuery {
  readonly priority: string | undefined;
}

export interface Behaviour {
  readonly paged?: boolean;
  /** Items of a page at most, whatever was asked for. */
  readonly largest?: number;
  readonly codeFilter?: 'honoured' | 'ignored';
  readonly unreadable?: number;
}

/** Order Desk as it may be: with pages or without, with a filter by code or without. */
export function world(
  items: readonly InventoryView[],
  { paged = true, largest = 500, codeFilter = 'honoured', unreadable = 0 }: Behaviour = {},
) {
  const asked: Asked[] = [];
  const gateway: StoreGateway = {
    ...gatewayOf(new InMemoryStore()),
    async listInventory(_entry, query, ctx) {
      asked.push({ ...query, priority: ctx.priority });
      const { limit = 500, offset = 0 } = query;
      const codes = codeFilter === 'ignored' ? undefined : query.codes;
      const found = items.filter(({ code }) => codes === undefined || codes.includes(code ?? ''));
      const start = paged ? offset : 0;
      const page = found.slice(start, start + (paged ? Math.min(limit, largest) : largest));
      return { items: page.map((view) => ({ view, raw: {} })), unreadable: start === 0 ? unreadable : 0 };
    },
  };
  const tool = listInventoryTool(toolDeps(gateway), 'named');
  return {
    asked,
    gateway,
    async list(args: object) {
      const answer = await call(tool, args);
      expect(validate(answer.data)).toMatchObject({ valid: true });
      expect(answer.text.length).toBeLessThanOrEqual(20_000);
      return answer.data;
    },
  };
}

const { outputSchema } = listInventoryTool(toolDeps(gatewayOf(new InMemoryStore())), 'named');
const validate = new AjvJsonSchemaValidator().getValidator(outputSchema ?? {});

/** As this gateway, but with these failures in place of its n-th answers. */
export function failing(gateway: StoreGateway, failures: Readonly<Record<number, AppError>>): StoreGateway {
  let requests = 0;
  return {
    ...gateway,
    async listInventory(...args) {
      requests += 1;
      const failure = failures[requests];
      if (failure !== undefined) throw failure;
      return gateway.listInventory(...args);
    },
  };
}

export const idsOf = (data: { rows: { id: string }[] }) => data.rows.map(({ id }) => id);
