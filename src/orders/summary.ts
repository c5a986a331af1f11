/** Sums over orders that are seen one after the other: what is kept grows with the groups, not with the orders. */
import type { ItemView, OrderView } from '../orderdesk/views.js';
import { add, compare, type Decimal, multiply, parseDecimal, ZERO } from './decimal.js';
import {
  type GroupKey,
  groupKey,
  isPeriod,
  type KeyContext,
  ORDER_GROUPINGS,
  type OrderGrouping,
  textKey,
} from './group-keys.js';

export const GROUPINGS = [...ORDER_GROUPINGS, 'sku'] as const satisfies readonly (OrderGrouping | 'sku')[];
export type Grouping = (typeof GROUPINGS)[number];

/** Sums of a group. By SKU, `revenue` is price times quantity, and all below it is unused. */
export interface Figures {
  readonly orders: number;
  readonly units: Decimal;
  readonly revenue: Decimal;
  readonly shipping: Decimal;
  readonly tax: Decimal;
  readonly discount: Decimal;
  readonly refunds: Decimal;
}

export interface Group {
  readonly label: string | null;
  readonly figures: Figures;
}

/** Groups in the order of an answer, and those that were too many to be told apart. */
export interface Grouped {
  readonly groups: readonly Group[];
  readonly overflow: Figures | undefined;
}

export interface SummaryOptions extends KeyContext {
  readonly grouping: Grouping | undefined;
  /** Orders in these folders count apart. */
  readonly isCanceled: (folderId: string) => boolean;
  /** Distinct groups that are kept. */
  readonly maxGroups: number;
}

export const NOTHING: Figures = {
  orders: 0,
  units: ZERO,
  revenue: ZERO,
  shipping: ZERO,
  tax: ZERO,
  discount: ZERO,
  refunds: ZERO,
};

export const plus = (a: Figures, b: Figures): Figures => ({
  orders: a.orders + b.orders,
  units: add(a.units, b.units),
  revenue: add(a.revenue, b.revenue),
  shipping: add(a.shipping, b.shipping),
  tax: add(a.tax, b.tax),
  discount: add(a.discount, b.discount),
  refunds: add(a.refunds, b.refunds),
});

export class OrderSummary {
  /** All orders but those below. */
  totals: Figures = NOTHING;
  canceled: Figures = NOTHING;
  /** Orders with an amount that cannot be one; they count nowhere. */
  unreadable = 0;
  /** Items of the same kind in orders that count; they are missing in their group alone. */
  unreadableItems = 0;
  readonly #options: SummaryOptions;
  readonly #groups = new Map<string, Group>();
  #overflow: Figures | undefined;

  constructor(options: SummaryOptions) {
    this.#options = options;
  }

  add(order: OrderView): void {
    const figures = figuresOf(order);
    if (figures === undefined) {
      this.unreadable += 1;
    } else if (order.folderId !== null && this.#options.isCanceled(order.folderId)) {
      this.canceled = plus(this.canceled, figures);
    } else {
      this.totals = plus(this.totals, figures);
      this.#group(order, figures);
    }
  }

  /** Periods by time, the latest first; all others by revenue, the largest first. */
  grouped(): Grouped {
    const { grouping } = this.#options;
    const byTime = grouping !== undefined && isPeriod(grouping);
    return {
      groups: [...this.#groups.values()].sort(
        (a, b) => (byTime ? 0 : byRevenue(a, b)) || byLabel(a, b, byTime),
      ),
      overflow: this.#overflow,
    };
  }

  #group(order: OrderView, figures: Figures): void {
    const { grouping } = this.#options;
    if (grouping === undefined) return;
    if (grouping === 'sku') this.#groupItems(order);
    else this.#count(groupKey(order, grouping, this.#options), figures);
  }

  #groupItems({ items }: OrderView): void {
    for (const item of items) {
      const line = figuresOfItem(item);
      if (line === undefined) this.unreadableItems += 1;
      else this.#count(textKey(item.code), line);
    }
  }

  #count({ id, label }: GroupKey, figures: Figures): void {
    const known = this.#groups.get(id);
    if (known === undefined && this.#groups.size >= this.#options.maxGroups) {
      this.#overflow = plus(this.#overflow ?? NOTHING, figures);
    } else {
      this.#groups.set(id, { label, figures: plus(known?.figures ?? NOTHING, figures) });
    }
  }
}

function figuresOf({ totals }: OrderView): Figures | undefined {
  const units = parseDecimal(String(totals.quantity));
  const revenue = parseDecimal(totals.order);
  const shipping = parseDecimal(totals.shipping);
  const tax = parseDecimal(totals.tax);
  const discount = parseDecimal(totals.discount);
  const refunds = parseDecimal(totals.refund);
  const isReadable = units && revenue && shipping && tax && discount && refunds;
  return isReadable ? { orders: 1, units, revenue, shipping, tax, discount, refunds } : undefined;
}

function figuresOfItem({ price, quantity }: ItemView): Figures | undefined {
  const units = parseDecimal(String(quantity));
  const each = parseDecimal(price);
  return units && each ? { ...NOTHING, units, revenue: multiply(each, units) } : undefined;
}

const byRevenue = (a: Group, b: Group): number => compare(b.figures.revenue, a.figures.revenue);

function byLabel(a: Group, b: Group, latestFirst: boolean): number {
  const [left, right] = [a.label ?? '', b.label ?? ''];
  const ascending = left < right ? -1 : left > right ? 1 : 0;
  return latestFirst ? -ascending : ascending;
}
