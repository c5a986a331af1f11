/** Changes that are hard to find out about once their server has died, and what others do to them meanwhile. */
import type { SandboxStore } from '../../../src/sandbox/index.js';
import type { Killable, Prepare } from './killable.js';
import { orderOf, stockOf } from './store-parts.js';

/** Order Desk keeps so many entries of an order's history. */
const MOST_ENTRIES = 250;
const ONCE = { writes: 1, effects: 1 } as const;

/** A shipment without a number by which it could be told from others. */
export const unnumbered: Prepare = (shop) => {
  const { id } = orderOf(shop);
  const intent = { lines: [{ orderId: id, trackingNumber: 'n/a', fields: { carrier_code: 'UPS' } }] };
  return {
    ...ONCE,
    request: { tool: 'add_shipments', kind: 'shipments_add', intent },
    made: () => [
      (shop.order(id)?.order_shipments ?? []).filter(({ tracking_number }) => tracking_number === 'n/a')
        .length,
    ],
  };
};

export const note: Prepare = (shop) => noteTo(shop, orderOf(shop).id);
export const move: Prepare = (shop) => moveOf(shop, orderOf(shop).id);

/** Of an order whose history takes no more. */
export const noteIntoFullHistory: Prepare = (shop) => noteTo(shop, withFullHistory(shop));
export const moveWithFullHistory: Prepare = (shop) => moveOf(shop, withFullHistory(shop));

/** Of an order that no search finds by a number of its shop. */
export const moveOfUnnumbered: Prepare = (shop) => {
  const { id } = orderOf(shop);
  shop.changeOrder(id, { source_id: '' });
  return moveOf(shop, id);
};

/** Five pieces less. */
export const takeStock: Prepare = (shop) => {
  const { code, stock } = stockOf(shop);
  const intent = { lines: [{ code, adjustStockBy: -5 }] };
  return {
    ...ONCE,
    request: { tool: 'update_inventory', kind: 'inventory_update', intent },
    made: () => [stock - stockOf(shop, code).stock],
  };
};

/** Order Desk takes a sale off the stock, and the item still names who wrote it last. */
export function sellOne(shop: SandboxStore): SaleOf {
  const item = stockOf(shop);
  return { path: `/inventory-items/${item.id}`, body: { ...item, stock: item.stock - 1 } };
}

/** As `sellOne`, and whoever sold it signed: nothing tells any more who wrote the item. */
export function sellOneAndSign(shop: SandboxStore): SaleOf {
  const { path, body } = sellOne(shop);
  return { path, body: { ...body, update_source: 'Order Desk' } };
}

/** What somebody else puts where. */
export interface SaleOf {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

function noteTo(shop: SandboxStore, id: string): Killable {
  const text = 'Customer called';
  return {
    ...ONCE,
    request: { tool: 'add_order_note', kind: 'note_add', intent: { orderId: id, note: text } },
    made: () => [shop.history(id).filter((entry) => entry.note === text).length],
  };
}

function moveOf(shop: SandboxStore, id: string): Killable {
  const aim = shop.folders().find((folder) => folder.id !== shop.order(id)?.folder_id);
  if (aim === undefined) throw new Error('The store has no other folder.');
  const intent = { orderIds: [id], folderId: String(aim.id) };
  return {
    ...ONCE,
    request: { tool: 'move_orders', kind: 'orders_move', intent },
    made: () => [shop.order(id)?.folder_id === aim.id ? 1 : 0],
  };
}

/** @returns the id of an order */
function withFullHistory(shop: SandboxStore): string {
  const { id } = orderOf(shop);
  const [first, second] = shop.folders();
  for (let entries = 0; entries < MOST_ENTRIES; entries += 1) {
    shop.moveOrder(id, (entries % 2 === 0 ? second : first)?.id ?? 0);
  }
  return id;
}
