/** The filters of an inventory list that Order Desk does not know. */
import type { InventoryView } from '../orderdesk/views.js';
import { compare, parseDecimal } from '../orders/decimal.js';
import { plain } from '../orders/plain.js';

export interface InventoryFilters {
  readonly codes?: readonly string[] | undefined;
  readonly text?: string | undefined;
  readonly stock_below?: number | undefined;
  readonly location?: string | undefined;
}

/** All of them must hold. A stock that is not known is below nothing. */
export function inventoryMatcher(filters: InventoryFilters): (item: InventoryView) => boolean {
  const part = filters.text === undefined ? undefined : plain(filters.text);
  const place = filters.location === undefined ? undefined : plain(filters.location);
  const bound = filters.stock_below === undefined ? undefined : parseDecimal(`${filters.stock_below}`);
  return ({ name, code, stock, location }) => {
    const units = stock === null ? undefined : parseDecimal(stock);
    return (
      (part === undefined || [name, code ?? ''].some((value) => plain(value).includes(part))) &&
      (place === undefined || plain(location ?? '') === place) &&
      (bound === undefined || (units !== undefined && compare(units, bound) < 0))
    );
  };
}
