/** Goods that are still to be sent and that the inventory does not have. */
import type { OrderView } from '../../orderdesk/views.js';
import { isForLater } from '../goods.js';
import { exactUnits, openGoods } from '../joined.js';
import { HIDDEN } from '../mask-texts.js';
import { plain } from '../plain.js';
import { clip } from '../text.js';
import type { Subject } from './check.js';
import { paymentOf } from './payment.js';

export interface Stock {
  /**
   * Units on stock by item code, as `plain` has it: `null` for a code that the inventory does not know, absent for one
   * that was not looked up or whose stock the inventory does not tell.
   */
  readonly byCode: ReadonlyMap<string, number | null>;
  /** Whether these orders have been taken off it already; `null` where nothing tells. */
  readonly followsSales: boolean | null;
}

export interface ItemCode {
  /** As the order spells it: by this it is looked up. */
  readonly code: string;
  /** As the caller may see it. */
  readonly shown: string;
}

/** What an order still needs of one item. */
export interface Need extends ItemCode {
  /** Above 0. */
  readonly units: number;
}

/** More codes of one order than this are counted, not named. */
const NAMED = 5;

/**
 * The goods of an order that no shipment holds yet, by code, each once; none for an order that is done or whose money
 * went back, and none of goods for a day to come.
 * @param visible the items as the caller may see them, in the same order
 */
export function unitsToSend({ view, folder }: Subject, visible: OrderView['items'] = view.items): Need[] {
  if (folder !== 'open' || paymentOf(view).meaning === 'returned') return [];
  const shownAs = new Map(view.items.map((item, index) => [item, visible[index]?.code ?? HIDDEN]));
  const needs = new Map<string, Need>();
  for (const { item, units } of openGoods(view)) {
    const key = plain(item.code ?? '');
    if (item.code === null || key === '' || isForLater(item)) continue;
    const need = needs.get(key) ?? { code: item.code, shown: shownAs.get(item) ?? HIDDEN, units: 0 };
    needs.set(key, { ...need, units: exactUnits(need.units + units) });
  }
  return [...needs.values()];
}

/** The codes, each once, in the order in which they come; one that is hidden in any order is hidden. */
export function codesOf(needs: readonly Need[]): ItemCode[] {
  const codes = new Map<string, ItemCode>();
  for (const { code, shown } of needs) {
    if (!codes.has(code) || shown !== code) codes.set(code, { code, shown });
  }
  return [...codes.values()];
}

/**
 * The rule that fired for an order that still needs these, whatever other orders need. Where the stock follows sales it
 * went down when the order came, and what is left is nobody's: only what is below 0 was sold and is not there. Where that
 * is not known, what is below 0 is short either way.
 */
export function withoutStock(needs: readonly Need[], { byCode, followsSales }: Stock): string | undefined {
  const short = needs.flatMap(({ code, shown, units }) => {
    const held = byCode.get(plain(code));
    if (held === undefined || (held !== null && held >= (followsSales === false ? units : 0))) return [];
    return [
      `${JSON.stringify(clip(shown, 60))} ${held === null ? 'is not in the inventory' : `needs ${units}, stock ${held}`}`,
    ];
  });
  if (short.length === 0) return undefined;
  const more = short.length > NAMED ? ` and ${short.length - NAMED} more` : '';
  return `To be sent: ${short.slice(0, NAMED).join('; ')}${more}; threshold: ${thresholdOf(followsSales)}.`;
}

function thresholdOf(followsSales: boolean | null): string {
  if (followsSales === false) return 'stock for this order alone, other orders not counted';
  return followsSales === true
    ? 'stock below 0, for Order Desk takes orders off the stock when they come'
    : 'stock below 0, for Order Desk may take orders off the stock when they come';
}
