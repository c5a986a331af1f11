/** A summary as an answer shows it: decimals as text, the groups that do not fit folded into one. */
import { fitEntries, jsonSize } from './budget.js';
import { average, type Decimal, formatDecimal } from './decimal.js';
import { type Figures, type Group, type Grouped, type Grouping, NOTHING, plus } from './summary.js';

/** These are types and not interfaces: only a type counts as a map of unknown values. */
export type OrderNumbers = {
  orders: number;
  units: string;
  revenue: string;
  average: string | null;
  shipping: string;
  tax: string;
  discount: string;
  refunds: string;
};

export type SkuNumbers = {
  units: string;
  item_total: string;
};

export type GroupRow = { key: string | null } & (OrderNumbers | SkuNumbers);
export type OtherRow = { groups: number } & (OrderNumbers | SkuNumbers);

export interface FoldedGroups {
  readonly rows: GroupRow[];
  /** All groups that have no row, together; `undefined` where there are none. */
  readonly other: OtherRow | undefined;
  /** Fewer rows than asked for, since more did not fit. */
  readonly trimmed: boolean;
}

/** Decimal places of money, and of averages. */
const CENTS = 2;

export const money = (amount: Decimal): string => formatDecimal(amount, CENTS);

export const orderNumbers = (figures: Figures): OrderNumbers => ({
  orders: figures.orders,
  units: formatDecimal(figures.units, 0),
  revenue: money(figures.revenue),
  average: figures.orders === 0 ? null : money(average(figures.revenue, figures.orders, CENTS)),
  shipping: money(figures.shipping),
  tax: money(figures.tax),
  discount: money(figures.discount),
  refunds: money(figures.refunds),
});

const skuNumbers = ({ units, revenue }: Figures): SkuNumbers => ({
  units: formatDecimal(units, 0),
  item_total: money(revenue),
});

/** As many of the first `top` groups as fit into `room` with `other`, which counts the rest, so that nothing is lost. */
export function foldGroups(
  { groups, overflow }: Grouped,
  grouping: Grouping,
  top: number,
  room: number,
): FoldedGroups {
  const numbers = grouping === 'sku' ? skuNumbers : orderNumbers;
  const shown = groups
    .slice(0, top)
    .map(({ label, figures }: Group): GroupRow => ({ key: label, ...numbers(figures) }));
  const rows = fitEntries(shown, room).kept;
  let rest = groups.slice(rows.length).reduce((sum, { figures }) => plus(sum, figures), overflow ?? NOTHING);
  let left = room - rows.reduce((size, row) => size + jsonSize(row) + 1, 0);
  for (;;) {
    const isWhole = rows.length === groups.length && overflow === undefined;
    const other = isWhole ? undefined : { groups: groups.length - rows.length, ...numbers(rest) };
    if (rows.length === 0 || left >= sizeOfOther(other)) {
      return { rows, other, trimmed: rows.length < shown.length };
    }
    left += jsonSize(rows.pop()) + 1;
    rest = plus(rest, groups[rows.length]?.figures ?? NOTHING);
  }
}

const sizeOfOther = (other: OtherRow | undefined): number =>
  other === undefined ? 0 : jsonSize({ other }) + 1;
