/**
 * Items and shipments of an order brought together: what was sent of an item, what is still to be sent, and what a line
 * of a shipment is. Everything that asks how far an order is shipped asks here, so that no two answers disagree.
 */
import type { ItemView, OrderView, ShipmentView } from '../orderdesk/views.js';
import { isGoods } from './goods.js';
import { plain } from './plain.js';

export interface Sent {
  /** Units that shipments hold. */
  readonly units: number;
  /** Ids of these shipments, in their order. */
  readonly shipments: readonly string[];
}

type Joined = Pick<OrderView, 'items' | 'shipments'>;
type Line = ShipmentView['items'][number];

/** Sums of units are exact to so many decimal places; what binary fractions leave below is nothing. */
const PLACES = 6;
export const exactUnits = (units: number): number => Number(units.toFixed(PLACES));

/**
 * What was sent of each item; items that no shipment holds are absent. Each unit counts once: lines for the item that
 * their id names, then lines for the items of their code, each item up to what was ordered. What is beyond it counts for
 * other items of the code, and for the item itself where none has room. Last, a shipment that names no items holds what
 * is left of all goods. So neither the order of shipments nor that of their lines changes the units.
 */
export function sentByItem({ items, shipments }: Joined): ReadonlyMap<ItemView, Sent> {
  if (shipments.length === 0) return new Map();
  const parcels = new Parcels(shipments);
  const parts = partsOf(items, shipments);
  for (const part of parts.byId) parcels.fill(part, [part.item]);
  for (const part of parts.byCode) parcels.fill(part, part.alike);
  for (const part of parts.byId) parcels.fill(part, part.alike);
  for (const part of parts.byId) parcels.put(part.item, part.left, part.parcel);
  for (const part of parts.byCode) parcels.put(part.alike[0], part.left, part.parcel);
  const goods = items.filter(isGoods);
  shipments.forEach(({ items: lines }, parcel) => {
    // A second parcel of a whole order sends nothing twice.
    if (lines.length === 0) for (const item of goods) parcels.put(item, parcels.open(item), parcel, true);
  });
  return parcels.sent(items);
}

/** Goods that no shipment holds yet, with the units that are missing, above 0. */
export function openGoods(order: Joined): { readonly item: ItemView; readonly units: number }[] {
  const sent = sentByItem(order);
  return order.items
    .filter(isGoods)
    .map((item) => ({ item, units: exactUnits(item.quantity - (sent.get(item)?.units ?? 0)) }))
    .filter(({ units }) => units > 0);
}

/** The items that a line of a shipment may mean: one by its id, else those of its code. */
export function itemsOf({ id, code }: Line, items: readonly ItemView[]): readonly ItemView[] {
  const named = id === null ? undefined : items.find((item) => item.id === id);
  if (named !== undefined) return [named];
  const key = keyOf(code);
  return key === '' ? [] : items.filter((item) => keyOf(item.code) === key);
}

const keyOf = (code: string | null): string => plain(code ?? '');

/** Units of one line. */
interface Part {
  /** Place of its shipment. */
  readonly parcel: number;
  /** Items of the code, goods first: nobody sends a download. */
  readonly alike: readonly ItemView[];
  /** Units that no item has taken yet. */
  left: number;
}

interface Parts {
  readonly byId: readonly (Part & { readonly item: ItemView })[];
  readonly byCode: readonly Part[];
}

/** A line that names no item of the order, neither by id nor by code, is of no use: nothing is alike. */
function partsOf(items: readonly ItemView[], shipments: Joined['shipments']): Parts {
  const goodsFirst = items.toSorted((a, b) => Number(isGoods(b)) - Number(isGoods(a)));
  const alike = groupedBy(goodsFirst, ({ code }) => keyOf(code));
  alike.delete('');
  const lines = shipments.flatMap(({ items: held }, parcel) => held.map((line) => ({ line, parcel })));
  const ofIds = groupedBy(lines, ({ line }) => line.id);
  const byId: (Part & { readonly item: ItemView })[] = [];
  // By item: what one has beyond its order must not depend on which line came first.
  for (const item of items) {
    for (const { line, parcel } of ofIds.get(item.id) ?? []) {
      byId.push({ item, parcel, alike: alike.get(keyOf(item.code)) ?? [], left: line.quantity });
    }
    ofIds.delete(item.id);
  }
  const byCode = [...ofIds.values()].flat().map(({ line, parcel }) => ({
    parcel,
    alike: alike.get(keyOf(line.code)) ?? [],
    left: line.quantity,
  }));
  return { byId, byCode };
}

function groupedBy<T, K>(entries: readonly T[], keyOfEntry: (entry: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const entry of entries) {
    const key = keyOfEntry(entry);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return groups;
}

/** What each shipment holds of each item. */
class Parcels {
  readonly #shipments: Joined['shipments'];
  readonly #held = new Map<ItemView, { units: number; readonly parcels: Set<number> }>();

  constructor(shipments: Joined['shipments']) {
    this.#shipments = shipments;
  }

  /** Units of the item that no shipment holds. */
  open(item: ItemView): number {
    return Math.max(0, exactUnits(item.quantity - (this.#held.get(item)?.units ?? 0)));
  }

  /** Each item takes what it lacks. */
  fill(part: Part, items: readonly ItemView[]): void {
    for (const item of items) {
      if (part.left <= 0) return;
      const units = Math.min(part.left, this.open(item));
      this.put(item, units, part.parcel);
      part.left = exactUnits(part.left - units);
    }
  }

  /**
   * A shipment takes nothing back.
   * @param always whether the shipment counts as one of the item with no units in it too
   */
  put(item: ItemView | undefined, units: number, parcel: number, always = false): void {
    if (item === undefined || (units <= 0 && !always)) return;
    const held = this.#held.get(item) ?? { units: 0, parcels: new Set() };
    held.units = exactUnits(held.units + units);
    held.parcels.add(parcel);
    this.#held.set(item, held);
  }

  sent(items: readonly ItemView[]): ReadonlyMap<ItemView, Sent> {
    const sent = new Map<ItemView, Sent>();
    for (const item of items) {
      const held = this.#held.get(item);
      if (held === undefined) continue;
      const ids = this.#shipments.flatMap(({ id }, parcel) => (held.parcels.has(parcel) ? [id] : []));
      sent.set(item, { units: held.units, shipments: [...new Set(ids)] });
    }
    return sent;
  }
}
