/** Items and shipments of an order brought together: what was sent of an item, and what a line of a shipment is. */
import type { ItemView, OrderView, ShipmentView } from '../orderdesk/views.js';
import { isGoods } from './shipped.js';

export interface Sent {
  /** Units that shipments hold. */
  readonly units: number;
  /** Ids of these shipments, in their order. */
  readonly shipments: readonly string[];
}

type Line = ShipmentView['items'][number];

/**
 * What was sent of each item; items that no shipment holds are absent. A shipment that names no items holds all goods of
 * the order. A line without an id counts for the items of its code, one after the other, each up to what was ordered.
 */
export function sentByItem({
  items,
  shipments,
}: Pick<OrderView, 'items' | 'shipments'>): ReadonlyMap<ItemView, Sent> {
  const sent = new Map<ItemView, { units: number; shipments: string[] }>();
  const openOf = (item: ItemView): number => Math.max(0, item.quantity - (sent.get(item)?.units ?? 0));
  const send = (item: ItemView, units: number, shipmentId: string): void => {
    const known = sent.get(item) ?? { units: 0, shipments: [] };
    known.units += units;
    if (!known.shipments.includes(shipmentId)) known.shipments.push(shipmentId);
    sent.set(item, known);
  };
  for (const { id, items: lines } of shipments) {
    // A second parcel of a whole order sends nothing twice.
    if (lines.length === 0) for (const item of items.filter(isGoods)) send(item, openOf(item), id);
    for (const line of lines) {
      const meant = itemsOf(line, items);
      let left = line.quantity;
      meant.forEach((item, index) => {
        const units = index === meant.length - 1 ? left : Math.min(left, openOf(item));
        if (units > 0) send(item, units, id);
        left -= units;
      });
    }
  }
  return sent;
}

/** The items that a line of a shipment may mean: one by its id, else those of its code. */
export const itemsOf = ({ id, code }: Line, items: readonly ItemView[]): readonly ItemView[] =>
  id === null
    ? items.filter((item) => code !== null && item.code === code)
    : items.filter((item) => item.id === id);
