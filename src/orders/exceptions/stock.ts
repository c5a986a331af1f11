/** Goods that are still to be sent and that the inventory does not have. */
import type { ItemView } from '../../orderdesk/views.js';
import { plain } from '../plain.js';
import { shippedState } from '../shipped.js';
import { clip } from '../text.js';
import type { Subject } from './check.js';

/**
 * Units on stock by item code, as `plain` has it: `null` for a code that the inventory does not know, absent for one
 * that was not looked up or whose stock the inventory does not tell.
 */
export type StockByCode = ReadonlyMap<string, number | null>;

/** What an order still needs of one item. */
export interface Need {
  /** As the order spells it. */
  readonly code: string;
  /** Above 0. */
  readonly units: number;
}

/** More codes of one order than this are counted, not named. */
const NAMED = 5;
/** Sums of units are exact to so many decimal places; what binary fractions leave below is nothing. */
const PLACES = 6;

/** The goods of an order that no shipment holds yet, by code, each once; none for an order that is done. */
export function unitsToSend({ view, folder }: Subject): Need[] {
  const shipped = shippedState(view);
  if (folder !== 'open' || (shipped !== 'no' && shipped !== 'partly')) return [];
  const lines = view.shipments.flatMap((shipment) => shipment.items);
  const sentById = sums(lines.flatMap(({ id, quantity }) => (id === null ? [] : [[id, quantity]])));
  const needs = new Map<string, Need>();
  for (const item of view.items.filter(isGoods)) {
    if (item.code === null || plain(item.code) === '') continue;
    const key = plain(item.code);
    const open = above0(item.quantity - (sentById.get(item.id) ?? 0));
    const { code, units } = needs.get(key) ?? { code: item.code, units: 0 };
    needs.set(key, { code, units: units + open });
  }
  const sentByCode = sums(
    lines.flatMap(({ id, code, quantity }) =>
      id === null && code !== null ? [[plain(code), quantity]] : [],
    ),
  );
  return [...needs]
    .map(([key, { code, units }]) => ({ code, units: above0(units - (sentByCode.get(key) ?? 0)) }))
    .filter(({ units }) => units > 0);
}

/** The rule that fired for an order that still needs these, whatever other orders need. */
export function withoutStock(needs: readonly Need[], stock: StockByCode): string | undefined {
  const short = needs.flatMap(({ code, units }) => {
    const held = stock.get(plain(code));
    if (held === undefined || (held !== null && held >= units)) return [];
    return [
      `${JSON.stringify(clip(code, 60))} ${held === null ? 'is not in the inventory' : `needs ${units}, stock ${held}`}`,
    ];
  });
  if (short.length === 0) return undefined;
  const more = short.length > NAMED ? ` and ${short.length - NAMED} more` : '';
  return `To be sent: ${short.slice(0, NAMED).join('; ')}${more}; threshold: stock for this order alone, other orders not counted.`;
}

/** Neither a download nor a service: alone in an order, it would have to be shipped. */
const isGoods = (item: ItemView): boolean => shippedState({ items: [item], shipments: [] }) === 'no';

const above0 = (units: number): number => Math.max(0, Number(units.toFixed(PLACES)));

/** Units by key; a shipment takes nothing back. */
function sums(pairs: readonly (readonly [string, number])[]): Map<string, number> {
  const totals = new Map<string, number>();
  for (const [key, units] of pairs) totals.set(key, (totals.get(key) ?? 0) + Math.max(0, units));
  return totals;
}
