import type { Sandbox, SandboxOptions, SandboxStore, SandboxSwitches } from '../../../src/sandbox/index.js';
import { credentials, type Get, open, type Seen, store } from './client.js';

export type Send = (method: string, path: string, body?: unknown) => Promise<Seen>;

/** A store with three orders whose every difference is stated, and clients for it. */
export interface Given {
  readonly sandbox: Sandbox;
  readonly first: SandboxStore;
  readonly get: Get;
  readonly send: Send;
  /** Ids of the orders that a query finds, oldest first. */
  ids(query: string): Promise<string[]>;
}

export async function given(
  switches: Partial<SandboxSwitches> = {},
  options: Partial<SandboxOptions> = {},
): Promise<Given> {
  const opened = await open({ switches, stores: [{ ...store, orderCount: 0 }], ...options });
  const { first, get } = opened;
  const add = (id: string, day: string, last_name: string, source_id: string, price: number) =>
    first.insertOrder({
      id,
      source_id,
      date_added: `${day} 00:00:00`,
      shipping: { last_name },
      order_items: [{ id: `${id}0`, name: 'Mug', code: 'MUG', price }],
    });
  add('1', '2026-06-01', 'Hart', 'A-1', 5);
  add('2', '2026-06-02', 'Hartwell', 'A-12', 7);
  add('3', '2026-06-03', 'hart', 'B-3', 6);
  const send: Send = (method, path, body) =>
    get(path, {
      method,
      ...(body === undefined
        ? {}
        : {
            headers: { ...credentials(), 'Content-Type': 'application/json' },
            body: JSON.stringify(body),
          }),
    });
  return {
    ...opened,
    send,
    ids: async (query) =>
      (await get(`/orders?order=ASC&${query}`)).body.orders.map(({ id }: { id: string }) => id),
  };
}

/** An order as a client would make one. */
export const newOrder = {
  source_id: 'N-1',
  source_name: 'Shop',
  email: 'ann@example.com',
  shipping: { first_name: 'Ann', last_name: 'Bo', address1: '1 Low Road', address3: 'Dock C', country: 'US' },
  order_items: [{ name: 'Mug', code: 'MUG', price: 5, quantity: 2, weight: 0.5 }],
};

export const newShipment = {
  tracking_number: '1Z999AA10123456784',
  carrier_code: 'UPS',
  shipment_method: 'Ground',
};

export const newInventoryItem = { name: 'Cup', code: 'CUP-1', price: 4.5, stock: 7 };

/** The id of the folder at this place. */
export const folderAt = (first: SandboxStore, at: number): number => first.folders()[at]?.id ?? -1;
