/**
 * One store's records, held as the API sends them, and the only place that changes them. A record is never changed
 * in place: a change puts a new one there, so whoever holds the old one keeps what they read.
 */
import { formatUtc } from './dates.js';
import { completeOrder, type OrderInput } from './order-defaults.js';
import type { FolderRecord, HistoryRecord, InventoryRecord, OrderRecord, StoreData } from './types.js';

export interface Records {
  folders(): readonly FolderRecord[];
  /** Oldest `date_added` first, then by id. */
  orders(): readonly OrderRecord[];
  order(id: string): OrderRecord | undefined;
  history(orderId: string): readonly HistoryRecord[];
  /** By id. */
  inventory(): readonly InventoryRecord[];
  inventoryItem(id: string): InventoryRecord | undefined;

  /** @throws Error when the id is taken */
  insertOrder(input: OrderInput): OrderRecord;
  /** Replaces the named fields and sets `date_updated` unless that is named too. @throws Error for an unknown id */
  changeOrder(id: string, change: Partial<Omit<OrderRecord, 'id'>>): OrderRecord;
  /** Puts `order` in the place of the one with its id and sets `date_updated`. @throws Error for an unknown id */
  replaceOrder(order: OrderRecord): OrderRecord;
  removeOrder(id: string): void;
  /** @returns false when the order has all the entries it can have, and nothing was added */
  addHistory(orderId: string, sourceName: string, note: string): boolean;
  /** The id that `insertOrder` gives next. */
  nextOrderId(): string;
  /** An id that no item has had. */
  newItemId(): string;
  /** An id that no shipment has had. */
  newShipmentId(): string;

  /** Sets the id and both dates. */
  insertInventoryItem(input: InventoryInput): InventoryRecord;
  /** Puts `input` in the place of the item and sets `date_updated`. @throws Error for an unknown id */
  replaceInventoryItem(id: number, input: InventoryInput): InventoryRecord;
  removeInventoryItem(id: number): void;
  replaceAll(data: StoreData): void;
}

export type InventoryInput = Omit<InventoryRecord, 'id' | 'date_added' | 'date_updated'>;

/** Order Desk API, order history: 250 entries an order. */
export const HISTORY_CAP = 250;

/** @param now milliseconds since the epoch */
export function createRecords(initial: StoreData, now: () => number): Records {
  let folders: readonly FolderRecord[] = [];
  const inventory = new Map<string, InventoryRecord>();
  const orders = new Map<string, OrderRecord>();
  const history = new Map<string, readonly HistoryRecord[]>();
  let nextOrderId = 1;
  let nextItemId = 1;
  let nextShipmentId = 1;
  let nextInventoryId = 1;
  let sorted: readonly OrderRecord[] | undefined;

  const put = (order: OrderRecord): OrderRecord => {
    orders.set(order.id, order);
    sorted = undefined;
    nextOrderId = Math.max(nextOrderId, Number(order.id) + 1);
    for (const { id } of order.order_items) nextItemId = Math.max(nextItemId, Number(id) + 1);
    for (const { id } of order.order_shipments) nextShipmentId = Math.max(nextShipmentId, Number(id) + 1);
    return order;
  };

  const putInventory = (item: InventoryRecord): InventoryRecord => {
    inventory.set(String(item.id), item);
    nextInventoryId = Math.max(nextInventoryId, item.id + 1);
    return item;
  };

  const replaceAll = (data: StoreData) => {
    folders = data.folders;
    inventory.clear();
    for (const item of [...data.inventory].sort((a, b) => a.id - b.id)) putInventory(item);
    orders.clear();
    history.clear();
    sorted = undefined;
    for (const order of data.orders) put(order);
    for (const [id, entries] of data.history) history.set(id, entries);
  };
  replaceAll(initial);

  return {
    folders: () => folders,
    orders() {
      sorted ??= [...orders.values()].sort((a, b) =>
        a.date_added < b.date_added ? -1 : a.date_added > b.date_added ? 1 : Number(a.id) - Number(b.id),
      );
      return sorted;
    },
    order: (id) => orders.get(id),
    history: (orderId) => history.get(orderId) ?? [],
    inventory: () => [...inventory.values()],
    inventoryItem: (id) => inventory.get(id),

    insertOrder(input) {
      const id = input.id ?? String(nextOrderId);
      if (orders.has(id)) throw new Error(`Order ${id} exists already.`);
      const identity = {
        id,
        folderId: folders[0]?.id ?? 0,
        now: formatUtc(now()),
        nextItemId: () => String(nextItemId++),
      };
      return put(completeOrder(input, identity));
    },
    changeOrder(id, change) {
      const order = orders.get(id);
      if (order === undefined) throw new Error(`There is no order ${id}.`);
      return put({ ...order, date_updated: formatUtc(now()), ...change });
    },
    replaceOrder(order) {
      if (!orders.has(order.id)) throw new Error(`There is no order ${order.id}.`);
      return put({ ...order, date_updated: formatUtc(now()) });
    },
    removeOrder(id) {
      orders.delete(id);
      history.delete(id);
      sorted = undefined;
    },
    addHistory(orderId, sourceName, note) {
      const entries = history.get(orderId) ?? [];
      if (entries.length >= HISTORY_CAP) return false;
      history.set(orderId, [...entries, { source_name: sourceName, note, date_added: formatUtc(now()) }]);
      return true;
    },
    nextOrderId: () => String(nextOrderId),
    newItemId: () => String(nextItemId++),
    newShipmentId: () => String(nextShipmentId++),

    insertInventoryItem(input) {
      const at = formatUtc(now());
      return putInventory({ id: nextInventoryId, ...input, date_added: at, date_updated: at });
    },
    replaceInventoryItem(id, input) {
      const item = inventory.get(String(id));
      if (item === undefined) throw new Error(`There is no inventory item ${id}.`);
      return putInventory({ id, ...input, date_added: item.date_added, date_updated: formatUtc(now()) });
    },
    removeInventoryItem(id) {
      inventory.delete(String(id));
    },
    replaceAll,
  };
}
