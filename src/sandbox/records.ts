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
  removeOrder(id: string): void;
  addHistory(orderId: string, sourceName: string, note: string): void;
  replaceAll(data: StoreData): void;
}

/** @param now milliseconds since the epoch */
export function createRecords(initial: StoreData, now: () => number): Records {
  let folders: readonly FolderRecord[] = [];
  let inventory: ReadonlyMap<string, InventoryRecord> = new Map();
  const orders = new Map<string, OrderRecord>();
  const history = new Map<string, readonly HistoryRecord[]>();
  let nextOrderId = 1;
  let nextItemId = 1;
  let sorted: readonly OrderRecord[] | undefined;

  const put = (order: OrderRecord): OrderRecord => {
    orders.set(order.id, order);
    sorted = undefined;
    nextOrderId = Math.max(nextOrderId, Number(order.id) + 1);
    for (const item of order.order_items) nextItemId = Math.max(nextItemId, Number(item.id) + 1);
    return order;
  };

  const replaceAll = (data: StoreData) => {
    folders = data.folders;
    inventory = new Map(
      [...data.inventory].sort((a, b) => a.id - b.id).map((item) => [String(item.id), item]),
    );
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
    removeOrder(id) {
      orders.delete(id);
      history.delete(id);
      sorted = undefined;
    },
    addHistory(orderId, sourceName, note) {
      const entry = { source_name: sourceName, note, date_added: formatUtc(now()) };
      history.set(orderId, [...(history.get(orderId) ?? []), entry]);
    },
    replaceAll,
  };
}
