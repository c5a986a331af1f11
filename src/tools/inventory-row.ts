/** One item of the inventory as a row of a list: some forty tokens, with more on request. */
import type { InventoryView } from '../orderdesk/views.js';
import { clip, clipMap, clipOrNull } from '../orders/text.js';

export type InventoryExtras = {
  cost: string | null;
  weight: string | null;
  manufacturer_sku: string | null;
  variations: Record<string, string>;
  update_source: string | null;
  added: string | null;
  updated: string | null;
};

/** Every extra field a row can carry. */
export const INVENTORY_FIELDS = [
  'cost',
  'weight',
  'manufacturer_sku',
  'variations',
  'update_source',
  'added',
  'updated',
] as const satisfies readonly (keyof InventoryExtras)[];

export type InventoryField = (typeof INVENTORY_FIELDS)[number];

export type InventoryRow = Partial<InventoryExtras> & {
  id: string;
  code: string | null;
  name: string;
  stock: string | null;
  price: string;
  location: string | null;
};

/** Characters of a short text, of a number, and of a map. */
const SHORT = 200;
const NUMBER = 40;
const MAP_ROOM = 2_000;

const EXTRAS: { readonly [F in InventoryField]: (item: InventoryView) => InventoryExtras[F] } = {
  cost: (item) => clipOrNull(item.cost, NUMBER),
  weight: (item) => clipOrNull(item.weight, NUMBER),
  manufacturer_sku: (item) => clipOrNull(item.manufacturerSku, SHORT),
  variations: (item) => clipMap(item.variations, MAP_ROOM, clip),
  update_source: (item) => clipOrNull(item.updateSource, SHORT),
  added: (item) => item.addedAt,
  updated: (item) => item.updatedAt,
};

export function inventoryRow(item: InventoryView, fields: readonly InventoryField[]): InventoryRow {
  const row: InventoryRow = {
    id: clip(item.id, NUMBER),
    code: clipOrNull(item.code, SHORT),
    name: clip(item.name, SHORT),
    stock: clipOrNull(item.stock, NUMBER),
    price: clip(item.price, NUMBER),
    location: clipOrNull(item.location, SHORT),
  };
  for (const field of fields) addExtra(row, field, item);
  return row;
}

function addExtra<F extends InventoryField>(row: Partial<InventoryExtras>, field: F, item: InventoryView) {
  row[field] = EXTRAS[field](item);
}
